"""Metrics of pictures that look through a classifier."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

Look = Callable[[np.ndarray], Mapping[str, np.ndarray]]
"""From pictures, uint8 (n, height, width, channels), to what a classifier's networks put out of them, by name."""


class Judged(ABC):
    """A metric of made pictures beside real ones, as a trained classifier sees both.

    Args:
        classifier: Path of the spec of the classifier. A run of it in the folder of runs is taken; if there is none, it
            is trained first.
        output: What of its outputs is looked at.
    """

    def __init__(self, classifier: str, output: str):
        self.classifier = classifier
        self.output = output
        self._look: Look | None = None

    def open(self, find: Callable[[str], Look]) -> None:
        """Opens the classifier.

        Args:
            find: Returns a trained classifier by the path of its spec.
        """
        self._look = find(self.classifier)

    @abstractmethod
    def score(self, outputs: Sequence[Mapping[str, Any]], truths: np.ndarray, feature: Any) -> dict[str, float]:
        """Returns figures by name.

        Args:
            outputs: Of each example the `image` that was made, as a tensor, and for which conditions.
            truths: Real pictures, (examples, ...), as tensors.
            feature: Turns tensors into pictures.
        """

    def see(self, images: Sequence[Any], feature: Any) -> np.ndarray:
        """Returns what the classifier puts out of pictures given as tensors, (examples, ...) float64.

        Raises:
            ValueError: It has no such output.
        """
        assert self._look is not None, "opened first"
        made = self._look(np.stack([feature.decode(one) for one in images]))
        if self.output not in made:
            raise ValueError(f"{self.classifier} has no output `{self.output}`; it has {', '.join(sorted(made))}")
        return np.asarray(made[self.output], np.float64)
