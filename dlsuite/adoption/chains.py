"""Graphs as chains of calls: each reads what the one before made, wires only where that cannot be.

Layers of dotted names (`residual.conv.conv2d`) came of blocks; they go back into blocks of those names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dlsuite.adoption.archives import AdoptionError
from dlsuite.adoption.graphs import Call, Graph, Tensor, tensors
from dlsuite.spec.catalogue import Catalogue
from dlsuite.spec.wiring import NAME, snake

MAX_BRANCH = 80
"""Branches of more calls than these are told by wires: they would nest too deeply."""

LETTERS = ("x", "y", "z", "u", "v", "w")


class Tangled(Exception):
    """Layers whose names say that they are one block, and whose calls do not."""


@dataclass(eq=False)
class Node:
    """A call on its way to JSON.

    Attributes:
        key: Of the item that it calls; `""` for a structure.
        name: The component; `None` for a block that has no name yet.
        arguments: Its own arguments; chains of a structure hold `Node`s.
        inputs: What it reads, as `inputs` has it; `None` for what the call before made.
    """

    key: str
    name: str | None
    arguments: dict[str, Any] = field(default_factory=dict)
    inputs: Any = None
    scope: Scope | None = None


@dataclass(eq=False)
class Scope:
    """The inside of a network or of one block call.

    Attributes:
        prefix: What the names of its layers begin with.
        inputs: The tensors that come in, in order; for a network those that it may read.
        outputs: The tensors that go out.
        nodes: Its chain.
        drafts: Its calls in the order in which the language numbers them.
        wires: Names of what is read by name.
        inner: The scopes of its block calls.
        start: Whether the only input is read but as the start of the chain.
    """

    prefix: str
    inputs: list[Tensor] = field(default_factory=list)
    outputs: list[Tensor] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)
    drafts: list[Node] = field(default_factory=list)
    wires: dict[Tensor, str] = field(default_factory=dict)
    bound: dict[str, Any] = field(default_factory=dict)
    inner: dict[str, Scope] = field(default_factory=dict)
    several: set[str] = field(default_factory=set)
    named: bool = False


class Line(list[Node]):
    """A chain that grows; `last` is what its last call made."""

    def __init__(self, last: Tensor | None):
        super().__init__()
        self.last = last


def local(key: str, prefix: str) -> str:
    """Returns the name, inside a scope, of the item that a call is part of."""
    name, _, number = key[len(prefix) :].partition("#")
    head = name.partition(".")[0]
    return head if "." in name or not number else f"{head}#{number}"


class Writer:
    """Writes one scope.

    Args:
        graph: The whole network.
        prefix: Of the scope.
        keys: Its calls, those of blocks inside included.
        outputs: The tensors that go out.
        given: Names of the network's inputs; `None` for a block, which has those that its calls read.
        titles: Names of the network's outputs.
    """

    def __init__(
        self,
        graph: Graph,
        catalogue: Catalogue,
        prefix: str,
        keys: Iterable[str],
        outputs: list[Tensor],
        given: Iterable[str] | None = None,
        titles: Mapping[Tensor, str] | None = None,
    ):
        self.graph = graph
        self.catalogue = catalogue
        self.titles = titles or {}
        self.scope = Scope(prefix, outputs=outputs)
        self.items: dict[str, list[str]] = {}
        for key in keys:
            self.items.setdefault(local(key, prefix), []).append(key)
        self.where = {key: item for item, those in self.items.items() for key in those}
        for item, those in self.items.items():
            if those != [f"{prefix}{item}"]:
                self.group(item, those)
        self.refs = {item: self.reads(item) for item in self.items}
        self.done: set[str] = set()
        self.opened: set[str] = set()
        self.given = given is not None
        if given is not None:
            self.scope.inputs = [Tensor(name) for name in given]
            self.scope.wires = {Tensor(name): name for name in given}
            self.scope.named = True

    def group(self, item: str, keys: list[str]) -> None:
        """Writes the inside of a block call."""
        inside = set(keys)
        if any("#" in key and key.partition("#")[0] not in inside for key in keys):
            raise Tangled
        read = [one for call in self.graph.calls.values() if call.key not in inside for one in tensors(call.inputs)]
        read += tensors(self.graph.outputs)
        order = {key: i for i, key in enumerate(keys)}
        outputs = sorted({one for one in read if one.call in inside}, key=lambda one: (order[one.call], one.item))
        again = any(
            call.again and call.name in {key.partition("#")[0] for key in inside}
            for call in self.graph.calls.values()
            if call.key not in inside
        )
        if again or not outputs:
            raise Tangled
        made = Writer(self.graph, self.catalogue, f"{self.scope.prefix}{item}.", keys, outputs).write()
        self.scope.inner[item] = made
        if len(outputs) > 1:
            self.scope.several.add(item)

    def reads(self, item: str) -> list[Tensor]:
        """Returns the tensors that an item reads, each once."""
        inner = self.scope.inner.get(item)
        found = inner.inputs if inner else list(tensors(self.graph.calls[self.items[item][0]].inputs))
        return list(dict.fromkeys(found))

    # -- order --------------------------------------------------------------------------------------------------------

    def write(self) -> Scope:
        """Returns the scope, its calls in order."""
        starts = [one for one in self.scope.inputs if "." not in one.call]
        line = Line(starts[0] if len(starts) == 1 else None)
        if not self.given:
            line.last = self.first()
        *others, final = self.scope.outputs
        for tensor in others:
            self.emit(tensor, line)
            self.wire(tensor)
        self.emit(final, line)
        if others or line.last != self.plain(final) or (final not in self.made()):
            for tensor in self.scope.outputs:
                self.wire(tensor)
        self.scope.nodes = line
        if not self.given and len(self.scope.inputs) > 1:
            self.scope.named = True
        for item in self.items:
            if item not in self.done:
                raise Tangled
        return self.scope

    def made(self) -> set[Tensor]:
        return {Tensor(key, one.item) for key in self.where for one in self.scope.outputs if one.call == key}

    def plain(self, tensor: Tensor) -> Tensor | None:
        """Returns the tensor that the call before makes where it makes one alone."""
        item = self.where.get(tensor.call)
        if item is None:
            return tensor
        return None if self.many(item) else tensor

    def many(self, item: str) -> bool:
        """Returns whether an item makes several tensors."""
        inner = self.scope.inner.get(item)
        return item in self.scope.several if inner else self.graph.calls[self.items[item][0]].several

    def first(self) -> Tensor | None:
        """Returns what a block reads, where that is one tensor: its chain starts from it."""
        outside = {one for refs in self.refs.values() for one in refs if one.call not in self.where}
        return next(iter(outside)) if len(outside) == 1 else None

    def cone(self, tensor: Tensor) -> set[str]:
        """Returns the items that have to be written before a tensor is there."""
        found: set[str] = set()
        waiting = [tensor]
        while waiting:
            item = self.where.get(waiting.pop().call)
            if item is not None and item not in self.done and item not in found:
                found.add(item)
                waiting += self.refs[item]
        return found

    def emit(self, tensor: Tensor, line: Line) -> None:
        """Writes what has to be for a tensor to be there; it is the line's last one then."""
        item = self.where.get(tensor.call)
        if item is None or item in self.done:
            return
        if item in self.opened:
            raise Tangled
        self.opened.add(item)
        if not self.branched(item, line):
            pending = [one for one in self.refs[item] if self.cone(one)]
            pending.sort(key=lambda one: len(self.cone(one)))
            for one in pending:
                self.emit(one, line)
            self.put(item, line)
        self.done.add(item)

    def branched(self, item: str, line: Line) -> bool:
        """Writes a call that merges branches as a `Residual` or `Parallel`, where it is one."""
        call = self.graph.calls[self.items[item][0]]
        ends = self.ends(item)
        if ends is None:
            return False
        cones = [self.cone(one) for one in ends]
        shared = set.union(*(a & b for i, a in enumerate(cones) for b in cones[i + 1 :]))
        if shared:
            last = max(shared, key=list(self.items).index)
            self.emit(Tensor(self.items[last][-1]), line)
            if self.many(last):
                return False
            cones = [self.cone(one) for one in ends]
        start = line.last
        total = sum(map(len, cones))
        overlap = len(set().union(*cones)) < total
        empty = [one for one, cone in zip(ends, cones, strict=True) if not cone]
        if (
            overlap
            or start is None
            or not 0 < total <= MAX_BRANCH
            or any(one != start for one in empty)
            or len(empty) > 1
        ):
            return False
        if any(cone and self.plain(one) is None for one, cone in zip(ends, cones, strict=True)):
            return False
        if empty and ends[0] != start:
            return False
        branches = []
        for one in ends:
            branch = Line(start)
            self.emit(one, branch)
            branches.append(branch)
        node = self.node(item, call)
        merge = Node(item, node.name, node.arguments)
        if empty and len(ends) == 2:
            arguments: dict[str, Any] = {"layers": branches[1]}
            structure = Node("", "Residual", arguments)
        else:
            structure = Node("", "Parallel", {"branches": branches})
        structure.arguments["merge"] = merge
        line.append(structure)
        self.scope.drafts.append(merge)
        line.last = Tensor(call.key)
        return True

    def ends(self, item: str) -> list[Tensor] | None:
        """Returns what a call merges, where it reads a list of tensors and nothing else."""
        if item in self.scope.inner:
            return None
        call = self.graph.calls[self.items[item][0]]
        values = list(call.inputs.values())
        if call.again or call.several:
            return None
        if len(values) == 1 and isinstance(values[0], list):
            values = values[0]
        elif not call.operation:
            return None
        if call.operation and (self.catalogue.entry("op", next(iter(call.made))) or {}).get("variadic"):
            return None
        good = len(values) > 1 and all(isinstance(one, Tensor) for one in values) and len(set(values)) == len(values)
        return values if good else None

    # -- calls --------------------------------------------------------------------------------------------------------

    def put(self, item: str, line: Line) -> None:
        """Appends a call to a line."""
        inner = self.scope.inner.get(item)
        if inner is not None:
            node = Node(item, None, scope=inner)
            reads = [self.read(one, line) for one in inner.inputs]
            node.inputs = None if reads == ["@previous"] else reads[0] if len(reads) == 1 else reads
            last = inner.outputs[-1]
        else:
            call = self.graph.calls[self.items[item][0]]
            inputs = self.inputs(call, line)
            node = self.node(item, call)
            node.inputs = inputs
            last = Tensor(call.key)
        line.append(node)
        self.scope.drafts.append(node)
        line.last = None if self.many(item) else last

    def node(self, item: str, call: Call) -> Node:
        ((name, arguments),) = call.made.items()
        if not call.again:
            return Node(item, name, dict(arguments))
        return Node(item, "Reuse", {"layer": local(call.name, self.scope.prefix)})

    def inputs(self, call: Call, line: Line) -> Any:
        """Returns what a call reads, as `inputs` has it."""
        ((name, arguments),) = call.made.items()
        if call.operation:
            return self.operands(call, name, line)
        parameters = (self.catalogue.entry("layer", name) or {}).get("call", {"inputs": {}})
        required = [key for key, schema in parameters.items() if "default" not in schema]
        values = {key: self.value(value, line) for key, value in call.inputs.items()}
        first = next(iter(parameters))
        if list(values) == [first]:
            if values[first] == "@previous":
                return None
            single = len(required) == 1
            return values[first] if single else {first: values[first]}
        if list(values) == required and len(required) > 1:
            return list(values.values())
        return values

    def operands(self, call: Call, name: str, line: Line) -> Any:
        """Returns what a tensor function reads; constants go to its arguments."""
        entry = self.catalogue.entry("op", name) or {}
        if variadic := entry.get("variadic"):
            return [self.value(one, line) for one in call.inputs[variadic]]
        reads: dict[str, Any] = {}
        for key, value in call.inputs.items():
            if any(True for _ in tensors(value)):
                reads[key] = self.value(value, line)
            else:
                call.made[name][key] = value
        free = [key for key in entry.get("tensors", ()) if key not in call.made[name]]
        if list(reads.values()) == ["@previous"] and free[:1] == list(reads):
            return None
        if list(reads) == free[: len(reads)] and len(free) > 1:
            return list(reads.values())
        if len(free) == 1:
            return next(iter(reads.values()))
        return reads

    def value(self, value: Any, line: Line) -> Any:
        if isinstance(value, Tensor):
            return self.read(value, line)
        if isinstance(value, list):
            return [self.value(one, line) for one in value]
        if isinstance(value, Mapping):
            return {key: self.value(one, line) for key, one in value.items()}
        if isinstance(value, str):
            raise AdoptionError(f"A call reads the text {value[:40]!r}; only tensors and numbers can be read.")
        return value

    def read(self, tensor: Tensor, line: Line) -> str:
        """Returns how a call reads a tensor."""
        if tensor.call not in self.where and tensor not in self.scope.inputs:
            self.scope.inputs.append(tensor)
        if tensor == line.last:
            return "@previous"
        return self.wire(tensor)

    def wire(self, tensor: Tensor) -> str:
        """Returns the name of a tensor's wire."""
        scope = self.scope
        if tensor in scope.wires:
            return scope.wires[tensor]
        item = self.where.get(tensor.call)
        if item is None:
            if tensor not in scope.inputs:
                scope.inputs.append(tensor)
            scope.named = True
            return self.inlet(tensor)
        inner = scope.inner.get(item)
        made = inner.outputs if inner else [Tensor(tensor.call, i) for i in range(self.count(tensor.call))]
        if self.many(item) and any(one in self.titles for one in made):
            words = [outlet(inner, one) if inner else str(one.item) for one in made]
            names = [self.free(self.titles.get(one) or f"{item}_{word}") for one, word in zip(made, words, strict=True)]
            scope.bound[item] = names
            scope.wires.update(zip(made, names, strict=True))
            return scope.wires[tensor]
        if item not in scope.bound:
            scope.bound[item] = self.free(item if self.many(item) else self.titles.get(tensor, item))
        name = scope.bound[item]
        if item in scope.inner and item in scope.several:
            name = f"{name}.{outlet(scope.inner[item], tensor)}"
        elif self.many(item):
            name = f"{name}.{tensor.item}"
        scope.wires[tensor] = name
        return name

    def count(self, key: str) -> int:
        """Returns how many of the tensors that a call makes are read: up to the last that is."""
        read = [one for call in self.graph.calls.values() for one in tensors(call.inputs)]
        return max((one.item + 1 for one in (*read, *tensors(self.graph.outputs)) if one.call == key), default=1)

    def inlet(self, tensor: Tensor) -> str:
        """Returns the name of one of a block's inputs."""
        taken = {*self.taken(), *self.items}
        name = next((one for one in LETTERS if one not in taken), None) or self.free(f"input_{len(self.scope.inputs)}")
        self.scope.wires[tensor] = name
        return name

    def free(self, item: str) -> str:
        """Returns a name that no other wire has."""
        name = re.sub(r"\W", "_", item, flags=re.ASCII)
        name = name if NAME.fullmatch(name) else f"wire_{name}"[:100]
        while name in self.taken():
            name += "_"
        return name

    def taken(self) -> set[str]:
        """Returns the names that wires have."""
        return {*self.scope.wires.values(), *(one for one in self.scope.bound.values() if isinstance(one, str))}


def outlet(scope: Scope, tensor: Tensor) -> str:
    """Returns the name of one of a block's outputs, inside and outside of it."""
    name = scope.wires[tensor]
    if "." in name:
        raise Tangled
    return name


def scopes(scope: Scope) -> list[list[Scope]]:
    """Returns the blocks inside a scope: first those that call no other, then those that call only these, and so on."""
    found: dict[int, list[Scope]] = {}

    def visit(one: Scope) -> int:
        height = 0
        for inner in one.inner.values():
            own = visit(inner)
            found.setdefault(own, []).append(inner)
            height = max(height, own + 1)
        return height

    visit(scope)
    return [found[height] for height in sorted(found)]


def base_of(node: Node) -> str:
    """Returns what a call without a name is numbered by."""
    return snake(node.name or "")
