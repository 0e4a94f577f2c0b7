"""Whether made pictures show what was asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dlsuite.metrics.judged import Judged
from dlsuite.registry import DataPath, Input, register


@register("metric")
class ClassAccuracy(Judged):
    """The share of made pictures that a classifier takes for the class that they were made for.

    Args:
        classifier: Path of the spec of the classifier.
        output: Its logits, (batch, classes).
        label: The input that says the class.
    """

    learns: list[str] = []
    scored = ["class_accuracy"]

    def __init__(self, *, classifier: DataPath, output: str = "label", label: Input = "label"):
        super().__init__(classifier, output)
        self.label = label

    def score(self, outputs: Sequence[Mapping[str, Any]], truths: np.ndarray, feature: Any) -> dict[str, float]:
        """Returns `class_accuracy`."""
        seen = self.see([one["image"] for one in outputs], feature).argmax(-1)
        return {"class_accuracy": float((seen == [int(one[self.label]) for one in outputs]).mean())}
