"""The most similar training examples."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from dlsuite.baselines.table import Table, is_class, spread_classes
from dlsuite.registry import Range, register


@register("baseline")
class NearestNeighbour:
    """Answers what the nearest training examples are, by Euclidean distance of the flattened inputs.

    Cover and Hart 1967, "Nearest neighbor pattern classification".

    Args:
        k: So many neighbours vote, or are averaged.
        limit: Fits so many training examples, evenly spread; by default all.
    """

    def __init__(self, *, k: Annotated[int, Range(least=1)] = 1, limit: Annotated[int, Range(least=1)] | None = None):
        self._k = k
        self._limit = limit
        self.note = ""

    def fit(self, inputs: dict[str, np.ndarray], target: np.ndarray) -> None:
        """Keeps the examples.

        Args:
            inputs: Tensors by name, examples first.
            target: Numbers of classes, [n], or values, [n, ...].
        """
        from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

        self._table = Table(inputs, self._limit)
        self.note = self._table.note
        target = target[self._table.chosen]
        self._shape = target.shape[1:]
        self._classes = is_class(target)
        model = KNeighborsClassifier if self._classes else KNeighborsRegressor
        self._model = model(min(self._k, len(target)), algorithm="brute")
        self._model.fit(self._table.rows, target if self._classes else target.reshape(len(target), -1))

    def predict(self, inputs: dict[str, np.ndarray]) -> np.ndarray:
        """Returns class probabilities, [n, classes], or values, [n, ...]."""
        rows = self._table.flatten(inputs)
        if self._classes:
            return spread_classes(self._model.predict_proba(rows), self._model.classes_)
        return self._model.predict(rows).reshape(len(rows), *self._shape).astype(np.float32)
