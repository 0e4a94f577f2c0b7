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


def draw_chain(rng, length=24):
    """Returns a random walk [1, length, 3] that takes steps of 3.8 and turns by no more than a right angle."""
    steps = [np.array([1.0, 0.0, 0.0])]
    while len(steps) < length - 1:
        step = rng.normal(size=3)
        step /= np.linalg.norm(step)
        if step @ steps[-1] > 0:
            steps.append(step)
    return (3.8 * np.concatenate([np.zeros((1, 3)), np.cumsum(steps, axis=0)]))[None].astype("float32")


def count(length, chains=1):
    return np.tile(np.arange(1, length + 1), (chains, 1)).astype("int32")


def leave_out(distances, share, rng):
    luck = np.triu(rng.random(distances.shape) >= share, 1)
    return (distances * (luck + luck.transpose(0, 2, 1))).astype("float32")


def test_what_is_not_known_is_the_shortest_way(call):
    neighbours = np.eye(LENGTH, k=1) + np.eye(LENGTH, k=-1)
    known = leave_out(measure(draw()[0]), 0.7, np.random.default_rng(1))
    known = np.where((known == 0) & (neighbours > 0), 3.8, known).astype("float32")
    found = call("shortest_paths", distances=known, number=count(LENGTH, CHAINS))
    for one, table in zip(found, known, strict=True):
        np.testing.assert_allclose(one, np.where(table > 0, table, shortest_path(table, directed=False)), rtol=1e-5)


def test_neighbours_are_those_beside(call):
    found = call("neighbours", number=count(4))
    np.testing.assert_array_equal(found[0], np.eye(4, k=1) + np.eye(4, k=-1) > 0)


def test_squares_between_points(call):
    points, _ = draw()
    np.testing.assert_allclose(call("squares_between", points=points), measure(points) ** 2, rtol=1e-4, atol=1e-3)


def test_points_that_lie_in_a_plane_of_five_dimensions_are_flattened_as_they_are(call):
    points = draw()[0] - draw()[0].mean(axis=1, keepdims=True)
    turn, _ = np.linalg.qr(np.random.default_rng(5).normal(size=(5, 5)))
    found = call("flattened", points=(points @ turn[:3]).astype("float32"))
    assert found.shape == points.shape
    np.testing.assert_allclose(measure(found), measure(points), atol=1e-3)


@pytest.mark.parametrize(("rounds", "stress"), [(5, 1.0), (60, 0.15)])
def test_a_chain_is_found_from_a_fifth_of_its_distances(call, rounds, stress):
    chain = draw_chain(np.random.default_rng(3))
    true, n = measure(chain), chain.shape[1]
    known = leave_out(true, 0.8, np.random.default_rng(4))
    known[:, range(n - 1), range(1, n)] = known[:, range(1, n), range(n - 1)] = 9.0  # wrong, and of no account
    arrays = {"distances": known, "number": count(n), "mask": np.ones((1, n), "float32")}
    found = measure(call("chain_scaling", {"rounds": rounds}, **arrays))
    told = (known > 0) & (known != 9.0)
    assert np.abs(found - true)[told].mean() < stress
    assert found[0, range(n - 1), range(1, n)] == pytest.approx(3.8, abs=2 * stress)


def test_padding_does_not_move_a_chain(call):
    chain = draw_chain(np.random.default_rng(3))
    known, n = leave_out(measure(chain), 0.6, np.random.default_rng(4)), chain.shape[1]
    alone = call("chain_scaling", distances=known, number=count(n), mask=np.ones((1, n), "float32"))
    wide, mask = np.pad(known, [(0, 0), (0, 3), (0, 3)]), np.pad(np.ones((1, n), "float32"), [(0, 0), (0, 3)])
    padded = call("chain_scaling", distances=wide, number=count(n + 3), mask=mask)
    np.testing.assert_allclose(measure(padded[:, :n]), measure(alone), atol=0.02)
    np.testing.assert_allclose(padded[:, n:], 0, atol=1e-3)


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
