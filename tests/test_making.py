"""Components made: each kind, nested ones first, and nothing by a name that the catalogue does not list."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from dlsuite.layers.weight import Weight
from dlsuite.making import find, make
from dlsuite.spec import catalogue
from dlsuite.spec.plan import Component


def test_a_layer_gets_its_arguments() -> None:
    layer = make(
        Component("layer", "Conv2D", {"filters": 4, "kernel_size": [3, 5], "activation": "relu"}), name="first"
    )
    assert isinstance(layer, keras.layers.Conv2D)
    assert (layer.name, layer.filters, layer.kernel_size) == ("first", 4, (3, 5))


@pytest.mark.parametrize("name", ["EfficientNetV2B0", "MobileNetV3Small"])
def test_a_model_of_keras_applications_takes_any_name(name: str, tmp_path: Path) -> None:
    arguments = {"include_top": False, "input_shape": [32, 32, 3]}
    model = make(Component("layer", f"applications.{name}", arguments), name="backbone")
    assert model.name == "backbone"
    model.save(tmp_path / "model.keras")
    assert keras.saving.load_model(tmp_path / "model.keras").name == "backbone"


def test_components_among_arguments_are_made_first() -> None:
    schedule = Component("schedule", "CosineDecay", {"initial_learning_rate": 0.5, "decay_steps": 10})
    optimizer = make(Component("optimizer", "AdamW", {"learning_rate": schedule, "weight_decay": 0.1}))
    assert isinstance(optimizer, keras.optimizers.AdamW)
    assert isinstance(optimizer._learning_rate, keras.optimizers.schedules.CosineDecay)
    assert float(optimizer.learning_rate) == 0.5


def test_components_in_lists_are_made() -> None:
    cells = [Component("layer", "LSTMCell", {"units": 3}), Component("layer", "GRUCell", {"units": 2})]
    layer = make(Component("layer", "RNN", {"cell": Component("layer", "StackedRNNCells", {"cells": cells})}))
    assert [type(cell).__name__ for cell in layer.cell.cells] == ["LSTMCell", "GRUCell"]
    assert layer(np.zeros((1, 4, 5), "float32")).shape == (1, 2)


def test_making_leaves_the_component_as_it_is() -> None:
    inner = Component("initializer", "Constant", {"value": 2.0})
    component = Component("layer", "Dense", {"units": 1, "kernel_initializer": inner})
    first, second = make(component), make(component)
    assert component.arguments["kernel_initializer"] is inner
    assert first is not second and first.kernel_initializer is not second.kernel_initializer


@pytest.mark.parametrize(
    ("kind", "name", "arguments", "expected"),
    [
        ("layer", "keras_hub.RotaryEmbedding", {}, "RotaryEmbedding"),
        ("layer", "Bidirectional", {"layer": Component("layer", "LSTM", {"units": 2})}, "Bidirectional"),
        ("initializer", "HeNormal", {}, "HeNormal"),
        ("initializer", "he_normal", {}, "HeNormal"),
        ("initializer", "glorot_uniform", {"seed": 3}, "GlorotUniform"),
        ("regularizer", "L2", {"l2": 0.1}, "L2"),
        ("regularizer", "l2", {}, "L2"),
        ("constraint", "MaxNorm", {"max_value": 1}, "MaxNorm"),
        ("loss", "Huber", {"delta": 2.0}, "Huber"),
        ("metric", "F1Score", {"average": "macro"}, "F1Score"),
        ("callback", "EarlyStopping", {"patience": 2}, "EarlyStopping"),
        ("optimizer", "SGD", {}, "SGD"),
        ("schedule", "CosineDecay", {"initial_learning_rate": 1, "decay_steps": 2}, "CosineDecay"),
        ("augmentation", "RandomFlip", {"mode": "horizontal"}, "RandomFlip"),
    ],
)
def test_each_kind_is_made(kind: str, name: str, arguments: dict[str, Any], expected: str) -> None:
    assert type(make(Component(kind, name, arguments))).__name__ == expected


def test_an_activation_is_its_name() -> None:
    assert make(Component("activation", "gelu")) == "gelu"
    layer = make(Component("layer", "Dense", {"units": 1, "activation": Component("activation", "silu")}))
    assert layer.activation is keras.activations.silu


def test_our_own_blocks_are_found_by_name() -> None:
    assert find("layer", "Weight") is Weight
    layer = make(Component("layer", "Weight", {"shape": [2], "initializer": Component("initializer", "Ones")}))
    np.testing.assert_array_equal(layer(np.zeros((1, 1))), [[1, 1]])


def test_an_op_is_the_function_of_keras() -> None:
    assert find("op", "ops.einsum") is keras.ops.einsum
    assert find("op", "ops.image.resize") is keras.ops.image.resize


def test_an_application_is_its_function() -> None:
    assert find("layer", "applications.ResNet50") is keras.applications.ResNet50


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("layer", "Lambda"),
        ("layer", "TFSMLayer"),
        ("layer", "TorchModuleWrapper"),
        ("layer", "Dnse"),
        ("layer", "SGD"),
        ("callback", "LambdaCallback"),
        ("callback", "RemoteMonitor"),
        ("op", "ops.vectorized_map"),
        ("op", "ops.custom_gradient"),
        ("layer", "os.system"),
        ("layer", "keras_hub.os"),
        ("initializer", "__class__"),
    ],
)
def test_what_the_catalogue_does_not_list_is_not_made(kind: str, name: str) -> None:
    with pytest.raises(KeyError, match=f"There is no {kind} '{name}'"):
        make(Component(kind, name))


def test_every_name_of_keras_in_the_catalogue_is_found() -> None:
    known = catalogue.load()
    kinds = ("layer", "op", "initializer", "regularizer", "constraint", "loss", "metric", "optimizer", "schedule")
    names = [(kind, name) for kind in kinds for name in known.names(kind) if not known.own(kind, name)]
    missing = [pair for pair in names if not callable(find(*pair))]
    assert len(names) > 800
    assert missing == []
