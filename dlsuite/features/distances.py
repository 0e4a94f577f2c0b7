"""Distances between residues."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

import numpy as np

from dlsuite.features.backbone import CA
from dlsuite.features.extent import Extent
from dlsuite.features.structure import Structure
from dlsuite.registry import Range, register

FARTHEST = 10_000
"""Angstroms; no chain of a protein is so wide."""


@register("feature")
class Distances:
    """Distances between the alpha carbons of one chain, in angstroms; 0 where one is not known.

    It reads square tables, with null or nan for what is not known, and everything that Structure reads.

    Args:
        length: So many residues at most.
        cut: Whether longer chains lose their end; by default they count as corrupt.

    Example:
        >>> Distances(length=4).encode([[None, 3.8], [3.8, None]]).tolist()  # residues, length
        [[0.0, 3.8, 0.0, 0.0], [3.8, 0.0, 0.0, 0.0]]
    """

    domain = "protein"
    opens = True
    facts: dict[str, str] = {}
    tensor = {"shape": "=[length, length]", "dtype": "float32"}
    mask = {"shape": "=[length]", "dtype": "bool"}

    def __init__(self, *, length: Annotated[int, Range(least=1)], cut: bool = False):
        self._length, self._extent = length, Extent(length, cut)

    def fit(self, values: Iterable[Any]) -> None:
        """Finds the mean length of the training examples."""
        self._extent.fit(values, _read)

    def state(self) -> dict[str, Any]:
        """Returns what was fitted, as JSON."""
        return self._extent.state()

    def restore(self, state: dict[str, Any]) -> None:
        """Takes over what `state` returned."""
        self._extent.restore(state)

    def facts_fitted(self) -> dict[str, Any]:
        """Returns the shape of the tensor, and the mean length."""
        return self._extent.facts(self._length)

    def encode(self, raw: Any) -> np.ndarray:
        """Returns float32 [residues, length].

        Raises:
            ValueError: It cannot be read, is too long, or is no table of distances; says which.
        """
        rows = self._extent.fit_in(_read(raw))
        n = len(rows)
        table = np.zeros((n, self._length), np.float32)
        table[:, :n] = rows[:, :n]
        return table

    def decode(self, array: Any) -> np.ndarray:
        """Returns the distances, float32 [n, n], nan where one is not known."""
        values = np.asarray(array, np.float32)[:, : len(array)]
        return np.where(values > 0, values, np.nan)


def _read(raw: Any) -> np.ndarray:
    """Returns distances [n, n] of a table or a structure; 0 where one is not known."""
    if isinstance(raw, list | np.ndarray):
        try:
            table = np.asarray(raw, np.float32)
        except (TypeError, ValueError):
            raise ValueError("is no table: its rows differ in length, or hold other things than numbers") from None
        if table.ndim == 2:
            return _check(table)
    if isinstance(raw, dict):
        raise ValueError("is an object: give a square table of angstroms, [[null, 3.8], [3.8, null]], or a structure")
    atoms = Structure().read(raw).atoms[:, CA]  # (n, 3)
    return np.linalg.norm(atoms[:, None] - atoms[None], axis=-1)


def _check(table: np.ndarray) -> np.ndarray:
    if table.shape[0] != table.shape[1]:
        raise ValueError(f"is a table of {table.shape[0]} rows and {table.shape[1]} columns; it has to be square")
    table = np.nan_to_num(table, nan=0.0, posinf=-1.0, neginf=-1.0)
    if table.min(initial=0) < 0:
        raise ValueError("holds negative or infinite distances")
    if table.max(initial=0) > FARTHEST:
        raise ValueError(f"holds a distance of {table.max():g} angstroms, more than {FARTHEST:,}: give angstroms")
    uneven = np.argwhere((table != table.T) & (table > 0) & (table.T > 0))
    if len(uneven):
        i, j = uneven[0]
        raise ValueError(f"is not symmetric: {i + 1} and {j + 1} are {table[i, j]:g} and {table[j, i]:g} apart")
    return np.maximum(table, table.T)
