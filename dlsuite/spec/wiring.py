"""Wires: what names stand for inside a block or network, what a call reads and what it binds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dlsuite.spec import plan
from dlsuite.spec.checking import FAULTY, Checker, Names
from dlsuite.spec.document import Array, Object
from dlsuite.spec.errors import Place, suggest
from dlsuite.spec.expressions import Symbol
from dlsuite.spec.outputs import count_outputs
from dlsuite.spec.plan import Ref

WIRING = ("inputs", "name", "to", "when", "about")
"""What every call takes beside its own arguments."""

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
LETTERS = "Names have letters, digits and underscores, no dot and no slash, and 100 characters at most."


@dataclass(frozen=True)
class Several:
    """What a call with several named outputs made."""

    node: int
    items: tuple[str, ...]


@dataclass
class Draft:
    """A node before the names of its body are settled."""

    make: type[plan.Node]
    base: str
    fields: dict[str, Any]
    name: str | None = None
    weight: int = 1
    shares: int | None = None
    items: tuple[str, ...] = ()


@dataclass
class Frame:
    """The inside of one block call or network while it is read.

    Attributes:
        wires: What each name stands for.
        available: Inputs that become the body's when they are first read.
        absent: Names that a call left out by `when` would have bound.
        loops: Place, iteration and `shared` of each `Repeat` around.
        made: In shared repeats: the draft of each call.
        open_names: Whether a fault may have kept wires from being bound.
        left_out: Whether a `when`, or a `Repeat` of no rounds, left out calls that are written.
    """

    names: Names
    inputs: list[str] = field(default_factory=list)
    wires: dict[str, Any] = field(default_factory=dict)
    available: tuple[str, ...] = ()
    drafts: list[Draft] = field(default_factory=list)
    named: dict[str, int] = field(default_factory=dict)
    absent: dict[str, Place] = field(default_factory=dict)
    guards: tuple[tuple[Ref, Ref], ...] = ()
    loops: tuple[tuple[Place, int, bool], ...] = ()
    made: dict[Any, int] = field(default_factory=dict)
    open_names: bool = False
    left_out: bool = False


@dataclass(frozen=True)
class Lazy:
    """An input of a network that nothing has read yet."""

    name: str


class Wiring:
    """Reads the wires of calls and binds what they make, frame by frame.

    Args:
        checker: Collects the faults.
        networks: Those that are expanded so far.
    """

    def __init__(self, checker: Checker, networks: Mapping[str, plan.Network]):
        self.checker = checker
        self.networks = networks

    def fill(
        self,
        owner: str,
        parameters: Mapping[str, Any],
        given: Object,
        place: Place,
        frame: Frame,
        previous: Any,
        in_order: bool = False,
    ) -> dict[str, Any]:
        """Returns a call's arguments: what `inputs` gives, the first from `@previous` unless given."""
        checker = self.checker
        required = [key for key, schema in parameters.items() if "default" not in schema]
        first = next(iter(parameters), "")
        filled: dict[str, Any] = {}
        if "inputs" in given and not parameters:
            checker.fault(f"{owner} takes no inputs.", given.places["inputs"])
        elif "inputs" in given:
            raw, at = given["inputs"], given.places["inputs"]
            if isinstance(raw, Object) and (in_order or len(required) != 1 or any(key in parameters for key in raw)):
                for key, value in raw.items():
                    if key not in parameters:
                        hint = suggest(key, parameters, what="call arguments")
                        checker.fault(f"{owner} is not called with `{key}`.", raw.keys_at[key], hint)
                    else:
                        filled[key] = self.read(value, raw.places[key], frame, previous)
            elif isinstance(raw, Array) and (in_order or len(required) != 1):
                wanted = list(parameters) if in_order else required or list(parameters)
                if len(raw) > len(wanted):
                    names = ", ".join(f"`{key}`" for key in wanted if key)
                    message = f"{owner} takes {len(wanted)} input{'s' * (len(wanted) != 1)} in a list, not {len(raw)}."
                    checker.fault(message, at, f"In order: {names}." if names else "Write the name of one wire.")
                for key, value, where in zip(wanted, raw, raw.places, strict=False):
                    filled[key] = self.read(value, where, frame, previous)
            else:
                filled[first] = self.read(raw, at, frame, previous)
        if parameters and first not in filled:
            filled[first] = self.previous(self.resolve(previous, frame), place, owner)
        missing = [key for key in required if key not in filled]
        if missing:
            what = " and ".join(f"`{key}`" for key in missing)
            checker.fault(f"{owner} needs {what} in `inputs`.", place, f"It is called with {', '.join(parameters)}.")
        return {key: filled[key] for key in parameters if key in filled}

    def read_inputs(self, given: Object, frame: Frame, previous: Any) -> None:
        """Reads the wires of a call that is at fault, for faults of their own, and opens what it would bind."""
        if "inputs" in given:
            self.read(given["inputs"], given.places["inputs"], frame, previous)

    def read(self, raw: Any, place: Place, frame: Frame, previous: Any) -> Any:
        """Returns what an `inputs` value stands for: wires by name, expressions, constants, lists and objects."""
        if isinstance(raw, str) and not raw.startswith("="):
            value = self.wire(raw, place, frame, previous)
            if isinstance(value, Several):
                return self.ambiguous(value, raw, place)
            return value
        if isinstance(raw, Array):
            return [self.read(item, at, frame, previous) for item, at in zip(raw, raw.places, strict=True)]
        if isinstance(raw, Object):
            return {key: self.read(item, raw.places[key], frame, previous) for key, item in raw.items()}
        if isinstance(raw, Several):
            return self.ambiguous(raw, "@previous", place)
        return self.checker.value(raw, place, frame.names)

    def wire(self, raw: str, place: Place, frame: Frame, previous: Any) -> Any:
        checker = self.checker
        checker.in_time(place)
        if raw == "@previous":
            return self.previous(self.resolve(previous, frame), place, "This call")
        if raw.startswith("@"):
            checker.fault(
                f"`{raw}` is no wire.", place, "`@previous` is what the layer before made; inputs have names."
            )
            return FAULTY
        name = checker.name(raw, place, frame.names, "A wire")
        if isinstance(name, Symbol):
            return FAULTY
        if name in frame.wires:
            return self.resolve(frame.wires[name], frame)
        head, dot, item = name.rpartition(".")
        value = self.resolve(frame.wires.get(head), frame) if dot else None
        if isinstance(value, Several):
            if item not in value.items:
                hint = suggest(item, value.items, what="outputs")
                checker.fault(f"`{head}` has no output `{item}`.", place, hint)
                return FAULTY
            return Ref(value.node, item)
        if isinstance(value, Ref) and value.node >= 0 and value.item is None:
            return Ref(value.node, int(item) if item.isdigit() else item)
        if frame.open_names or isinstance(value, Symbol):
            return FAULTY
        if name in frame.absent:
            line, column = frame.absent[name].source.locate(frame.absent[name].offset)
            hint = f"The call at {line}:{column} that would bind it is left out by its `when`."
            checker.fault(f"Nothing is bound to the wire `{name}`.", place, hint)
        else:
            hint = suggest(name, frame.wires, what="wires")
            checker.fault(f"There is no wire `{name}` here.", place, hint)
        return FAULTY

    def previous(self, previous: Any, place: Place, owner: str) -> Any:
        if previous is None:
            message = f"{owner} reads `@previous`, but nothing comes before it."
            self.checker.fault(message, place, "There are several inputs: say in `inputs` which of them it reads.")
            return FAULTY
        if isinstance(previous, Several):
            return self.ambiguous(previous, "@previous", place)
        return previous

    def ambiguous(self, value: Several, wire: str, place: Place) -> Any:
        items = ", ".join(f"`{item}`" for item in value.items)
        message = f"`{wire}` is a call with several outputs: {items}."
        self.checker.fault(message, place, "Bind them with a list in `to`, or read one as `name.output`.")
        return FAULTY

    def resolve(self, value: Any, frame: Frame) -> Any:
        """Returns a value with an input that was not read before made the body's."""
        if not isinstance(value, Lazy):
            return value
        if value.name not in frame.inputs:
            frame.inputs.append(value.name)
        ref = Ref(-1 - frame.inputs.index(value.name))
        for name, wire in frame.wires.items():
            if wire == value:
                frame.wires[name] = ref
        return ref

    def bind(self, given: Object, made: Any, place: Place, frame: Frame) -> None:
        key = "to" if "to" in given else "name"
        names = self.bindings(given, key, frame, report=True)
        if key == "to":
            self.bindings(given, "name", frame, report=True)
        if made is None or isinstance(made, Symbol):
            frame.wires.update(dict.fromkeys(names, FAULTY))
            return
        if key == "name" or not isinstance(given["to"], Array):
            frame.wires.update(dict.fromkeys(names, made))
            return
        if not given["to"]:
            self.checker.fault("`to` is an empty list.", given.places["to"], "It names a wire for each output.")
        if len(set(names)) < len(names):
            self.checker.fault("`to` names one wire twice.", given.places["to"], "It names a wire for each output.")
        if isinstance(made, Several):
            if len(names) != len(made.items):
                message = f"`to` names {len(names)} wires; the call has {len(made.items)} outputs."
                self.checker.fault(message, given.places["to"], f"In order: {', '.join(made.items)}.")
            frame.wires.update({name: Ref(made.node, item) for name, item in zip(names, made.items, strict=False)})
        else:
            alone = len(names) == 1 and self._outputs(made, frame) == 1
            self._few_enough(made, names, given, frame)
            frame.wires.update({name: made if alone else Ref(made.node, i) for i, name in enumerate(names)})

    def _few_enough(self, made: Any, names: list[str], given: Object, frame: Frame) -> None:
        """Reports a `to` that names more wires than the call has outputs, where their number is known."""
        known = self._outputs(made, frame)
        if len(names) > 1 and known is not None and known < len(names):
            outputs = "one output" if known == 1 else f"{known} outputs"
            message = f"`to` names {len(names)} wires; the call has {outputs}."
            hint = "The name of one wire goes there." if known == 1 else "A list names a wire for each, in order."
            self.checker.fault(message, given.places["to"], hint)

    def _outputs(self, made: Any, frame: Frame) -> int | None:
        """Returns how many tensors a call makes; `None` where only building tells."""
        if not isinstance(made, Ref) or made.node < 0:
            return None
        draft = frame.drafts[made.node]
        return count_outputs(self.checker.catalogue, self.networks, draft.make, draft.fields)

    def bindings(self, given: Object, key: str, frame: Frame, report: bool = False) -> list[str]:
        if key not in given:
            return []
        raw, place = given[key], given.places[key]
        pairs = list(zip(raw, raw.places, strict=True)) if isinstance(raw, Array) and key == "to" else [(raw, place)]
        names = []
        for item, at in pairs:
            name = self.checker.name(item, at, frame.names, f"`{key}`")
            if isinstance(name, Symbol):
                frame.open_names = True
            elif not NAME.fullmatch(name):
                if report:
                    self.checker.fault(f"`{name}` is no name.", at, LETTERS)
            else:
                names.append(name)
        return names

    def add(
        self,
        frame: Frame,
        make: type[plan.Node],
        base: str,
        given: Object,
        place: Place,
        inputs: dict[str, Any],
        weight: int = 1,
        items: tuple[str, ...] = (),
        **fields: Any,
    ) -> Any:
        name = next(iter(self.bindings(given, "name", frame)), None)
        fields.update(inputs=inputs, place=place, guards=frame.guards)
        shares = None
        has_weights = make in (plan.LayerCall, plan.BlockCall)
        repeated = any(shared for _, _, shared in frame.loops)
        if repeated and has_weights:
            key = place, tuple(loop[:2] for loop in frame.loops if not loop[2])
            if key in frame.made:
                shares = frame.made[key]
                self._same_call(frame.drafts[shares], fields, place)
            else:
                frame.made[key] = len(frame.drafts)
        if name in frame.named and shares is None and (has_weights or not repeated):
            first = frame.drafts[frame.named[name]].fields["place"]
            line, column = first.source.locate(first.offset)
            hint = f"First at {line}:{column}. Inside a Repeat, write the index in braces: `{name}_{{i}}`."
            self.checker.fault(f"The name `{name}` stands twice in this scope.", given.places["name"], hint)
            name = None
        frame.drafts.append(Draft(make, base, fields, name if shares is None else None, weight, shares, items))
        node = len(frame.drafts) - 1
        if name is not None and shares is None:
            frame.named[name] = node
        return Several(node, items) if items else Ref(node)

    def _same_call(self, first: Draft, fields: Mapping[str, Any], place: Place) -> None:
        same = first.fields.get("component") == fields.get("component") and first.fields.get("body") == fields.get(
            "body"
        )
        if not same:
            message = "A shared Repeat gives this call other arguments each time."
            self.checker.fault(message, place, "The same weights need the same arguments; or leave out `shared`.")


def settle(frame: Frame, reserved: set[str]) -> list[str]:
    """Returns a name for every draft: its own, that of the draft it shares, or its component's with a number.

    Args:
        frame: The inside of a block call or network.
        reserved: Names that numbering leaves alone: Keras knows the network's inputs and the networks it calls by them.
    """
    taken = {draft.name for draft in frame.drafts if draft.name}
    beside, used = taken | reserved, set[str]()
    counts: dict[str, int] = {}
    names: list[str] = []
    for draft in frame.drafts:
        if draft.shares is not None:
            names.append(names[draft.shares])
            continue
        refused = taken if draft.make is plan.NetworkCall else beside
        name, base = draft.name or "", draft.name or draft.base
        while not name or name in used or (name != draft.name and name in refused):
            number = counts.get(base, 0)
            counts[base] = number + 1
            name = f"{base}_{number}" if number else base
        used.add(name)
        names.append(name)
    return names


def snake(name: str) -> str:
    """Returns a component's name as Keras would name its layer."""
    name = re.sub(r"\W+", "", name.rpartition(".")[2])
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()
