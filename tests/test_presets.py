"""Presets of keras-hub: weights at the start of a training, clear errors where they cannot be had."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from dlsuite import graph
from dlsuite.spec import DataError, SpecError, check, load
from dlsuite.training.presets import load_presets

SIZES = {
    "vocabulary_size": 20,
    "num_layers": 1,
    "num_heads": 2,
    "hidden_dim": 8,
    "intermediate_dim": 16,
    "max_sequence_length": 6,
}


def spec(**extra: Any) -> dict[str, Any]:
    tokens = {"Input": {"shape": [6], "dtype": "int32"}}
    inputs = {"token_ids": "tokens", "segment_ids": "segments", "padding_mask": "mask"}
    return {
        "name": "tiny_bert",
        "blocks": {
            "encoder": {
                "inputs": ["tokens", "segments", "mask"],
                "layers": [{"keras_hub.BertBackbone": {**SIZES, "inputs": inputs, "name": "bert", **extra}}],
            }
        },
        "model": {
            "inputs": {"tokens": tokens, "segments": tokens, "mask": tokens},
            "layers": [{"encoder": {"inputs": ["tokens", "segments", "mask"], "name": "text"}}],
        },
    }


@pytest.fixture
def backbone() -> Any:
    from keras_hub.models import BertBackbone

    return BertBackbone


def test_weights_are_those_of_the_preset(backbone: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    keras.utils.set_random_seed(1)
    source = backbone(**SIZES)
    monkeypatch.setattr(backbone, "from_preset", classmethod(lambda cls, name: source))
    plan = load(spec(preset="bert_small")).plan()
    models = graph.build(plan)
    layer = models["model"].get_layer("text.bert")
    before = layer.get_weights()
    assert any(not np.array_equal(a, b) for a, b in zip(before, source.get_weights(), strict=True))
    assert load_presets(plan, models) == ["`text.bert` starts with the weights of the preset `bert_small`"]
    assert all(np.array_equal(a, b) for a, b in zip(layer.get_weights(), source.get_weights(), strict=True))


def test_another_size_is_refused_at_the_layer(backbone: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    source = backbone(**{**SIZES, "hidden_dim": 16})
    monkeypatch.setattr(backbone, "from_preset", classmethod(lambda cls, name: source))
    plan = load(spec(preset="bert_small")).plan()
    with pytest.raises(SpecError, match="does not fit `text.bert`") as error:
        load_presets(plan, graph.build(plan))
    assert error.value.faults[0].place.pointer == "/blocks/encoder/layers/0"


def test_models_of_keras_applications_are_made_without_their_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    real = keras.applications.MobileNetV2

    def record(**arguments: Any) -> Any:
        asked.append(arguments["weights"])
        return real(**{**arguments, "weights": None})

    monkeypatch.setattr(keras.applications, "MobileNetV2", record)
    call = {"classes": 3, "input_shape": [32, 32, 3], "preset": "imagenet", "name": "mobile"}
    made = {
        "name": "mobile_net",
        "model": {
            "inputs": {"image": {"Input": {"shape": [32, 32, 3]}}},
            "layers": [{"applications.MobileNetV2": call}],
        },
    }
    plan = load(made).plan()
    models = graph.build(plan)
    assert asked == [None]
    load_presets(plan, models)
    assert asked == [None, "imagenet"]


def test_without_a_network_the_error_says_so(backbone: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(cls: Any, name: str) -> Any:
        raise ConnectionError("no route to host")

    monkeypatch.setattr(backbone, "from_preset", classmethod(refuse))
    plan = load(spec(preset="bert_small")).plan()
    with pytest.raises(DataError, match="`bert_small` of `text.bert` cannot be loaded: no route to host"):
        load_presets(plan, graph.build(plan))


@pytest.mark.parametrize("name", ["../weights", "/etc/passwd", "file:///tmp/x", "http://x/y", ""])
def test_a_preset_is_a_name_and_no_path(name: str) -> None:
    faults = check(spec(preset=name))
    assert [fault.message for fault in faults] == [f"`{name}` is no name of a preset."]


def test_only_layers_of_keras_hub_have_presets() -> None:
    layers = [{"Dense": {"units": 2, "preset": "bert_small"}}]
    faults = check({"model": {"inputs": {"x": {"Input": {"shape": [2]}}}, "layers": layers}})
    assert [fault.message for fault in faults] == ["Dense has no argument `preset`."]
