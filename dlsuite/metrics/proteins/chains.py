"""All measures of predicted chains, on average."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dlsuite.features.backbone import CA, CB, C, N
from dlsuite.metrics.proteins.confidence import bootstrap_mean, measure_calibration
from dlsuite.metrics.proteins.contacts import measure_contact_precision
from dlsuite.metrics.proteins.lddt import measure_lddt, measure_local_lddt
from dlsuite.metrics.proteins.stereochemistry import measure_bond_violations, measure_clashes
from dlsuite.metrics.proteins.superposition import has_right_hand, measure_rmsd
from dlsuite.metrics.proteins.tm_score import measure_tm_score

MIRROR = np.array([1.0, 1.0, -1.0])


def score_chains(found: Sequence[Mapping[str, Any]], true: Sequence[np.ndarray]) -> dict[str, float]:
    """Returns means over chains: alpha-carbon lDDT, TM-score and RMSD, the share of right hands, contacts, bonds, ...

    Args:
        found: Of each chain `atoms`, [n, 5, 3], nan where absent; perhaps `plddt`, [n], and `contacts`, [n, n], how
            likely they are. With `either_hand` the structure or its mirror image counts, whichever has the higher
            TM-score.
        true: The atoms of each chain, [n or more, 5, 3].

    Returns:
        By name; of lDDT and TM-score also `_low` and `_high`, a 95% interval over the chains by bootstrap. What no
        chain has a value of is left out.
    """
    rows = [score_chain(one, atoms[: len(one["atoms"])]) for one, atoms in zip(found, true, strict=True)]
    scores: dict[str, float] = {}
    for name in dict.fromkeys(name for row in rows for name in row):
        values = np.array([row[name] for row in rows if name in row])
        scores[name] = float(values.mean())
        if name in ("lddt", "tm_score"):
            scores[f"{name}_low"], scores[f"{name}_high"] = bootstrap_mean(values)
    sure = [one for one in found if "plddt" in one]
    if sure:
        confidence = np.concatenate([one["plddt"] for one in sure])
        accuracy = [
            measure_local_lddt(one["atoms"][:, CA], atoms[: len(one["atoms"]), CA])
            for one, atoms in zip(found, true, strict=True)
            if "plddt" in one
        ]
        scores["calibration_error"] = measure_calibration(confidence, np.nan_to_num(np.concatenate(accuracy)))
    return scores


def score_chain(found: Mapping[str, Any], true: np.ndarray) -> dict[str, float]:
    """Returns the measures of one chain; those that need atoms or probabilities which are not there are left out."""
    atoms = np.asarray(found["atoms"], np.float64)
    true = np.asarray(true, np.float64)
    if found.get("either_hand"):
        atoms = max((atoms, atoms * MIRROR), key=lambda one: measure_tm_score(one[:, CA], true[:, CA]))
    trace, goal = atoms[:, CA], true[:, CA]
    row = {
        "lddt": measure_lddt(trace, goal),
        "tm_score": measure_tm_score(trace, goal),
        "rmsd": measure_rmsd(trace, goal),
        "right_hand": float(has_right_hand(trace, goal)),
    }
    if "contacts" in found:
        beta = np.where(np.isnan(true[:, CB]), goal, true[:, CB])
        distances = np.linalg.norm(beta[:, None] - beta[None], axis=-1)
        for name, share in (("precision_l", 1.0), ("precision_l5", 0.2)):
            if (precision := measure_contact_precision(found["contacts"], distances, share)) is not None:
                row[name] = precision
    if not np.isnan(atoms[:, [N, C]]).any():
        row |= {"bond_violations": measure_bond_violations(atoms, true), "clashes": measure_clashes(atoms)}
    return row
