"""How long sequences may be."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sized
from typing import Any, TypeVar

import numpy as np

Values = TypeVar("Values", bound=Any)


class Extent:
    """The length of a feature's sequences.

    Args:
        length: So many places at most; `None` for any number.
        cut: Whether longer sequences lose their end; else they are faults.
    """

    def __init__(self, length: int | None, cut: bool):
        if length is not None and length < 1:
            raise ValueError(f"length is {length}; it is 1 or more")
        if cut and length is None:
            raise ValueError("cut needs `length`: where to cut")
        self._length, self._cut = length, cut
        self._mean = 1.0

    def fit(self, values: Iterable[Any], read: Callable[[Any], Sized]) -> None:
        """Finds the mean length of the training examples that can be read.

        Raises:
            ValueError: None of them can.
        """
        lengths, reason = [], ""
        for value in values:
            try:
                lengths.append(len(read(value)))
            except ValueError as error:
                reason = reason or str(error)
        if not lengths:
            raise ValueError(f"none of the training examples can be read; the first {reason}")
        self._mean = float(np.minimum(lengths, self._length or np.inf).mean())

    def state(self) -> dict[str, Any]:
        """Returns what was fitted, as JSON."""
        return {"mean_length": self._mean}

    def restore(self, state: dict[str, Any]) -> None:
        """Takes over what `state` returned."""
        self._mean = state["mean_length"]

    def facts(self, *inner: int) -> dict[str, Any]:
        """Returns the shape of the tensor, whose other axes are `inner`, and the mean length."""
        return {"shape": [self._length, *inner], "mean_length": self._mean}

    def fit_in(self, values: Values) -> Values:
        """Returns a sequence, cut where that is asked for.

        Raises:
            ValueError: It is empty, or too long.
        """
        if not len(values):
            raise ValueError("is empty")
        if self._length is None or len(values) <= self._length:
            return values
        if not self._cut:
            hint = 'make it larger, or "cut": true'
            raise ValueError(f"is {len(values)} long, and `length` is {self._length}: {hint}")
        return values[: self._length]
