"""The losses of folding, of each example.

Jumper et al. 2021, doi:10.1038/s41586-021-03819-2; sections and algorithms are those of its supplement.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from keras import ops

from dlsuite.objectives.folding.frames import find_distances, into_frames

LENGTH = 10.0
"""The scale of FAPE, in angstroms."""
DISTANCES = np.linspace(2.3125, 21.6875, 63).astype("float32")
"""The 63 borders between the bins of distograms, in angstroms."""
ERRORS = np.linspace(0.5, 31.5, 63).astype("float32")
"""The borders between the bins of aligned errors, in angstroms."""


def measure_aligned_errors(found: tuple[Any, Any, Any], true: tuple[Any, Any, Any], epsilon: float = 1e-4) -> Any:
    """Returns how far each point is off as each frame sees it, (batch, frames, points), in angstroms.

    Args:
        found: Rotations, places and points, as `into_frames` takes them.
        true: The same of the true structure.
        epsilon: Added to squares: so the least error is its root, and gradients stay finite.
    """
    off = into_frames(*found) - into_frames(*true)
    return ops.sqrt(ops.sum(ops.square(off), axis=-1) + epsilon)


def measure_fape(errors: Any, frames: Any, points: Any, clamp: Any) -> Any:
    """Returns the frame aligned point error, (batch,): errors in tens of angstroms, none above `clamp` (algorithm 28).

    Args:
        errors: Of `measure_aligned_errors`.
        frames: Which frames are there, 0 or 1, (batch, frames).
        points: Which points are there, (batch, points).
        clamp: In angstroms, a number or (batch, 1, 1).
    """
    return mean_where(ops.minimum(errors, clamp) / LENGTH, frames[:, :, None] * points[:, None])


def measure_distogram(logits: Any, points: Any, there: Any) -> Any:
    """Returns cross-entropy between binned distances of points (batch, n, 3) and logits (batch, n, n, 64): 1.9.8."""
    return _measure_bins(logits, find_distances(points), DISTANCES, there[:, :, None] * there[:, None])


def measure_error_bins(logits: Any, errors: Any, there: Any) -> Any:
    """Returns cross-entropy between binned aligned errors (batch, n, n) and logits (batch, n, n, 64): 1.9.7."""
    return _measure_bins(logits, ops.stop_gradient(errors), ERRORS, there[:, :, None] * there[:, None])


def measure_confidence(logits: Any, lddt: Any, there: Any) -> Any:
    """Returns cross-entropy between the bins of lDDT (batch, n) and logits (batch, n, bins): 1.9.6."""
    bins = logits.shape[-1]
    borders = np.linspace(0, 1, bins + 1)[1:-1].astype("float32")
    return _measure_bins(logits, ops.stop_gradient(lddt), borders, there)


def measure_torsions(found: Any, true: Any, there: Any) -> Any:
    """Returns how far torsions are off, and 0.02 of how far their vectors are from length 1 (algorithm 27).

    Args:
        found: Sines and cosines, of any length, (batch, n, torsions, 2).
        true: Of length 1.
        there: Which are defined, (batch, n, torsions).
    """
    length = ops.sqrt(ops.sum(ops.square(found), axis=-1) + 1e-6)  # (batch, n, torsions)
    off = ops.sum(ops.square(found / length[..., None] - true), axis=-1)
    return mean_where(off + 0.02 * ops.abs(length - 1), there)


def measure_local_lddt(found: Any, true: Any, there: Any) -> Any:
    """Returns lDDT of each residue, from 0 to 1, (batch, n), of alpha carbons (batch, n, 3)."""
    expected = find_distances(true)
    errors = ops.abs(find_distances(found) - expected)
    kept = sum(ops.cast(errors < limit, "float32") for limit in (0.5, 1.0, 2.0, 4.0)) / 4
    n = ops.shape(true)[1]
    near = ops.cast(expected < 15.0, "float32") * there[:, :, None] * there[:, None] * (1 - ops.eye(n))
    return ops.sum(kept * near, axis=-1) / ops.maximum(ops.sum(near, axis=-1), 1e-6)


def measure_hand(twist: Any, points: Any, true: Any, there: Any) -> Any:
    """Returns the cross-entropy, (batch,), of a logit that points are no mirror image of the true ones.

    Args:
        twist: The logit, (batch, 1).
        points: (batch, residues, 3).
        true: The same of the true structure.
        there: Which are there, 0 or 1, (batch, residues).
    """
    weight = there[..., None] / ops.maximum(ops.sum(there, axis=1), 1.0)[:, None, None]  # (batch, residues, 1)
    one, other = (array - ops.sum(array * weight, axis=1, keepdims=True) for array in (points, true))
    covariance = ops.einsum("bix,biy->bxy", one * weight, other)
    right = ops.sign(ops.det(covariance))  # above 0: a rotation superposes better than any with a reflection
    return ops.softplus(-right * twist[:, 0])


def mean_where(values: Any, there: Any) -> Any:
    """Returns the mean of values (batch, ...) where something is, (batch,); 0 where nothing is."""
    axes = tuple(range(1, len(values.shape)))
    return ops.sum(values * there, axis=axes) / ops.maximum(ops.sum(there, axis=axes), 1e-6)


def _measure_bins(logits: Any, values: Any, borders: np.ndarray, there: Any) -> Any:
    truth = ops.one_hot(ops.digitize(values, borders), len(borders) + 1)
    surprise = -ops.sum(truth * ops.log_softmax(ops.cast(logits, "float32"), axis=-1), axis=-1)
    return mean_where(surprise, there)
