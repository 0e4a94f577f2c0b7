"""Linear regression on the raw inputs."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from dlsuite.baselines.table import Table
from dlsuite.registry import Range, register


@register("baseline")
class LinearRegression:
    """Least squares with an L2 penalty on the flattened, standardised inputs (ridge regression).

    Args:
        alpha: Strength of the penalty, as in scikit-learn; 0 for none.
        limit: Fits so many training examples, evenly spread; by default all.
    """

    learns = ["Number"]

    def __init__(
        self, *, alpha: Annotated[float, Range(least=0)] = 1.0, limit: Annotated[int, Range(least=1)] | None = None
    ):
        self._alpha = alpha
        self._limit = limit
        self.note = ""

    def fit(self, inputs: dict[str, np.ndarray], target: np.ndarray) -> None:
        """Fits the weights.

        Args:
            inputs: Tensors by name, examples first.
            target: Values, [n, ...].
        """
        from sklearn.linear_model import Ridge
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        self._table = Table(inputs, self._limit)
        self.note = self._table.note
        self._shape = target.shape[1:]
        target = target[self._table.chosen]
        self._model = make_pipeline(StandardScaler(), Ridge(self._alpha))
        self._model.fit(self._table.rows, target.reshape(len(target), -1))

    def predict(self, inputs: dict[str, np.ndarray]) -> np.ndarray:
        """Returns values, [n, ...]."""
        rows = self._table.flatten(inputs)
        return self._model.predict(rows).reshape(len(rows), *self._shape).astype(np.float32)
