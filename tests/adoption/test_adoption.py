"""Models read back as specs: equal models, compact texts, harmless files."""

from __future__ import annotations

import gc
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers, ops

import dlsuite
from dlsuite import adoption, graph
from dlsuite.adoption.archives import AdoptionError
from dlsuite.adoption.rolling import roll
from dlsuite.spec import loading

SPECS = Path(__file__).parents[2] / "specs"

SHIPPED = {  # name: most characters of JSON
    "papers/bert_base": 2500,
    "papers/efficientnet_b0": 7000,
    "papers/gpt2": 2000,
    "papers/mixtral_small": 3500,
    "papers/resnet50": 4000,
    "papers/t5_small": 7000,
    "papers/unet": 3000,
    "papers/vit_b16": 2000,
    "protein/evoformer_block": 8000,
    "science/forecast": 1500,
    "speech/conformer_ctc": 3000,
    "vision/fashion_resnet": 2000,
}
APPLICATIONS = {"MobileNetV2": 11_000, "ResNet50": 6000, "EfficientNetB0": 25_000}


@pytest.fixture(autouse=True)
def freed() -> Iterator[None]:
    """Frees the models of a test before the next builds its own."""
    yield
    keras.utils.clear_session()
    gc.collect()


def described(model: keras.Model) -> dict[str, Any]:
    """Returns what has to be equal; inputs by the names that a spec can hold, `speech_mask` for `speech.mask`."""
    inputs = keras.tree.map_structure(lambda one: (tuple(one.shape), one.dtype), model.input)
    legal = {one.name: one.name.replace(".", "_") for one in model.inputs}
    return {
        "layers": sorted(legal.get(layer.name, layer.name) for layer in model.layers),
        "weights": [(weight.path, tuple(weight.shape), weight.dtype, weight.trainable) for weight in model.weights],
        "outputs": keras.tree.map_structure(lambda one: (tuple(one.shape), one.dtype), model.output),
        "inputs": {legal[key]: one for key, one in inputs.items()} if isinstance(inputs, dict) else inputs,
    }


def adopted(model: keras.Model) -> keras.Model:
    """Returns the model that the spec of a model builds."""
    return dlsuite.build(dlsuite.load(dlsuite.adopt(model)))


def compare(model: keras.Model, inputs: Any, other: keras.Model | None = None) -> None:
    """Checks that a model and what is adopted of it compute the same with the same weights."""
    other = other or adopted(model)
    random = np.random.default_rng(0)
    for weight in model.weights:
        if "float" in weight.dtype:
            weight.assign(weight + random.uniform(0.0, 0.1, weight.shape))
    other.set_weights(model.get_weights())
    for a, b in zip(*(keras.tree.flatten(one(inputs)) for one in (model, other)), strict=True):
        np.testing.assert_allclose(np.asarray(a), np.asarray(b), rtol=0, atol=1e-6)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_spec_comes_back(name: str) -> None:
    model = graph.build(loading.load(SPECS / f"{name}.json").plan(), weights=False)["model"]
    spec = dlsuite.adopt(model)
    again = graph.build(dlsuite.load(spec).plan(), weights=False)["model"]
    assert described(again) == described(model)
    assert len(json.dumps(spec)) < SHIPPED[name]


@pytest.mark.parametrize("name", APPLICATIONS)
def test_a_model_of_keras_applications_is_adopted(name: str) -> None:
    with graph.recursion(5000), keras.StatelessScope(initialize_variables=False):
        model = getattr(keras.applications, name)(weights=None)
        keras.src.backend.common.global_state.set_global_attribute("uninitialized_variables", [])
    spec = dlsuite.adopt(model)
    again = graph.build(dlsuite.load(spec).plan(), weights=False)["model"]
    assert described(again) == described(model)
    assert len(json.dumps(spec)) < APPLICATIONS[name]
    assert '"Repeat"' in json.dumps(spec)


@pytest.mark.parametrize(
    ("name", "overrides", "shape"),
    [
        ("vision/fashion_resnet", {"params.width": 8}, (2, 28, 28, 1)),
        ("papers/resnet50", {"params.size": 32, "params.times": [1, 2]}, (2, 32, 32, 3)),
        ("papers/unet", {"params.width": 4, "params.depth": 2, "params.size": 92}, (2, 92, 92, 1)),
    ],
)
def test_it_computes_what_the_model_does(name: str, overrides: dict[str, Any], shape: tuple[int, ...]) -> None:
    model = dlsuite.build(dlsuite.load(SPECS / f"{name}.json", overrides))
    compare(model, np.random.default_rng(1).random(shape, dtype="float32"))


def test_layers_wires_and_functions_of_a_model_by_hand() -> None:
    a, b = keras.Input((8, 4), name="a"), keras.Input((8, 4), name="b")
    dense = layers.Dense(4, name="twice")
    x = dense(a)
    x = ops.add(x, dense(b))
    x = ops.subtract(1.0, ops.multiply(x, ops.convert_to_tensor([[1.0, 2.0, 3.0, 4.0]])))
    y = ops.einsum("bij,bkj->bik", x, a)
    y = ops.concatenate([y, ops.transpose(y, axes=[0, 2, 1])], axis=-1)
    values, _ = ops.top_k(y, 2)
    attended = layers.MultiHeadAttention(2, 4, name="attend")(x, b, use_causal_mask=True)
    folded = layers.Bidirectional(layers.LSTM(3, return_sequences=True), merge_mode="sum", name="fold")(attended)
    start = keras.initializers.RandomNormal(stddev=0.1)
    last = layers.Conv1D(
        3, 3, kernel_initializer=start, kernel_regularizer=keras.regularizers.L2(0.1), trainable=False
    )(folded)
    model = keras.Model([a, b], {"values": values, "folded": folded, "last": last})
    spec = dlsuite.adopt(model)
    assert {"Conv1D": {"filters": 3, "kernel_size": 3, "kernel_initializer": {"RandomNormal": {"stddev": 0.1}}}}[
        "Conv1D"
    ].items() <= (next(call["Conv1D"] for call in spec["model"]["layers"] if "Conv1D" in call).items())
    other = dlsuite.build(dlsuite.load(spec))
    random = np.random.default_rng(2)
    given = {key: random.random((2, 8, 4), dtype="float32") for key in "ab"}
    other.set_weights(model.get_weights())
    one, two = model([given["a"], given["b"]]), other(given)
    assert {key: value.shape for key, value in one.items()} == {key: value.shape for key, value in two.items()}
    for key, value in one.items():
        np.testing.assert_allclose(np.asarray(value), np.asarray(two[key]), rtol=0, atol=1e-6)
    assert [w.trainable for w in model.weights] == [w.trainable for w in other.weights]


def test_a_sequential_model_is_a_chain_with_repeats() -> None:
    stages = [part for i in range(4) for part in (layers.Dense(16 * 2**i, activation="relu"), layers.Dropout(0.1 * i))]
    model = keras.Sequential([keras.Input((5,)), *stages, layers.Dense(3, name="out")], name="plain")
    spec = dlsuite.adopt(model)
    assert spec["name"] == "plain"
    assert spec["model"]["layers"][0]["Repeat"]["layers"][0] == {"Dense": {"units": "=16 * 2**i", "activation": "relu"}}
    compare(model, np.ones((2, 5), "float32"))


def test_names_that_a_spec_cannot_hold_are_made_legal() -> None:
    x = keras.Input((4,), name="in put")
    model = keras.Model(x, layers.Dense(2, name="a-b.c")(layers.Dense(3, name="1st")(x)), name="so so")
    other = adopted(model)
    assert [layer.name for layer in other.layers] == ["in_put", "layer_1st", "a_b.c"]
    assert other.name == "so_so"


def test_inputs_of_dotted_names_are_read_by_names_without() -> None:
    given = {name: keras.Input((4,), name=name) for name in ("x", "x.mask", "x_mask")}
    model = keras.Model(given, layers.Concatenate(name="block.all")([*given.values()]))
    other = adopted(model)
    assert [*other.input] == ["x", "x_mask", "x_mask_"]
    arrays = [np.full((2, 4), number, "float32") for number in range(3)]
    ours, theirs = (one(dict(zip(one.input, arrays, strict=True))) for one in (other, model))
    np.testing.assert_array_equal(np.asarray(ours), np.asarray(theirs))


def test_a_file_is_read_and_nothing_in_it_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = dlsuite.build(dlsuite.load(SPECS / "vision/fashion_resnet.json", width=8))
    model.save(tmp_path / "model.keras")
    monkeypatch.setattr(keras.saving, "load_model", None)
    monkeypatch.setattr(keras.saving, "deserialize_keras_object", None)
    assert dlsuite.adopt(tmp_path / "model.keras") == dlsuite.adopt(model)


def saved(path: Path, layer: dict[str, Any]) -> Path:
    """Writes a `.keras` file that holds one layer."""
    entry = {"class_name": "InputLayer", "config": {"name": "x", "batch_shape": [None, 2]}}
    config = {"class_name": "Sequential", "config": {"name": "m", "layers": [entry, layer]}}
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", json.dumps(config))
    return path


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        ({"class_name": "Lambda", "config": {"function": "gANj"}}, "`Lambda` runs code"),
        ({"class_name": "eval", "module": "builtins"}, "`eval` of `l` is none.*Build it of layers and ops"),
        ({"class_name": "Masking"}, "`Masking` of `l` is none.*Masks are explicit"),
        ({"class_name": "Dens"}, "Did you mean `Dense`?"),
        ({"class_name": "Dense", "module": "mine", "registered_name": "mine>Dense"}, "somebody's own"),
        ({"class_name": "Dense", "config": {"units": {"class_name": "function"}}}, "function"),
        ({"class_name": "Embedding", "config": {"mask_zero": True}}, r"`l` \(Embedding\) has mask_zero=True.*mask="),
        ({"class_name": "LSTM", "config": {"units": 2, "stateful": True}}, r"`l` \(LSTM\) has stateful=True"),
        (
            {
                "class_name": "TimeDistributed",
                "config": {"layer": {"class_name": "Functional", "config": {"name": "m"}}},
            },
            "The model `m` is an argument of a layer",
        ),
        ({"class_name": "Dense", "config": {"units": -3}}, "the language does not have.*units"),
    ],
)
def test_what_the_language_does_not_have_is_refused(tmp_path: Path, layer: dict[str, Any], message: str) -> None:
    layer = {"module": "keras.layers", **layer, "config": {"name": "l", **layer.get("config", {})}}
    with pytest.raises(AdoptionError, match=message.replace("?", r"\?")):
        dlsuite.adopt(saved(tmp_path / "model.keras", layer))


@pytest.mark.parametrize("name", ["model.h5", "model.pkl", "model.pt", "model.keras", "missing.keras", "."])
def test_other_files_are_refused_with_the_reason(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if not name.startswith("missing") and name != ".":
        path.write_bytes(b"\x89HDF")
    with pytest.raises(AdoptionError, match=r"\.keras"):
        dlsuite.adopt(path)


def test_a_damaged_configuration_is_refused() -> None:
    for config in (
        {},
        {"class_name": "Functional", "config": {"layers": [{}]}},
        {"class_name": "Functional", "config": 3},
    ):
        with pytest.raises(AdoptionError):
            adoption.adopt(config)


def test_a_string_that_looks_like_an_expression_stays_a_string() -> None:
    x = keras.Input((4, 3), name="x")
    config = json.loads(keras.Model(x, layers.Permute([2, 1], name="p")(x)).to_json())
    config["config"]["layers"][1]["config"]["dims"] = "=1 + 1"
    with pytest.raises(AdoptionError, match=r'`dims` of Permute takes .*, not the string "=1 \+ 1"'):
        adoption.adopt(config)


@pytest.mark.parametrize(
    ("chain", "rolled"),
    [
        (["ReLU"] * 12, [{"Repeat": {"times": 12, "layers": ["ReLU"]}}]),
        (
            [{"ReLU": {"name": "a_00"}}, {"ReLU": {"name": "a_01"}}, {"ReLU": {"name": "a_03"}}],
            [{"ReLU": {"name": "a_00"}}, {"ReLU": {"name": "a_01"}}, {"ReLU": {"name": "a_03"}}],
        ),
        (
            [{"Dense": {"units": 8, "activation": "relu", "use_bias": i > 0}} for i in range(3)],
            [{"Repeat": {"times": 3, "index": "i", "layers": [
                {"Dense": {"units": 8, "activation": "relu", "use_bias": "=false if i == 0 else true"}}
            ]}}],
        ),
        (
            [{"Dense": {"units": n, "activation": "relu", "use_bias": False}} for n in (7, 3, 5, 4)],
            [{"Repeat": {"over": [7, 3, 5, 4], "item": "row", "layers": [
                {"Dense": {"units": "=row", "activation": "relu", "use_bias": False}}
            ]}}],
        ),
    ],
    ids=["same", "zeros", "first", "items"],
)  # fmt: skip
def test_runs_are_rolled_up(chain: list[Any], rolled: list[Any]) -> None:
    assert roll(chain) == rolled


def test_a_model_of_too_many_layers_in_a_row_is_refused() -> None:
    layers = [{"class_name": "InputLayer", "config": {"batch_shape": [None, 4], "name": "x"}}]
    layers += [
        {
            "module": "keras.layers",
            "class_name": "Dense",
            "config": {"units": i % 97 + 1, "name": f"d{i * 7919 % 10007}"},
        }
        for i in range(5000)
    ]
    with pytest.raises(AdoptionError, match="more layers in a row"):
        adoption.adopt({"module": "keras", "class_name": "Sequential", "config": {"name": "deep", "layers": layers}})


def test_inputs_of_strings_are_refused() -> None:
    text = keras.Input((1,), dtype="string", name="text")
    with pytest.raises(AdoptionError, match="`text` holds values of dtype `string`.*Text"):
        dlsuite.adopt(keras.Model(text, layers.StringLookup(vocabulary=["a"])(text)))


def test_what_comes_in_or_went_out_before_goes_out_through_an_identity() -> None:
    x = keras.Input((5,), name="x")
    y = layers.Dense(3, name="y")(x)
    model = keras.Model(x, [x, y, y])
    other = adopted(model)
    other.set_weights(model.get_weights())
    given = np.ones((2, 5), "float32")
    for one, two in zip(model(given), other(given).values(), strict=True):
        np.testing.assert_array_equal(np.asarray(one), np.asarray(two))
    assert dlsuite.adopt(keras.Model(x, x))["model"]["layers"] == ["Identity"]


def towers() -> keras.Model:
    """Returns a model that calls one model twice."""
    inside = keras.Input((5,), name="inside")
    tower = keras.Model(inside, layers.Dense(4, name="d")(layers.Dense(3, name="e")(inside)), name="Tower-1")
    a, b = keras.Input((5,), name="a"), keras.Input((5,), name="b")
    return keras.Model([a, b], layers.Dense(2, name="out")(ops.concatenate([tower(a), tower(b)])), name="pair")


def deep() -> keras.Model:
    """Returns a model that calls one that calls a sequential one, frozen."""
    stem = keras.Sequential([keras.Input((5,)), layers.Dense(4), layers.Dense(5)], name="stem")
    stem.trainable = False
    x, y = keras.Input((5,), name="x"), keras.Input((5,), name="y")
    middle = keras.Model(x, layers.Dense(5, name="d")(stem(stem(x))), name="middle")
    return keras.Model(y, layers.Dense(2)(middle(y)), name="deep")


def several() -> keras.Model:
    """Returns a model that calls one of several named inputs and outputs."""
    a, b = keras.Input((5,), name="a"), keras.Input((4,), name="b")
    h = layers.Dense(4, name="h")(a)
    inner = keras.Model({"b": b, "a": a}, {"sum": ops.add(h, b), "h": h, "a2": ops.tanh(a)}, name="inner")
    x, y = keras.Input((5,), name="x"), keras.Input((4,), name="y")
    made = inner({"a": x, "b": y})
    return keras.Model([x, y], {"one": made["sum"], "two": layers.Dense(2)(made["h"])}, name="several")


@pytest.mark.parametrize(
    ("make", "names", "shapes"),
    [(towers, ["tower1", "pair"], [5, 5]), (deep, ["stem", "middle", "deep"], [5]),
     (several, ["inner", "several"], [5, 4])],
)  # fmt: skip
def test_a_model_inside_a_model_is_a_network_of_its_own(make: Any, names: list[str], shapes: list[int]) -> None:
    model = make()
    spec = dlsuite.adopt(model)
    assert list(spec["models"]) == names
    other = dlsuite.build(dlsuite.load(spec))[names[-1]]
    assert [(one.shape, one.trainable) for one in other.weights] == [(w.shape, w.trainable) for w in model.weights]
    other.set_weights(model.get_weights())
    given = [np.random.default_rng(0).random((2, size), dtype="float32") for size in shapes]
    one = model(given if len(given) > 1 else given[0])
    two = other(dict(zip(other.input, given, strict=True)) if len(given) > 1 else given[0])
    keras.tree.map_structure(lambda a, b: np.testing.assert_array_equal(np.asarray(a), np.asarray(b)), one, two)


def test_a_frozen_model_inside_another_is_frozen_where_it_is_called() -> None:
    spec = dlsuite.adopt(deep())
    assert "trainable" not in json.dumps(spec["models"]["stem"])
    assert spec["models"]["middle"]["layers"][:2] == [{"stem": {"trainable": False}}] * 2


def test_a_slice_is_refused_with_what_would_work() -> None:
    x = keras.Input((5, 3))
    with pytest.raises(AdoptionError, match=r"ops\.take\(x, -1, axis=1\)"):
        dlsuite.adopt(keras.Model(x, x[:, -1, :]))
