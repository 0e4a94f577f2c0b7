"""How many made pictures look real, and how much of what is real is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import numpy as np

from dlsuite.metrics.judged import Judged
from dlsuite.registry import DataPath, Range, register

ROWS = 1000
"""So many rows of a table of distances are in memory at a time."""


@register("metric")
class PrecisionRecall(Judged):
    """The share of made pictures among the real ones, and the share of real ones among those made.

    A picture is among others if its features are no further from one of them than that one's k-th neighbour.
    Kynkäänniemi et al. 2019, https://arxiv.org/abs/1904.06991, equation 1.

    Args:
        classifier: Path of the spec of the classifier.
        features: Its output that is compared, (batch, size).
        k: Neighbours.
    """

    learns: list[str] = []
    scored = ["precision", "recall"]

    def __init__(self, *, classifier: DataPath, features: str = "features", k: Annotated[int, Range(least=1)] = 3):
        super().__init__(classifier, features)
        self.k = k

    def score(self, outputs: Sequence[Mapping[str, Any]], truths: np.ndarray, feature: Any) -> dict[str, float]:
        """Returns `precision` and `recall`."""
        made, real = self.see([one["image"] for one in outputs], feature), self.see(truths, feature)
        return {"precision": share_among(made, real, self.k), "recall": share_among(real, made, self.k)}


def share_among(points: np.ndarray, others: np.ndarray, k: int) -> float:
    """Returns the share of points that are no further from one of the others than its k-th neighbour among them.

    Args:
        points: (examples, size).
        others: (examples, size), more than `k`.
        k: Neighbours.
    """
    from scipy.spatial.distance import cdist

    parts = [others[i : i + ROWS] for i in range(0, len(others), ROWS)]
    reach = np.concatenate([np.partition(cdist(part, others), k, axis=1)[:, k] for part in parts])  # 0 is itself
    rows = [points[i : i + ROWS] for i in range(0, len(points), ROWS)]
    return float(np.concatenate([(cdist(part, others) <= reach).any(axis=1) for part in rows]).mean())
