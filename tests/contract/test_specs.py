"""Every spec that the suite ships: it checks, says what it is for, builds, and has the parameters it claims."""

from __future__ import annotations

import gc
import json
import math
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from dlsuite import api
from dlsuite.features.backbone import CA, build_chain
from dlsuite.metrics.proteins.superposition import has_right_hand, measure_rmsd
from dlsuite.objectives.folding.frames import place_atoms
from dlsuite.spec import loading
from dlsuite.training.goals import try_goals

ROOT = Path(__file__).parents[2] / "specs"
FILES = sorted(path for path in ROOT.rglob("*.json") if path.name not in ("schema.json", "schema.docs.json"))
LIBRARIES = [path for path in FILES if path.parent == ROOT / "blocks"]
SPECS = [path for path in FILES if path not in LIBRARIES]
BUILT = [path for path in SPECS if path.parent != ROOT / "papers"]
"""Those of a size for any machine; published architectures are counted in test_papers.py, without their weights."""

OVERRIDES: dict[str, dict[str, Any]] = {
    # Recycling and the steps of structure share their weights: fewer of them are as many parameters.
    "alphafold2": {"params.recycles": 0, "params.structure_steps": 1},
}
"""Values with which a spec builds fast enough here, and has as many parameters as without."""


def name(path: Path) -> str:
    """Returns a file's name as test reports show it."""
    return str(path.relative_to(ROOT).with_suffix(""))


@pytest.fixture
def freed() -> Iterator[None]:
    """Frees the models of a test before the next builds its own."""
    yield
    keras.utils.clear_session()
    gc.collect()


def built(path: Path, overrides: dict[str, Any]) -> dict[str, keras.Model]:
    """Returns the models of a spec by name."""
    models = api.build(loading.load(path, overrides))
    return models if isinstance(models, dict) else {"model": models}


def trainable(model: keras.Model) -> int:
    """Returns the number of trainable parameters."""
    return sum(math.prod(weight.shape) for weight in model.trainable_weights)


def needs_data(path: Path) -> bool:
    """Returns whether facts of the spec are known only once files are read that the suite does not ship."""
    return bool(loading.load(path).plan().unknown)


@pytest.mark.parametrize("path", FILES, ids=name)
def test_it_opens_with_what_it_is_for(path: Path) -> None:
    content = json.loads(path.read_text())
    assert [key for key in content if key != "extends"][:3] == ["$schema", "name", "about"]
    assert (path.parent / content["$schema"]).resolve() == ROOT / "schema.json"
    assert content["name"] == path.stem
    assert len(content["about"]) > 30


@pytest.mark.parametrize("path", FILES, ids=name)
def test_it_checks(path: Path) -> None:
    assert loading.check(path) == []


@pytest.mark.parametrize("path", SPECS, ids=name)
def test_it_claims_something(path: Path) -> None:
    """A spec that trains claims figures, or says that they are not yet measured; others say where counts are from."""
    content = json.loads(path.read_text())
    assert content["expect"]["parameters"]
    if not loading.load(path).plan().train:
        assert content["expect"]["source"]
    else:
        assert content["expect"].get("metrics") or "not yet measured" in content["about"]


@pytest.mark.usefixtures("freed")
@pytest.mark.parametrize("path", BUILT, ids=name)
def test_it_builds_and_counts(path: Path) -> None:
    if needs_data(path) and "DLSUITE_DATA" not in os.environ:
        pytest.skip("DLSUITE_DATA is not set, and this spec's shapes are known once its data is read")
    models = built(path, OVERRIDES.get(path.stem, {}))
    counts = {key: trainable(model) for key, model in models.items()}
    claimed = loading.load(path).plan().expect["parameters"]
    assert (counts if len(counts) > 1 else counts["model"]) == claimed
    try_goals(loading.load(path, OVERRIDES.get(path.stem, {})).plan(), models)


@pytest.mark.parametrize("path", LIBRARIES, ids=name)
def test_a_library_is_used(path: Path) -> None:
    users = [spec for spec in FILES if path.name in json.dumps(json.loads(spec.read_text()).get("uses", []))]
    assert users, "no spec uses this library"


# -- what shared blocks compute ---------------------------------------------------------------------------------------


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Gives a function that calls a block of a library on arrays by name, and returns what comes out."""
    monkeypatch.chdir(ROOT)

    def run(library: str, block: str, inputs: dict[str, Any], **arguments: Any) -> Any:
        arrays = {key: np.asarray(value) for key, value in inputs.items()}
        declared = {
            key: {"Input": {"shape": [None, *array.shape[2:]] if array.ndim > 1 else [], "dtype": str(array.dtype)}}
            for key, array in arrays.items()
        }
        made = {block: {**arguments, "inputs": list(inputs)}}
        spec = {"uses": [f"blocks/{library}.json"], "model": {"inputs": declared, "layers": [made]}}
        model = api.build(loading.load(spec))
        for weight in model.trainable_weights:  # zeros and ones would hide faults
            weight.assign(weight + np.random.default_rng(1).normal(size=weight.shape))
        return np.array(model(arrays if len(arrays) > 1 else next(iter(arrays.values()))))

    return run


def random(*shape: int) -> np.ndarray:
    """Returns repeatable noise."""
    return np.random.default_rng(len(shape)).normal(size=shape).astype("float32")


def test_the_future_is_hidden(call: Callable[..., Any]) -> None:
    offsets = call("masks", "offsets", {"x": np.cumsum(np.ones((1, 4), "int32"), 1, dtype="int32")})
    np.testing.assert_array_equal(offsets[0], [[0, 1, 2, 3], [-1, 0, 1, 2], [-2, -1, 0, 1], [-3, -2, -1, 0]])
    bias = call("masks", "future_bias", {"x": offsets})
    np.testing.assert_array_equal(bias[0, 0], np.where(np.tri(4) == 1, 0, -1e9))


def test_masks_become_biases(call: Callable[..., Any]) -> None:
    for mask in (np.array([[True, False]]), np.array([[1.0, 0.0]], "float32")):
        bias = call("masks", "mask_bias", {"mask": mask}, axis=[1, 2])
        np.testing.assert_array_equal(bias, [[[[0, -1e9]]]])


def test_waves_are_sines_and_cosines(call: Callable[..., Any]) -> None:
    time = np.array([0.0, 3.0], "float32")
    waves = call("waves", "waves", {"time": time}, size=8)
    angles = time[:, None] / 10000 ** (np.arange(4) / 3)
    np.testing.assert_allclose(waves, np.concatenate([np.sin(angles), np.cos(angles)], axis=1), atol=1e-6)


def test_patches_are_channels_and_come_back(call: Callable[..., Any]) -> None:
    image = random(2, 6, 6, 3)
    keras_image = np.moveaxis(image, -1, 1)  # (batch, channels, height, width)
    expected = keras_image.reshape(2, 3, 3, 2, 3, 2).transpose(0, 2, 4, 3, 5, 1).reshape(2, 3, 3, 12)
    patches = call("diffusion", "into_patches", {"x": image}, size=6, channels=3)
    np.testing.assert_array_equal(patches, expected)
    np.testing.assert_array_equal(call("diffusion", "from_patches", {"x": patches}, size=6, channels=3), image)


def test_a_turn_is_a_rotation(call: Callable[..., Any]) -> None:
    v = random(1, 5, 3)
    v[0, 0] = 0
    turns = call("structure_module", "turn", {"v": v})[0]
    np.testing.assert_array_equal(turns[0], np.eye(3))
    np.testing.assert_allclose(turns @ turns.transpose(0, 2, 1), np.broadcast_to(np.eye(3), (5, 3, 3)), atol=1e-6)
    np.testing.assert_allclose(np.linalg.det(turns), 1, atol=1e-6)
    np.testing.assert_allclose(turns[1] @ v[0, 1], v[0, 1], atol=1e-6)  # the axis stays


def test_point_attention_does_not_change_when_all_frames_move(call: Callable[..., Any]) -> None:
    single, pair, bias = random(1, 4, 6), random(1, 4, 4, 5), np.zeros((1, 1, 4, 1), "float32")
    rotation = call("structure_module", "turn", {"v": random(1, 4, 3)})
    move, shift = rotation[0, 0], np.array([5.0, -3.0, 1.0], "float32")

    def attend(rotation: np.ndarray, position: np.ndarray) -> np.ndarray:
        inputs = {"single": single, "pair": pair, "rotation": rotation, "position": position, "bias": bias}
        return call("structure_module", "point_attention", inputs, width=6, heads=2)

    position = random(1, 4, 3)[:, ::-1].copy()
    here = attend(rotation, position)
    there = attend((move @ rotation).astype("float32"), (position @ move.T + shift).astype("float32"))
    assert np.abs(here).max() > 0.1
    np.testing.assert_allclose(there, here, rtol=1e-3, atol=1e-3)
    assert np.abs(attend(rotation, position[:, ::-1].copy()) - here).max() > 0.1


def test_a_chain_is_built_from_its_torsions_as_numpy_builds_it(call: Callable[..., Any]) -> None:
    torsions = np.random.default_rng(0).uniform(-np.pi, np.pi, (2, 21, 3))  # phi, psi, omega
    phi, psi, omega = np.moveaxis(torsions, -1, 0)
    angles = np.stack([np.roll(omega, 1, axis=1), phi, psi + np.pi], axis=-1)
    vectors = 3 * np.stack([np.sin(angles), np.cos(angles)], axis=-1).astype("float32")
    frames = call("chain", "chain", {"torsions": vectors}, length=21)  # (2, 21, 3, 4)
    atoms = np.array(place_atoms(frames[..., :3], frames[..., 3], vectors[:, :, 2] / 3))
    for found, true in zip(atoms, build_chain(torsions), strict=True):
        assert measure_rmsd(found.reshape(-1, 3), true.reshape(-1, 3)) < 1e-3
        assert has_right_hand(found[:, CA], true[:, CA])


def test_buckets_of_distances_are_those_of_t5() -> None:
    content = json.loads((ROOT / "papers" / "t5_small.json").read_text())
    blocks = {"range_bucket": content["blocks"]["range_bucket"]}
    model = {"inputs": {"distance": {"Input": {"shape": [None], "dtype": "int32"}}}}
    spec = {"blocks": blocks, "model": {**model, "layers": [{"range_bucket": {"buckets": 16}}]}}
    distance = np.arange(300, dtype="int32")
    found = np.array(api.build(loading.load(spec))(distance[None]))[0]
    # _relative_position_bucket of the published code, for one side
    large = 8 + (np.log(np.maximum(distance, 1).astype("float32") / 8) / math.log(128 / 8) * (16 - 8)).astype("int32")
    expected = np.where(distance < 8, distance, np.minimum(large, 15))
    np.testing.assert_array_equal(found, expected)
    assert found[0] == 0 and found[7] == 7 and found[299] == 15


def test_a_causal_transformer_does_not_see_the_future() -> None:
    sizes = {"depth": 2, "width": 8, "heads": 2, "context": 6, "vocabulary": 11}
    spec = loading.load(ROOT / "papers" / "gpt2.json", {f"params.{key}": value for key, value in sizes.items()})
    model = api.build(spec)
    text = np.array([[1, 2, 3, 4, 5, 6]])
    changed = np.array([[1, 2, 3, 9, 9, 9]])
    one, other = np.array(model(text)), np.array(model(changed))
    np.testing.assert_allclose(one[:, :3], other[:, :3], atol=1e-6)
    assert np.abs(one[:, 3:] - other[:, 3:]).max() > 1e-4


def test_padding_changes_nothing_in_t5() -> None:
    sizes = {"width": 8, "depth": 1, "heads": 2, "head_width": 4, "hidden": 16, "vocabulary": 9}
    spec = loading.load(ROOT / "papers" / "t5_small.json", {f"params.{key}": value for key, value in sizes.items()})
    model = api.build(spec)
    short = {"source": [[3, 4]], "source_mask": [[True, True]], "so_far": [[1, 2, 5]]}
    padded = {"source": [[3, 4, 7]], "source_mask": [[True, True, False]], "so_far": [[1, 2, 5]]}
    one, other = (np.array(model({key: np.array(value) for key, value in case.items()})) for case in (short, padded))
    np.testing.assert_allclose(one, other, atol=1e-6)
    later = {**short, "so_far": [[1, 2, 8]]}
    again = np.array(model({key: np.array(value) for key, value in later.items()}))
    np.testing.assert_allclose(one[:, :2], again[:, :2], atol=1e-6)
