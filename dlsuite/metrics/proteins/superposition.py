"""Structures laid on one another."""

from __future__ import annotations

import numpy as np


def superpose(mobile: np.ndarray, fixed: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """Returns mobile points, [..., n, 3], turned and moved so that they lie as near as can be to fixed ones.

    Mirror images are not made. Kabsch 1976, doi:10.1107/S0567739476001873.

    Args:
        mobile: Points, [..., n, 3] or [n, 3].
        fixed: Where they belong, [n, 3].
        weights: How much each counts, [..., n]; all alike unless given.
    """
    weights = np.ones(mobile.shape[:-1]) if weights is None else weights
    shares = (weights / weights.sum(-1, keepdims=True))[..., None]  # (..., n, 1)
    centre, goal = (mobile * shares).sum(-2, keepdims=True), (fixed * shares).sum(-2, keepdims=True)
    turn = _rotation(np.swapaxes((mobile - centre) * shares, -1, -2) @ (fixed - goal))
    return (mobile - centre) @ turn + goal


def measure_rmsd(predicted: np.ndarray, true: np.ndarray) -> float:
    """Returns the root mean squared deviation after superposition, in angstroms."""
    return float(np.sqrt(((superpose(predicted, true) - true) ** 2).sum(-1).mean()))


def has_right_hand(predicted: np.ndarray, true: np.ndarray) -> bool:
    """Returns whether a structure lies nearer to the true one than its mirror image does.

    It does where the covariance of the two has a positive determinant: a rotation then superposes better than any
    rotation with a reflection. Distances cannot tell: lDDT of a mirror image is 1.
    """
    covariance = (predicted - predicted.mean(0)).T @ (true - true.mean(0))  # (3, 3)
    return bool(np.linalg.det(covariance) > 0)


def _rotation(covariance: np.ndarray) -> np.ndarray:
    """Returns rotations r, [..., 3, 3], for which rows x @ r fit best, of covariances x^T y."""
    u, _, v = np.linalg.svd(covariance)
    sign = np.sign(np.linalg.det(u @ v))[..., None]
    u = np.concatenate([u[..., :2], u[..., 2:] * sign[..., None]], axis=-1)
    return u @ v
