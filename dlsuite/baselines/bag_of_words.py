"""Which tokens there are, wherever they stand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import numpy as np

from dlsuite.baselines.table import spread_classes
from dlsuite.registry import Range, register
from dlsuite.spec.errors import DataError


@register("baseline")
class BagOfWords:
    """Logistic regression on the tokens and neighbouring tokens of sequences, each once, rare ones weighing more.

    A token's weight is its inverse document frequency, and examples are scaled to length 1 (TF-IDF of scikit-learn).

    Args:
        grams: So many tokens in a row count too; 1 for single ones alone.
        C: Inverse of the strength of the L2 penalty, as in scikit-learn.
        max_iter: Most steps of L-BFGS.
    """

    learns = ["Category"]

    def __init__(
        self,
        *,
        grams: Annotated[int, Range(least=1, most=8)] = 2,
        C: Annotated[float, Range(above=0)] = 10.0,
        max_iter: Annotated[int, Range(least=1)] = 1000,
    ):
        self._grams = grams
        self._settings = {"C": C, "max_iter": max_iter}
        self.note = ""

    def fit(self, inputs: dict[str, np.ndarray], target: np.ndarray) -> None:
        """Fits the weights.

        Args:
            inputs: Tensors by name, examples first; those that have a mask, `x` and `x.mask`, are read.
            target: Numbers of classes, [n].

        Raises:
            DataError: No input has a mask.
        """
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline

        bag = TfidfVectorizer(analyzer=_same, binary=True, dtype=np.float32)
        self._model = make_pipeline(bag, LogisticRegression(**self._settings))
        self._model.fit(self._bags(inputs), target)
        stopped = self._model[-1].n_iter_.max() >= self._settings["max_iter"]
        self.note = f"stopped after {self._settings['max_iter']} steps" if stopped else ""

    def predict(self, inputs: dict[str, np.ndarray]) -> np.ndarray:
        """Returns class probabilities, [n, classes]."""
        return spread_classes(self._model.predict_proba(self._bags(inputs)), self._model.classes_)

    def _bags(self, inputs: Mapping[str, np.ndarray]) -> list[list[tuple[Any, ...]]]:
        """Returns the tokens, and tokens in a row, of each example, each with the name of its input."""
        names = [name for name in inputs if f"{name}.mask" in inputs]
        if not names:
            raise DataError(
                f"BagOfWords reads sequences with a mask, such as Text; the inputs are {', '.join(inputs)}."
            )
        bags: list[list[tuple[Any, ...]]] = [[] for _ in inputs[names[0]]]
        for name in names:
            for bag, ids, mask in zip(bags, inputs[name], inputs[f"{name}.mask"], strict=True):
                tokens = ids[mask].tolist()
                for n in range(1, self._grams + 1):
                    bag += ((name, *tokens[i : i + n]) for i in range(len(tokens) - n + 1))
        return bags


def _same(bag: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return bag
