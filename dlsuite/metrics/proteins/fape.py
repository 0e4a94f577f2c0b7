"""Frame aligned point error of two backbones."""

from __future__ import annotations

import numpy as np

from dlsuite.features.backbone import CA, C, N

LENGTH = 10.0
"""The unit of the error, and what it is clamped at, in angstroms."""


def measure_backbone_fape(predicted: np.ndarray, true: np.ndarray) -> float:
    """Returns the frame aligned point error: how far each alpha carbon is off as each residue sees it, from 0 to 1.

    It is the mean over frames and alpha carbons of errors in tens of angstroms, none above one. Frames have a hand: a
    mirror image, which lDDT takes for perfect, is found out. Jumper et al. 2021, doi:10.1038/s41586-021-03819-2,
    supplement, algorithm 28, without the epsilon that its gradient needs.

    Args:
        predicted: N, CA, C, ... of each residue, [n, 3 or more, 3] in angstroms, all of these three there.
        true: The same of the true structure.

    Example:
        >>> measure_backbone_fape(atoms + 5.0, atoms)  # where it lies does not count
        0.0
    """
    return float(np.minimum(measure_aligned_error(predicted, true) / LENGTH, 1.0).mean())


def measure_aligned_error(predicted: np.ndarray, true: np.ndarray) -> np.ndarray:
    """Returns how far each alpha carbon is off as each residue sees it, [frames, points] in angstroms.

    Arguments as of `measure_backbone_fape`. It is what the expected aligned error (PAE) expects.
    """
    off = _as_seen(np.asarray(predicted, np.float64)) - _as_seen(np.asarray(true, np.float64))  # (n, n, 3)
    return np.linalg.norm(off, axis=-1)


def _as_seen(atoms: np.ndarray) -> np.ndarray:
    """Returns the alpha carbons as the frame of each residue sees them, [frames, points, 3] (algorithm 21)."""
    origin = atoms[:, CA]  # (n, 3)
    first = _direction(atoms[:, C] - origin)
    side = atoms[:, N] - origin
    second = _direction(side - first * (first * side).sum(-1, keepdims=True))
    axes = np.stack([first, second, np.cross(first, second)], axis=-2)  # (n, 3 axes, 3)
    return np.einsum("iax,ijx->ija", axes, origin[None] - origin[:, None])


def _direction(vector: np.ndarray) -> np.ndarray:
    return vector / np.maximum(np.linalg.norm(vector, axis=-1, keepdims=True), 1e-9)
