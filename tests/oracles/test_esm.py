"""ESM-2 and the structure module of ESMFold against transformers."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.oracles.oracle import torch
from tests.oracles.recipe import TOLERANCE, Recipe, ask
from tests.oracles.texts import MASKED, SIZES, TEXT, THEIR_SIZES, transformers

LAYER = r"encoder.layer.\1"
NAMES = [
    ("tokens", "embeddings.word_embeddings"),
    (r"encoder_(\d+)\.layer_normalization", f"{LAYER}.attention.LayerNorm"),
    (r"encoder_(\d+)\.attention\.(query|key|value)\.dense", rf"{LAYER}.attention.self.\2"),
    (r"encoder_(\d+)\.attention\.output", f"{LAYER}.attention.output.dense"),
    (r"encoder_(\d+)\.layer_normalization_1", f"{LAYER}.LayerNorm"),
    (r"encoder_(\d+)\.dense", f"{LAYER}.intermediate.dense"),
    (r"encoder_(\d+)\.dense_1", f"{LAYER}.output.dense"),
    ("states", "encoder.emb_layer_norm_after"),
]


@pytest.mark.parametrize("size, depth", [("8m", 2), ("35m", 3), ("150m", 4), ("650m", 5)])
def test_esm2(agree: Callable[..., None], size: str, depth: int) -> None:
    recipe = Recipe(f"papers/esm2_{size}", {**SIZES, "depth": depth}, {"sequence": TEXT, "mask": MASKED})
    config = transformers.EsmConfig(
        **{**THEIR_SIZES, "num_hidden_layers": depth},
        intermediate_size=128,
        position_embedding_type="rotary",
        layer_norm_eps=1e-5,
        token_dropout=True,
        emb_layer_norm_before=False,
        mask_token_id=99,
        pad_token_id=1,
        attn_implementation="eager",
    )
    theirs = transformers.EsmModel(config, add_pooling_layer=False)
    theirs.contact_head = torch.nn.Identity()
    for module in theirs.modules():  # what is computed is no weight
        if "inv_freq" in module._buffers:
            module._non_persistent_buffers_set.add("inv_freq")
    agree(
        recipe,
        theirs,
        NAMES,
        oracle="transformers.EsmModel",
        call=lambda theirs, sequence, mask: theirs(input_ids=sequence, attention_mask=mask.long()).last_hidden_state,
    )


def test_the_structure_module_is_esmfolds() -> None:
    n, length = 2, 11
    inputs = {
        "single": {"shape": [n, length, 384]},
        "pair": {"shape": [n, length, length, 128]},
        "mask": {"values": [[1] * length, [1] * 8 + [0] * 3], "dtype": "float32"},
    }
    question = ask(Recipe("protein/structure_module", {"length": length, "steps": 3}, inputs))
    folding = importlib.import_module("transformers.models.esm.modeling_esmfold")
    config = importlib.import_module("transformers.models.esm.configuration_esm").StructureModuleConfig(num_blocks=3)
    theirs = folding.EsmFoldStructureModule(config).eval()
    _copy(question.model, theirs)
    given = {name: torch.from_numpy(value) for name, value in question.inputs.items()}
    with torch.no_grad():
        found = theirs(given, torch.zeros((n, length), dtype=torch.long), given["mask"])
    seen = question.inputs["mask"] > 0
    frames = found["frames"].numpy()  # (steps, batch, residues, 7): quaternions and places
    steps = question.answers["trajectory"]
    assert frames[..., 4:].std() > 0.5
    for step in range(3):
        np.testing.assert_allclose(steps[:, step, ..., 3][seen], frames[step, ..., 4:][seen], atol=10 * TOLERANCE)
        turns = _rotations(frames[step, ..., :4])
        np.testing.assert_allclose(steps[:, step, ..., :3][seen], turns[seen], atol=TOLERANCE)
    np.testing.assert_allclose(question.answers["states"][seen], found["single"].numpy()[seen], atol=TOLERANCE)
    np.testing.assert_allclose(question.answers["torsions"][seen], found["angles"].numpy()[-1][seen], atol=TOLERANCE)


def _rotations(quaternions: np.ndarray) -> np.ndarray:
    w, x, y, z = np.moveaxis(quaternions, -1, 0)
    rows = [
        [w * w + x * x - y * y - z * z, 2 * (x * y - w * z), 2 * (x * z + w * y)],
        [2 * (x * y + w * z), w * w - x * x + y * y - z * z, 2 * (y * z - w * x)],
        [2 * (x * z - w * y), 2 * (y * z + w * x), w * w - x * x - y * y + z * z],
    ]
    return np.moveaxis(np.array(rows), (0, 1), (-2, -1))


def _copy(ours: Any, theirs: Any) -> None:
    """Puts our weights into their structure module, and asserts that none of theirs is left over."""
    weights = {weight.path.removeprefix("structure."): weight.numpy() for weight in ours.weights}
    state = theirs.state_dict()
    left = set(state)

    def put(name: str, kernel: np.ndarray, bias: np.ndarray | None = None) -> None:
        for key, value in ((f"{name}.weight", kernel.T), (f"{name}.bias", bias)):
            if value is not None:
                assert state[key].shape == value.shape, key
                state[key].copy_(torch.from_numpy(np.ascontiguousarray(value)))
                left.discard(key)

    def take(path: str) -> tuple[np.ndarray, np.ndarray]:
        return weights[f"{path}/kernel"], weights[f"{path}/bias"]

    def points(path: str) -> tuple[np.ndarray, np.ndarray]:
        """Returns kernel (width, 3, heads, points) and bias (3, heads, points)."""
        kernel, bias = take(path)
        return kernel.transpose(0, 3, 1, 2), bias.transpose(2, 0, 1)

    for name, path in {
        "layer_norm_s": "layer_normalization_1",
        "layer_norm_z": "layer_normalization",
        "layer_norm_ipa": "layer_normalization_2",
        "transition.layer_norm": "layer_normalization_3",
    }.items():
        put(name, weights[f"{path}/gamma"], weights[f"{path}/beta"])
    for name, path in {
        "linear_in": "dense",
        "transition.layers.0.linear_1": "dense_1",
        "transition.layers.0.linear_2": "dense_2",
        "transition.layers.0.linear_3": "dense_3",
        "angle_resnet.linear_in": "angles.dense",
        "angle_resnet.linear_initial": "angles.dense_1",
        "angle_resnet.layers.0.linear_1": "angles.dense_2",
        "angle_resnet.layers.0.linear_2": "angles.dense_3",
        "angle_resnet.layers.1.linear_1": "angles.dense_4",
        "angle_resnet.layers.1.linear_2": "angles.dense_5",
        "angle_resnet.linear_out": "angles.dense_6",
        "ipa.linear_b": "point_attention.dense",
    }.items():
        put(name, *take(path))
    turn, move = take("dense_5"), take("dense_4")
    put("bb_update.linear", *(np.concatenate(pair, axis=-1) for pair in zip(turn, move, strict=True)))

    query, key, value = (take(f"point_attention.einsum_dense{end}") for end in ("", "_1", "_2"))
    put("ipa.linear_q", query[0].reshape(384, -1), query[1].ravel())
    both = [np.concatenate(pair, axis=-1) for pair in zip(key, value, strict=True)]
    put("ipa.linear_kv", both[0].reshape(384, -1), both[1].ravel())
    asked, keys, values = (points(f"point_attention.points{end}.einsum_dense") for end in ("", "_1", "_2"))
    put("ipa.linear_q_points", asked[0].reshape(384, -1), asked[1].ravel())
    both = [np.concatenate(pair, axis=-1) for pair in zip(keys, values, strict=True)]
    put("ipa.linear_kv_points", both[0].reshape(384, -1), both[1].ravel())
    state["ipa.head_weights"].copy_(torch.from_numpy(weights["point_attention.head_weights/value"].ravel()))
    left.discard("ipa.head_weights")
    kernel, bias = take("point_attention.dense_1")
    seen, places, far = np.split(kernel, [12 * 16, 12 * 16 + 12 * 8 * 3])
    places = places.reshape(12 * 8, 3, -1).transpose(1, 0, 2).reshape(12 * 8 * 3, -1)
    pairs = weights["point_attention.einsum_dense_3/kernel"].reshape(12 * 128, -1)
    put("ipa.linear_out", np.concatenate([seen, places, far, pairs]), bias)
    left = {name for name in left if not name.startswith(("default_frames", "group_idx", "atom_mask", "lit_positions"))}
    assert not left, f"no weight of ours reached {sorted(left)}"
