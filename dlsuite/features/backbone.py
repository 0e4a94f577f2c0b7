"""The backbone of a protein: its atoms, their ideal places, and chains built from torsion angles."""

from __future__ import annotations

import numpy as np

ATOMS = ("N", "CA", "C", "O", "CB")
N, CA, C, O, CB = range(len(ATOMS))  # noqa: E741

# Bond lengths in angstroms and angles in radians: Engh and Huber 1991, doi:10.1107/S0108767391001071.
N_CA, CA_C, C_N, C_O = 1.458, 1.525, 1.329, 1.231
N_CA_C, CA_C_N, C_N_CA, CA_C_O = np.deg2rad([111.0, 117.2, 121.7, 120.1])
PEPTIDE_BREAK = 2.0
"""Where C and the next N are farther apart than this, in angstroms, the chain is broken."""


def place_beta(backbone: np.ndarray) -> np.ndarray:
    """Returns where the beta carbons of L-amino acids belong, [..., 3], of atoms N, CA and C, [..., 3 or more, 3].

    The coefficients hold for ideal tetrahedral geometry: C-beta is 1.53 angstroms from CA, on the side that makes the
    amino acid an L one.
    """
    n, ca, c = backbone[..., N, :], backbone[..., CA, :], backbone[..., C, :]
    b, c = ca - n, c - ca
    a = np.cross(b, c)
    return -0.58273431 * a + 0.56802827 * b - 0.54067466 * c + ca


def place_atom(
    a: np.ndarray, b: np.ndarray, c: np.ndarray, length: float, angle: float, torsion: np.ndarray
) -> np.ndarray:
    """Returns places of atoms d bound to c, [..., 3], by the distance c-d, the angle b-c-d and the torsion a-b-c-d.

    Parsons et al. 2005, "Practical conversion from torsion space to Cartesian space" (NeRF), doi:10.1002/jcc.20237.
    """
    bond = _direction(c - b)
    normal = _direction(np.cross(b - a, bond))
    along, across = -np.cos(angle) * bond, np.sin(angle) * np.cross(normal, bond)
    turned = np.cos(torsion)[..., None] * across + np.sin(angle) * np.sin(torsion)[..., None] * normal
    return c + length * (along + turned)


def build_chain(torsions: np.ndarray) -> np.ndarray:
    """Returns the atoms of chains, float64 [..., n, 5, 3] in angstroms, with ideal bond lengths and angles.

    Args:
        torsions: phi, psi and omega of each residue in radians, [..., n, 3]; omega is that of the bond to the next
            residue. The first phi and the last omega turn nothing.
    """
    *leading, n, _ = torsions.shape
    phi, psi, omega = np.moveaxis(torsions, -1, 0)  # (..., n)
    atoms = np.zeros((*leading, n, len(ATOMS), 3))
    atoms[..., 0, CA, 0] = N_CA
    atoms[..., 0, C, :] = [N_CA - CA_C * np.cos(N_CA_C), CA_C * np.sin(N_CA_C), 0]
    for i in range(1, n):
        n0, ca0, c0 = (atoms[..., i - 1, k, :] for k in (N, CA, C))
        atoms[..., i, N, :] = n1 = place_atom(n0, ca0, c0, C_N, CA_C_N, psi[..., i - 1])
        atoms[..., i, CA, :] = ca1 = place_atom(ca0, c0, n1, N_CA, C_N_CA, omega[..., i - 1])
        atoms[..., i, C, :] = place_atom(c0, n1, ca1, CA_C, N_CA_C, phi[..., i])
    backbone = (atoms[..., k, :] for k in (N, CA, C))
    atoms[..., O, :] = place_atom(*backbone, C_O, CA_C_O, psi + np.pi)
    atoms[..., CB, :] = place_beta(atoms)
    return atoms


def _direction(vector: np.ndarray) -> np.ndarray:
    return vector / np.linalg.norm(vector, axis=-1, keepdims=True)


def measure_torsion(a: np.ndarray, b: np.ndarray, c: np.ndarray, d: np.ndarray) -> np.ndarray:
    """Returns the torsion angle about b-c of four points, [...], in radians, positive clockwise as IUPAC has it."""
    axis = c - b
    left, right = np.cross(b - a, axis), np.cross(axis, d - c)
    sine = (np.cross(left, right) * axis).sum(-1) / np.maximum(np.linalg.norm(axis, axis=-1), 1e-12)
    return np.arctan2(sine, (left * right).sum(-1))


def find_breaks(atoms: np.ndarray) -> np.ndarray:
    """Returns the residues after which a chain is broken, int [breaks]; atoms are [n, 5, 3], nan where absent.

    Numbers in files do not say it: they jump where nothing is missing, and insertion codes make them run on.
    """
    gaps = np.linalg.norm(atoms[1:, N] - atoms[:-1, C], axis=-1)  # (n - 1,)
    return np.flatnonzero(~(gaps <= PEPTIDE_BREAK))
