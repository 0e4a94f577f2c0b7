"""What a body knows of its names and wires, and how its calls read them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dlsuite.ejection import outlines
from dlsuite.ejection.components import Components
from dlsuite.ejection.formulas import NotPlain
from dlsuite.ejection.layout import Call, Code, Items, listed, quoted
from dlsuite.ejection.naming import Numbers, Wires, text_of
from dlsuite.ejection.outlines import Given
from dlsuite.ejection.writing import Writer
from dlsuite.spec.wiring import snake


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


def _root(base: str) -> str:
    return re.sub(r"_\d+$", "", base)


class Reader:
    """What is known while a block or network is written: code of names, wires, numbers of layers.

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
        taken: Names that variables may not have.
        rows: Constants of the module that loops walk, by name; bodies add theirs.
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
        rows: dict[str, Code] | None = None,
    ):
        self.components = components
        self.callables = callables
        self.locals = dict(locals)
        self.layers = layers
        self.prefix = prefix
        self.options = options
        self.rows = {} if rows is None else rows
        self.named_ops = named_ops
        self.wires = Wires(layers, inputs, outputs, {*taken, *locals.values()})
        structures = list(outlines.structures(layers))
        indices = [given["index"] for _, given in structures if "index" in given]
        sites = list(outlines.sites(layers))
        self.numbers = Numbers.of(sites, reserved, indices)
        self.numbered = {_root(site.base) for site in sites if self.is_named(site.name)}
        self.writer = Writer()
        self.held: list[str] = []
        self.loops: list[bool] = []
        self.counted: dict[int, str] = {}
        self.layer_names: dict[str, tuple[str, Given, str]] = {}
        self.reused = {given["layer"] for name, given in structures if name == "Reuse"}
        self.uses: set[str] = set()
        self.set = {self.wires.names[wire] for wire in inputs}
        self.early: list[str] = []

    def name(self, name: str, field_: str | None) -> str:
        """Returns the code of a name in an expression."""
        key = name if field_ is None else f"{name}.{field_}"
        if key not in self.locals:
            raise NotPlain(f"`{key}` is not known here.")
        self.uses.add(key)
        return self.locals[key]

    def is_named(self, name: str) -> bool:
        """Returns whether the printed call of a layer, tensor function, block or network has a name."""
        if name.startswith("ops."):
            return snake(name) in self.named_ops
        return name not in self.callables or "name" in self.callables[name].options

    def own_name(self, given: Given, base: str, *, printed: bool = True) -> str:
        """Returns the code of a call's name in Keras, and counts it where another's number depends on it."""
        if "name" in given:
            return text_of(given["name"], self.name, self.prefix)
        if base not in self.numbers.counting:
            return text_of(self.numbers.next(base), self.name, self.prefix)
        if id(given) in self.counted:
            return self.counted[id(given)]
        if not printed and _root(base) not in self.numbered:
            return ""
        self.uses.add("unique")
        code = f"unique({quoted(base)})"
        if not printed:
            self.writer.say(code)
        return code

    def one(self, value: Any) -> str:
        """Returns the code of a single tensor."""
        if not isinstance(value, str):
            raise NotPlain("A call reads several outputs, or none, as one.")
        return value

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
                made[key] = (tensor_of(raws[key], code) if arrays else code), tensor
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


def tensor_of(raw: Any, code: Code) -> Code:
    """Returns a list of numbers as a tensor."""
    numbers = isinstance(raw, list) and bool(raw) and not any(True for text in outlines.strings(raw) if text[:1] != "=")
    return Call("ops.convert_to_tensor", (code,)) if numbers else code
