"""Strings whose letters are classes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

import numpy as np

from dlsuite.features.extent import Extent
from dlsuite.registry import Range, register


@register("feature")
class Letters:
    """A class for each place of a sequence, each written as one letter: the number of the letter from 0.

    Args:
        letters: The letters that there are, in order.
        names: What to call them, in the same order; by default the letters themselves.
        length: So many places at most; by default any number, and batches are as long as their longest example.
        cut: Whether longer sequences lose their end; by default they count as corrupt.

    Example:
        >>> Letters(letters=["H", "E", "C"]).encode("CHH").tolist()
        [2, 0, 0]
    """

    facts = {"classes": "=len(letters)"}
    tensor = {"shape": "=[length]", "dtype": "int32"}
    mask = {"shape": "=[length]", "dtype": "bool"}

    def __init__(
        self,
        *,
        letters: list[str],
        names: list[str] | None = None,
        length: Annotated[int, Range(least=1)] | None = None,
        cut: bool = False,
    ):
        if not letters or len(set(letters)) < len(letters) or any(len(letter) != 1 for letter in letters):
            raise ValueError(f"letters is {letters}; they are single letters, each of which occurs once")
        if names is not None and len(names) != len(letters):
            raise ValueError(f"there are {len(letters)} letters and {len(names)} names")
        self._letters, self._names = list(letters), list(names or letters)
        self._numbers = {letter: number for number, letter in enumerate(letters)}
        self._extent = Extent(length, cut)

    def fit(self, values: Iterable[Any]) -> None:
        """Finds the mean length of the training examples."""
        self._extent.fit(values, _text)

    def state(self) -> dict[str, Any]:
        """Returns what was fitted, as JSON."""
        return self._extent.state()

    def restore(self, state: dict[str, Any]) -> None:
        """Takes over what `state` returned."""
        self._extent.restore(state)

    def facts_fitted(self) -> dict[str, Any]:
        """Returns the shape of the tensor, the mean length, the number of classes and their names."""
        return {**self._extent.facts(), "classes": len(self._letters), "names": self._names}

    def encode(self, raw: Any) -> np.ndarray:
        """Returns the number of each letter, int32 [n].

        Raises:
            ValueError: It is no text, is empty or too long, or a letter is none of those that there are: says where.
        """
        text = self._extent.fit_in(_text(raw))
        for place, letter in enumerate(text, start=1):
            if letter not in self._numbers:
                raise ValueError(f"has {letter!r} at place {place}; the letters are {' '.join(self._letters)}")
        return np.array([self._numbers[letter] for letter in text], np.int32)

    def decode(self, array: Any) -> str:
        """Returns the letters of numbers [n], or of the largest of probabilities or logits [n, classes]."""
        values = np.asarray(array)
        numbers = values if values.ndim == 1 else values.argmax(axis=-1)
        return "".join(self._letters[number] for number in numbers.tolist())


def _text(raw: Any) -> str:
    if not isinstance(raw, str):
        raise ValueError(f"is a {type(raw).__name__} and no text")
    return raw.strip()
