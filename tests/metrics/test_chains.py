"""All measures of chains together."""

import numpy as np
import pytest

from dlsuite.datasets.synthetic_peptides import SyntheticPeptides
from dlsuite.metrics.proteins.chains import MIRROR, score_chains

CHAINS = list(SyntheticPeptides(count=3, shortest=30).splits()["all"].column("structure"))


def test_true_structures_score_best_and_truths_may_be_padded():
    padded = [np.pad(one, ((0, 5), (0, 0), (0, 0)), constant_values=np.nan) for one in CHAINS]
    scores = score_chains([{"atoms": one, "plddt": np.ones(len(one))} for one in CHAINS], padded)
    assert scores["lddt"] == scores["right_hand"] == 1 and scores["rmsd"] == pytest.approx(0, abs=1e-5)
    assert scores["tm_score_low"] == pytest.approx(1) and scores["calibration_error"] == pytest.approx(0, abs=1e-6)
    assert scores["bond_violations"] == 0


def test_mirror_images_keep_lddt_and_lose_the_hand_unless_either_counts():
    wrong = [{"atoms": one * MIRROR} for one in CHAINS]
    scores = score_chains(wrong, CHAINS)
    assert scores["lddt"] == pytest.approx(1) and scores["right_hand"] == 0 and scores["tm_score"] < 0.9
    either = score_chains([one | {"either_hand": True} for one in wrong], CHAINS)
    assert either["right_hand"] == 1 and either["tm_score"] == pytest.approx(1)


def test_contacts_are_left_out_where_chains_are_too_short_to_have_any():
    short = [one[:20] for one in CHAINS]
    found = [{"atoms": one, "contacts": np.zeros((20, 20))} for one in short]
    assert "precision_l" not in score_chains(found, short)
    found = [{"atoms": one, "contacts": np.zeros((len(one), len(one)))} for one in CHAINS]
    assert {"precision_l", "precision_l5"} <= set(score_chains(found, CHAINS))
