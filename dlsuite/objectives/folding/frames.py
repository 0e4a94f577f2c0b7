"""Frames of residues: a rotation and the place of the alpha carbon."""

from __future__ import annotations

from typing import Any

import numpy as np
from keras import ops

from dlsuite.features.backbone import C_O, CA, CA_C, CA_C_O, N_CA, N_CA_C, C, N, place_beta

EPSILON = 1e-6

_PLANE = np.array([[N_CA * np.cos(N_CA_C), N_CA * np.sin(N_CA_C), 0], [0, 0, 0], [CA_C, 0, 0]])
IDEAL = np.concatenate([_PLANE, place_beta(_PLANE)[None]]).astype("float32")
"""N, CA, C and CB of a residue in its frame, [4, 3]."""


def find_frames(atoms: Any) -> tuple[Any, Any]:
    """Returns rotations (batch, residues, 3, 3), the axes in columns, and places (batch, residues, 3) of CA.

    The first axis points from CA to C, the second lies in the plane of N. Jumper et al. 2021, supplement, algorithm 21.

    Args:
        atoms: N, CA, C, ..., (batch, residues, 3 or more, 3).
    """
    origin = atoms[..., CA, :]  # (batch, residues, 3)
    first = _direction(atoms[..., C, :] - origin)
    side = atoms[..., N, :] - origin
    second = _direction(side - first * ops.sum(first * side, axis=-1, keepdims=True))
    return ops.stack([first, second, ops.cross(first, second)], axis=-1), origin


def into_frames(rotation: Any, position: Any, points: Any) -> Any:
    """Returns points as each frame sees them, (batch, frames, points, 3).

    Args:
        rotation: (batch, frames, 3, 3).
        position: (batch, frames, 3).
        points: (batch, points, 3).
    """
    away = points[:, None] - position[:, :, None]  # (batch, frames, points, 3)
    return ops.einsum("bixy,bijx->bijy", rotation, away)


def place_atoms(rotation: Any, position: Any, psi: Any) -> Any:
    """Returns N, CA, C, O and CB, (batch, residues, 5, 3), of frames: bonds and angles within a residue are ideal.

    Args:
        rotation: (batch, residues, 3, 3).
        position: (batch, residues, 3).
        psi: Sine and cosine of the torsion N-CA-C-O, (batch, residues, 2).
    """
    sine, cosine = psi[..., 0], psi[..., 1]  # (batch, residues)
    along, across = CA_C - C_O * np.cos(CA_C_O), C_O * np.sin(CA_C_O)
    oxygen = ops.stack([ops.full_like(sine, along), across * cosine, across * sine], axis=-1)  # (batch, residues, 3)
    ideal = ops.broadcast_to(ops.convert_to_tensor(IDEAL), (*ops.shape(sine), 4, 3))
    local = ops.concatenate([ideal[..., :3, :], oxygen[..., None, :], ideal[..., 3:, :]], axis=-2)
    return ops.einsum("bixy,biay->biax", rotation, local) + position[:, :, None]


def find_torsions(a: Any, b: Any, c: Any, d: Any) -> Any:
    """Returns sine and cosine of the torsion about b-c, (..., 2), of points (..., 3)."""
    axis = c - b
    left, right = ops.cross(b - a, axis), ops.cross(axis, d - c)
    sine = ops.sum(ops.cross(left, right) * _direction(axis), axis=-1)
    return _direction(ops.stack([sine, ops.sum(left * right, axis=-1)], axis=-1))


def find_distances(points: Any) -> Any:
    """Returns how far points (batch, n, 3) are apart, (batch, n, n)."""
    return ops.sqrt(ops.sum(ops.square(points[:, :, None] - points[:, None]), axis=-1) + EPSILON)


def _direction(vector: Any) -> Any:
    return vector / ops.sqrt(ops.sum(ops.square(vector), axis=-1, keepdims=True) + EPSILON)
