"""Numbers."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from dlsuite.objectives.objective import Objective
from dlsuite.registry import Loss, register


@register("objective")
class Regression(Objective):
    """Mean squared error, or another loss, between numbers and an output of the same shape.

    While training, losses and metrics are on the scale of the feature, normalized unless it says otherwise; answers and
    `scores` are on that of the data.

    Args:
        loss: `MeanSquaredError` unless given, such as `Huber`.

    Example:
        >>> Regression().scores(np.zeros((2, 1)), np.ones((2, 1)), price)["mae"]
    """

    learns = ["Number"]
    follows = ["rmse", "mae"]
    scored = ["rmse", "mae", "r2"]
    rises = False

    def __init__(self, *, loss: Loss | None = None):
        self._loss = loss or keras.losses.MeanSquaredError()

    def loss(self, output: Any, feature: Any) -> keras.losses.Loss:
        """Returns the loss."""
        expected = tuple(feature.facts_fitted()["shape"])
        if tuple(output.shape[1:]) != expected:
            raise ValueError(f"the target has shape {(None, *expected)}, and the output {tuple(output.shape)}")
        return self._loss

    def metrics(self, output: Any, feature: Any) -> list[keras.metrics.Metric]:
        """Returns root mean squared and mean absolute error."""
        return [keras.metrics.RootMeanSquaredError(name="rmse"), keras.metrics.MeanAbsoluteError(name="mae")]

    def answer(self, output: np.ndarray, feature: Any) -> Any:
        """Returns the number on its original scale; a list where there are several."""
        return feature.decode(output)

    def scores(self, outputs: np.ndarray, targets: np.ndarray, feature: Any) -> dict[str, float]:
        """Returns RMSE, MAE and R2 on the original scale."""
        from sklearn.metrics import r2_score

        answers = np.array([np.ravel(feature.decode(one)) for one in outputs])  # (examples, values)
        truth = np.array([np.ravel(feature.decode(one)) for one in targets])  # (examples, values)
        errors = answers - truth
        with np.errstate(over="ignore", invalid="ignore"):  # squares of the largest numbers are infinite
            found = {"rmse": float(np.sqrt((errors**2).mean())), "mae": float(np.abs(errors).mean())}
            return found if len(truth) < 2 else {**found, "r2": float(r2_score(truth, answers))}
