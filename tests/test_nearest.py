"""What a picture is compared with, to see whether it is remembered."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

import dlsuite
from dlsuite.nearest import Memory


def rows(run, split):
    """Returns the pictures of a split as scikit-learn takes them."""
    pictures = [run.features["image"].load(one["image"]) for one in run.data().examples(split)]
    return np.stack(pictures).reshape(len(pictures), -1) / 255.0


def test_distances_are_those_of_scikit_learn(vae_run):
    known, real = rows(vae_run, "train"), rows(vae_run, "test")
    search = NearestNeighbors(n_neighbors=1).fit(known)
    memory = Memory(vae_run)
    np.testing.assert_allclose(memory.real, search.kneighbors(real)[0][:, 0], atol=1e-3)
    picture = np.random.default_rng(0).integers(0, 256, (8, 8, 1), np.uint8)
    (distance,), (number,) = (one[0] for one in search.kneighbors(picture.reshape(1, -1) / 255.0))
    found = memory.find(picture)
    assert found.number == number and found.distance == pytest.approx(distance, abs=1e-3)
    assert found.nearer == 1.0, "noise is farther away than any digit"


def test_a_copy_is_found(vae_run):
    copied = vae_run.features["image"].load(vae_run.data().examples("train")[17]["image"])
    found = Memory(vae_run).find(copied)
    np.testing.assert_array_equal(found.picture, copied)
    assert found.distance == pytest.approx(0, abs=1e-2) and found.nearer < 0.05


def test_runs_that_make_no_pictures_are_refused(digits_run):
    with pytest.raises(dlsuite.DataError, match="makes no pictures"):
        Memory(digits_run)
