"""The functions that expressions may call."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from dlsuite.spec.expressions.values import is_number, kind_of

MAX_LENGTH = 10_000

FUNCTIONS: dict[str, Callable[..., Any]] = {
    "min": min,
    "max": max,
    "round": round,
    "ceil": math.ceil,
    "floor": math.floor,
    "sqrt": math.sqrt,
    "log": math.log,
    "sum": sum,
    "len": len,
    "int": int,
}
OF_LISTS = ("min", "max", "sum")
USAGE: dict[str, tuple[float, float, str]] = {
    "min": (1, math.inf, "`min(a, b)` or `min(list)`"),
    "max": (1, math.inf, "`max(a, b)` or `max(list)`"),
    "round": (1, 2, "`round(x)` or `round(x, places)`"),
    "ceil": (1, 1, "`ceil(x)`"),
    "floor": (1, 1, "`floor(x)`"),
    "sqrt": (1, 1, "`sqrt(x)`"),
    "log": (1, 2, "`log(x)` or `log(x, base)`"),
    "sum": (1, math.inf, "`sum(list)` or `sum(a, b)`"),
    "len": (1, 1, "`len(list)`"),
    "int": (1, 1, "`int(x)`"),
}
"""How many values each function takes, and how it is written."""


def misuse(name: str, values: list[Any], flat: list[Any]) -> str:
    """Returns what is wrong with what a function is given; nothing if it fits."""
    least, most, _ = USAGE[name]
    if not least <= len(values) <= most:
        return f"`{name}` is given {len(values) or 'no'} value{'s' * (len(values) != 1)}."
    if name == "len":
        return "" if isinstance(values[0], list | tuple) else f"`len` takes a list, not {kind_of(values[0])}."
    if len(flat) > MAX_LENGTH:
        return f"`{name}` is given more than {MAX_LENGTH:,} numbers."
    if wrong := [value for value in flat if not is_number(value)]:
        return f"`{name}` takes numbers, not {kind_of(wrong[0])}."
    if name in OF_LISTS:
        return "" if flat or name == "sum" else f"`{name}` is given an empty list."
    if any(isinstance(value, list | tuple) for value in values):
        return f"`{name}` takes a number, not a list."
    if name == "round" and len(values) == 2 and not (isinstance(values[1], int) and abs(values[1]) <= 20):
        return f"`round` keeps a whole number of places between -20 and 20, not {values[1]!r}."
    return ""
