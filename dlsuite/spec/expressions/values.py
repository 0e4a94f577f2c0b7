"""What expressions compute with: plain values, and symbols for those that only the data knows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Symbol:
    """A value that only the data knows, by the name of the fact: `label.classes`."""

    def __init__(self, name: str):
        self.name = name

    def __repr__(self) -> str:
        return f"<{self.name}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Symbol) and other.name == self.name

    def __hash__(self) -> int:
        return hash(self.name)


class ExpressionError(Exception):
    """What is wrong with an expression, what would work, and at which of its characters."""

    def __init__(self, message: str, hint: str = "", at: int = 0):
        super().__init__(message)
        self.hint = hint
        self.at = at


def kind_of(value: Any) -> str:
    """Returns a value's type as messages name it."""
    if value is None:
        return "null"
    for types, name in ((bool, "a boolean"), (int, "an integer"), (float, "a number"), (str, "a string")):
        if isinstance(value, types):
            return name
    if isinstance(value, list | tuple):
        return "a list"
    return "a group of facts" if isinstance(value, Mapping) else "unknown"


def is_number(value: Any) -> bool:
    """Returns whether a value is a number; booleans are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def size(value: Any, limit: int) -> int:
    """Returns how many values a value holds, itself included; stops counting beyond a limit."""
    total = 1
    if isinstance(value, list | Mapping):
        for item in value if isinstance(value, list) else value.values():
            total += size(item, limit - total) if isinstance(item, list | Mapping) else 1
            if total > limit:
                break
    return total
