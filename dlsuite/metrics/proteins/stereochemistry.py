"""Whether a backbone could be one of a protein: bonds and clashes."""

from __future__ import annotations

import numpy as np

from dlsuite.features.backbone import C_N, PEPTIDE_BREAK, C, N, O

RADII = (1.55, 1.7, 1.7, 1.52)
"""Van der Waals radii of N, CA, C and O in angstroms: Bondi 1964, doi:10.1021/j100785a001."""
TOLERANCE = 1.5
"""Atoms that are not bound clash where their spheres overlap by more, in angstroms (AlphaFold 2, supplement 1.9.11)."""
STRETCH = 0.25
"""A peptide bond is violated where its length is off by more, in angstroms."""


def measure_bond_violations(atoms: np.ndarray, true: np.ndarray) -> float:
    """Returns the share of peptide bonds whose length is off by more than 0.25 angstroms.

    Args:
        atoms: N, CA, C, ... of the predicted structure, [n, 3 or more, 3].
        true: The same of the true one, whose breaks do not count.
    """
    bound = np.linalg.norm(true[1:, N] - true[:-1, C], axis=-1) <= PEPTIDE_BREAK  # (n - 1,)
    lengths = np.linalg.norm(atoms[1:, N] - atoms[:-1, C], axis=-1)
    return float((np.abs(lengths - C_N) > STRETCH)[bound].mean()) if bound.any() else 0.0


def measure_clashes(atoms: np.ndarray) -> float:
    """Returns the share of residues of which an atom clashes with one of a residue that is no neighbour.

    Args:
        atoms: N, CA, C and, where there are 4 or more, O, [n, 3 or more, 3].
    """
    count = min(atoms.shape[1], O + 1)
    points, radii = atoms[:, :count].reshape(-1, 3), np.tile(RADII[:count], len(atoms))
    residue = np.repeat(np.arange(len(atoms)), count)
    apart = np.linalg.norm(points[:, None] - points[None], axis=-1)  # (atoms, atoms)
    allowed = radii[:, None] + radii[None] - TOLERANCE
    clashing = (apart < allowed) & (np.abs(residue[:, None] - residue[None]) > 1)
    return len(np.unique(residue[clashing.any(1)])) / len(atoms)
