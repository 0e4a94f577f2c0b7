"""Rows that a `Repeat` walks, unpacked by name: `for stride, filters in ROWS` for `row[0]` and `row[1]`."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Any

from dlsuite.ejection import outlines
from dlsuite.ejection.folding import holes_read
from dlsuite.spec.expressions import is_expression

ELSEWHERE = ("when", "inputs", "name", "to", "over", "about")
"""Arguments that do not tell what a value is called."""


def unpack(layers: Any, taken: set[str]) -> None:
    """Gives each `Repeat` over rows whose places have names `items`, and writes these for places in what it repeats.

    A place is called as the first argument that reads it.

    Args:
        layers: A chain, changed in place.
        taken: Names that expressions in it may read already.
    """
    names = {*taken, *outlines.names_read(layers)}
    for name, given in outlines.structures(layers):
        if name != "Repeat" or not isinstance(given.get("over"), list):
            continue
        item, rows = given.get("item"), given["over"]
        lengths = {len(row) if isinstance(row, list) else 0 for row in rows}
        if item is None or len(lengths) != 1 or not 1 < max(lengths) < 10 or item in holes_read(given["layers"]):
            continue
        items = _items(given["layers"], item, max(lengths), names)
        if items:
            given["layers"] = _written(given["layers"], item, items)  # type: ignore[index]
            given["items"] = items  # type: ignore[index]
            names |= {*items}


def _items(layers: Any, item: str, count: int, taken: set[str]) -> list[str]:
    """Returns the names of a row's places; none where one has no name, or the row is read as a whole."""
    found: dict[int, str] = {}
    for key, text in _expressions(layers):
        for place in _places(text, item):
            if place is None or not 0 <= place < count:
                return []
            if key not in ELSEWHERE and key not in found.values():
                found.setdefault(place, key)
    read = {place for _, text in _expressions(layers) for place in _places(text, item)}
    if not read or read != {*found}:
        return []
    names = {place: f"{item}_{name}" if name in taken else name for place, name in found.items()}
    unique = len({*names.values()}) == len(names) and not {*names.values()} & taken
    return [names.get(i, "") for i in range(count)] if unique else []


def _expressions(raw: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Yields every expression in a value, with the argument that it is of."""
    if isinstance(raw, Mapping):
        for own, one in raw.items():
            if own != "about":
                yield from _expressions(one, own)
    elif isinstance(raw, list):
        for one in raw:
            yield from _expressions(one, key)
    elif is_expression(raw):
        yield key, raw


def _parsed(text: str) -> ast.expr:
    return ast.parse(text[1:].strip().replace("\n", " "), mode="eval").body


def _places(text: str, item: str) -> Iterator[int | None]:
    """Yields the places of a row that an expression reads; `None` where it reads the row otherwise."""
    if item not in outlines.names_read(text):
        return
    whole = sum(isinstance(node, ast.Name) and node.id == item for node in ast.walk(_parsed(text)))
    for node in ast.walk(_parsed(text)):
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id == item:
            plain = isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, int)
            yield node.slice.value if plain else None  # type: ignore[attr-defined]
            whole -= 1
    yield from [None] * whole


def _written(raw: Any, item: str, items: list[str]) -> Any:
    """Returns a part of a spec with names in the place of a row's places."""
    if isinstance(raw, Mapping):
        return {key: one if key == "about" else _written(one, item, items) for key, one in raw.items()}
    if isinstance(raw, list):
        return [_written(one, item, items) for one in raw]
    if is_expression(raw) and item in outlines.names_read(raw):
        return f"={ast.unparse(_Naming(item, items).visit(_parsed(raw)))}"
    return raw


class _Naming(ast.NodeTransformer):
    def __init__(self, item: str, items: list[str]):
        self.item, self.items = item, items

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        if isinstance(node.value, ast.Name) and node.value.id == self.item:
            return ast.Name(self.items[node.slice.value])  # type: ignore[attr-defined]
        return node
