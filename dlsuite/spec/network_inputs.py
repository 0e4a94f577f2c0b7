"""The inputs of a network: the data's, or those that it declares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dlsuite.spec.checking import Checker, Names
from dlsuite.spec.declarations import declared_names
from dlsuite.spec.document import Array, Object
from dlsuite.spec.errors import Place, suggest
from dlsuite.spec.expressions import Symbol
from dlsuite.spec.plan import InputPlan
from dlsuite.spec.wiring import LETTERS, NAME

DTYPES = ["bool", "int8", "uint8", "int16", "int32", "int64", "float16", "bfloat16", "float32", "float64"]


def network_inputs(
    checker: Checker, section: Object, owner: str, tensors: Mapping[str, InputPlan], names: Names
) -> dict[str, InputPlan]:
    """Returns the inputs of a network: those that it declares, else the data's.

    Args:
        section: The network.
        owner: What messages call it.
        tensors: The data's inputs.
        names: For expressions.
    """
    if "inputs" not in section:
        if not tensors:
            hint = 'Declare `inputs`, as in {"x": {"Input": {"shape": [8]}}}, or `data`.'
            checker.fault(f"{owner} has no inputs.", section.place, hint)
        return dict(tensors)
    raw, place = section["inputs"], section.places["inputs"]
    if isinstance(raw, Array):
        places = declared_names(checker, section, "inputs", owner) or {}
        given: Mapping[str, Any] = dict.fromkeys(places)
    else:
        given = checker.object(raw, place, f"`inputs` of {owner}")
        places = getattr(given, "places", {})
    if raw in ([], {}):
        checker.fault(f"{owner} has no inputs.", place, 'Declare one, as in {"x": {"Input": {"shape": [8]}}}.')
    result: dict[str, InputPlan] = {}
    for name, value in given.items():
        at = places.get(name, place)
        if value is None:
            if name not in tensors:
                checker.fault(f"The data has no input `{name}`.", at, suggest(name, tensors, what="inputs"))
            result[name] = tensors.get(name, InputPlan(None))
            masks = {mask: tensor for mask, tensor in tensors.items() if mask.startswith(f"{name}.")}
            result.update(masks)
        else:
            if not NAME.fullmatch(name):
                checker.fault(f"`{name}` is no name for an input.", at, LETTERS)
            result[name] = _input(checker, value, at, names)
    return result


def _input(checker: Checker, raw: Any, place: Place, names: Names) -> InputPlan:
    written = checker.split(raw, place, names, "input")
    if written is None:
        return InputPlan(None)
    name, given = written
    if name != "Input":
        checker.fault(f"Unknown input `{name}`.", place, 'Write {"Input": {"shape": [8]}}.')
        return InputPlan(None)
    checker.keys(given, ("shape", "dtype", "about"), "Input")
    if "shape" not in given:
        checker.fault("Input needs `shape`.", place, "A list of lengths without the batch; null where any goes.")
    lengths = {"type": ["array"], "items": {"type": ["null", "integer"], "min": 1}, "default": None}
    shape = given.get("shape")
    if isinstance(shape, str | Array):
        shape = checker.typed(shape, given.places["shape"], lengths, names, "`shape` of Input")
    elif "shape" in given:
        checker.typed(shape, given.places["shape"], lengths, names, "`shape` of Input")
    dtype = checker.field(given, "dtype", {"type": ["string"], "values": DTYPES, "default": "float32"}, names, "Input")
    return InputPlan(None if isinstance(shape, Symbol) else shape, dtype)
