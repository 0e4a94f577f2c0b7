"""The most frequent class."""

from __future__ import annotations

import numpy as np

from dlsuite.registry import register


@register("baseline")
class Majority:
    """Gives each class its share of the training examples, whatever the input; so its answer is the most frequent."""

    learns = ["Category"]

    def __init__(self) -> None:
        self.note = ""

    def fit(self, inputs: dict[str, np.ndarray], target: np.ndarray) -> None:
        """Counts the classes.

        Args:
            inputs: Tensors by name, examples first.
            target: Numbers of classes, [n].
        """
        self._shares = np.bincount(target).astype(np.float32) / len(target)

    def predict(self, inputs: dict[str, np.ndarray]) -> np.ndarray:
        """Returns class probabilities, [n, classes]."""
        return np.tile(self._shares, (len(next(iter(inputs.values()))), 1))
