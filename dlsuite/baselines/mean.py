"""The mean of the target."""

from __future__ import annotations

import numpy as np

from dlsuite.registry import register


@register("baseline")
class Mean:
    """Answers the mean of the training examples, whatever the input."""

    learns = ["Number"]

    def __init__(self) -> None:
        self.note = ""

    def fit(self, inputs: dict[str, np.ndarray], target: np.ndarray) -> None:
        """Takes the mean.

        Args:
            inputs: Tensors by name, examples first.
            target: Values, [n, ...].
        """
        self._mean = target.mean(axis=0, dtype=np.float64).astype(np.float32)

    def predict(self, inputs: dict[str, np.ndarray]) -> np.ndarray:
        """Returns values, [n, ...]."""
        return np.tile(self._mean, (len(next(iter(inputs.values()))), *[1] * self._mean.ndim))
