"""Local distance difference test."""

from __future__ import annotations

import numpy as np

RADIUS = 15.0
THRESHOLDS = (0.5, 1.0, 2.0, 4.0)


def measure_lddt(predicted: np.ndarray, true: np.ndarray) -> float:
    """Returns lDDT, from 0 to 1: the share of distances below 15 angstroms that are kept.

    It is the mean over errors of at most 0.5, 1, 2 and 4 angstroms. A mirror image keeps every distance.
    Mariani et al. 2013, doi:10.1093/bioinformatics/btt473.
    """
    kept, near = _compare(predicted, true)
    return float(kept[near].mean()) if near.any() else 1.0


def measure_local_lddt(predicted: np.ndarray, true: np.ndarray) -> np.ndarray:
    """Returns lDDT of each residue, [n]: over its own distances alone; nan for a residue that has none."""
    kept, near = _compare(predicted, true)
    with np.errstate(invalid="ignore"):
        return (kept * near).sum(1) / near.sum(1)


def _compare(predicted: np.ndarray, true: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns how well each distance is kept, [n, n], and which count, bool [n, n]."""
    expected, found = (np.linalg.norm(x[:, None] - x[None], axis=-1) for x in (true, predicted))  # (n, n)
    errors = np.abs(found - expected)
    kept = np.mean([errors <= threshold for threshold in THRESHOLDS], axis=0)
    return kept, (expected <= RADIUS) & ~np.eye(len(true), dtype=bool)
