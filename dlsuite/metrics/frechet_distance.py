"""How far made pictures are from real ones, on the whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dlsuite.metrics.judged import Judged
from dlsuite.registry import DataPath, register


@register("metric")
class FrechetDistance(Judged):
    """The distance between two normal distributions: of the features of made pictures and of those of real ones.

    Heusel et al. 2017, https://arxiv.org/abs/1706.08500, equation 6, which looks through Inception; with another
    classifier, figures compare with each other alone. A few examples leave it above 0 even between real pictures: see
    the baseline `RealExamples`.

    Args:
        classifier: Path of the spec of the classifier.
        features: Its output that is compared, (batch, size).
    """

    learns: list[str] = []
    scored = ["frechet_distance"]

    def __init__(self, *, classifier: DataPath, features: str = "features"):
        super().__init__(classifier, features)

    def score(self, outputs: Sequence[Mapping[str, Any]], truths: np.ndarray, feature: Any) -> dict[str, float]:
        """Returns `frechet_distance`."""
        made, real = self.see([one["image"] for one in outputs], feature), self.see(truths, feature)
        return {"frechet_distance": frechet(made, real)}


def frechet(one: np.ndarray, other: np.ndarray) -> float:
    """Returns |m - n|^2 + tr(A + B - 2 (A B)^(1/2)) of the means and covariances of two samples, (examples, size)."""
    apart = one.mean(0) - other.mean(0)
    first, second = (np.atleast_2d(np.cov(rows, rowvar=False)) for rows in (one, other))
    # those of A B are real and not negative, but for rounding; the trace of a root is the sum of the roots
    eigenvalues = np.linalg.eigvals(first @ second).real.clip(min=0)
    return float(apart @ apart + np.trace(first) + np.trace(second) - 2 * np.sqrt(eigenvalues).sum())
