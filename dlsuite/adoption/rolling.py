"""Runs of alike calls as `Repeat`s: what differs from round to round becomes an expression of the index, or an item."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

MIN_SAVED = 10
"""So many characters of JSON a `Repeat` has to save."""

MAX_ROUND = 40
INDICES = ("i", "j", "k", "m", "n")
_WIRED = ("inputs", "name", "to", "layer")
_DIGITS = re.compile(r"\{[^{}]*\}|\d+")

Path = tuple[Any, ...]


def roll(layers: list[Any]) -> list[Any]:
    """Returns a chain with its runs of alike calls rolled up, chains nested in it first.

    Example:
        >>> roll([{"Dense": {"units": 64}}, {"Dense": {"units": 128}}, {"Dense": {"units": 256}}])
        [{'Repeat': {'times': 3, 'index': 'i', 'layers': [{'Dense': {'units': '=64 * 2**i'}}]}}]
    """
    layers = [_inside(call) for call in layers]
    length = 1
    while length <= min(MAX_ROUND, len(layers) // 2):
        saved, start, end, made = max(_candidates(layers, length), key=lambda one: one[0], default=(0, 0, 0, None))
        if saved < MIN_SAVED:
            length += 1
            continue
        layers = [*layers[:start], made, *layers[end:]]
        length = 1  # short rounds first: they make longer ones alike
    return layers


def _inside(call: Any) -> Any:
    if not isinstance(call, dict):
        return call
    ((name, given),) = call.items()
    if "layers" in given:
        return {name: {**given, "layers": roll(given["layers"])}}
    if "branches" in given:
        return {name: {**given, "branches": [roll(branch) for branch in given["branches"]]}}
    return call


def _candidates(layers: list[Any], length: int) -> Iterator[tuple[int, int, int, Any]]:
    """Yields each run of rounds of so many calls that can be rolled up: characters saved, start, end, the `Repeat`."""
    shapes = [json.dumps(shape(call), sort_keys=True) for call in layers]
    texts = [len(json.dumps(call)) + 2 for call in layers]
    start = 0
    while start + 2 * length <= len(layers):
        times = 1
        while shapes[start : start + length] == shapes[start + times * length : start + (times + 1) * length]:
            times += 1
        if times > 1:
            made = _repeat([layers[start + i * length : start + (i + 1) * length] for i in range(times)])
            end = start + times * length
            if made is not None:
                yield sum(texts[start:end]) - len(json.dumps(made)) - 2, start, end, made
        start += 1


def shape(value: Any, wired: bool = False) -> Any:
    """Returns a value with everything that may differ between rounds blotted out: numbers, and digits in names."""
    if isinstance(value, dict):
        return {key: shape(item, wired or key in _WIRED) for key, item in value.items()}
    if isinstance(value, list):
        return [shape(item, wired) for item in value]
    if isinstance(value, str) and wired:
        return _DIGITS.sub(lambda match: match[0] if match[0][0] == "{" else "#", value)
    if isinstance(value, bool):
        return "?"
    return 0 if isinstance(value, int | float) else value


def leaves(value: Any, path: Path = (), wired: bool = False) -> Iterator[tuple[Path, Any]]:
    """Yields what may differ between rounds, and where: numbers, and each run of digits in a name."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, (*path, key), wired or key in _WIRED)
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from leaves(item, (*path, i), wired)
    elif isinstance(value, str) and wired:
        for i, match in enumerate(_DIGITS.finditer(value)):
            if match[0][0] != "{":
                yield (*path, ("digits", i)), match[0]
    elif isinstance(value, bool | int | float):
        yield path, value


def put(value: Any, path: Path, new: Any) -> Any:
    """Returns a value with one place changed."""
    if not path:
        return new
    head, *rest = path
    if isinstance(head, tuple):
        number = -1

        def fill(match: re.Match[str]) -> str:
            nonlocal number
            number += 1
            return new if number == head[1] else match[0]

        return _DIGITS.sub(fill, value)
    if isinstance(value, dict):
        return {key: put(item, tuple(rest), new) if key == head else item for key, item in value.items()}
    return [put(item, tuple(rest), new) if i == head else item for i, item in enumerate(value)]


def _repeat(rounds: list[list[Any]]) -> Any:
    """Returns rounds of alike calls as a `Repeat`; `None` where what differs follows no rule."""
    found = [dict(leaves(one)) for one in rounds]
    text = json.dumps(rounds[0])
    index = next((name for name in INDICES if f'"{name}"' not in text and f"{{{name}" not in text), None)
    row = next((name for name in ("row", "item", "entry") if f'"{name}"' not in text), None)
    if index is None or row is None:
        return None
    body: Any = rounds[0]
    columns: list[list[Any]] = []
    places: list[tuple[Path, int]] = []
    differing = sorted((path for path in found[0] if len({repr(one[path]) for one in found}) > 1), key=_last_first)
    indexed = False
    for path in differing:
        values = [one[path] for one in found]
        digits = isinstance(path[-1], tuple)
        rule = _rule([int(value) for value in values] if digits else values, index, plain=digits)
        if digits and any(str(int(value)) != value for value in values):
            rule = None  # digits with zeros before them are no number
        if rule is not None:
            body = put(body, path, f"{{{rule}}}" if digits else f"={rule}")
            indexed = True
            continue
        column = [int(value) if digits and str(int(value)) == value else value for value in values]
        if column not in columns:
            columns.append(column)
        places.append((path, columns.index(column)))
    for path, number in sorted(places, key=lambda place: _last_first(place[0])):
        code = row if len(columns) == 1 else f"{row}[{number}]"
        body = put(body, path, f"{{{code}}}" if isinstance(path[-1], tuple) else f"={code}")
    if not columns:
        return {"Repeat": {"times": len(rounds), **({"index": index} if indexed else {}), "layers": body}}
    over = columns[0] if len(columns) == 1 else [list(items) for items in zip(*columns, strict=True)]
    return {"Repeat": {"over": over, "item": row, **({"index": index} if indexed else {}), "layers": body}}


def _last_first(path: Path) -> tuple[Any, ...]:
    """Sorts the runs of digits of one name from its end, so that braces put there move none before."""
    ending = path[-1]
    return (repr(path[:-1]), -ending[1]) if isinstance(ending, tuple) else (repr(path), 0)


def _rule(values: list[Any], index: str, *, plain: bool) -> str | None:
    """Returns an expression of the index that gives these values in turn."""
    if any(isinstance(value, bool) or not isinstance(value, int) for value in values):
        return _odd_one(values, index) if len(values) > 2 and not plain else None
    first, second = values[0], values[1]
    step = second - first
    if all(value == first + i * step for i, value in enumerate(values)) and (len(values) > 2 or plain or step == 1):
        return _affine(first, step, index)
    ratio = second // first if first > 0 and second > first and second % first == 0 else 0
    if not plain and ratio > 1 and all(value == first * ratio**i for i, value in enumerate(values)):
        return f"{first} * {ratio}**{index}" if first != 1 else f"{ratio}**{index}"
    return None if plain else _odd_one(values, index)


def _affine(first: int, step: int, index: str) -> str:
    slope = index if step == 1 else f"{step} * {index}"
    if not first:
        return slope
    if step == -1:
        return f"{first} - {index}"
    return f"{slope} + {first}" if first > 0 else f"{slope} - {-first}"


def _odd_one(values: list[Any], index: str) -> str | None:
    """Returns the rule of values of which only the first, or the last, differs."""
    if any(isinstance(value, float) for value in values):
        return None
    if all(value == values[1] for value in values[1:]):
        return f"{json.dumps(values[0])} if {index} == 0 else {json.dumps(values[1])}"
    return None
