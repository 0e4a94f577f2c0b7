"""What followed the same few tokens before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import numpy as np

from dlsuite.registry import Range, register
from dlsuite.spec.errors import DataError

ABSENT = -1
"""The number of a context that no training example has."""


@register("baseline")
class NGram:
    """The next token from the few before it, by interpolated Kneser-Ney smoothing.

    How often a token followed the last `order` - 1 tokens, less a discount that goes to shorter contexts; there it
    counts how many different tokens stood before. Kneser and Ney 1995, "Improved backing-off for m-gram language
    modeling"; interpolated as in Chen and Goodman 1998, "An empirical study of smoothing techniques for language
    modeling", section 2.7.

    Args:
        order: Tokens in a row, the next one included.
    """

    learns = ["Text"]

    def __init__(self, *, order: Annotated[int, Range(least=1)] = 5):
        if order < 1:
            raise ValueError(f"order is {order}, and at least 1")
        self._order = order
        self.note = ""

    def fit(self, inputs: dict[str, np.ndarray], target: np.ndarray) -> None:
        """Counts.

        Args:
            inputs: Tensors by name, examples first; the one of which the target is the rest is read.
            target: Ids of the next tokens, [n, length]; 0 where there is none.

        Raises:
            DataError: The target is no sequence shifted by one.
        """
        self._name = _find_input(inputs, target)
        ids = inputs[self._name]
        self._size = int(max(ids.max(), target.max())) + 1
        self._keys: list[np.ndarray] = []
        contexts = self._contexts(ids, learn=True)
        real = target > 0
        self._levels = []
        for k, context in enumerate(contexts):
            longer = contexts[k + 1] if k + 1 < len(contexts) else np.full_like(context, ABSENT)
            self._levels.append(_count(context, longer, target, real, self._size))

    def predict(self, inputs: dict[str, np.ndarray]) -> np.ndarray:
        """Returns probabilities of the next token, [n, length, ids]."""
        ids = inputs[self._name]
        likely = np.zeros((ids.size, self._size), np.float32)
        likely[:, 1:] = 1 / (self._size - 1)
        for context, (counts, totals, kinds, discount) in zip(self._contexts(ids), self._levels, strict=True):
            rows = np.flatnonzero(context.ravel() != ABSENT)
            known = context.ravel()[rows]
            rows, known = rows[totals[known] > 0], known[totals[known] > 0]
            share = np.maximum(counts[known].toarray() - discount, 0)  # [rows, ids]
            left = discount * kinds[known][:, None]
            likely[rows] = (share + left * likely[rows]) / totals[known][:, None]
        return likely.reshape(*ids.shape, self._size)

    def _contexts(self, ids: np.ndarray, *, learn: bool = False) -> list[np.ndarray]:
        """Returns the numbers of the contexts of 0, 1, ... tokens up to each place, [n, length].

        Args:
            ids: [n, length].
            learn: Whether to number the contexts that are found; else those that are new are `ABSENT`.
        """
        contexts = [np.zeros(ids.shape, np.int64)]
        for k in range(1, self._order):
            before = np.full(ids.shape, 0 if k == 1 else ABSENT)
            before[:, 1:] = contexts[-1][:, :-1]
            known = (before != ABSENT) & (ids > 0) & (ids < self._size)
            keys = before * self._size + ids
            if learn:
                self._keys.append(np.unique(keys[known]))
            contexts.append(np.where(known, _look_up(self._keys[k - 1], keys), ABSENT))
        return contexts


def _find_input(inputs: Mapping[str, np.ndarray], target: np.ndarray) -> str:
    """Returns the name of the input whose tokens are followed by those of the target."""
    for name, ids in inputs.items():
        if ids.shape == target.shape and ids.ndim == 2:
            both = (ids[:, 1:] > 0) & (target[:, :-1] > 0)
            if (ids[:, 1:] == target[:, :-1])[both].all():
                return name
    raise DataError("NGram learns a target that is an input shifted by one, as two Text features read it.")


def _look_up(keys: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Returns the places of what is asked among sorted keys, `ABSENT` where it is none of them."""
    if not len(keys):
        return np.full(asked.shape, ABSENT)
    places = np.searchsorted(keys, asked).clip(max=len(keys) - 1)
    return np.where(keys[places] == asked, places, ABSENT)


def _count(
    context: np.ndarray, longer: np.ndarray, target: np.ndarray, real: np.ndarray, size: int
) -> tuple[Any, np.ndarray, np.ndarray, float]:
    """Returns the counts of tokens after each context, their sums, how many kinds there are, and the discount.

    Where there is a longer context, tokens count once for each different one.

    Args:
        context: The numbers of the contexts, [n, length].
        longer: Those of the contexts with one more token, `ABSENT` where there is none.
        target: The next tokens.
        real: Whether there is a next token.
        size: The number of ids.
    """
    from scipy.sparse import coo_array

    real = real & (context != ABSENT)
    first = real & (longer == ABSENT)  # at the start of a sequence: counted as they are
    _, once = np.unique((longer * size + target)[real & ~first], return_index=True)
    rows = np.concatenate([context[first], context[real & ~first][once]])
    columns = np.concatenate([target[first], target[real & ~first][once]])
    shape = (int(context.max(initial=0)) + 1, size)
    counts = coo_array((np.ones(len(rows), np.float32), (rows, columns)), shape=shape).tocsr()
    counts.sum_duplicates()
    ones, twos = (int((counts.data == n).sum()) for n in (1, 2))
    discount = (ones + 1) / (ones + 2 * twos + 2)  # n1 / (n1 + 2 n2), one more of both: it is never 0 nor 1
    return counts, counts.sum(1), np.diff(counts.indptr), discount
