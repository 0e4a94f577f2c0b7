"""The helix that folded chains are compared with."""

import numpy as np
import pytest

from dlsuite.baselines.ideal_helix import IdealHelix
from dlsuite.features.backbone import CA
from dlsuite.metrics.proteins.chains import score_chains


def test_it_is_an_alpha_helix_as_long_as_each_chain():
    mask = np.arange(40) < np.array([[40], [7]])
    long, short = IdealHelix().predict({"sequence": mask.astype("int32"), "sequence.mask": mask})
    assert long["atoms"].shape == (40, 5, 3) and short["atoms"].shape == (7, 5, 3)
    trace = long["atoms"][:, CA]
    pull = np.diff(trace, n=2, axis=0)  # from the alpha carbons straight to the axis
    turn = np.degrees(np.arccos(pull[0] @ pull[1] / (pull[0] @ pull[0])))
    assert 360 / turn == pytest.approx(3.6, abs=0.05)  # residues a turn
    assert np.linalg.norm(trace[36] - trace[0]) / 36 == pytest.approx(1.5, abs=0.08)  # angstroms a residue
    scores = score_chains([short], [long["atoms"][10:17] + 5.0])
    assert scores["lddt"] == 1 and scores["right_hand"] == 1 and scores["bond_violations"] == 0
