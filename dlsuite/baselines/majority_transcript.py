"""The most frequent transcript."""

from __future__ import annotations

import numpy as np

from dlsuite.registry import register


@register("baseline")
class MajorityTranscript:
    """Answers the transcript that is most frequent in training, whatever the input; of equals the first in order."""

    learns = ["Transcript"]

    def __init__(self) -> None:
        self.note = ""

    def fit(self, inputs: dict[str, np.ndarray], target: np.ndarray) -> None:
        """Counts the transcripts.

        Args:
            inputs: Tensors by name, examples first.
            target: Numbers of characters, zeros behind the last, [n, longest].
        """
        distinct, counts = np.unique(target, axis=0, return_counts=True)
        self._labels = distinct[counts.argmax()]

    def predict(self, inputs: dict[str, np.ndarray]) -> np.ndarray:
        """Returns the same numbers for each example, int32 [n, longest]."""
        return np.tile(self._labels, (len(next(iter(inputs.values()))), 1))
