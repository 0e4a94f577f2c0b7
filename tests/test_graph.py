"""The builder: the functional model that one would write by hand, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers, ops

from dlsuite.graph import build
from dlsuite.spec import DataError, SpecError
from dlsuite.spec.loading import load

IMAGE = {"image": {"Input": {"shape": [8, 8, 3]}}}
VECTOR = {"x": {"Input": {"shape": [4]}}}
SERIES = {"x": {"Input": {"shape": [6, 4]}}}


def built(network: dict[str, Any], **sections: Any) -> keras.Model:
    """Returns the model of a spec with one network."""
    return build(load({"name": "test", "model": network, **sections}).plan())["model"]


def test_a_list_of_one_wire_binds_the_one_output():
    for to in ("h", ["h"]):
        model = built({"inputs": VECTOR, "layers": [{"Dense": {"units": 3, "to": to}}, {"ReLU": {"inputs": "h"}}]})
        assert model.output_shape == (None, 3)


def connections(model: keras.Model) -> list[tuple[int, str, list[int]]]:
    """Returns, for each call of each layer or op in order, its number, its class and the numbers of what it reads."""
    numbers = {id(operation): number for number, operation in enumerate(model.operations)}
    mine = {id(node) for nodes in model._nodes_by_depth.values() for node in nodes}
    found = []
    for operation in model.operations:
        for node in operation._inbound_nodes:
            if id(node) in mine:
                sources = [numbers[id(tensor._keras_history.operation)] for tensor in node.input_tensors]
                found.append((numbers[id(operation)], type(operation).__name__, sources))
    assert len(found) == len(mine) >= len(model.operations)
    return found


def configured(layer: Any) -> dict[str, Any]:
    """Returns a layer's config without the names, which a builder may choose."""

    def nameless(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: nameless(item) for key, item in value.items() if key not in ("name", "shared_object_id")}
        return [nameless(item) for item in value] if isinstance(value, list | tuple) else value

    return nameless(layer.get_config())


def assert_same(made: keras.Model, written: keras.Model, inputs: Any) -> None:
    """Asserts that two models have the same layers, wires, configs, counts and, with equal weights, outputs."""
    assert [type(part) for part in made.operations] == [type(part) for part in written.operations]
    assert connections(made) == connections(written)
    assert [configured(part) for part in made.operations] == [configured(part) for part in written.operations]
    assert made.count_params() == written.count_params() > 0
    written.set_weights(made.get_weights())
    mine, theirs = made(inputs), written(inputs)
    assert keras.tree.flatten(mine)
    for a, b in zip(keras.tree.flatten(mine), keras.tree.flatten(theirs), strict=True):
        np.testing.assert_array_equal(a, b)


def random(*shape: int) -> np.ndarray:
    """Returns repeatable noise."""
    return np.random.default_rng(1).normal(size=shape).astype("float32")


# -- as written by hand -----------------------------------------------------------------------------------------------


def test_mlp_is_as_written_by_hand() -> None:
    made = built(
        {
            "inputs": VECTOR,
            "layers": [
                {
                    "Repeat": {
                        "times": 2,
                        "layers": [{"Dense": {"units": 8, "activation": "relu"}}, {"Dropout": {"rate": 0.5}}],
                    }
                },
                {"Dense": {"units": 3, "kernel_regularizer": {"L2": {"l2": 0.01}}, "name": "label"}},
            ],
        }
    )
    x = keras.Input((4,))
    y = x
    for _ in range(2):
        y = layers.Dropout(0.5)(layers.Dense(8, activation="relu")(y))
    y = layers.Dense(3, kernel_regularizer=keras.regularizers.L2(0.01))(y)
    assert_same(made, keras.Model(x, y), random(5, 4))


def test_residual_cnn_is_as_written_by_hand() -> None:
    conv = {
        "params": {"filters": None, "size": 3, "stride": 1},
        "layers": [
            {"Conv2D": {"filters": "=filters", "kernel_size": "=size", "strides": "=stride", "padding": "same"}},
            "BatchNormalization",
        ],
    }
    residual = {
        "params": {"filters": None, "stride": 1},
        "layers": [
            {
                "Residual": {
                    "layers": [
                        {"conv": {"filters": "=filters", "stride": "=stride"}},
                        "ReLU",
                        {"conv": {"filters": "=filters"}},
                    ],
                    "shortcut": [{"conv": {"filters": "=filters", "stride": "=stride", "size": 1}}],
                }
            },
            "ReLU",
        ],
    }
    made = built(
        {
            "inputs": IMAGE,
            "layers": [
                {"residual": {"filters": 4}},
                {"residual": {"filters": 4}},
                {"residual": {"filters": 8, "stride": 2}},
                "GlobalAveragePooling2D",
                {"Dense": {"units": 10}},
            ],
        },
        blocks={"conv": conv, "residual": residual},
    )

    def conv_norm(x: Any, filters: int, stride: int = 1, size: int = 3) -> Any:
        return layers.BatchNormalization()(layers.Conv2D(filters, size, stride, padding="same")(x))

    def block(x: Any, filters: int, stride: int = 1) -> Any:
        y = conv_norm(x, filters, stride)
        y = conv_norm(layers.ReLU()(y), filters)
        if x.shape != y.shape:
            x = conv_norm(x, filters, stride, 1)
        return layers.ReLU()(layers.Add()([x, y]))

    image = keras.Input((8, 8, 3))
    y = block(block(block(image, 4), 4), 8, 2)
    y = layers.Dense(10)(layers.GlobalAveragePooling2D()(y))
    assert_same(made, keras.Model(image, y), random(2, 8, 8, 3))


def test_several_inputs_and_outputs_are_as_written_by_hand() -> None:
    made = built(
        {
            "inputs": {**IMAGE, "word": {"Input": {"shape": [], "dtype": "int32"}}},
            "outputs": ["label", "score"],
            "layers": [
                {"Conv2D": {"inputs": "image", "filters": 4, "kernel_size": 3}},
                {"Flatten": {"to": "seen"}},
                {"Embedding": {"inputs": "word", "input_dim": 7, "output_dim": 5}},
                {"Concatenate": {"inputs": ["seen", "@previous"], "name": "both"}},
                {"Dense": {"inputs": "both", "units": 3, "name": "label"}},
                {"Dense": {"inputs": "both", "units": 1, "activation": "sigmoid", "name": "score"}},
            ],
        }
    )
    image, word = keras.Input((8, 8, 3), name="image"), keras.Input((), dtype="int32", name="word")
    seen = layers.Flatten()(layers.Conv2D(4, 3)(image))
    both = layers.Concatenate()([seen, layers.Embedding(7, 5)(word)])
    outputs = {"label": layers.Dense(3)(both), "score": layers.Dense(1, activation="sigmoid")(both)}
    written = keras.Model({"image": image, "word": word}, outputs)
    assert made.output_names == ["label", "score"]
    assert_same(made, written, {"image": random(2, 8, 8, 3), "word": np.array([1, 6])})


def test_bidirectional_lstm_is_as_written_by_hand() -> None:
    made = built(
        {
            "inputs": {"x": {"Input": {"shape": [None, 4]}}},
            "layers": [
                {"Bidirectional": {"layer": {"LSTM": {"units": 5, "return_sequences": True}}, "merge_mode": "sum"}},
                {"TimeDistributed": {"layer": {"Dense": {"units": 3}}}},
                {"Bidirectional": {"layer": {"GRU": {"units": 2}}}},
            ],
        }
    )
    x = keras.Input((None, 4))
    y = layers.Bidirectional(layers.LSTM(5, return_sequences=True), merge_mode="sum")(x)
    y = layers.TimeDistributed(layers.Dense(3))(y)
    y = layers.Bidirectional(layers.GRU(2))(y)
    assert_same(made, keras.Model(x, y), random(2, 6, 4))


def test_transformer_block_is_as_written_by_hand() -> None:
    made = built(
        {
            "inputs": {**SERIES, "mask": {"Input": {"shape": [1, 6], "dtype": "bool"}}},
            "layers": [
                {"LayerNormalization": {"inputs": "x", "epsilon": 1e-5}},
                {
                    "MultiHeadAttention": {
                        "num_heads": 2,
                        "key_dim": 3,
                        "inputs": {"value": "@previous", "attention_mask": "mask", "use_causal_mask": True},
                    }
                },
                {"Add": {"inputs": ["x", "@previous"], "to": "x"}},
                {
                    "Residual": {
                        "layers": ["LayerNormalization", {"Dense": {"units": 16}}, "ops.gelu", {"Dense": {"units": 4}}]
                    }
                },
            ],
        }
    )
    x, mask = keras.Input((6, 4), name="x"), keras.Input((1, 6), dtype="bool", name="mask")
    y = layers.LayerNormalization(epsilon=1e-5)(x)
    y = layers.MultiHeadAttention(2, 3)(y, y, attention_mask=mask, use_causal_mask=True)
    first = layers.Add()([x, y])
    y = layers.Dense(16)(layers.LayerNormalization()(first))
    y = layers.Dense(4)(ops.gelu(y))
    written = keras.Model({"x": x, "mask": mask}, layers.Add()([first, y]))
    some = np.array([[[1, 1, 1, 0, 1, 1]], [[1, 0, 1, 1, 1, 1]]], dtype=bool)
    assert_same(made, written, {"x": random(2, 6, 4), "mask": some})


def test_networks_are_as_written_by_hand() -> None:
    spec = {
        "name": "autoencoder",
        "models": {
            "encoder": {
                "inputs": VECTOR,
                "outputs": ["mean", "spread"],
                "layers": [
                    {"Dense": {"inputs": "x", "units": 2, "name": "mean"}},
                    {"Dense": {"inputs": "x", "units": 2, "name": "spread"}},
                ],
            },
            "decoder": {"inputs": {"z": {"Input": {"shape": [2]}}}, "layers": [{"Dense": {"units": 4}}]},
            "whole": {
                "inputs": VECTOR,
                "layers": [{"encoder": {"name": "code"}}, {"decoder": {"inputs": "code.mean"}}],
            },
        },
    }
    made = build(load(spec).plan())
    x, z = keras.Input((4,), name="x"), keras.Input((2,), name="z")
    encoder = keras.Model(x, {"mean": layers.Dense(2)(x), "spread": layers.Dense(2)(x)})
    decoder = keras.Model(z, layers.Dense(4)(z))
    assert_same(made["encoder"], encoder, random(3, 4))
    assert_same(made["decoder"], decoder, random(3, 2))
    whole = made["whole"]
    assert [type(layer).__name__ for layer in whole.layers] == ["InputLayer", "Functional", "Functional"]
    assert whole.layers[1] is made["encoder"] and whole.layers[2] is made["decoder"]
    np.testing.assert_array_equal(whole(random(3, 4)), decoder_of(made)(random(3, 4)))


def decoder_of(made: dict[str, keras.Model]) -> Any:
    """Returns the decoder after the encoder."""
    return lambda x: made["decoder"](made["encoder"](x)["mean"])


# -- names ------------------------------------------------------------------------------------------------------------


def test_names_are_paths_of_the_spec() -> None:
    block = {
        "params": {"width": 4},
        "layers": [
            {
                "Residual": {
                    "layers": [
                        {"MultiHeadAttention": {"num_heads": 1, "key_dim": 2, "inputs": ["@previous", "@previous"]}}
                    ]
                }
            },
            {"Dense": {"units": "=width", "name": "out"}},
        ],
    }
    repeat = {"Repeat": {"times": 2, "index": "i", "layers": [{"decoder": {"name": "decoder_{i}"}}]}}
    model = built(
        {"inputs": SERIES, "layers": [repeat, "decoder", "decoder", "ReLU", "ReLU"]}, blocks={"decoder": block}
    )
    names = [layer.name for layer in model.layers]
    assert names == ["x"] + [
        f"{call}.{layer}"
        for call in ("decoder_0", "decoder_1", "decoder", "decoder_2")
        for layer in ("multi_head_attention", "add", "out")
    ] + ["re_lu", "re_lu_1"]  # fmt: skip
    assert model.get_layer("decoder_1.out").kernel.path == "decoder_1.out/kernel"


def test_building_twice_gives_equal_names() -> None:
    network = {"inputs": SERIES, "layers": ["ops.relu", {"Dense": {"units": 4}}, "ops.relu", {"Dense": {"units": 4}}]}
    first, second = built(network), built(network)
    assert [part.name for part in first.operations] == [part.name for part in second.operations]
    assert [weight.path for weight in first.weights] == [weight.path for weight in second.weights]
    assert [part.name for part in first.operations] == ["x", "relu", "dense", "relu_1", "dense_1"]


def test_building_twice_gives_equal_paths_inside_wrappers() -> None:
    cells = {"StackedRNNCells": {"cells": [{"LSTMCell": {"units": 4}}, {"LSTMCell": {"units": 4}}]}}
    layers = [
        {"Bidirectional": {"layer": {"LSTM": {"units": 4, "return_sequences": True}}}},
        {"TimeDistributed": {"layer": {"Dense": {"units": 4}}}},
        {"RNN": {"cell": cells}},
    ]
    network = {"inputs": {"x": {"Input": {"shape": [6, 8]}}}, "layers": layers}
    first, second = (build(load({"model": network}).plan())["model"] for _ in range(2))
    paths = [weight.path for weight in first.weights]
    assert paths == [weight.path for weight in second.weights]
    assert paths[0] == "bidirectional/forward_lstm/lstm_cell/kernel"
    assert {path.rpartition("/")[0] for path in paths[8:]} == {
        "rnn/stacked_rnn_cells/lstm_cell",
        "rnn/stacked_rnn_cells/lstm_cell_1",
    }


def test_a_name_that_numbering_would_take_stays_with_its_layer() -> None:
    model = built(
        {
            "inputs": VECTOR,
            "layers": [
                {"Dense": {"units": 1}},
                {"Dense": {"units": 2, "name": "dense"}},
                {"Dense": {"units": 3, "name": "dense_1"}},
            ],
        }
    )
    assert {layer.name: layer.units for layer in model.layers[1:]} == {"dense_2": 1, "dense": 2, "dense_1": 3}


# -- files ------------------------------------------------------------------------------------------------------------


def reloaded(model: keras.Model, folder: Path) -> keras.Model:
    """Returns a model saved and loaded with plain Keras, in safe mode."""
    model.save(folder / "model.keras")
    return keras.saving.load_model(folder / "model.keras", safe_mode=True)


def test_a_saved_model_loads_with_plain_keras(tmp_path: Path) -> None:
    model = built(
        {
            "inputs": SERIES,
            "layers": [
                {"Dense": {"units": 4, "name": "first"}},
                {"ops.multiply": {"x2": 0.5, "name": "half"}},
                {"ops.add": {"inputs": ["@previous", [[1, 2, 3, 4]]], "name": "moved"}},
                {"Weight": {"shape": [1, 4], "initializer": "ones", "name": "token"}},
                {"Concatenate": {"inputs": ["token", "moved"], "axis": 1}},
                {"ops.einsum": {"inputs": ["@previous", "@previous"], "subscripts": "btc,bsc->bts"}},
                {"ops.top_k": {"k": 2, "to": ["best", "where"]}},
                {"ops.expand_dims": {"inputs": "best", "axis": -1}},
            ],
        }
    )
    again = reloaded(model, tmp_path)
    np.testing.assert_array_equal(again(random(2, 6, 4)), model(random(2, 6, 4)))
    assert [part.name for part in again.operations] == [part.name for part in model.operations]
    assert "half" in [part.name for part in again.operations]
    assert [weight.path for weight in again.weights] == [weight.path for weight in model.weights]


def test_saved_networks_and_blocks_load_with_plain_keras(tmp_path: Path) -> None:
    spec = {
        "models": {
            "inner": {
                "inputs": VECTOR,
                "outputs": ["a", "b"],
                "layers": [{"Dense": {"units": 4, "name": "a"}}, {"Dense": {"units": 4, "name": "b"}}],
            },
            "outer": {
                "inputs": {"y": {"Input": {"shape": [4]}}},
                "layers": [{"twice": {}}, {"inner": {"to": ["a", "b"]}}, {"Add": {"inputs": ["a", "b"]}}],
            },
        },
        "blocks": {
            "twice": {"layers": [{"Repeat": {"times": 2, "shared": True, "layers": [{"Dense": {"units": 4}}]}}]}
        },
    }
    model = build(load(spec).plan())["outer"]
    again = reloaded(model, tmp_path)
    np.testing.assert_array_equal(again(random(2, 4)), model(random(2, 4)))
    assert again.count_params() == model.count_params() == 60


# -- seeds ------------------------------------------------------------------------------------------------------------


def weights_with(seed: int | None) -> list[np.ndarray]:
    """Returns the initial weights of a small model that starts from a seed."""
    drawn = {"Dense": {"units": 3, "kernel_initializer": {"RandomNormal": {"stddev": 0.1}}}}
    spec = {
        "data": {
            "source": "Digits",
            "inputs": {"image": {"Image": {"size": [8, 8], "channels": 1}}},
            "targets": {"label": "Category"},
        },
        "model": {"layers": ["Flatten", {"Dense": {"units": 3}}, drawn, {"Dense": {"units": 10, "name": "label"}}]},
        "train": {"objective": "Classification", "epochs": 1, **({} if seed is None else {"seed": seed})},
    }
    return build(load(spec).plan())["model"].get_weights()


def test_the_same_seed_gives_the_same_weights() -> None:
    first = weights_with(3)
    keras.random.normal((2,))
    for a, b in zip(first, weights_with(3), strict=True):
        np.testing.assert_array_equal(a, b)
    assert not np.array_equal(first[0], first[2])
    assert not np.array_equal(first[0], weights_with(4)[0])
    np.testing.assert_array_equal(weights_with(None)[0], weights_with(0)[0])


# -- sharing ----------------------------------------------------------------------------------------------------------


def test_reuse_shares_the_weights_of_a_layer_and_of_a_block() -> None:
    model = built(
        {
            "inputs": {"a": {"Input": {"shape": [4]}}, "b": {"Input": {"shape": [4]}}},
            "layers": [
                {"Dense": {"inputs": "a", "units": 4, "name": "first"}},
                {"pair": {"name": "second", "to": "left"}},
                {"Reuse": {"layer": "first", "inputs": "b"}},
                {"Reuse": {"layer": "second", "to": "right"}},
                {"Subtract": {"inputs": ["left", "right"]}},
            ],
        },
        blocks={"pair": {"layers": [{"Dense": {"units": 3}}, {"Dense": {"units": 2}}]}},
    )
    assert [layer.name for layer in model.layers if layer.weights] == ["first", "second.dense", "second.dense_1"]
    assert model.count_params() == 20 + 15 + 8
    same = random(3, 4)
    np.testing.assert_array_equal(model({"a": same, "b": same}), np.zeros((3, 2)))


def test_a_tied_embedding_gives_logits_by_the_same_matrix() -> None:
    model = built(
        {
            "inputs": {"text": {"Input": {"shape": [None], "dtype": "int32"}}},
            "layers": [
                {"ReversibleEmbedding": {"input_dim": 7, "output_dim": 3, "name": "tokens"}},
                {"Reuse": {"layer": "tokens", "inputs": {"inputs": "@previous", "reverse": True}, "name": "next"}},
            ],
        }
    )
    (matrix,) = model.get_weights()
    ids = np.array([[0, 3, 6]])
    np.testing.assert_allclose(model(ids), matrix[ids] @ matrix.T, atol=1e-7)


def test_a_shared_repeat_has_the_weights_of_one_pass() -> None:
    def repeat(shared: bool) -> keras.Model:
        inner = {"Repeat": {"times": 2, "layers": [{"block": {}}, "ReLU"]}}
        return built(
            {
                "inputs": VECTOR,
                "layers": [{"Repeat": {"times": 3, "shared": shared, "layers": [inner, {"Dense": {"units": 4}}]}}],
            },
            blocks={"block": {"layers": [{"Dense": {"units": 4}}]}},
        )

    assert repeat(True).count_params() == 3 * 20
    assert repeat(False).count_params() == 9 * 20
    model = repeat(True)
    x = random(2, 4)
    first, second, third = (model.get_layer(name) for name in ("block.dense", "block_1.dense", "dense"))
    expected = x
    for _ in range(3):
        expected = third(ops.relu(second(ops.relu(first(expected)))))
    np.testing.assert_allclose(model(x), expected, rtol=1e-6)


# -- settings ---------------------------------------------------------------------------------------------------------


def test_trainable_and_dtype_of_a_block_hold_for_all_its_layers() -> None:
    model = built(
        {
            "inputs": VECTOR,
            "layers": [
                {"outer": {"trainable": False, "dtype": "mixed_float16", "name": "frozen"}},
                {"Dense": {"units": 2, "name": "head"}},
                {"Dense": {"units": 2, "trainable": False, "name": "still"}},
            ],
        },
        blocks={
            "inner": {"layers": [{"Dense": {"units": 3, "trainable": True}}]},
            "outer": {"layers": ["inner", {"Dense": {"units": 3, "dtype": "float32"}}]},
        },
    )
    trained = [weight.path for weight in model.trainable_weights]
    assert trained == ["frozen.inner.dense/kernel", "frozen.inner.dense/bias", "head/kernel", "head/bias"]
    dtypes = {layer.name: layer.dtype_policy.name for layer in model.layers[1:4]}
    assert dtypes == {"frozen.inner.dense": "mixed_float16", "frozen.dense": "float32", "head": "float32"}


def test_what_a_block_states_reaches_blocks_structure_and_wrappers_inside() -> None:
    model = built(
        {"inputs": SERIES, "layers": [{"outer": {"trainable": False, "dtype": "mixed_bfloat16"}}]},
        blocks={
            "inner": {"layers": [{"Bidirectional": {"layer": {"LSTM": {"units": 2, "return_sequences": True}}}}]},
            "outer": {
                "layers": [
                    {"Residual": {"layers": ["inner", {"TimeDistributed": {"layer": {"Dense": {"units": 4}}}}]}},
                    {"nearer": {"trainable": True}},
                    {"Repeat": {"times": 2, "layers": [{"Dense": {"units": 2}}]}},
                ]
            },
            "nearer": {"layers": [{"Dense": {"units": 3}}, {"Dense": {"units": 3, "trainable": False}}]},
        },
    )
    weighted = [layer for layer in model._flatten_layers(include_self=False) if layer._trainable_variables]
    assert len(weighted) == 2 + 1 + 2 + 2 and {layer.compute_dtype for layer in weighted} == {"bfloat16"}
    assert [weight.path for weight in model.trainable_weights] == [
        "outer.nearer.dense/kernel",
        "outer.nearer.dense/bias",
    ]


def test_a_model_of_keras_applications_takes_the_dtype_of_its_call() -> None:
    small = {
        "applications.MobileNetV2": {
            "input_shape": [96, 96, 3],
            "alpha": 0.35,
            "classes": 2,
            "dtype": "bfloat16",
            "name": "net",
        }
    }
    model = built({"inputs": {"image": {"Input": {"shape": [96, 96, 3]}}}, "layers": [small]})
    assert {str(weight.dtype) for weight in model.weights} == {"bfloat16"}
    assert keras.config.dtype_policy().name == "float32"


@pytest.mark.parametrize("first", [False, True])
def test_what_one_call_of_a_network_states_holds_for_the_network_everywhere(first: bool) -> None:
    plain, stated = {"body": {"inputs": "x"}}, {"body": {"inputs": "x", "trainable": False, "dtype": "mixed_bfloat16"}}
    models = build(
        load(
            {
                "models": {
                    "one": {"inputs": VECTOR, "layers": [stated if first else plain, {"Dense": {"units": 2}}]},
                    "body": {"inputs": VECTOR, "layers": [{"Dense": {"units": 3}}, {"Dense": {"units": 3}}]},
                    "two": {"inputs": VECTOR, "layers": [plain if first else stated, {"Dense": {"units": 2}}]},
                }
            }
        ).plan()
    )
    assert models["body"].trainable_weights == [] and len(models["body"].weights) == 4
    assert {layer.compute_dtype for layer in models["body"].layers[1:]} == {"bfloat16"}
    for name in ("one", "two"):
        assert [weight.path for weight in models[name].trainable_weights] == ["dense/kernel", "dense/bias"]
        assert models[name].get_layer("dense").compute_dtype == "float32"
        assert models[name].get_layer("body") is models["body"]


def test_a_network_takes_what_is_stated_around_its_calls_unless_a_call_states_its_own() -> None:
    models = build(
        load(
            {
                "blocks": {"frozen": {"layers": ["middle", "apart"]}},
                "models": {
                    "inner": {"inputs": VECTOR, "layers": [{"Dense": {"units": 4}}]},
                    "apart": {"inputs": VECTOR, "layers": [{"Dense": {"units": 4}}]},
                    "middle": {"inputs": VECTOR, "layers": ["inner", {"Dense": {"units": 4}}]},
                    "top": {"inputs": VECTOR, "layers": [{"frozen": {"trainable": False}}, {"Dense": {"units": 2}}]},
                    "other": {"inputs": VECTOR, "layers": [{"apart": {"trainable": True}}]},
                },
            }
        ).plan()
    )
    counts = {name: len(model.trainable_weights) for name, model in models.items()}
    assert counts == {"inner": 0, "apart": 2, "middle": 0, "top": 4, "other": 2}


def test_a_constant_of_an_op_is_as_in_numpy() -> None:
    model = built(
        {
            "inputs": VECTOR,
            "layers": [
                {"ops.matmul": {"x2": [[1.5, 0], [0, 2], [1, 1], [0, 0]]}},
                {"ops.take": {"indices": [1, 0, 1], "axis": 1}},
                {"ops.where": {"inputs": {"condition": [[True, False, True]], "x1": "@previous", "x2": -1}}},
            ],
        }
    )
    x = random(5, 4)
    product = x @ np.array([[1.5, 0], [0, 2], [1, 1], [0, 0]], "float32")
    np.testing.assert_allclose(model(x), np.where([[True, False, True]], product[:, [1, 0, 1]], -1), rtol=1e-6)


def test_an_op_of_constants_alone_is_a_constant(tmp_path: Path) -> None:
    index = {"ops.arange": {"start": 0, "stop": 4, "dtype": "float32", "to": "index"}}
    model = built({"inputs": VECTOR, "layers": [index, {"ops.multiply": {"inputs": ["x", "index"]}}]})
    x = random(2, 4)
    np.testing.assert_array_equal(model(x), x * np.arange(4, dtype="float32"))
    np.testing.assert_array_equal(reloaded(model, tmp_path)(x), x * np.arange(4, dtype="float32"))


def test_when_leaves_a_layer_out() -> None:
    def model(deep: bool) -> list[str]:
        network = {
            "inputs": VECTOR,
            "layers": [{"Dense": {"units": 4, "when": "=deep", "name": "extra"}}, {"Dense": {"units": 2}}],
        }
        return [layer.name for layer in built(network, params={"deep": deep}).layers]

    assert model(True) == ["x", "extra", "dense"]
    assert model(False) == ["x", "dense"]


def test_a_block_with_several_outputs_binds_them() -> None:
    model = built(
        {
            "inputs": VECTOR,
            "layers": [
                {"split": {"to": ["small", "large"]}},
                {"split": {"inputs": "small", "name": "again"}},
                {"Concatenate": {"inputs": ["again.large", "large", "small"]}},
            ],
        },
        blocks={
            "split": {
                "inputs": ["x"],
                "outputs": ["small", "large"],
                "layers": [
                    {"Dense": {"units": 2, "name": "large"}},
                    {"Dense": {"inputs": "x", "units": 1, "name": "small"}},
                ],
            }
        },
    )
    assert model.output_shape == (None, 2 + 2 + 1)
    sources = connections(model)[-1][2]
    assert [model.operations[number].name for number in sources] == ["again.large", "split.large", "split.small"]


def test_a_chain_of_a_thousand_layers_builds() -> None:
    model = built({"inputs": VECTOR, "layers": [{"Repeat": {"times": 1000, "layers": [{"Dense": {"units": 4}}]}}]})
    assert len(model.layers) == 1001
    assert model.count_params() == 20_000


# -- faults -----------------------------------------------------------------------------------------------------------


def fault_of(spec: dict[str, Any], tmp_path: Path) -> Any:
    """Returns the one fault of a spec in a file, one layer a line."""
    path = tmp_path / "broken.json"
    path.write_text(json.dumps(spec, indent=1))
    with pytest.raises(SpecError) as caught:
        build(load(path).plan())
    (fault,) = caught.value.faults
    return fault


def line_of(fault: Any) -> str:
    """Returns the line of source that a fault points to."""
    return fault.place.source.text.splitlines()[fault.as_dict()["line"] - 1].strip()


def test_shapes_that_do_not_fit_are_named_at_their_layer(tmp_path: Path) -> None:
    network = {
        "inputs": IMAGE,
        "layers": [
            {"Conv2D": {"filters": 4, "kernel_size": 3}},
            "MaxPooling2D",
            "Flatten",
            {"Conv2D": {"filters": 4, "kernel_size": 5}},
        ],
    }
    fault = fault_of({"model": network}, tmp_path)
    assert fault.place.pointer == "/model/layers/3"
    assert fault.message.startswith("Conv2D `conv2d_1` cannot be called with `inputs` (None, 36): ")
    assert "expected min_ndim=4, found ndim=2" in fault.message
    assert fault.hint == "Before it: Conv2D (None, 6, 6, 4) -> MaxPooling2D (None, 3, 3, 4) -> Flatten (None, 36)."


def test_shapes_that_meet_are_both_named(tmp_path: Path) -> None:
    network = {
        "inputs": VECTOR,
        "layers": [
            {"Dense": {"units": 3, "name": "a"}},
            {"Dense": {"units": 2}},
            {"Add": {"inputs": ["@previous", "a"]}},
        ],
    }
    fault = fault_of({"model": network}, tmp_path)
    assert fault.place.pointer == "/model/layers/2"
    assert "[(None, 2), (None, 3)]" in fault.message
    assert line_of(fault) == "{"


@pytest.mark.parametrize(
    ("layer", "wire", "message"),
    [
        ({"Dense": {"units": 3, "name": "a"}}, "a.left", "`a` has no output `left`; it makes one tensor."),
        ({"Dense": {"units": 3, "name": "a"}}, "a.0", "`a` has no output `0`; it makes one tensor."),
        ({"ops.top_k": {"k": 2, "name": "a"}}, "a.2", "`a` has no output `2`; it makes 0, 1."),
        ({"ops.unstack": {"axis": 1, "to": list("abcde")}}, "e", "`unstack` has no output `4`; it makes 0, 1, 2, 3."),
    ],
)
def test_an_output_that_is_not_there_is_named_where_it_is_read(
    layer: dict[str, Any], wire: str, message: str, tmp_path: Path
) -> None:
    network = {"inputs": VECTOR, "layers": [layer, {"ReLU": {"inputs": wire}}]}
    fault = fault_of({"model": network}, tmp_path)
    assert (fault.message, fault.place.pointer) == (message, "/model/layers/1")


def test_an_output_that_is_not_there_is_named_where_a_network_or_block_gives_it(tmp_path: Path) -> None:
    inner = {"outputs": ["a.left"], "layers": [{"Dense": {"units": 3, "name": "a"}}]}
    for pointer, network in (("/model", inner), ("/model/layers/0", {"layers": ["block"]})):
        spec = {"blocks": {"block": inner}, "model": {"inputs": VECTOR, **network}}
        fault = fault_of(spec, tmp_path)
        assert fault.message == "`a` has no output `left`; it makes one tensor."
        assert fault.place.pointer == pointer


def test_faults_of_every_network_are_found_at_once() -> None:
    narrow = {"Reshape": {"target_shape": [3]}}
    faulty = {
        "model": {"inputs": VECTOR, "layers": [narrow, {"Dense": {"units": 2}}, narrow]},
        "outer": {"inputs": VECTOR, "layers": ["model", {"Conv2D": {"filters": 1, "kernel_size": 3, "inputs": "x"}}]},
        "good": {"inputs": VECTOR, "layers": [{"Dense": {"units": 2}}]},
    }
    with pytest.raises(SpecError) as caught:
        build(load({"models": faulty}).plan())
    assert [fault.place.pointer for fault in caught.value.faults] == [
        "/models/model/layers/0",
        "/models/outer/layers/1",
    ]


def test_what_does_not_read_a_fault_is_built_on_and_what_does_is_passed_over() -> None:
    wrong = {"Reshape": {"target_shape": [3]}}
    branches = [[wrong, "ReLU"], [{"Dense": {"units": 4}}], ["wrong"], ["wrong"]]
    layers = [
        {"Parallel": {"branches": branches, "merge": "Add"}},
        {"Residual": {"layers": [{"Dense": {"units": 5}}], "shortcut": [{"Dense": {"units": 5}}]}},
    ]
    with pytest.raises(SpecError) as caught:
        blocks = {"wrong": {"layers": [{"Repeat": {"times": 3, "layers": [{"Reshape": {"target_shape": [5]}}]}}]}}
        build(load({"blocks": blocks, "model": {"inputs": VECTOR, "layers": layers}}).plan())
    found = [(fault.place.pointer, [place.pointer for _, place in fault.calls]) for fault in caught.value.faults]
    inner, branch = "/blocks/wrong/layers/0/Repeat/layers/0", "/model/layers/0/Parallel/branches"
    assert found == [(inner, [f"{branch}/2/0"]), (inner, [f"{branch}/3/0"]), (f"{branch}/0/0", [])]


def test_numbering_leaves_inputs_and_called_networks_alone() -> None:
    inner = {"inputs": {"x": {"Input": {"shape": [8]}}}, "layers": [{"Dense": {"units": 8}}]}
    outer = {"inputs": {"dense": {"Input": {"shape": [8]}}}, "layers": ["re_lu", {"Dense": {"units": 8}}, "ReLU"]}
    models = build(load({"models": {"re_lu": inner, "outer": outer}}).plan())
    assert [layer.name for layer in models["outer"].layers] == ["dense", "re_lu", "dense_1", "re_lu_1"]


def test_an_op_of_a_shared_repeat_takes_no_name_of_a_layer() -> None:
    shared = {"Repeat": {"times": 3, "shared": True, "layers": ["Softmax", {"ops.relu": {"name": "turn"}}]}}
    model = build(
        load({"model": {"inputs": VECTOR, "layers": [shared, {"Dense": {"units": 2, "name": "turn_1"}}]}}).plan()
    )
    names = [operation.name for operation in model["model"].operations]
    assert names[1:] == ["softmax", "turn", "turn_2", "turn_3", "turn_1"]


def test_a_fault_inside_a_block_names_the_call(tmp_path: Path) -> None:
    blocks = {
        "inner": {"params": {"axes": None}, "layers": [{"Permute": {"dims": "=axes"}}]},
        "outer": {"layers": [{"inner": {"axes": [2, 1]}}]},
    }
    fault = fault_of(
        {"blocks": blocks, "model": {"inputs": VECTOR, "layers": [{"Dense": {"units": 2}}, "outer"]}}, tmp_path
    )
    assert fault.place.pointer == "/blocks/inner/layers/0"
    assert fault.message.startswith("Permute `outer.inner.permute` cannot be called with `inputs` (None, 2)")
    assert [(block, place.pointer) for block, place in fault.calls] == [
        ("inner", "/blocks/outer/layers/0"),
        ("outer", "/model/layers/1"),
    ]


def test_an_op_that_refuses_its_shapes_is_named(tmp_path: Path) -> None:
    network = {"inputs": VECTOR, "layers": [{"ops.matmul": {"x2": [[1.0, 2.0]], "name": "product"}}]}
    fault = fault_of({"model": network}, tmp_path)
    assert fault.place.pointer == "/model/layers/0"
    assert fault.message.startswith("ops.matmul `product` cannot be called with `x1` (None, 4), `x2` (1, 2): ")


def test_a_merge_that_does_not_fit_is_named_at_its_residual(tmp_path: Path) -> None:
    network = {"inputs": VECTOR, "layers": [{"Residual": {"layers": [{"Dense": {"units": 3}}]}}]}
    fault = fault_of({"model": network}, tmp_path)
    assert fault.place.pointer == "/model/layers/0"
    assert "(None, 4), (None, 3)" in fault.message


def test_a_network_that_is_called_with_the_wrong_shape_is_named(tmp_path: Path) -> None:
    models = {
        "inner": {"inputs": VECTOR, "layers": [{"Dense": {"units": 2}}]},
        "outer": {"inputs": {"y": {"Input": {"shape": [3]}}}, "layers": ["inner"]},
    }
    fault = fault_of({"models": models}, tmp_path)
    assert fault.place.pointer == "/models/outer/layers/0"
    assert "(None, 3)" in fault.message


def test_arguments_that_a_constructor_refuses_are_named(tmp_path: Path) -> None:
    network = {
        "inputs": IMAGE,
        "layers": [{"Conv2D": {"filters": 4, "kernel_size": 3, "strides": 2, "dilation_rate": 2}}],
    }
    fault = fault_of({"model": network}, tmp_path)
    assert fault.place.pointer == "/model/layers/0"
    assert fault.message.startswith("Conv2D `conv2d` cannot be made: ")
    assert "`strides > 1` not supported in conjunction with `dilation_rate > 1`" in fault.message


def test_of_a_chain_of_reasons_the_last_is_given(tmp_path: Path) -> None:
    network = {
        "inputs": {"x": {"Input": {"shape": [4, 8]}}},
        "layers": [{"Bidirectional": {"layer": {"Dense": {"units": 3}}}}],
    }
    reason = "Unrecognized keyword arguments passed to Dense: {'go_backwards': True}"
    assert fault_of({"model": network}, tmp_path).message == f"Bidirectional `bidirectional` cannot be made: {reason}"


def test_a_shape_that_only_the_data_knows_is_said(tmp_path: Path) -> None:
    spec = {
        "data": {"source": {"CSV": {"path": "rows.csv"}}, "inputs": {"x": "Number"}, "targets": {"label": "Category"}},
        "model": {"layers": [{"Dense": {"units": "=label.classes", "name": "label"}}]},
    }
    with pytest.raises(DataError, match="Arguments of `label` are known once the data is read"):
        build(load(spec).plan())
    model = build(load(spec).plan({"label": {"classes": 3}}))["model"]
    assert model.output_shape == (None, 3)
