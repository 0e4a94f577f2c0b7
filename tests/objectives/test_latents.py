"""Walks between latents."""

import numpy as np

from dlsuite.objectives.latents import walk


def test_a_walk_stays_as_long_as_its_ends():
    ends = np.random.default_rng(0).standard_normal((2, 4, 100)).astype("float32")
    way = walk(*ends, 9)
    np.testing.assert_allclose(way[0], ends[0], atol=1e-5)
    np.testing.assert_allclose(way[-1], ends[1], atol=1e-5)
    lengths = np.linalg.norm(way, axis=-1)
    np.testing.assert_allclose(lengths[4], (lengths[0] + lengths[-1]) / 2, rtol=1e-5)
    steps = np.linalg.norm(np.diff(way, axis=0), axis=-1)
    assert (steps.max(0) < 1.2 * steps.min(0)).all()  # even


def test_a_walk_to_the_same_point_stays_there():
    point = np.ones((1, 3), "float32")
    np.testing.assert_allclose(walk(point, point, 3), np.ones((3, 1, 3)), atol=1e-3)
