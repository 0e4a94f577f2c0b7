"""TM-score."""

from __future__ import annotations

import numpy as np

from dlsuite.metrics.proteins.superposition import superpose

ROUNDS = 20
"""Most rounds of laying on one another those residues that lie near after the round before."""
STARTS = 512
"""At most so many fragments of each length are tried; of longer chains those at equal steps."""


def measure_tm_score(predicted: np.ndarray, true: np.ndarray) -> float:
    """Returns the TM-score of two structures of the same residues, from 0 to 1, over superpositions that are searched.

    The search is that of the program of Zhang and Skolnick 2004, doi:10.1002/prot.20264: fragments of the whole, half,
    a quarter, ... of the length are superposed, then again and again the residues that lie near. Above 0.5 two
    structures have the same fold, near 0.2 they are as unlike as any two.
    """
    n = len(true)
    scale = 1.24 * max(n - 15, 0) ** (1 / 3) - 1.8
    d0 = max(scale, 0.5)
    usual = float(np.clip(d0, 4.5, 8.0))
    return max(_search(predicted, true, d0, near) for near in (usual - 2, usual - 1, usual + 1))


def _search(predicted: np.ndarray, true: np.ndarray, d0: float, near: float) -> float:
    """Returns the best score of superpositions of residues that lie nearer than `near` angstroms after them."""
    n = len(true)
    chosen, best = _fragments(n), 0.0  # (starts, n)
    for _ in range(ROUNDS):
        moved = superpose(np.broadcast_to(predicted, (len(chosen), n, 3)), true, chosen.astype(np.float64))
        distances = np.linalg.norm(moved - true, axis=-1)  # (starts, n)
        best = max(best, float((1 / (1 + (distances / d0) ** 2)).mean(-1).max()))
        again = _nearest(distances, near)
        changed = (again != chosen).any(-1)
        if not changed.any():
            break
        chosen = np.unique(again[changed], axis=0)
    return best


def _fragments(n: int) -> np.ndarray:
    """Returns which residues each start superposes, bool [starts, n]."""
    places = np.arange(n)
    found = []
    length = n
    while True:
        starts = np.arange(n - length + 1)
        starts = starts[:: -(-len(starts) // STARTS)]
        found.append((places >= starts[:, None]) & (places < starts[:, None] + length))
        if length <= 4:
            return np.concatenate(found)
        length = max(length // 2, 4)


def _nearest(distances: np.ndarray, limit: float) -> np.ndarray:
    """Returns which residues lie within the limit, bool [starts, n], and the nearest three at least."""
    third = np.sort(distances, axis=-1)[:, min(2, distances.shape[1] - 1), None]  # (starts, 1)
    return distances <= np.maximum(limit, third)
