"""The most frequent letter."""

from __future__ import annotations

import numpy as np

from dlsuite.baselines.windows import masked_input
from dlsuite.registry import register


@register("baseline")
class MajorityLetter:
    """Gives each letter its share of the places of the training examples, at every place."""

    learns = ["Letters"]

    def __init__(self) -> None:
        self.note = ""

    def fit(self, inputs: dict[str, np.ndarray], target: np.ndarray) -> None:
        """Counts the letters.

        Args:
            inputs: Tensors by name, examples first.
            target: Numbers of letters, [n, places].
        """
        _, mask = masked_input(inputs)
        self._shares = np.bincount(target[mask]).astype(np.float32) / mask.sum()

    def predict(self, inputs: dict[str, np.ndarray]) -> list[np.ndarray]:
        """Returns the probabilities of letters of each example, [places, classes]."""
        _, mask = masked_input(inputs)
        return [np.tile(self._shares, (length, 1)) for length in mask.sum(-1)]
