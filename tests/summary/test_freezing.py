"""What `layers` of `train` freezes and adapts, in a summary, against the models as training has them."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from dlsuite import graph
from dlsuite.layer_settings import apply_settings, read_trainable
from dlsuite.spec.errors import SpecError
from dlsuite.spec.loading import load
from dlsuite.summary import Summary, summarise
from dlsuite.summary.calls import weights_of

VECTOR = {"x": {"Input": {"shape": [8]}}}
DATA = {"source": "Digits", "inputs": {"image": "Image"}, "targets": {"label": "Category"}}
BLOCK = {"b": {"layers": [{"Dense": {"units": 8}}, "BatchNormalization", "ReLU"]}}
LABEL = {"Dense": {"units": "=label.classes", "name": "label"}}
BLOCKS = {
    "data": DATA,
    "blocks": BLOCK,
    "model": {"layers": ["Flatten", {"b": {"name": "first"}}, {"Repeat": {"times": 3, "layers": ["b"]}}, LABEL]},
}
ATTENTION = {
    "data": DATA,
    "model": {
        "layers": [
            {"Reshape": {"target_shape": [8, 8]}},
            {"MultiHeadAttention": {"num_heads": 2, "key_dim": 4, "inputs": ["@previous", "@previous"], "name": "mha"}},
            {"Bidirectional": {"layer": {"LSTM": {"units": 4}}, "name": "both"}},
            LABEL,
        ]
    },
}
NETWORKS = {
    "data": DATA,
    "models": {
        "whole": {
            "inputs": ["image"],
            "layers": ["Flatten", {"Dense": {"units": 8, "name": "in"}}, "tower", LABEL],
        },
        "tower": {"inputs": VECTOR, "layers": [{"Dense": {"units": 8, "name": "d"}}, {"Dense": {"units": 8}}]},
    },
}


def summary(spec: dict[str, Any], patterns: dict[str, Any]) -> Summary:
    """Returns the summary of a spec whose training has patterns."""
    return summarise(load(trained(spec, patterns)).plan())


def trained(spec: dict[str, Any], patterns: dict[str, Any]) -> dict[str, Any]:
    """Returns a spec with the patterns in its training."""
    return {**spec, "train": {"objective": "Classification", "optimizer": "Adam", "epochs": 1, "layers": patterns}}


@pytest.mark.parametrize(
    ("spec", "patterns"),
    [
        (BLOCKS, {"first.*": {"trainable": False}}),
        (BLOCKS, {"*": {"trainable": False}, "label": {"trainable": True}}),
        (BLOCKS, {"b_1.*": {"trainable": False}, "*.beta": {"trainable": True}}),
        (BLOCKS, {"*.bias": {"trainable": False}, "*.gamma": {"weight_decay": False}}),
        (BLOCKS, {"*.dense": {"lora_rank": 2}}),
        (BLOCKS, {"*": {"trainable": False}, "b_1.dense": {"lora_rank": 3}}),
        (ATTENTION, {"mha": {"trainable": False}}),
        (ATTENTION, {"*": {"trainable": False}, "mha.query": {"lora_rank": 2}, "label": {"trainable": True}}),
        (ATTENTION, {"both.forward_*": {"trainable": False}}),
        (NETWORKS, {"whole.tower.*": {"trainable": False}}),
        (NETWORKS, {"whole.tower": {"trainable": False}, "whole.tower.d": {"trainable": True}}),
    ],
)  # fmt: skip
def test_what_is_trained_is_what_training_trains(spec: dict[str, Any], patterns: dict[str, Any]) -> None:
    plan = load(trained(spec, patterns)).plan()
    models = graph.build(plan)
    apply_settings(plan.train[0], models, read_trainable(models))
    found, free = summarise(plan), summary(spec, {})
    assert any(one.held != free.networks[name].held for name, one in found.networks.items())
    for name, model in models.items():
        network = found.networks[name]
        assert Counter(network.held) == weights_of(model)
        assert network.parameters == free.networks[name].parameters and network.forward == free.networks[name].forward
        sizes = {shape for shape, _, trains in network.slots if trains}
        assert sizes == {tuple(one.shape) for one in model.trainable_variables}


CHAIN = {
    "data": DATA,
    "model": {
        "layers": [
            "Flatten",
            {"Dense": {"units": 32, "use_bias": False, "name": "one"}},
            {"Dense": {"units": 16, "use_bias": False, "name": "two"}},
            {"Dense": {"units": 10, "use_bias": False, "name": "label"}},
        ]
    },
}
ONE, TWO, THREE = 2 * 64 * 32, 2 * 32 * 16, 2 * 16 * 10
"""Operations of each product of the chain: forward, to its weights, and to its inputs."""


@pytest.mark.parametrize(
    ("patterns", "step"),
    [
        ({}, 2 * ONE + 3 * TWO + 3 * THREE),  # nothing goes back to the picture
        ({"one": {"trainable": False}}, ONE + 2 * TWO + 3 * THREE),
        ({"two": {"trainable": False}}, 2 * ONE + 2 * TWO + 3 * THREE),
        ({"[tl]*": {"trainable": False}}, 2 * ONE + 2 * TWO + 2 * THREE),
        ({"one": {"trainable": False}, "two": {"trainable": False}}, ONE + TWO + 2 * THREE),
    ],
)
def test_a_gradient_goes_as_far_back_as_something_is_trained(patterns: dict[str, Any], step: int) -> None:
    found = summary(CHAIN, patterns).networks["model"]
    assert (found.forward.at(1), found.step.at(1)) == (ONE + TWO + THREE, step)


def test_frozen_layers_keep_nothing_for_the_way_back() -> None:
    free, frozen = (summary(CHAIN, one).networks["model"].memory(4) for one in ({}, {"[tl]*": {"trainable": False}}))
    assert free.weights == frozen.weights == 4 * (64 * 32 + 32 * 16 + 16 * 10)
    assert frozen.gradients == 4 * 64 * 32 and frozen.optimizer == (2 + 2) * 4 * 64 * 32
    # what `two` and `label` read is wanted for the gradients of their weights alone
    assert free.activations - frozen.activations == 4 * 4 * (32 + 16)


def test_lora_adds_its_weights_to_those_that_it_freezes() -> None:
    found = summary(CHAIN, {"one": {"lora_rank": 2}, "[tl]*": {"trainable": False}}).networks["model"]
    assert found.trained == 2 * (64 + 32)
    assert found.memory(1).weights == 4 * (found.parameters["total"] + found.trained)
    assert found.memory(1).gradients == 4 * found.trained


def test_of_several_stages_the_one_that_asks_most_is_told() -> None:
    stages = trained(CHAIN, {"one": {"trainable": False}, "two": {"trainable": False}})["train"]
    spec = {**CHAIN, "train": [stages, {"layers": {"two": {"trainable": True}}}]}
    found = summarise(load(spec).plan()).networks["model"]
    assert found.step.at(1) == ONE + 2 * TWO + 3 * THREE
    assert found.trained == 32 * 16 + 16 * 10


@pytest.mark.parametrize(
    ("spec", "patterns", "said"),
    [
        (CHAIN, {"tow": {"trainable": False}}, "Did you mean `two`?"),
        (CHAIN, {"one": {"trainable": False}, "encoder.*": {"lora_rank": 2}}, "matches no layer and no weight"),
        (CHAIN, {"flatten": {"lora_rank": 2}}, "no layer that LoRA can adapt"),
        (CHAIN, {"*": {"trainable": False}}, "leaves nothing to train"),
        (NETWORKS, {"tower.dens": {"trainable": False}}, "matches no layer and no weight"),
    ],
)
def test_what_training_refuses_is_refused_alike(spec: dict[str, Any], patterns: dict[str, Any], said: str) -> None:
    plan = load(trained(spec, patterns)).plan()
    models = graph.build(plan)
    with pytest.raises(SpecError, match=said) as training:
        apply_settings(plan.train[0], models, read_trainable(models))
    with pytest.raises(SpecError) as shown:
        summarise(plan)
    assert str(shown.value) == str(training.value)
    assert shown.value.faults[0].place.pointer == f"/train/layers/{list(patterns)[-1]}"  # type: ignore[union-attr]


def test_a_stage_may_name_the_weights_that_lora_made_before_it() -> None:
    stages = trained(CHAIN, {"one": {"lora_rank": 2}})["train"]
    spec = {**CHAIN, "train": [stages, {"layers": {"one.lora_kernel_a": {"weight_decay": False}}}]}
    assert summarise(load(spec).plan()).networks["model"].trained


def test_a_step_makes_the_product_of_lora_once_a_batch_and_inference_has_it_in_its_weights() -> None:
    free, lora = (summary(CHAIN, one).networks["model"] for one in ({}, {"one": {"lora_rank": 2}}))
    product, elements = 2 * 64 * 2 * 32, 64 * 32
    # forward the product, its scale and its sum; backward the scale, and two products of its size
    more = 3 * product + 3 * elements
    assert [lora.step.at(size) - free.step.at(size) for size in (1, 8)] == [more, more]
    assert lora.forward == free.forward
