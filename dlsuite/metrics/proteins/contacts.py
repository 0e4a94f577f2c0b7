"""Contacts between residues that are far apart in the chain."""

from __future__ import annotations

import numpy as np

DISTANCE = 8.0
SEPARATION = 24


def measure_contact_precision(scores: np.ndarray, distances: np.ndarray, share: float = 1.0) -> float | None:
    """Returns the share of true contacts among the surest ones, P@L; `None` where no two residues are so far apart.

    A contact is a pair of beta carbons nearer than 8 angstroms, of residues 24 or more apart in the chain.

    Args:
        scores: How sure each pair is, [n, n]; larger is surer.
        distances: The true ones between beta carbons, [n, n] in angstroms.
        share: Of the length: so many pairs are taken, 1 for P@L and 1/5 for P@L/5.
    """
    i, j = np.triu_indices(len(distances), SEPARATION)
    if not len(i):
        return None
    count = min(max(int(len(distances) * share), 1), len(i))
    surest = np.argsort(-scores[i, j], kind="stable")[:count]
    return float((distances[i, j][surest] < DISTANCE).mean())
