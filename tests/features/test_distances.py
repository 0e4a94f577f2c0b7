"""Distances between residues, and structures that scaling makes of them."""

import numpy as np
import pytest
from keras import ops

from dlsuite.baselines.scaling import Scaling, disturb, scale
from dlsuite.datasets.synthetic_peptides import SyntheticPeptides
from dlsuite.features.backbone import CA
from dlsuite.features.distances import Distances
from dlsuite.metrics.proteins.chains import score_chains
from dlsuite.metrics.proteins.superposition import measure_rmsd
from dlsuite.objectives.folding.restraints import disturb as disturb_tensors

PEPTIDE = SyntheticPeptides(count=1, shortest=30).splits()["all"][0]["structure"]


def test_tables_and_structures_are_read():
    feature = Distances(length=40)
    encoded = feature.encode(PEPTIDE)
    n = len(PEPTIDE)
    assert encoded.shape == (n, 40) and (encoded[:, n:] == 0).all()
    assert encoded[3, 4] == pytest.approx(np.linalg.norm(PEPTIDE[3, CA] - PEPTIDE[4, CA]), abs=1e-4)
    table = [[0, 3.8, None], [None, 0, 5.0], [7.0, 5.0, 0]]
    assert Distances(length=3).encode(table).tolist() == np.float32([[0, 3.8, 7], [3.8, 0, 5], [7, 5, 0]]).tolist()
    decoded = feature.decode(encoded)
    assert decoded.shape == (n, n) and np.isnan(np.diag(decoded)).all()


@pytest.mark.parametrize(
    "raw, reason",
    [
        ([[0, 1, 2], [1, 0, 2]], "2 rows and 3 columns; it has to be square"),
        ([[0, -1], [-1, 0]], "holds negative or infinite"),
        ([[0, float("inf")], [1, 0]], "holds negative or infinite"),
        ([[0, 1e30], [1e30, 0]], "holds a distance of 1e\\+30 angstroms, more than 10,000"),
        ({"a": 1}, "is an object: give a square table"),
        ([[0, 4], [5, 0]], "is not symmetric: 1 and 2 are 4 and 5 apart"),
        ([[0, 1], [0]], "rows differ in length"),
        (np.ones((9, 9)), "is 9 long, and `length` is 8"),
    ],
)
def test_what_is_no_table_says_why(raw, reason):
    with pytest.raises(ValueError, match=reason):
        Distances(length=8).encode(raw)


def test_noise_is_as_large_and_as_rare_as_asked_for_and_symmetric():
    true = np.full((2, 200, 200), 10, "float32")
    rng = np.random.default_rng(0)
    jitter, luck = rng.normal(size=true.shape).astype("float32"), rng.random(true.shape).astype("float32")
    found = np.array(disturb_tensors(true, jitter, luck, np.float32([0.0, 1.5]), np.float32([0.25, 0.75])))
    np.testing.assert_array_equal(found, found.transpose(0, 2, 1))
    off = ~np.eye(200, dtype=bool)
    for one, deviation, missing in zip(found, (0.0, 1.5), (0.25, 0.75), strict=True):
        assert (one[off] == 0).mean() == pytest.approx(missing, abs=0.02)
        assert (one[one > 0] - 10).std() == pytest.approx(deviation, abs=0.03)
    assert (np.array(disturb_tensors(true * 0, jitter, luck, ops.ones(2), ops.zeros(2))) == 0).all()
    alike = disturb(true[0], rng, 1.5, 0.75)
    np.testing.assert_array_equal(alike, alike.T)
    assert (alike[off] == 0).mean() == pytest.approx(0.75, abs=0.02)


def test_scaling_finds_a_structure_or_its_mirror_image():
    true = PEPTIDE[:, CA].astype(np.float64)
    exact = np.linalg.norm(true[:, None] - true[None], axis=-1)
    points = scale(exact)
    assert min(measure_rmsd(points, true), measure_rmsd(points * [1, 1, -1], true)) < 0.01
    few = disturb(exact, np.random.default_rng(0), 0.5, 0.5)
    points = scale(few)
    assert min(measure_rmsd(points, true), measure_rmsd(points * [1, 1, -1], true)) < 1.5


def test_as_a_baseline_either_hand_counts():
    feature = Distances(length=40)
    encoded = np.pad(feature.encode(PEPTIDE), ((0, 40 - len(PEPTIDE)), (0, 0)))[None]
    mask = (np.arange(40) < len(PEPTIDE))[None]
    inputs = {"distances": np.concatenate([encoded] * 4), "distances.mask": np.concatenate([mask] * 4)}
    answers = Scaling(deviation=[0.0, 0.5], missing=[0.0, 0.5]).predict(inputs)
    scores = score_chains(answers, [PEPTIDE] * 4)
    assert scores["right_hand"] == 1 and scores["tm_score"] > 0.7 and "clashes" not in scores
    with pytest.raises(ValueError, match="reads Distances"):
        Scaling().predict({"sequence": np.zeros((1, 4), int), "sequence.mask": np.ones((1, 4), bool)})
