"""A small network that sees a window."""

from __future__ import annotations

import warnings
from typing import Annotated

import numpy as np

from dlsuite.baselines.table import spread_classes
from dlsuite.baselines.windows import cut_windows, masked_input
from dlsuite.registry import Range, register


@register("baseline")
class WindowMLP:
    """Tells the letter of a place from the place itself and its neighbours, by a network with one hidden layer.

    Qian and Sejnowski 1988, doi:10.1016/0022-2836(88)90564-5, who had 6 neighbours on either side and 40 hidden units.

    Args:
        neighbours: So many on either side.
        hidden: Units of the hidden layer.
        epochs: Over the training examples, fewer where a tenth of them, kept apart, gets no better.
    """

    learns = ["Letters"]

    def __init__(
        self,
        *,
        neighbours: Annotated[int, Range(least=0)] = 6,
        hidden: Annotated[int, Range(least=1)] = 40,
        epochs: Annotated[int, Range(least=1)] = 20,
    ):
        self._neighbours, self._hidden, self._epochs = neighbours, hidden, epochs
        self.note = ""

    def fit(self, inputs: dict[str, np.ndarray], target: np.ndarray) -> None:
        """Fits the network.

        Args:
            inputs: Tensors by name, examples first.
            target: Numbers of letters, [n, places].
        """
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.neural_network import MLPClassifier

        numbers, mask = masked_input(inputs)
        self._kinds = int(numbers.max()) + 1
        self._model = MLPClassifier(
            (self._hidden,), max_iter=self._epochs, early_stopping=True, n_iter_no_change=3, random_state=0
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            self._model.fit(self._rows(numbers, mask), target[mask])

    def predict(self, inputs: dict[str, np.ndarray]) -> list[np.ndarray]:
        """Returns the probabilities of letters of each example, [places, classes]."""
        numbers, mask = masked_input(inputs)
        found = self._model.predict_proba(self._rows(numbers, mask))
        return np.split(spread_classes(found, self._model.classes_), np.cumsum(mask.sum(-1))[:-1])

    def _rows(self, numbers: np.ndarray, mask: np.ndarray) -> np.ndarray:
        return cut_windows(np.minimum(numbers, self._kinds - 1), mask, self._neighbours, self._kinds)
