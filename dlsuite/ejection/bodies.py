"""Bodies of blocks and networks: calls of the spec as statements of Python."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from dlsuite.ejection import outlines
from dlsuite.ejection.components import Components, is_word
from dlsuite.ejection.formulas import NotPlain, formula
from dlsuite.ejection.layout import Call, Code, Items, listed, quoted
from dlsuite.ejection.naming import Numbers, Wires, text_of, variable
from dlsuite.ejection.outlines import Given, written
from dlsuite.ejection.writing import Writer
from dlsuite.spec.expressions import is_expression
from dlsuite.spec.structure import STRUCTURE
from dlsuite.spec.wiring import snake

CHAIN = ("x", "y", "z", "u", "v", "w")
"""What passes down a chain is called `x`; down one nested in it, `y`."""


@dataclass(frozen=True)
class Callee:
    """What a body may call: a block or a network of the spec.

    Attributes:
        function: Its name in the printed code.
        inputs: Names of what it reads.
        items: Names of its outputs where they are several.
        params: Its params by name, and what the printed code calls them.
        options: What else is passed on to it: `name`, `shared`, `dtype`, `trainable`.
        network: Whether it is a network, which is called as a layer.
    """

    function: str
    inputs: tuple[str, ...]
    items: tuple[str, ...]
    params: Mapping[str, str] = field(default_factory=dict)
    options: frozenset[str] = frozenset()
    network: bool = False


@dataclass(frozen=True)
class Many:
    """Several outputs by name, each as code."""

    items: Mapping[str, str]


class Body:
    """Writes the calls of one block or network.

    Args:
        components: Prints layers.
        callables: Blocks and networks by name.
        locals: Code of each name that expressions may read here; of a fact's field under `fact.field`.
        layers: The calls.
        inputs: Names of what comes in.
        outputs: Names of declared outputs.
        prefix: What names of layers begin with: `{name}.` in a block.
        options: What the printed function is passed, beside its params.
        reserved: Names that numbering leaves alone.
        named_ops: Bases of tensor functions whose automatic names would meet those of layers.
    """

    def __init__(
        self,
        components: Components,
        callables: Mapping[str, Callee],
        locals: Mapping[str, str],
        layers: Any,
        inputs: Sequence[str],
        outputs: Sequence[str],
        *,
        prefix: str = "",
        options: frozenset[str] = frozenset(),
        reserved: frozenset[str] = frozenset(),
        named_ops: frozenset[str] = frozenset(),
        taken: frozenset[str] = frozenset(),
    ):
        self.components = components
        self.callables = callables
        self.locals = dict(locals)
        self.layers = layers
        self.prefix = prefix
        self.options = options
        self.named_ops = named_ops
        self.wires = Wires(layers, inputs, outputs, {*taken, *locals.values()})
        structures = list(outlines.structures(layers))
        indices = [given["index"] for _, given in structures if "index" in given]
        self.numbers = Numbers.of(list(outlines.sites(layers)), reserved, indices)
        self.writer = Writer()
        self.held: list[str] = []
        self.loops: list[bool] = []
        self.counted: dict[int, str] = {}
        self.layer_names: dict[str, tuple[str, Given, str]] = {}
        self.reused = {given["layer"] for name, given in structures if name == "Reuse"}
        self.uses: set[str] = set()
        self.set = {self.wires.names[wire] for wire in inputs}
        self.early: list[str] = []

    # -- names --------------------------------------------------------------------------------------------------------

    def name(self, name: str, field_: str | None) -> str:
        """Returns the code of a name in an expression."""
        key = name if field_ is None else f"{name}.{field_}"
        if key not in self.locals:
            raise NotPlain(f"`{key}` is not known here.")
        self.uses.add(key)
        return self.locals[key]

    def own_name(self, given: Given, base: str, *, printed: bool = True) -> str:
        """Returns the code of a call's name in Keras, and counts it."""
        if "name" in given:
            return text_of(given["name"], self.name, self.prefix)
        if base not in self.numbers.counting:
            return text_of(self.numbers.next(base), self.name, self.prefix)
        if id(given) in self.counted:
            return self.counted[id(given)]
        self.uses.add("unique")
        code = f"unique({quoted(base)})"
        if not printed:
            self.writer.say(code)
        return code

    # -- chains -------------------------------------------------------------------------------------------------------

    def chain(self, layers: Any, start: Any, target: str, wanted: bool) -> Any:
        """Writes a chain and returns what its last call makes.

        Args:
            layers: The calls.
            start: What the first one reads.
            target: The variable for what has no wire of its own.
            wanted: Whether something reads what the last one makes.
        """
        value = start
        for i, raw in enumerate(layers):
            value = self.call(raw, value, target, outlines.flows(layers[i + 1 :], wanted))
        return value

    def call(self, raw: Any, previous: Any, target: str, wanted: bool) -> Any:
        """Writes a call, under an `if` where it has a `when`."""
        name, given = written(raw)
        if outlines.left_out(given):
            return previous
        if not outlines.optional(given):
            self.tell(given)
            return self.dispatch(name, given, previous, target, wanted)
        if not is_expression(given["when"]):
            raise NotPlain("A `when` that is no expression.")
        if wanted and previous is not None and previous != target:
            self.writer.assign(target, self.one(previous))
            previous = target
        with self.writer.block("if ", formula(given["when"][1:], self.name)):
            self.tell(given)
            made = self.dispatch(name, given, previous, target, wanted)
            if wanted and made != target:
                self.writer.assign(target, self.one(made))
        return target if wanted else None

    def tell(self, given: Given) -> None:
        """Writes a call's remark."""
        if isinstance(given.get("about"), str) and given["about"].strip():
            self.writer.remark(given["about"])

    def dispatch(self, name: str, given: Given, previous: Any, target: str, wanted: bool, ends: Any = None) -> Any:
        """Writes a call and returns where what it makes is kept; `ends` are what a merge reads."""
        if name in STRUCTURE:
            write = {"Residual": self.residual, "Parallel": self.parallel, "Repeat": self.repeat, "Reuse": self.reuse}
            return write[name](given, previous, target, wanted)
        if name in self.callables:
            return self.callable(name, given, previous, target, wanted, ends)
        if name.startswith("ops."):
            return self.op(name, given, previous, target, wanted, ends)
        return self.layer(name, given, previous, target, wanted, ends)

    def one(self, value: Any) -> str:
        """Returns the code of a single tensor."""
        if not isinstance(value, str):
            raise NotPlain("A call reads several outputs, or none, as one.")
        return value

    # -- structure ----------------------------------------------------------------------------------------------------

    def residual(self, given: Given, previous: Any, target: str, wanted: bool) -> Any:
        start = self.start(given, previous, [given["layers"]])
        inner = self.inner(start)
        with self.holding(start):
            end = self.one(self.chain(given["layers"], start, inner, True))
        around = start
        if "shortcut" in given:
            around = self.shortcut(given["shortcut"], start, end)
        name, arguments = outlines.merging("Residual", given)
        return self.dispatch(name, arguments, None, target, wanted, [around, end])

    def shortcut(self, layers: Any, start: str, end: str) -> str:
        """Writes the way round, taken where the shapes differ, and returns where it ends."""
        if any(wire in self.wires.bound and self.wires.is_read(wire) for wire in outlines.binds(layers)):
            raise NotPlain("A shortcut that binds wires.")
        for site in outlines.sites(layers):
            if site.counted and "name" not in site.given and site.base in self.numbers.counting:
                if site.repeated:
                    raise NotPlain("A repeat without names in a shortcut.")
                self.counted[id(site.given)] = self.wires.fresh(f"{site.base}_name")
                self.uses.add("unique")
                self.writer.assign(self.counted[id(site.given)], f"unique({quoted(site.base)})")
        around = start
        named = {place for wire, place in self.wires.names.items() if wire}
        if start in self.held or start in named:
            around = self.wires.fresh("shortcut")
            self.writer.assign(around, start)
        with self.holding(end), self.writer.block("if ", f"{end}.shape != {start}.shape"):
            made = self.one(self.chain(layers, start, around, True))
            if made != around:
                self.writer.assign(around, made)
        self.numbers.next("shortcut") if "shortcut" not in self.numbers.counting else self.writer.say(
            'unique("shortcut")'
        )
        return around

    def parallel(self, given: Given, previous: Any, target: str, wanted: bool) -> Any:
        branches = given["branches"]
        first = outlines.reads_previous({"Parallel": {"branches": branches}})
        start = self.start(given, previous, branches) if "inputs" in given or first else None
        ends: list[str] = []
        with self.holding(*([start] if start else [])):
            for branch in branches:
                with self.holding(*ends):
                    ends.append(self.one(self.chain(branch, start, self.inner(start), True)))
        name, arguments = outlines.merging("Parallel", given)
        return self.dispatch(name, arguments, None, target, wanted, ends)

    def repeat(self, given: Given, previous: Any, target: str, wanted: bool) -> Any:
        layers = given["layers"]
        first = outlines.flows_in(layers)
        carried = first or wanted
        start = self.one(self.read(given["inputs"], previous)) if "inputs" in given else previous
        always = isinstance(given.get("times", 1), int) and given.get("times", 1) > 0
        if carried and start is not None and start != target and (first or not always):
            self.writer.assign(target, self.one(start))
        before, over, outer = self.header(given)
        self.loops.append(given.get("shared") is True)
        with self.writer.block(before, over):
            made = self.chain(layers, target if first else None, target, carried)
            if carried and made != target and made is not None:
                self.writer.assign(target, self.one(made))
        self.loops.pop()
        self.locals = outer
        value = target if carried else None
        if any(map(self.wires.is_read, outlines.bindings(given))):
            return self.bind(given, self.one(value), target, wanted)
        return value

    def header(self, given: Given) -> tuple[str, Code, dict[str, str]]:
        """Returns a loop's first line, opening names for its index and item; and the names known before."""
        over: Code
        if "times" in given:
            over = Call("range", (self.components.value(given["times"], self.name),))
        else:
            over = self.components.value(given["over"], self.name)
        outer = dict(self.locals)
        read, loop = outlines.names_read(given["layers"]), {}
        for key in ("index", "item"):
            if given.get(key) in read:
                if not is_word(given[key]):
                    raise NotPlain(f"`{given[key]}` is no name.")
                loop[key] = variable(given[key], {*self.wires.taken, *self.locals.values()} - {given[key]})
                if loop[key] in self.wires.names.values():
                    loop[key] = self.wires.fresh(loop[key])
                self.wires.taken.add(loop[key])
                self.locals[given[key]] = loop[key]
        if "times" in given:
            return f"for {loop.get('index', '_')} in ", over, outer
        if "index" in loop:
            return f"for {loop['index']}, {loop.get('item', '_')} in ", Call("enumerate", (over,)), outer
        return f"for {loop.get('item', '_')} in ", over, outer

    def reuse(self, given: Given, previous: Any, target: str, wanted: bool) -> Any:
        if given["layer"] not in self.layer_names:
            raise NotPlain("A layer that is reused, named in braces.")
        name, first, code = self.layer_names[given["layer"]]
        if name in self.callables:
            again = {key: value for key, value in first.items() if key not in ("inputs", "name", "to", "when")}
            own = {key: given[key] for key in ("inputs", "name", "to") if key in given}
            return self.callable(name, {**again, **own}, previous, target, wanted, None, code)
        made = Call(code, self.layer_inputs(name, given, previous, None))
        return self.bind(given, made, target, wanted)

    def start(self, given: Given, previous: Any, chains: Sequence[Any]) -> str:
        """Returns where what a structure reads is kept, safe from what its chains bind anew."""
        start = self.one(self.read(given["inputs"], previous) if "inputs" in given else previous)
        bound = {place for chain in chains for wire in outlines.binds(chain) if (place := self.kept(wire))}
        if start not in bound:
            return start
        copy = self.wires.fresh(f"{start}_before")
        self.writer.assign(copy, start)
        return copy

    def kept(self, wire: str) -> str | None:
        """Returns the variable of a wire that something reads."""
        return self.wires.names.get(wire) if self.wires.is_read(wire) else None

    def inner(self, start: str | None) -> str:
        """Returns the variable of a nested chain."""
        used = {*self.held, start, *self.wires.taken}
        for name in CHAIN:
            if name not in used:
                return name
        return self.wires.fresh("x")

    @contextmanager
    def holding(self, *values: str) -> Iterator[None]:
        """Keeps variables from being used for anything else meanwhile."""
        self.held += values
        yield
        del self.held[len(self.held) - len(values) :]

    # -- calls --------------------------------------------------------------------------------------------------------

    def layer(self, name: str, given: Given, previous: Any, target: str, wanted: bool, ends: Any) -> Any:
        function = self.components.layer(name)
        arguments = self.components.arguments(name, given, self.name)
        arguments += self.settings(given)
        own = self.own_name(given, snake(name))
        application = name.startswith("applications.")
        inputs = self.layer_inputs(name, given, previous, ends)
        shared = "shared" in self.options or any(self.loops)
        if shared:
            self.uses.add("shared")
            made: Code = Call("once", ("shared", function, *arguments, ("name", own)))
        elif application:
            made = Call(function, (*arguments, ("weights", "None")))
        else:
            made = Call(function, (*arguments, ("name", own)))
        if shared and application:
            raise NotPlain(f"`{name}` in a shared Repeat.")
        label = given.get("name")
        if application:
            variable_ = self.wires.fresh(name.partition(".")[2].lower())
            self.writer.assign(variable_, made)
            self.writer.say(f"{variable_}.name = {own}")
            made = variable_
            self.layer_names[label or ""] = name, given, variable_
        elif label in self.reused:
            if shared or any(not loop for loop in self.loops) or outlines.optional(given):
                raise NotPlain("A layer that is reused, made in a Repeat or under a `when`.")
            kept = self.wires.fresh(f"{label}_layer" if self.wires.is_read(label) else label)
            self.writer.assign(kept, made)
            made = kept
            self.layer_names[label] = name, given, kept
        return self.bind(given, Call(made, inputs), target, wanted)

    def settings(self, given: Given) -> list[tuple[str, Code]]:
        """Returns `trainable` and `dtype` of a layer: its own, or those that its block was called with."""
        made: list[tuple[str, Code]] = []
        for key in ("trainable", "dtype"):
            own = self.components.value(given[key], self.name) if given.get(key) is not None else None
            passed = key if key in self.options else None
            if own is not None or passed:
                made.append((key, own if own is not None else key))
        return made

    def layer_inputs(self, name: str, given: Given, previous: Any, ends: Any) -> tuple[Code | tuple[str, Code], ...]:
        """Returns what a layer is called with: leading tensors in order, the others by name."""
        entry = self.components.catalogue.entry("layer", name) or {}
        parameters = entry.get("call", {"inputs": {}})
        filled = self.fill(parameters, given, previous, ends)
        made: list[Code | tuple[str, Code]] = []
        for key in parameters:
            if key not in filled:
                break
            code, tensor = filled[key]
            if made and not tensor:
                break
            made.append(code)
        rest = list(filled.items())[len(made) :]
        return (*made, *((key, code) for key, (code, _) in rest))

    def op(self, name: str, given: Given, previous: Any, target: str, wanted: bool, ends: Any) -> Any:
        entry = self.components.catalogue.entry("op", name) or {}
        function = self.components.function(name)
        schemas, tensors, variadic = entry["args"], entry.get("tensors", []), entry.get("variadic")
        codes: dict[str, tuple[Code, bool]] = {}
        for key, raw in given.items():
            if key in schemas and key != "inputs":
                schema = {"kind": schemas[key]["kind"]} if "kind" in schemas[key] else {}  # numbers stay as written
                code = self.components.argument(raw, schema, self.name, {})
                codes[key] = (_array(raw, code) if key in tensors else code), False
        if variadic:
            raw = given.get("inputs", ["@previous"])
            raws = raw if isinstance(raw, list) else [raw]
            operands = ends if ends is not None else [self.read(item, previous) for item in raws]
            plain = [None] * len(operands) if ends is not None else raws
            codes[variadic] = listed([_array(a, self.code(b)) for a, b in zip(plain, operands, strict=True)]), True
        elif tensors:
            missing = {key: schemas[key] for key in tensors if key not in codes}
            if missing or "inputs" in given:
                codes |= self.fill(missing, given, previous, ends, in_order=len(missing) > 1, arrays=True)
        arguments: list[Code | tuple[str, Code]] = []
        for key in schemas:
            if key not in codes:
                continue
            code, tensor = codes[key]
            position = len(arguments) == list(schemas).index(key) and not any(isinstance(a, tuple) for a in arguments)
            if key == variadic:
                arguments += list(code.items) if isinstance(code, Items) else [code]  # type: ignore[misc]
            elif position and (key in tensors or (variadic and key != variadic)):
                arguments.append(code)
            else:
                arguments.append((key, code))
        made: Code = Call(function, tuple(arguments))
        if snake(name) in self.named_ops:
            self.uses.add("named")
            made = Call("named", (made, self.own_name(given, snake(name))))
        elif "name" not in given:
            self.own_name(given, snake(name), printed=False)
        count = entry.get("outputs")
        if isinstance(count, str):  # the argument that says how many there are, or where they begin
            raw = given.get(count)
            count = len(raw) + 1 if isinstance(raw, list) else raw
        known = count if isinstance(count, int) and not isinstance(count, bool) else None
        return self.bind(given, made, target, wanted, count=known)

    def callable(
        self, name: str, given: Given, previous: Any, target: str, wanted: bool, ends: Any, own: str | None = None
    ) -> Any:
        """Writes the call of a block or network."""
        called = self.callables[name]
        filled = self.fill(dict.fromkeys(called.inputs, {}), given, previous, ends, in_order=True)
        inputs = {key: code for key, (code, _) in filled.items()}
        if called.network:
            several = Items("{", tuple((quoted(key), code) for key, code in inputs.items()))
            made: Code = Call(called.function, (several if len(inputs) > 1 else next(iter(inputs.values())),))
            if "name" not in given:
                self.own_name(given, name, printed=False)
            return self.bind(given, made, target, wanted, called.items, keyed=True)
        arguments: list[Code | tuple[str, Code]] = list(inputs.values())
        for key, param in called.params.items():
            if key in given:
                arguments.append((param, self.components.value(given[key], self.name)))
        for key, code in self.settings(given):
            arguments.append((key, code))
        if "shared" in called.options:
            self.uses.add("shared")
            arguments.append(("shared", "shared"))
        first = own is None
        if own is None:
            own = self.own_name(given, name, printed="name" in called.options)
        if given.get("name") in self.reused and first:
            self.layer_names[given["name"]] = name, given, own
        if "name" in called.options:
            arguments.append(("name", own))
        return self.bind(given, Call(called.function, tuple(arguments)), target, wanted, called.items)

    def bind(
        self,
        given: Given,
        made: Code,
        target: str,
        wanted: bool,
        items: Sequence[str] = (),
        *,
        keyed: bool = False,
        count: int | None = None,
    ) -> Any:
        """Writes what a call makes to where its wires are kept, and returns where the next call reads it.

        Args:
            items: Names of the outputs of a block or network that has several.
            keyed: Whether it gives them by name, as networks do.
            count: How many outputs it has, where that is known.
        """
        names = outlines.bindings(given)
        if isinstance(given.get("to"), list):
            places = [self.wires.place(wire, self.name) if self.wires.is_read(wire) else "_" for wire in names]
            if keyed:
                self.writer.assign(target, made)
                made = ", ".join(f"{target}[{quoted(item)}]" for item in items)
            known = len(items) or count
            rest = ["*_"] if known is None else ["_"] * (known - len(places))
            self.writer.assign(", ".join(map(str, [*places, *rest])), made)
            self.set |= {*map(str, places)}
            return Many(dict(zip(items or map(str, range(len(places))), map(str, places), strict=False)))
        wire = names[0] if names else None
        if items and not keyed:
            return self.unpack(wire, made, items)
        place = self.wires.place(wire, self.name) if wire is not None and self.wires.is_read(wire) else None
        if place is None or "[" in place:
            if place is None or wanted:
                self.writer.assign(target, made)
            if place is not None:
                self.writer.assign(place, target if wanted else made)
            kept = target if place is None or wanted else place
        else:
            self.writer.assign(place, made)
            self.set.add(place)
            kept = place
        return Many({item: f"{kept}[{quoted(item)}]" for item in items}) if items else kept

    def unpack(self, wire: str | None, made: Code, items: Sequence[str]) -> Many:
        """Writes several outputs of a block to variables."""
        if wire is not None and "{" in wire:
            raise NotPlain("Several outputs under a name with braces.")
        places = {item: self.wires.variable(f"{wire}.{item}" if wire else f".{item}") for item in items}
        self.writer.assign(", ".join(places.values()), made)
        self.set |= {*places.values()}
        for item in items if wire else ():
            self.wires.names[f"{wire}.{item}"] = places[item]
        return Many(places)

    # -- wires --------------------------------------------------------------------------------------------------------

    def fill(
        self,
        parameters: Mapping[str, Any],
        given: Given,
        previous: Any,
        ends: Any,
        *,
        in_order: bool = False,
        arrays: bool = False,
    ) -> dict[str, tuple[Code, bool]]:
        """Returns a call's arguments with whether each is a tensor, filled as the language fills them."""
        required = [key for key, schema in parameters.items() if "default" not in schema]
        first = next(iter(parameters), "")
        raws: dict[str, Any] = {}
        if ends is not None:
            if in_order or len(required) != 1:
                wanted = list(parameters) if in_order else required or list(parameters)
                return {key: (code, True) for key, code in zip(wanted, ends, strict=False)}
            return {first: (listed(ends), True)}
        if "inputs" in given:
            raw = given["inputs"]
            if isinstance(raw, Mapping) and (in_order or len(required) != 1 or any(key in parameters for key in raw)):
                raws = dict(raw)
            elif isinstance(raw, list) and (in_order or len(required) != 1):
                raws = dict(zip(list(parameters) if in_order else required or list(parameters), raw, strict=False))
            else:
                raws = {first: raw}
        if parameters and first not in raws:
            raws[first] = "@previous"
        made: dict[str, tuple[Code, bool]] = {}
        for key in parameters:
            if key in raws:
                code = self.code(self.read(raws[key], previous))
                tensor = any(wire.startswith("@") or not wire.startswith("=") for wire in outlines.strings(raws[key]))
                made[key] = (_array(raws[key], code) if arrays else code), tensor
        return made

    def read(self, raw: Any, previous: Any) -> Any:
        """Returns what an `inputs` value stands for, as code or `Many`."""
        if isinstance(raw, str) and not raw.startswith("="):
            return previous if raw == "@previous" else self.wire(raw)
        if isinstance(raw, list):
            return listed([self.code(self.read(item, previous)) for item in raw])
        if isinstance(raw, Mapping):
            return Items("{", tuple((quoted(key), self.code(self.read(item, previous))) for key, item in raw.items()))
        return self.components.value(raw, self.name)

    def code(self, value: Any) -> Code:
        """Returns the code of what is read."""
        return value if isinstance(value, Items | Call) else self.one(value)

    def wire(self, wire: str) -> str:
        """Returns where a wire, or one of several outputs of one, is kept."""
        place = self.wires.names.get(wire) or self.wires.place(wire, self.name)
        if place is not None:
            if "[" not in place and place not in (*self.set, *self.early):
                self.early.append(place)  # bound in an earlier round of a loop
            return place
        head, dot, item = wire.rpartition(".")
        place = self.wires.place(head, self.name) if dot else None
        if place is None:
            raise NotPlain(f"There is no wire `{wire[:60]}`.")
        return f"{place}[{item if item.isdigit() else quoted(item)}]"


def _array(raw: Any, code: Code) -> Code:
    """Returns a list of numbers as a tensor."""
    numbers = isinstance(raw, list) and bool(raw) and not any(True for text in outlines.strings(raw) if text[:1] != "=")
    return Call("ops.convert_to_tensor", (code,)) if numbers else code
