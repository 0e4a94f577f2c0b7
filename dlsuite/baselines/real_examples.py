"""Real pictures in the place of made ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import numpy as np

from dlsuite.registry import Range, register


@register("baseline")
class RealExamples:
    """Answers training examples of the same conditions, as if they were made: what a perfect maker would score.

    The distance between them and the real pictures of the test split is what so few examples leave between any two
    samples of one distribution.

    Args:
        seed: Of the choice among them.
    """

    learns = ["Image"]

    def __init__(self, *, seed: Annotated[int, Range(least=0)] = 0):
        self._seed = seed
        self.note = ""

    def fit(self, inputs: Mapping[str, np.ndarray], target: np.ndarray) -> None:
        """Keeps the examples.

        Args:
            inputs: Conditions by name, [n].
            target: Pictures, [n, ...].
        """
        self._pictures = target
        self._keys = _keys(inputs, len(target))

    def predict(self, inputs: Mapping[str, np.ndarray]) -> list[dict[str, np.ndarray]]:
        """Returns of each example an `image` of the same conditions and these."""
        count = len(next(iter(inputs.values())))
        random, keys = np.random.default_rng(self._seed), _keys(inputs, count)
        chosen = np.empty(count, int)
        for key in np.unique(keys, axis=0):
            here, there = (np.flatnonzero((one == key).all(1)) for one in (keys, self._keys))
            chosen[here] = random.choice(there, len(here), replace=len(here) > len(there))
        rows = [{name: values[i] for name, values in inputs.items()} for i in range(count)]
        return [{**row, "image": self._pictures[i]} for row, i in zip(rows, chosen, strict=True)]


def _keys(inputs: Mapping[str, np.ndarray], count: int) -> np.ndarray:
    """Returns the conditions of each example that are numbers of classes, (n, conditions)."""
    found = [values for _, values in sorted(inputs.items()) if values.dtype.kind in "iu" and values.ndim == 1]
    return np.stack(found, axis=1) if found else np.zeros((count, 1), int)
