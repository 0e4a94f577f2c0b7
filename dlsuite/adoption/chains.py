"""Graphs as chains of calls: each reads what the one before made, wires only where that cannot be.

Layers of dotted names (`residual.conv.conv2d`) came of blocks; they go back into blocks of those names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dlsuite.adoption.calls import Calls
from dlsuite.adoption.drafts import Line, Node, Scope, Tangled, local
from dlsuite.adoption.graphs import Graph, Tensor, tensors
from dlsuite.spec.catalogue import Catalogue

MAX_BRANCH = 80
"""Branches of more calls than these are told by wires: they would nest too deeply."""


class Writer(Calls):
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
        merge = Node(item, node.name, node.arguments, nameless=node.nameless)
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
