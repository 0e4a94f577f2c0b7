"""Each token translated alone."""

from __future__ import annotations

import numpy as np

from dlsuite.registry import register
from dlsuite.spec.errors import DataError

ROUNDS = 8
"""So often translation probabilities are estimated anew; they hardly change after a few."""


@register("baseline")
class WordByWord:
    """Writes for each token of the source, in its order, the token of the target that most probably translates it.

    Probabilities are those of Brown et al. 1993, "The mathematics of statistical machine translation", model 1: each
    token of the target stands for one of the source or for none, and expectation and maximisation find for which.

    Args:
        source: The input that is translated.
    """

    learns = ["Text"]

    def __init__(self, *, source: str = "source"):
        self._source = source
        self.note = ""

    def fit(self, inputs: dict[str, np.ndarray], target: np.ndarray) -> None:
        """Estimates the probability of each target token given each source token.

        Args:
            inputs: Tensors by name, examples first.
            target: Ids of the target, [n, length]; 0 where there is none.

        Raises:
            DataError: The source is no input.
        """
        if self._source not in inputs:
            raise DataError(f"WordByWord reads the input `{self._source}`, which is not there; give `source`.")
        source = inputs[self._source]
        target = np.where(target == _last(target), 0, target)  # the end translates nothing
        size = int(target.max()) + 1
        codes, groups = _pairs(source, target, size)
        codes, pairs = np.unique(codes, return_inverse=True)  # [kinds of pairs], [pairs]
        words = codes // size  # of the source
        likely = np.ones(len(codes))
        for _ in range(ROUNDS):
            weights = likely[pairs]
            weights /= np.bincount(groups, weights)[groups]  # how probably each pair is the one, equation 17
            counts = np.bincount(pairs, weights, len(codes))
            likely = counts / np.bincount(words, counts)[words]
        order = np.lexsort((-likely, words))  # the most probable translation of each word first
        known, first = np.unique(words[order], return_index=True)
        self._translations = np.zeros(max(int(source.max()), int(words.max())) + 1, np.int32)
        self._translations[known] = (codes % size)[order][first]

    def predict(self, inputs: dict[str, np.ndarray]) -> np.ndarray:
        """Returns ids of the target, [n, length]; 0 where there is none."""
        source = inputs[self._source]
        known = (source > 0) & (source < len(self._translations))
        return np.where(known, self._translations[np.where(known, source, 0)], 0)


def _last(target: np.ndarray) -> int:
    """Returns the id that most sequences end with, if more than half do; else -1."""
    lengths = (target > 0).sum(1)
    counts = np.bincount(target[np.arange(len(target)), np.maximum(lengths - 1, 0)])
    return int(counts.argmax()) if counts.max() > len(target) / 2 else -1


def _pairs(source: np.ndarray, target: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns every token of a source with every token of its target, as source * size + target, and the number of the
    target token, [pairs] each; 0 stands for no token of the source.
    """
    words = np.pad(source, ((0, 0), (1, 0)))  # [n, 1 + length]
    there = np.concatenate([np.ones((len(source), 1), bool), source > 0], axis=1)
    both = there[:, :, None] & (target > 0)[:, None]  # [n, 1 + length, length of the target]
    example, place, at = np.nonzero(both)
    codes = words[example, place].astype(np.int64) * size + target[example, at]
    return codes, np.unique(example * target.shape[1] + at, return_inverse=True)[1]
