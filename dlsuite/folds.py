"""Predicted structures of chains, read from answers, laid on the true ones, and scored beside them and baselines."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from inspect import signature
from typing import Any

import numpy as np

from dlsuite.features.backbone import CA, CB, C, N
from dlsuite.features.chain_files import read_chain
from dlsuite.inputs import Raw
from dlsuite.making import make
from dlsuite.metrics.proteins.chains import MIRROR
from dlsuite.metrics.proteins.fape import measure_backbone_fape
from dlsuite.metrics.proteins.lddt import measure_lddt
from dlsuite.metrics.proteins.superposition import has_right_hand, measure_rmsd, superpose
from dlsuite.metrics.proteins.tm_score import measure_tm_score
from dlsuite.prediction import encode
from dlsuite.registry import find
from dlsuite.runs import Run

UNDISTURBED = {"deviation": (0.0, 0.0), "missing": (0.0, 0.0)}
"""Arguments of baselines that disturb distances, with which they leave them as they are."""


@dataclass(frozen=True)
class Fold:
    """A structure that was answered.

    Attributes:
        sequence: A letter a residue.
        atoms: float64 [n, 5, 3] in angstroms: N, CA, C, O, CB; nan where there is none.
        plddt: How sure each residue is, [n], from 0 to 100.
        contacts: How likely each pair touches, [n, n].
        distances: Expected ones between beta carbons, [n, n] in angstroms, none above 22.
        aligned_error: How far residue j is expected to be off as residue i sees it, [n, n] in angstroms (PAE).
    """

    sequence: str
    atoms: np.ndarray
    plddt: np.ndarray
    contacts: np.ndarray
    distances: np.ndarray
    aligned_error: np.ndarray


def read_fold(answer: Mapping[str, Any]) -> Fold:
    """Returns the structure in an answer of FoldStructure.

    Example:
        >>> read_fold(run.predict("MKVLAAGIAK")[0]["output"]).atoms.shape
        (10, 5, 3)
    """
    maps = json.loads(answer["maps"].data)
    rows = csv.DictReader(io.StringIO(answer["residues"].data.decode()))
    return Fold(
        sequence=answer["sequence"],
        atoms=read_chain(answer["pdb"].data).atoms.astype(np.float64),
        plddt=np.array([float(row["plddt"]) for row in rows]),
        **{name: np.array(maps[name]) for name in ("contacts", "distances", "aligned_error")},
    )


def mirror(atoms: np.ndarray) -> np.ndarray:
    """Returns the mirror image of coordinates (..., 3)."""
    return atoms * MIRROR


def lay_on(mobile: np.ndarray, fixed: np.ndarray) -> np.ndarray:
    """Returns atoms [n, atoms, 3] moved so that their alpha carbons lie as near as can be to those of fixed ones."""
    weights = np.zeros(mobile.shape[:2])
    weights[:, CA] = 1.0
    points = np.nan_to_num(mobile.astype(np.float64)).reshape(-1, 3)
    goal = np.broadcast_to(fixed[:, [CA]], mobile.shape).reshape(-1, 3)  # of other atoms it weighs nothing
    moved = superpose(points, goal, weights.reshape(-1)).reshape(mobile.shape)
    return np.where(np.isnan(mobile), np.nan, moved)


def compare(atoms: np.ndarray, true: np.ndarray) -> dict[str, float]:
    """Returns lDDT, TM-score, RMSD in angstroms, FAPE and whether the hand is right (1 or 0), of [n, 5, 3] each.

    FAPE needs N, CA and C: of alpha carbons alone there is none.
    """
    atoms, true = np.asarray(atoms, np.float64), np.asarray(true, np.float64)
    trace, goal = atoms[:, CA], true[:, CA]
    scores = {
        "lddt": measure_lddt(trace, goal),
        "tm_score": measure_tm_score(trace, goal),
        "rmsd": measure_rmsd(trace, goal),
        "right_hand": float(has_right_hand(trace, goal)),
    }
    if not np.isnan(atoms[:, [N, C]]).any():
        scores["fape"] = measure_backbone_fape(atoms, true)
    return scores


def measure_distances(atoms: np.ndarray) -> np.ndarray:
    """Returns how far beta carbons, or alpha carbons where there is none, are apart, [n, n]."""
    beta = np.where(np.isnan(atoms[:, CB]), atoms[:, CA], atoms[:, CB])
    return np.linalg.norm(beta[:, None] - beta[None], axis=-1)


def answer_baselines(run: Run, fields: Mapping[str, Any], true: np.ndarray) -> dict[str, np.ndarray]:
    """Returns what the baselines of a run that answer structures make of an input, atoms [n, 5, 3] by name.

    They learn nothing, so they are not fitted.

    Args:
        run: Of FoldStructure.
        fields: Raw values by field, as `predict` takes them; distances are taken as they are given.
        true: The true atoms: of baselines that cannot tell a hand the mirror image that is nearer is taken.
    """
    tensors = encode(run, [Raw("input", fields)])
    found = {}
    for component in run.plan.baselines:
        taken = signature(find("baseline", component.name)).parameters
        baseline = make(component, **{name: value for name, value in UNDISTURBED.items() if name in taken})
        if "Structure" in getattr(baseline, "learns", ()):
            (made,) = baseline.predict(tensors)
            found[component.name] = _turn(made, true)
    return found


def _turn(made: Mapping[str, Any], true: np.ndarray) -> np.ndarray:
    """Returns the atoms of a baseline's answer, or their mirror image where either hand counts and that is nearer."""
    atoms, goal = made["atoms"], true[:, CA]
    hands = (atoms, mirror(atoms)) if made.get("either_hand") else (atoms,)
    return max(hands, key=lambda one: measure_tm_score(one[:, CA], goal))
