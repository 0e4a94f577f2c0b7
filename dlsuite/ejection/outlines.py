"""Calls of a spec as they are written, blocks and repeats intact: which stand where, and under what."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dlsuite.ejection.formulas import NotPlain, names_in
from dlsuite.spec.expressions import is_expression
from dlsuite.spec.structure import STRUCTURE
from dlsuite.spec.wiring import snake

Given = Mapping[str, Any]


@dataclass(frozen=True)
class Site:
    """One call as it is written, wherever it is nested.

    Attributes:
        name: Of what it calls: a layer, op, block, network, `Repeat`, `Reuse`.
        given: Its arguments.
        optional: Whether a `when` may leave it out.
        repeated: Whether it stands in a `Repeat` that makes new layers each time.
        shared: Whether it stands in one that does not.
        guarded: Whether it is part of a shortcut, made only where shapes differ.
    """

    name: str
    given: Given
    optional: bool = False
    repeated: bool = False
    shared: bool = False
    guarded: bool = False

    @property
    def base(self) -> str:
        """What the call is numbered by, where it has no name of its own."""
        return snake(self.name)

    @property
    def counted(self) -> bool:
        """Whether it takes a name or a number."""
        return self.name not in STRUCTURE or self.name == "Residual"


def written(raw: Any) -> tuple[str, Given]:
    """Returns name and arguments of a call.

    Raises:
        NotPlain: The name is an expression, so that which layer it is cannot be read off.
    """
    if isinstance(raw, str) and not is_expression(raw):
        return raw, {}
    if isinstance(raw, Mapping) and len(raw) == 1:
        ((name, given),) = raw.items()
        if isinstance(given, Mapping):
            return name, given
    raise NotPlain("A layer that an expression names has no one line of code; name it in the spec.")


def merging(name: str, given: Given) -> tuple[str, Given]:
    """Returns the call that merges the ends of a `Residual` or `Parallel`; it takes their `name` and `to`."""
    merge, arguments = written(given.get("merge", "Add" if name == "Residual" else ""))
    return merge, {**arguments, **{key: given[key] for key in ("name", "to") if key in given}}


def left_out(given: Given) -> bool:
    """Returns whether a call is plainly left out."""
    return given.get("when") is False


def optional(given: Given) -> bool:
    """Returns whether a `when` decides about a call."""
    return given.get("when", True) is not True


def parts(name: str, given: Given) -> list[tuple[str, Any]]:
    """Returns the chains nested in a structure, each with the key that holds it."""
    if name == "Parallel":
        return [("branches", branch) for branch in given.get("branches", ())]
    keys = {"Residual": ("layers", "shortcut"), "Repeat": ("layers",)}.get(name, ())
    return [(key, given[key]) for key in keys if key in given]


def sites(layers: Any, **where: bool) -> Iterator[Site]:
    """Yields the calls of a chain in the order in which they are numbered, nested ones included."""
    for raw in layers:
        name, given = written(raw)
        if left_out(given):
            continue
        at = {**where, "optional": where.get("optional", False) or optional(given)}
        for key, chain in parts(name, given):
            inner = dict(at)
            if name == "Repeat":
                inner["shared" if given.get("shared") is True else "repeated"] = True
            if key == "shortcut":
                inner["guarded"] = True
            yield from sites(chain, **inner)
        if name == "Residual" and "shortcut" in given:
            yield Site("shortcut", {}, **at)
        if name in ("Residual", "Parallel"):
            yield Site(*merging(name, given), **at)
        else:
            yield Site(name, given, **at)


def structures(layers: Any) -> Iterator[tuple[str, Given]]:
    """Yields every call of a chain, structures too, nested ones included."""
    for raw in layers:
        name, given = written(raw)
        if left_out(given):
            continue
        yield name, given
        if name in ("Residual", "Parallel"):
            yield merging(name, given)
        for _, chain in parts(name, given):
            yield from structures(chain)


def strings(raw: Any) -> Iterator[str]:
    """Yields every string in a value, however nested."""
    if isinstance(raw, str):
        yield raw
    elif isinstance(raw, Mapping):
        for key, value in raw.items():
            if key != "about":
                yield from strings(value)
    elif isinstance(raw, list | tuple):
        for value in raw:
            yield from strings(value)


def names_read(raw: Any) -> set[str]:
    """Returns the names that expressions and braces read anywhere in a value."""
    found: set[str] = set()
    for text in strings(raw):
        if is_expression(text):
            found |= names_in(text[1:])
        for hole in re.findall(r"\{([^{}]*)\}", text):
            found |= names_in(hole)
    return found


def wires_read(raw: Any) -> Iterator[str]:
    """Yields the wires that an `inputs` value names."""
    if isinstance(raw, str):
        if not raw.startswith(("=", "@")):
            yield raw
    elif isinstance(raw, Mapping):
        for value in raw.values():
            yield from wires_read(value)
    elif isinstance(raw, list | tuple):
        for value in raw:
            yield from wires_read(value)


def bindings(given: Given) -> list[str]:
    """Returns the wires that a call binds."""
    raw = given["to"] if "to" in given else given.get("name")
    return [] if raw is None else list(raw) if isinstance(raw, list | tuple) else [raw]


def binds(layers: Any) -> set[str]:
    """Returns every wire that a chain binds, nested ones included."""
    return {wire for _, given in structures(layers) for wire in bindings(given)}


def uses(layers: Any, loops: tuple[int, ...] = ()) -> Iterator[tuple[str, bool, tuple[int, ...]]]:
    """Yields each wire where it is bound or read, whether it is bound there, and the repeats around; in order."""
    for raw in layers:
        name, given = written(raw)
        if left_out(given):
            continue
        inner = (*loops, id(given)) if name == "Repeat" else loops
        yield from ((wire, False, loops) for wire in wires_read(given.get("inputs")))
        for _, chain in parts(name, given):
            yield from uses(chain, inner)
        sure = loops if not optional(given) else (*loops, 0)
        yield from ((wire, True, sure) for wire in bindings(given))


def reads_previous(raw: Any) -> bool:
    """Returns whether a call reads what the one before it made."""
    name, given = written(raw)
    if "inputs" in given:
        inputs = given["inputs"]
        return "@previous" in set(strings(inputs)) or isinstance(inputs, Mapping)
    if name == "Repeat":
        return flows_in(given.get("layers", ()))
    if name == "Parallel":
        return any(not branch or flows_in(branch) for branch in given.get("branches", ()))
    return True


def flows_in(layers: Any) -> bool:
    """Returns whether a chain reads what comes before it, or passes it on."""
    return flows(layers, True)


def flows(layers: Any, wanted: bool) -> bool:
    """Returns whether what comes before a chain is read in it, or passes through it to where it is `wanted`."""
    for raw in layers:
        name, given = written(raw)
        if left_out(given):
            continue
        if reads_previous(raw):
            return True
        perhaps_never = name == "Repeat" and not (isinstance(given.get("times", 1), int) and given.get("times", 1) > 0)
        if not optional(given) and not perhaps_never:
            return False
    return wanted
