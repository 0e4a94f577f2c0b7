"""Frame aligned point error of two backbones, beside the loss of folding."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from dlsuite.features.backbone import CA, build_chain
from dlsuite.metrics.proteins.chains import MIRROR
from dlsuite.metrics.proteins.fape import measure_backbone_fape
from dlsuite.metrics.proteins.lddt import measure_lddt
from dlsuite.objectives.folding.frames import find_frames
from dlsuite.objectives.folding.losses import measure_aligned_errors, measure_fape


@pytest.fixture
def chain() -> np.ndarray:
    rng = np.random.default_rng(0)
    torsions = np.deg2rad(rng.normal([-70.0, 60.0, 180.0], [20.0, 90.0, 3.0], (30, 3)))
    return build_chain(torsions)


def test_it_does_not_see_where_a_structure_lies(chain: np.ndarray) -> None:
    moved = chain @ Rotation.random(random_state=1).as_matrix() + [3.0, -4.0, 5.0]
    assert measure_backbone_fape(moved, chain) == pytest.approx(0.0, abs=1e-9)


def test_it_sees_the_mirror_image_that_lddt_takes_for_perfect(chain: np.ndarray) -> None:
    assert measure_lddt((chain * MIRROR)[:, CA], chain[:, CA]) == pytest.approx(1.0)
    assert measure_backbone_fape(chain * MIRROR, chain) > 0.3


def test_it_is_the_loss_that_folding_learns_by(chain: np.ndarray) -> None:
    other = chain + np.random.default_rng(2).normal(size=chain.shape)
    found, true = (_seen(one) for one in (other, chain))
    there = np.ones((1, len(chain)), "float32")
    loss = measure_fape(measure_aligned_errors(found, true), there, there, 10.0)
    assert measure_backbone_fape(other, chain) == pytest.approx(float(np.asarray(loss)[0]), abs=1e-3)


def test_errors_above_ten_angstroms_count_as_ten(chain: np.ndarray) -> None:
    far = chain * 100
    assert 0.9 < measure_backbone_fape(far, chain) <= 1.0


def _seen(atoms: np.ndarray) -> tuple:
    batch = atoms[None].astype("float32")
    return (*find_frames(batch), batch[:, :, CA])
