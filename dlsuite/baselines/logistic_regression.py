"""Logistic regression on the raw inputs."""

from __future__ import annotations

import warnings
from typing import Annotated

import numpy as np

from dlsuite.baselines.table import Table, spread_classes
from dlsuite.registry import Range, register


@register("baseline")
class LogisticRegression:
    """A linear classifier of the flattened, standardised inputs, fitted to convergence or `max_iter` by L-BFGS.

    Args:
        C: Inverse of the strength of the L2 penalty, as in scikit-learn.
        max_iter: Most steps of L-BFGS.
        limit: Fits so many training examples, evenly spread; by default all.
    """

    learns = ["Category"]

    def __init__(
        self,
        *,
        C: Annotated[float, Range(above=0)] = 1.0,
        max_iter: Annotated[int, Range(least=1)] = 100,
        limit: Annotated[int, Range(least=1)] | None = None,
    ):
        self._settings = {"C": C, "max_iter": max_iter}
        self._limit = limit
        self.note = ""

    def fit(self, inputs: dict[str, np.ndarray], target: np.ndarray) -> None:
        """Fits the classifier.

        Args:
            inputs: Tensors by name, examples first.
            target: Numbers of classes, [n].
        """
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.linear_model import LogisticRegression as Model
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        self._table = Table(inputs, self._limit)
        self._model = make_pipeline(StandardScaler(), Model(**self._settings))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # said in the note instead
            self._model.fit(self._table.rows, target[self._table.chosen])
        stopped = self._model[-1].n_iter_.max() >= self._settings["max_iter"]
        notes = [self._table.note, f"stopped after {self._settings['max_iter']} steps" if stopped else ""]
        self.note = "; ".join(filter(None, notes))

    def predict(self, inputs: dict[str, np.ndarray]) -> np.ndarray:
        """Returns class probabilities, [n, classes]."""
        return spread_classes(self._model.predict_proba(self._table.flatten(inputs)), self._model.classes_)
