"""Whether every class is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dlsuite.metrics.judged import Judged
from dlsuite.registry import DataPath, register


@register("metric")
class ClassEvenness(Judged):
    """How far the rarest and the most frequent class of made pictures are from an even share, to a classifier's eye.

    Args:
        classifier: Path of the spec of the classifier.
        output: Its logits, (batch, classes).
    """

    learns: list[str] = []
    scored = ["evenness", "least_share", "largest_share"]

    def __init__(self, *, classifier: DataPath, output: str = "label"):
        super().__init__(classifier, output)

    def score(self, outputs: Sequence[Mapping[str, Any]], truths: np.ndarray, feature: Any) -> dict[str, float]:
        """Returns `evenness`, 1 where all classes are made alike often, 1/3 where one is thrice as frequent or as rare
        as that, 0 where one is missing; and the smallest and the largest share of a class."""
        seen = self.see([one["image"] for one in outputs], feature)  # (examples, classes)
        classes = seen.shape[1]
        shares = np.bincount(seen.argmax(-1), minlength=classes) / len(seen)
        low, high = float(shares.min()), float(shares.max())
        return {"evenness": min(low * classes, 1 / (high * classes)), "least_share": low, "largest_share": high}
