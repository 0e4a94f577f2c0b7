"""Published architectures of text learn with every weight: no gradient is lost in a mask, a bucket or a router."""

from __future__ import annotations

import keras
import pytest
import tensorflow as tf

from tests.oracles.recipe import GOLDENS, ask, read

NAMES = ["bert_base", "clip_vit_b32_clip", "gpt2", "gpt3_175b", "llama3_8b", "mixtral_8x7b", "t5_small"]


@pytest.mark.parametrize("name", NAMES)
def test_every_weight_has_a_gradient(name: str) -> None:
    recipe, _ = read(GOLDENS / f"{name}.json")
    question = ask(recipe)
    inputs = question.inputs if len(question.inputs) > 1 else next(iter(question.inputs.values()))
    with tf.GradientTape() as tape:
        outputs = keras.tree.flatten(question.model(inputs, training=True))
        loss = sum(keras.ops.sum(output**2) for output in outputs)
    weights = question.model.trainable_variables
    for weight, gradient in zip(weights, tape.gradient(loss, weights), strict=True):
        assert gradient is not None, f"{weight.path} has no gradient"
        assert float(keras.ops.max(keras.ops.abs(tf.convert_to_tensor(gradient)))) > 0, f"{weight.path} does not learn"
