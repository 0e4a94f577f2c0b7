"""JSON objects and arrays that remember where each of their values stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dlsuite.spec.errors import Place


class Object(dict[str, Any]):
    """A JSON object; `places` holds the place of each value, `keys_at` that of each key."""

    def __init__(self, place: Place):
        super().__init__()
        self.place = place
        self.places: dict[str, Place] = {}
        self.keys_at: dict[str, Place] = {}

    def put(self, key: str, value: Any, place: Place, key_at: Place) -> None:
        """Sets a value together with its places."""
        self[key] = value
        self.places[key] = place
        self.keys_at[key] = key_at


class Array(list[Any]):
    """A JSON array; `places` holds the place of each item."""

    def __init__(self, place: Place):
        super().__init__()
        self.place = place
        self.places: list[Place] = []


@dataclass(frozen=True)
class Argument:
    """A value that was given beside a spec, under the name that messages call its place by: `--set params.width`."""

    name: str
    value: Any

    @classmethod
    def of(cls, value: Any, name: str) -> Argument:
        """Returns a value under a name, if it has none yet."""
        return value if isinstance(value, Argument) else cls(name, value)


def describe(value: Any) -> str:
    """Returns a value as messages name it: `the number 3`, `an object`."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"the number {value!r}"
    if isinstance(value, str):
        return f'the string "{value if len(value) <= 40 else value[:37] + "..."}"'
    return "an object" if isinstance(value, dict) else "an array"
