"""Measures of structures against other people's programs, and what moving and mirroring change."""

import biotite.structure as biotite
import numpy as np
import pytest
import tmtools

from dlsuite.datasets.synthetic_peptides import SyntheticPeptides
from dlsuite.features.backbone import CA, build_chain
from dlsuite.metrics.proteins.confidence import bootstrap_mean, measure_calibration
from dlsuite.metrics.proteins.contacts import measure_contact_precision
from dlsuite.metrics.proteins.lddt import measure_lddt, measure_local_lddt
from dlsuite.metrics.proteins.stereochemistry import measure_bond_violations, measure_clashes
from dlsuite.metrics.proteins.superposition import has_right_hand, measure_rmsd, superpose
from dlsuite.metrics.proteins.tm_score import measure_tm_score

MIRROR = np.array([1.0, 1.0, -1.0])
LENGTHS = (6, 20, 45, 100)


def chain(length: int, seed: int = 0) -> np.ndarray:
    """Returns a compact chain of alpha carbons, [length, 3], as a walk that is drawn to its centre."""
    rng = np.random.default_rng(seed)
    points = [np.zeros(3)]
    while len(points) < length:
        step = rng.normal(size=3) - 0.12 * (points[-1] - np.mean(points, axis=0))
        points.append(points[-1] + 3.8 * step / np.linalg.norm(step))
    return np.array(points)


def moved(points: np.ndarray, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    turn, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    return points @ (turn * np.sign(np.linalg.det(turn))) + rng.normal(size=3) * 20


def noisy(points: np.ndarray, deviation: float, seed: int = 2) -> np.ndarray:
    return points + deviation * np.random.default_rng(seed).normal(size=points.shape)


def as_atoms(points: np.ndarray) -> biotite.AtomArray:
    array = biotite.AtomArray(len(points))
    array.coord = points.astype(np.float32)
    array.res_id = np.arange(1, len(points) + 1)
    array.res_name[:], array.atom_name[:], array.chain_id[:], array.element[:] = "ALA", "CA", "A", "C"
    return array


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("deviation", [0.0, 0.3, 1.0, 3.0])
def test_lddt_is_biotites(length, deviation):
    true = chain(length).astype(np.float32)
    found = noisy(true, deviation).astype(np.float32)
    a, b = as_atoms(true), as_atoms(found)
    assert measure_lddt(found, true) == pytest.approx(biotite.lddt(a, b), abs=1e-6)
    local = biotite.lddt(a, b, aggregation="residue")
    np.testing.assert_allclose(measure_local_lddt(found, true), local, atol=1e-6)


@pytest.mark.parametrize("error, expected", [(0.49, 1.0), (0.99, 0.75), (1.99, 0.5), (3.99, 0.25), (4.01, 0.0)])
def test_lddt_counts_errors_by_their_size(error, expected):
    true = np.array([[0.0, 0, 0], [10.0, 0, 0]])
    assert measure_lddt(true + [[0, 0, 0], [error, 0, 0]], true) == expected


@pytest.mark.parametrize("length", LENGTHS)
def test_rmsd_is_biotites(length):
    true = chain(length)
    found = moved(noisy(true, 1.0))
    fitted, _ = biotite.superimpose(true, found)
    assert measure_rmsd(found, true) == pytest.approx(float(biotite.rmsd(true, fitted)), abs=1e-5)
    np.testing.assert_allclose(superpose(found, true), fitted, atol=1e-4)


@pytest.mark.parametrize("length", [60, 100])
@pytest.mark.parametrize("deviation", [0.5, 1.5])
def test_tm_score_is_that_of_tm_align(length, deviation):
    true = chain(length)
    found = moved(noisy(true, deviation, 100))
    theirs = tmtools.tm_align(found, true, "A" * length, "A" * length)
    # TM-align also chooses which residues to compare. Here it chose those of the same number, so the two are alike.
    assert "-" not in theirs.seqxA + theirs.seqyA
    assert measure_tm_score(found, true) == pytest.approx(theirs.tm_norm_chain2, abs=0.001)


def test_tm_score_finds_a_domain_that_moved():
    true = chain(100)
    found = np.concatenate([true[:60], moved(true[60:])])
    theirs = tmtools.tm_align(found, true, "A" * 100, "A" * 100).tm_norm_chain2
    assert measure_tm_score(found, true) >= theirs - 0.01 > 0.55
    assert measure_tm_score(true, true) == pytest.approx(1)


@pytest.mark.parametrize("measure", [measure_lddt, measure_tm_score, measure_rmsd, has_right_hand])
def test_where_a_structure_stands_does_not_matter(measure):
    true = chain(50)
    found = noisy(true, 1.0)
    assert measure(moved(found), moved(true, 5)) == pytest.approx(measure(found, true), abs=1e-6)


def test_mirror_images_are_told_by_the_hand_and_by_tm_score_and_not_by_lddt():
    for seed in range(20):
        true = chain(80, seed)
        mirrored = moved(noisy(true, 1.0, seed) * MIRROR, seed)
        assert measure_lddt(true * MIRROR, true) == 1.0
        assert has_right_hand(moved(noisy(true, 1.0, seed)), true) and not has_right_hand(mirrored, true)
        assert measure_tm_score(mirrored, true) < 0.6 < measure_tm_score(noisy(true, 1.0, seed), true)


def test_contacts_that_are_far_apart_in_the_chain():
    points = chain(60)
    distances = np.linalg.norm(points[:, None] - points[None], axis=-1)
    assert measure_contact_precision(-distances[:20, :20], distances[:20, :20]) is None
    far = np.triu(np.ones((60, 60), bool), 24)
    contacts = int((distances[far] < 8).sum())
    assert contacts > 12
    assert measure_contact_precision(-distances, distances, 1 / 5) == 1.0
    assert measure_contact_precision(-distances, distances) == min(contacts, 60) / 60
    assert measure_contact_precision(distances, distances, 1 / 5) == 0.0


def test_bonds_and_clashes():
    helix = build_chain(np.tile(np.deg2rad([-63.0, -43.0, 180.0]), (20, 1)))
    assert measure_bond_violations(helix, helix) == 0 and measure_clashes(helix) == 0
    pulled = helix.copy()
    pulled[10:] += [3.0, 0, 0]
    assert measure_bond_violations(pulled, helix) == pytest.approx(1 / 19)
    assert measure_bond_violations(helix, pulled) == 0  # a break in the true one does not count
    assert measure_clashes(np.zeros_like(helix)) == 1
    folded = helix.copy()
    folded[15] = folded[3]
    assert 2 / 20 <= measure_clashes(folded) <= 8 / 20


def test_peptides_of_ours_have_sound_bonds():
    for one in list(SyntheticPeptides(count=5).splits()["all"]):
        assert measure_bond_violations(one["structure"], one["structure"]) == 0
        assert measure_clashes(one["structure"]) < 0.2
        assert measure_tm_score(one["structure"][:, CA], one["structure"][:, CA]) == pytest.approx(1, abs=1e-6)


def test_calibration():
    accuracy = np.random.default_rng(0).uniform(0, 1, 500)
    assert measure_calibration(accuracy, accuracy) == 0
    assert measure_calibration(np.full(500, 0.95), np.full(500, 0.6)) == pytest.approx(0.35)


def test_intervals_hold_the_mean_as_often_as_they_say():
    rng = np.random.default_rng(0)
    hits = 0
    for seed in range(200):
        low, high = bootstrap_mean(rng.normal(5, 2, 40), seed, draws=400)
        hits += low <= 5 <= high
    assert 0.88 <= hits / 200 <= 0.99
    assert bootstrap_mean(np.ones(5)) == (1.0, 1.0)
