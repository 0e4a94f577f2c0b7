"""Predicted structures, laid on true ones and scored beside them."""

from __future__ import annotations

import json

import numpy as np
import pytest

from dlsuite import folds
from dlsuite.features.backbone import CA, CB, build_chain
from dlsuite.features.chain_files import write_chain
from dlsuite.metrics.proteins.chains import score_chain
from dlsuite.objectives.media import Media

LETTERS = "MKVLGAGIAKNEWPLDRT"


@pytest.fixture
def atoms() -> np.ndarray:
    torsions = np.random.default_rng(0).normal([-70.0, 60.0, 180.0], [20.0, 90.0, 3.0], (len(LETTERS), 3))
    return build_chain(np.deg2rad(torsions))


def test_an_answer_is_read(atoms: np.ndarray) -> None:
    n, plddt = len(LETTERS), np.linspace(10, 90, len(LETTERS))
    table = np.arange(n * n, dtype=float).reshape(n, n)
    maps = {
        "sequence": LETTERS,
        "contacts": table.tolist(),
        "distances": table.tolist(),
        "aligned_error": table.tolist(),
    }
    rows = "\n".join(f"{i + 1},{LETTERS[i]},{plddt[i]:.2f}" for i in range(n))
    answer = {
        "sequence": LETTERS,
        "pdb": Media(write_chain(LETTERS, atoms, plddt), ".pdb"),
        "maps": Media(json.dumps(maps).encode(), ".json"),
        "residues": Media(f"residue,letter,plddt\n{rows}\n".encode(), ".csv"),
    }
    found = folds.read_fold(answer)
    assert found.sequence == LETTERS
    assert found.plddt == pytest.approx(plddt, abs=0.01)
    assert found.atoms[:, CA] == pytest.approx(atoms[:, CA], abs=1e-3)
    assert (found.aligned_error == table).all()


def test_what_is_laid_on_lies_there_and_lacks_what_it_lacked(atoms: np.ndarray) -> None:
    turned = folds.mirror(folds.mirror(atoms))[..., [1, 2, 0]] + 7.0  # a rotation: an even permutation of axes
    turned[3, CB] = np.nan
    moved = folds.lay_on(turned, atoms)
    assert np.isnan(moved[3, CB]).all()
    moved[3, CB] = atoms[3, CB]
    assert moved == pytest.approx(atoms, abs=1e-6)


def test_scores_are_those_of_evaluations(atoms: np.ndarray) -> None:
    other = atoms + np.random.default_rng(1).normal(size=atoms.shape)
    found, known = folds.compare(other, atoms), score_chain({"atoms": other}, atoms)
    assert {name: found[name] for name in known.keys() & found.keys()} == {
        name: known[name] for name in ("lddt", "tm_score", "rmsd", "right_hand")
    }


def test_the_mirror_image_keeps_lddt_alone(atoms: np.ndarray) -> None:
    before, after = folds.compare(atoms, atoms), folds.compare(folds.mirror(atoms), atoms)
    assert before["lddt"] == after["lddt"] == 1.0
    assert before["fape"] < 0.01 < 0.3 < after["fape"]
    assert before["right_hand"] == 1.0 > after["right_hand"]
    assert after["tm_score"] < before["tm_score"]


def test_alpha_carbons_alone_have_no_fape(atoms: np.ndarray) -> None:
    trace = np.full(atoms.shape, np.nan)
    trace[:, CA] = atoms[:, CA]
    assert "fape" not in folds.compare(trace, atoms)


def test_distances_are_of_beta_carbons_where_there_are(atoms: np.ndarray) -> None:
    atoms[4, CB] = np.nan
    found = folds.measure_distances(atoms)
    assert found[4, 9] == pytest.approx(np.linalg.norm(atoms[4, CA] - atoms[9, CB]))
