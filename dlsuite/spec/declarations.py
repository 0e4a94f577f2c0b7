"""What blocks and networks declare: params, names of inputs and outputs, lists of layers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from dlsuite.spec.checking import FAULTY, Checker
from dlsuite.spec.document import Array, Object, describe
from dlsuite.spec.errors import Place
from dlsuite.spec.expressions import is_expression, is_identifier, naming
from dlsuite.spec.wiring import LETTERS, NAME

SHARE: Mapping[str, Any] = {"type": ["number"], "min": 0, "max": 1}
"""What a block takes as `active`."""


@dataclass(frozen=True)
class Block:
    """A block as the spec defines it; inputs and outputs with the places of their names.

    Attributes:
        active: What is written of the share of its parameters that act on one example or token, and where.
    """

    name: str
    params: Object
    inputs: Mapping[str, Place]
    outputs: Mapping[str, Place] | None
    layers: Array
    place: Place
    active: tuple[Any, Place]


def read_block(checker: Checker, name: str, raw: Any, at: Place, taken: Collection[str]) -> Block:
    """Returns a block as it is defined; `taken` are names that its params cannot have."""
    owner, title = f"the block `{name}`", f"The block `{name}`"
    block = layered(checker, raw, at, title)
    checker.keys(block, ("about", "params", "active", "inputs", "outputs", "layers"), title)
    params = checker.object(block.get("params", Object(at)), block.places.get("params", at), "`params`")
    for param in params:
        if not is_identifier(param) or param in taken:
            checker.fault(f"`{param}` is no name for a param.", params.keys_at[param], naming(param))
    return Block(
        name,
        params,
        declared_names(checker, block, "inputs", owner) or {"": at},
        declared_names(checker, block, "outputs", owner),
        chain_of(checker, block, "layers", at, title),
        at,
        (block.get("active", 1), block.places.get("active", at)),
    )


def layered(checker: Checker, raw: Any, at: Place, owner: str) -> Object:
    """Returns the object that holds layers; of a bare list of layers, after a fault, one that holds them."""
    if not isinstance(raw, Array):
        return checker.object(raw, at, owner)
    checker.fault(f"{owner} is {describe(raw)}.", at, 'Its layers stand under a key: {"layers": [...]}.')
    section = Object(at)
    section.put("layers", raw, at, at)
    return section


def declared_names(checker: Checker, section: Object, key: str, owner: str) -> dict[str, Place] | None:
    """Returns the names of wires that a section lists, with their places; `None` where it lists none."""
    if key not in section:
        return None
    names: dict[str, Place] = {}
    raw = checker.array(section[key], section.places[key], f"`{key}` of {owner}")
    for name, place in zip(raw, raw.places, strict=True):
        if not isinstance(name, str) or not all(map(NAME.fullmatch, name.split("."))):
            hint = f"Names of wires go there. {LETTERS}" if isinstance(name, str) else "Names of wires go there."
            checker.fault(f"`{key}` of {owner} holds {describe(name)}.", place, hint)
        elif name in names:
            checker.fault(f"`{key}` of {owner} holds `{name}` twice.", place, "Remove one of the two.")
        else:
            names[name] = place
    return names


def chain_of(checker: Checker, given: Object, key: str, place: Place, owner: str) -> Array:
    """Returns the list of layers, or of branches, of a key; one faulty layer after a fault."""
    what = "A list of lists of layers" if key == "branches" else "A list of layers"
    if isinstance(given.get(key), Array):
        return given[key]
    if key in given:
        whose = f"the{owner[3:]}" if owner.startswith("The ") else owner
        at, message = given.places[key], f"`{key}` of {whose} is {describe(given[key])}."
    else:
        at, message = place, f"{owner} needs `{key}`."
    hint = f"{what} goes there."
    if is_expression(given.get(key)):
        hint = (
            f"{what} is written out; expressions give values, not calls. A block gives layers a name to call them by."
        )
    checker.fault(message, at, hint)
    faulty = Array(at)
    faulty.append(FAULTY)
    faulty.places.append(at)
    return faulty
