"""Inputs of a model as one row of numbers an example, for baselines."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np


class Table:
    """Puts all inputs side by side: numbers as they are, whole numbers (classes) one-hot.

    Args:
        inputs: The training examples, tensors by name, examples first.
        limit: Takes so many of them, evenly spread; `None` for all.
    """

    def __init__(self, inputs: Mapping[str, np.ndarray], limit: int | None):
        total = len(next(iter(inputs.values())))
        self._classes = {
            name: int(values.max(initial=0)) + 1 for name, values in inputs.items() if values.dtype.kind in "iu"
        }
        self.chosen = (
            np.arange(total)
            if limit is None or total <= limit
            else np.linspace(0, total - 1, limit).round().astype(int)
        )
        self.note = "" if len(self.chosen) == total else f"fitted on {len(self.chosen)} of {total} training examples"
        self.rows = self.flatten({name: values[self.chosen] for name, values in inputs.items()})

    def flatten(self, inputs: Mapping[str, np.ndarray]) -> np.ndarray:
        """Returns float32 [n, columns]; a class that no training example has becomes zeros."""
        return np.concatenate([self._flat(name, values) for name, values in sorted(inputs.items())], axis=1)

    def _flat(self, name: str, values: np.ndarray) -> np.ndarray:
        if name in self._classes:
            values = values[..., None] == np.arange(self._classes[name])
        return values.reshape(len(values), -1).astype(np.float32)


def is_class(target: np.ndarray) -> bool:
    """Returns whether a target holds the numbers of classes, [n], and not values."""
    return target.dtype.kind in "iu" and target.ndim == 1


def spread_classes(probabilities: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Returns probabilities of the classes 0, 1, 2, ... from those of the classes that were seen.

    Args:
        probabilities: [n, seen].
        classes: Their numbers, [seen], ascending.
    """
    result = np.zeros((len(probabilities), int(classes[-1]) + 1), np.float32)
    result[:, classes] = probabilities
    return result
