"""Silence."""

from __future__ import annotations

import numpy as np

from dlsuite.registry import register


@register("baseline")
class Blank:
    """Hears nothing, whatever the input: the word error rate of an empty transcript is 1."""

    learns = ["Transcript"]

    def __init__(self) -> None:
        self.note = ""

    def fit(self, inputs: dict[str, np.ndarray], target: np.ndarray) -> None:
        """Learns nothing."""

    def predict(self, inputs: dict[str, np.ndarray]) -> np.ndarray:
        """Returns no label for each example, int32 [n, 0]."""
        return np.zeros((len(next(iter(inputs.values()))), 0), np.int32)
