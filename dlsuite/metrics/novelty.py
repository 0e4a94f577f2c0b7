"""Whether pictures are made or remembered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import numpy as np

from dlsuite.registry import Input, Range, register

ROWS = 500
"""So many rows of a table of distances are in memory at a time."""


@register("metric")
class Novelty:
    """How near made pictures are to the training examples, beside real pictures that were not trained on.

    Args:
        image: The input that holds real pictures.
        limit: So many made and as many real pictures are looked at.
    """

    learns: list[str] = []
    scored = ["novelty", "copied"]

    def __init__(self, *, image: Input = "image", limit: Annotated[int, Range(least=2)] = 1000):
        self.image = image
        self.limit = limit

    def fit(self, inputs: Mapping[str, np.ndarray]) -> None:
        """Keeps the training examples, tensors by name, examples first."""
        self._known = _flat(inputs[self.image])

    def score(self, outputs: Sequence[Mapping[str, Any]], truths: np.ndarray, feature: Any) -> dict[str, float]:
        """Returns `novelty`, the median distance of made pictures to the nearest training example in shares of that of
        real ones: 0 for copies; and `copied`, the share that is nearer than 99 in 100 real ones are."""
        made = self._distances(np.stack([one["image"] for one in outputs[: self.limit]]))
        real = self._distances(truths[: self.limit])
        return {
            "novelty": float(np.median(made) / np.median(real)),
            "copied": float((made < np.quantile(real, 0.01)).mean()),
        }

    def _distances(self, images: np.ndarray) -> np.ndarray:
        return find_nearest(_flat(images), self._known)[1]


def find_nearest(rows: np.ndarray, known: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns of each row which known one is nearest, and its Euclidean distance; (rows,) both.

    Args:
        rows: (rows, pixels).
        known: (examples, pixels).
    """
    lengths, places, found = (known**2).sum(1), [], []
    for part in (rows[i : i + ROWS] for i in range(0, len(rows), ROWS)):
        table = lengths - 2 * part @ known.T  # (rows, examples): squared distances, without the length of the row
        places.append(table.argmin(1))
        found.append((part**2).sum(1) + table.min(1))
    return np.concatenate(places), np.sqrt(np.maximum(np.concatenate(found), 0))


def _flat(images: np.ndarray) -> np.ndarray:
    return np.asarray(images, np.float32).reshape(len(images), -1)
