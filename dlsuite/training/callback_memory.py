"""What callbacks remember, kept without their help: best value, patience, weights, counters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

NOT_THEIRS = frozenset({"_model", "params", "validation_data"})
"""Attributes that the training gives to callbacks."""
TOLD_LATE = frozenset({"monitor_op", "min_delta"})
"""What Keras sets when it first compares, the sign of a difference among it; restored, that would turn once more."""
_NOTHING = object()


class Memory:
    """Reads and gives back the attributes of callbacks that training changes.

    What a callback was made with (its patience, its path) never changes and is left out, so that a run that is moved,
    or goes on with another patience, has its own. Attributes that are no data, such as open files, are left out too:
    callbacks make them anew when a training begins.

    Args:
        callbacks: As they were made.
    """

    def __init__(self, callbacks: Sequence[Any]):
        self.callbacks = callbacks
        self._made = [_data(callback) for callback in callbacks]
        self._begun = self._made

    def begin(self) -> None:
        """Notes what callbacks set when a training begins."""
        self._begun = [_data(callback) for callback in self.callbacks]

    def read(self) -> list[dict[str, Any]]:
        """Returns for each callback its `name`, and by attribute the `values` that differ from how it began."""
        found = []
        for callback, made, begun in zip(self.callbacks, self._made, self._begun, strict=True):
            values = {
                name: value
                for name, value in _data(callback).items()
                if not (_same(value, made.get(name, _NOTHING)) and _same(value, begun.get(name, _NOTHING)))
            }
            found.append({"name": type(callback).__name__, "values": values})
        return found

    def give_back(self, remembered: Sequence[Mapping[str, Any]]) -> None:
        """Gives callbacks what `read` gave of them, first to first of a name; those that are new begin anew."""
        left = list(remembered)
        for callback in self.callbacks:
            mine = next((one for one in left if one["name"] == type(callback).__name__), None)
            if mine is None:
                continue
            left.remove(mine)
            for name, value in mine["values"].items():
                held = vars(callback).get(name)
                if hasattr(held, "assign"):
                    held.assign(value)
                else:
                    vars(callback)[name] = value


def _data(callback: Any) -> dict[str, Any]:
    """Returns the attributes of a callback that are data, copied; variables as arrays."""
    found = {}
    skipped = NOT_THEIRS | TOLD_LATE if "monitor_op" in vars(callback) else NOT_THEIRS
    for name, value in vars(callback).items():
        if name not in skipped:
            copied = _copy(value)
            if copied is not _NOTHING:
                found[name] = copied
    return found


def _copy(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return _NOTHING if value.dtype.kind not in "fiubc" else value.copy()
    if hasattr(value, "assign") and hasattr(value, "numpy"):
        return np.array(value.numpy())
    if isinstance(value, list | tuple):
        items = [_copy(item) for item in value]
        return _NOTHING if any(item is _NOTHING for item in items) else type(value)(items)
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        pairs = {key: _copy(item) for key, item in value.items()}
        return _NOTHING if any(item is _NOTHING for item in pairs.values()) else pairs
    return _NOTHING


def _same(left: Any, right: Any) -> bool:
    if type(left) is not type(right):
        return False
    if isinstance(left, np.ndarray):
        return left.shape == right.shape and np.array_equal(left, right)
    if isinstance(left, list | tuple):
        return len(left) == len(right) and all(map(_same, left, right))
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(_same(left[key], right[key]) for key in left)
    return bool(left == right)
