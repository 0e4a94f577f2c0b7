"""The components that structure is made of: `Residual`, `Parallel`, `Repeat`, `Reuse`."""

from __future__ import annotations

from typing import Any, Protocol

from dlsuite.spec import plan
from dlsuite.spec.checking import FAULTY, Checker
from dlsuite.spec.declarations import chain_of
from dlsuite.spec.document import Array, Object, describe
from dlsuite.spec.errors import Place, suggest
from dlsuite.spec.expressions import Symbol, is_identifier
from dlsuite.spec.plan import Ref
from dlsuite.spec.wiring import Draft, Frame, Several, Wiring

MAX_CALLS = 100_000
TOO_MANY = f"The spec expands to more than {MAX_CALLS:,} calls."
_COUNT = {"type": ["integer"], "min": 0}


class Calls(Protocol):
    """What reads calls: the expander."""

    checker: Checker
    wiring: Wiring

    def chain(self, layers: Array, frame: Frame, previous: Any) -> Any:
        """Returns what the last of a list of layers makes."""

    def dispatch(self, name: str, given: Object, place: Place, frame: Frame, previous: Any) -> Any:
        """Returns what a call makes."""


def residual(calls: Calls, given: Object, place: Place, frame: Frame, previous: Any) -> Any:
    """Returns what a chain makes added to (or merged with) what it read."""
    start = _start(calls, given, place, frame, previous, "Residual")
    end = calls.wiring.resolve(
        calls.chain(chain_of(calls.checker, given, "layers", place, "Residual"), frame, start), frame
    )
    around = start
    if "shortcut" in given:
        shortcut = chain_of(calls.checker, given, "shortcut", place, "Residual")
        wires, guards = dict(frame.wires), frame.guards
        if isinstance(start, Ref) and isinstance(end, Ref):
            frame.guards = (*guards, (end, start))
        other = calls.chain(shortcut, frame, start)
        frame.wires, frame.guards = wires, guards
        choice = {"layers": end, "value": start, "shortcut": calls.wiring.resolve(other, frame)}
        around = calls.wiring.add(frame, plan.Shortcut, "shortcut", Object(place), place, choice)
    return _merge(calls, given, "Add", [around, end], place, frame)


def parallel(calls: Calls, given: Object, place: Place, frame: Frame, previous: Any) -> Any:
    """Returns the merged ends of several chains on one input."""
    start = previous
    if "inputs" in given:
        start = _start(calls, given, place, frame, previous, "Parallel")
    branches = chain_of(calls.checker, given, "branches", place, "Parallel")
    if not branches:
        calls.checker.fault("Parallel has no branches.", branches.place, "Each is a list of layers; [] passes on.")
        return FAULTY
    ends = []
    for branch, at in zip(branches, branches.places, strict=True):
        if not isinstance(branch, Array | Symbol):
            calls.checker.fault(f"A branch is {describe(branch)}.", at, "A list of layers goes there.")
        if not isinstance(branch, Array):
            ends.append(FAULTY)
            continue
        passed = start if branch else calls.wiring.previous(calls.wiring.resolve(start, frame), at, "An empty branch")
        ends.append(calls.wiring.resolve(calls.chain(branch, frame, passed), frame))
    if "merge" not in given:
        calls.checker.fault("Parallel needs `merge`.", place, 'As in {"merge": "Concatenate"}.')
        return FAULTY
    return _merge(calls, given, "", ends, place, frame)


def repeat(calls: Calls, given: Object, place: Place, frame: Frame, previous: Any) -> Any:
    """Returns what the last round of a repeated chain makes."""
    checker, names = calls.checker, frame.names
    layers = chain_of(calls.checker, given, "layers", place, "Repeat")
    shared = checker.field(given, "shared", {"type": ["boolean"], "default": False}, names, "Repeat")
    over: Any = None
    if ("times" in given) == ("over" in given):
        message = "Repeat takes `times` or `over`, not both." if "times" in given else "Repeat needs `times` or `over`."
        checker.fault(message, place, "`times` counts; `over` goes through a list.")
    elif "times" in given:
        times = checker.typed(given["times"], given.places["times"], _COUNT, names, "`times` of Repeat")
        if isinstance(times, int) and times > MAX_CALLS:
            raise checker.stop(TOO_MANY, given.places["times"], f"`times` is {times:,}.")
        over = range(times) if isinstance(times, int) else None
    else:
        over = checker.typed(given["over"], given.places["over"], {"type": ["array"]}, names, "`over` of Repeat")
        over = over if isinstance(over, list) else None
    if "item" in given and "times" in given:
        checker.fault("Repeat has `item` with `over` only.", given.keys_at["item"], "With `times`, use `index`.")
    loop: dict[str, str] = {}
    for key in ("index", "item"):
        if key in given:
            if isinstance(given[key], str) and is_identifier(given[key]):
                loop[key] = given[key]
            else:
                checker.fault(
                    f"`{key}` of Repeat is {describe(given[key])}.",
                    given.places[key],
                    "A lower_snake name goes there.",
                )
    made = previous if "inputs" not in given else _start(calls, given, place, frame, previous, "Repeat")
    loops, known = frame.loops, over is not None
    frame.left_out |= known and not over
    for i, item in enumerate(over if known else (FAULTY,)):
        checker.in_time(place)
        values = {"index": i if known else FAULTY, "item": item}
        frame.names = {**names, **{loop[key]: values[key] for key in loop}}
        frame.loops = (*loops, (place, i, bool(shared)))
        made = calls.chain(layers, frame, made)
    frame.names, frame.loops = names, loops
    return made


def reuse(calls: Calls, given: Object, place: Place, frame: Frame, previous: Any) -> Any:
    """Returns what an earlier layer or block call makes of other inputs."""
    if "layer" not in given:
        calls.checker.fault("Reuse needs `layer`.", place, "The name of an earlier layer or block call.")
        return FAULTY
    at = given.places["layer"]
    name = calls.checker.name(given["layer"], at, frame.names, "`layer` of Reuse")
    if isinstance(name, Symbol):
        return FAULTY
    if name not in frame.named:
        hint = suggest(name, frame.named, what="names of earlier calls")
        calls.checker.fault(f"There is no earlier layer or block call `{name}` in this scope.", at, hint)
        return FAULTY
    index = frame.named[name]
    draft = frame.drafts[index]
    if draft.make is plan.LayerCall:
        component = draft.fields["component"]
        entry = calls.checker.catalogue.entry("layer", component.name) or {}
        parameters, in_order = entry.get("call", {"inputs": {}}), False
    elif draft.make is plan.BlockCall:
        parameters, in_order = dict.fromkeys(draft.fields["body"].inputs, {}), True
    else:
        hint = "Ops have no weights: call the op again."
        if draft.make is plan.NetworkCall:
            hint = f"Every call of the network `{draft.base}` shares its weights: call it again."
        calls.checker.fault(f"`{name}` is no layer or block call.", at, hint)
        return FAULTY
    inputs = calls.wiring.fill(name, parameters, given, place, frame, previous, in_order)
    fields = {**draft.fields, "inputs": inputs, "place": place, "guards": frame.guards}
    frame.drafts.append(Draft(draft.make, draft.base, fields, None, draft.weight, index, draft.items))
    node = len(frame.drafts) - 1
    return Several(node, draft.items) if draft.items else Ref(node)


def _merge(calls: Calls, given: Object, default: str, values: list[Any], place: Place, frame: Frame) -> Any:
    at = given.places.get("merge", place)
    written = calls.checker.split(given.get("merge", default), at, frame.names, "layer")
    if written is None:
        return FAULTY
    name, arguments = written
    call = Object(at)
    for key in ("inputs", "name", "to", "when"):
        if key in arguments:
            hint = "It reads what it merges; `name`, `to` and `when` stand beside `merge`."
            calls.checker.fault(f"`merge` takes no `{key}`.", arguments.keys_at[key], hint)
    for key, value in arguments.items():
        call.put(key, value, arguments.places[key], arguments.keys_at[key])
    for key in ("name", "to"):
        if key in given:
            call.put(key, given[key], given.places[key], given.keys_at[key])
    inputs = Array(place)
    inputs.extend(values)
    inputs.places = [place] * len(values)
    call.put("inputs", inputs, place, place)
    return calls.dispatch(name, call, at, frame, None)


def _start(calls: Calls, given: Object, place: Place, frame: Frame, previous: Any, owner: str) -> Any:
    if "inputs" in given:
        value = calls.wiring.read(given["inputs"], given.places["inputs"], frame, previous)
        if not isinstance(value, Ref | Symbol):
            calls.checker.fault(f"{owner} reads one wire.", given.places["inputs"], "The name of a wire goes there.")
            return FAULTY
        return value
    return calls.wiring.previous(calls.wiring.resolve(previous, frame), place, owner)


STRUCTURE = {
    "Residual": (residual, ("layers", "shortcut", "merge")),
    "Parallel": (parallel, ("branches", "merge")),
    "Repeat": (repeat, ("times", "over", "index", "item", "layers", "shared")),
    "Reuse": (reuse, ("layer",)),
}
"""By name: what reads it, and its own arguments."""
