"""Points from distances, by the blocks of `specs/blocks/distance_geometry.json`."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse.csgraph import shortest_path

import dlsuite

LIBRARY = Path(__file__).parents[2] / "specs" / "blocks"
CHAINS, LENGTH = 2, 9
OUTPUTS = {"right_hand": ["handed", "twist"]}


@pytest.fixture
def call(tmp_path):
    """Calls a block with arrays by input and returns its output."""
    (tmp_path / "blocks").mkdir()
    for name in ("distance_geometry", "masks"):
        (tmp_path / f"blocks/{name}.json").write_text((LIBRARY / f"{name}.json").read_text())

    def act(block, settings=None, **arrays):
        inputs = {
            name: {"Input": {"shape": list(one.shape[1:]), "dtype": str(one.dtype)}} for name, one in arrays.items()
        }
        outputs = OUTPUTS.get(block, ["made"])
        made = {block: {"inputs": list(arrays), "to": outputs, **(settings or {})}}
        model = {"inputs": inputs, "outputs": outputs, "layers": [made]}
        spec = {"uses": ["blocks/distance_geometry.json"], "model": model}
        (tmp_path / "spec.json").write_text(json.dumps(spec))
        model = dlsuite.build(dlsuite.load(tmp_path / "spec.json"))
        made = model(arrays if len(arrays) > 1 else next(iter(arrays.values())))
        return {name: np.asarray(one) for name, one in made.items()} if isinstance(made, dict) else np.asarray(made)

    return act


def draw(seed=0):
    """Returns points of two chains, the second shorter by two, with their mask."""
    points = np.random.default_rng(seed).normal(size=(CHAINS, LENGTH, 3)).astype("float32") * 8
    mask = np.ones((CHAINS, LENGTH), "float32")
    mask[1, -2:] = 0
    return points * mask[..., None], mask


def measure(points):
    return np.linalg.norm(points[:, :, None] - points[:, None], axis=-1)


def between(mask):
    return mask[:, :, None] * mask[:, None]


def test_what_is_not_known_is_the_shortest_way(call):
    distances = measure(draw()[0])
    luck = np.triu(np.random.default_rng(1).random(distances.shape) < 0.3, 1)
    known = (distances * (luck + luck.transpose(0, 2, 1))).astype("float32")
    number = np.tile(np.arange(1, LENGTH + 1), (CHAINS, 1)).astype("int32")
    neighbours = np.eye(LENGTH, k=1) + np.eye(LENGTH, k=-1)
    found = call("shortest_paths", distances=known, number=number)
    for one, table in zip(found, known, strict=True):
        ways = shortest_path(np.where(table > 0, table, 3.8 * neighbours), directed=False)
        np.testing.assert_allclose(one, np.where(table > 0, table, ways), rtol=1e-5)


def test_exact_distances_give_the_points_back(call):
    points, mask = draw()
    distances = (measure(points) * between(mask)).astype("float32")
    found = call("classical_scaling", distances=distances, mask=mask)
    np.testing.assert_allclose(measure(found) * between(mask), distances, atol=1e-3)
    np.testing.assert_allclose(found[1, -2:], 0, atol=1e-4)


def test_majorizing_lowers_the_weighted_stress(call):
    points, mask = draw()
    rng = np.random.default_rng(2)
    goal = measure(points + rng.normal(size=points.shape)).astype("float32")
    weights = rng.uniform(0.1, 1, goal.shape).astype("float32")
    weights = (weights + weights.transpose(0, 2, 1)) * between(mask)

    def stress(one):
        return (weights * (measure(one) - goal) ** 2).sum()

    start = points + 4 * rng.normal(size=points.shape).astype("float32")
    arrays = {"points": start, "distances": goal, "weights": weights, "mask": mask}
    by_rounds = [stress(call("majorize", {"rounds": rounds}, **arrays)) for rounds in (1, 2, 5, 40)]
    assert stress(start) > by_rounds[0] > by_rounds[1] > by_rounds[2] > by_rounds[3]
    near = points + rng.normal(size=points.shape).astype("float32")
    exact = {**arrays, "points": near, "distances": measure(points).astype("float32")}
    np.testing.assert_allclose(
        measure(call("majorize", {"rounds": 200}, **exact)) * between(mask),
        exact["distances"] * between(mask),
        atol=0.2,
    )


def test_a_mirror_image_is_brought_to_the_same_hand(call):
    points, mask = draw()
    found = call("right_hand", {"strides": [1, 2]}, points=points, mask=mask)
    mirrored = call("right_hand", {"strides": [1, 2]}, points=(points * [1, 1, -1]).astype("float32"), mask=mask)
    np.testing.assert_allclose(mirrored["twist"], -found["twist"], rtol=1e-4, atol=1e-5)
    assert np.abs(found["twist"]).min() > 0.01
    for one, other in zip(found["handed"], mirrored["handed"], strict=True):  # a half turn about the third axis
        np.testing.assert_allclose(one, other * [-1, -1, 1], atol=1e-5)
    padded = points + 100 * (1 - mask[..., None])
    assert call("right_hand", {"strides": [1]}, points=padded, mask=mask)["twist"] == pytest.approx(
        call("right_hand", {"strides": [1]}, points=points, mask=mask)["twist"], rel=1e-4
    )


def test_frames_are_rotations_and_turn_with_the_chain(call):
    points, _ = draw()
    turn, _ = np.linalg.qr(np.random.default_rng(4).normal(size=(3, 3)))
    turn *= np.linalg.det(turn)
    frames = call("chain_frames", points=points[:1])
    turned = call("chain_frames", points=(points[:1] @ turn.T).astype("float32"))
    np.testing.assert_allclose(
        np.einsum("bixy,bixz->biyz", frames, frames), np.eye(3)[None, None].repeat(LENGTH, 1), atol=1e-4
    )
    np.testing.assert_allclose(np.linalg.det(frames), 1, atol=1e-4)
    np.testing.assert_allclose(turned, turn @ frames, atol=1e-4)
    np.testing.assert_array_equal(frames[:, 0], frames[:, 1])
