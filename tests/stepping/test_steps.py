"""Steps give the logits of the whole window, from what earlier positions left or, where there is no rule, anew."""

from __future__ import annotations

import keras
import keras_hub
import numpy as np
import pytest
from keras import ops

import dlsuite
from dlsuite.stepping import Refusal, Steps

ROWS, LENGTH, CLASSES = 3, 12, 20
GPT = {"depth": 2, "width": 16, "heads": 2, "context": LENGTH, "vocabulary": CLASSES}
LLAMA = GPT | {"groups": 1, "hidden": 24}
T5 = {"depth": 1, "width": 16, "heads": 2, "head_width": 8, "hidden": 24, "vocabulary": CLASSES}


@pytest.fixture(autouse=True)
def double_precision():
    """Both ways add in another order: only the logits' own single precision tells them apart then."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float64")
    yield
    keras.config.set_dtype_policy(before)


def draw(seed, *shape, low=0, high=CLASSES):
    return np.random.default_rng(seed).integers(low, high, shape).astype("int32")


def stir(model):
    """Gives a new model weights that are neither 0 nor 1, so that every one of them tells."""
    for seed, weight in enumerate(model.trainable_weights):
        weight.assign(weight + 0.3 * np.random.default_rng(seed).normal(size=weight.shape))
    return model


def check(network, stream, others=None, order=None):
    """Returns `Steps` after comparing its logits with those of the whole window at every position."""
    ids, others = draw(0, ROWS, LENGTH), others or {}
    expected = ops.convert_to_numpy(
        call(network, {stream: ids, f"{stream}.mask": np.ones((ROWS, LENGTH), bool)} | others)
    )
    steps = Steps(network, stream, rows=4, length=LENGTH)
    steps.begin(others, ROWS)
    found = [steps.start(ids[:, :5]), *(steps.step(ids[:, i], i) for i in range(5, LENGTH))]
    np.testing.assert_allclose(np.stack(found, axis=1), expected[:, 4:], rtol=1e-6, atol=1e-6)
    return steps


def call(network, inputs):
    names = [tensor.name for tensor in network.inputs]
    return network({name: inputs[name] for name in names} if len(names) > 1 else inputs[names[0]])


def encoder_decoder():
    """A translator: both attentions, masked padding in the memory."""
    source = keras.Input((None,), dtype="int32", name="source")
    mask = keras.Input((None,), dtype="bool", name="source.mask")
    so_far = keras.Input((LENGTH,), dtype="int32", name="so_far")
    embed = keras.layers.Embedding(CLASSES, 16)
    seen = ops.expand_dims(mask, 1)  # (batch, 1, places)
    x = embed(source)
    memory = keras.layers.LayerNormalization()(x + keras.layers.MultiHeadAttention(2, 8)(x, x, attention_mask=seen))
    x = embed(so_far)
    x = x + keras_hub.layers.SinePositionEncoding()(x)
    x = x + keras.layers.MultiHeadAttention(2, 8)(x, x, use_causal_mask=True)
    x = x + keras.layers.GroupQueryAttention(8, 2, 1)(x, memory, attention_mask=seen)
    inputs = {"source": source, "source.mask": mask, "so_far": so_far}
    return stir(keras.Model(inputs, keras.layers.Dense(CLASSES)(x)))


def recurrent():
    ids = keras.Input((None,), dtype="int32", name="text")
    x = keras.layers.LSTM(8, return_sequences=True)(keras.layers.Embedding(CLASSES, 8)(ids))
    return stir(keras.Model(ids, keras.layers.Dense(CLASSES)(x)))


def test_a_gpt_keeps_keys_and_values():
    steps = check(stir(dlsuite.build(dlsuite.load("specs/papers/gpt2.json", **GPT))), "text")
    assert steps.reason == "" and len(steps._stores) == 2 * GPT["depth"]


def test_a_llama_keeps_keys_and_values():
    network = stir(dlsuite.build(dlsuite.load("specs/papers/llama3_8b.json", **LLAMA)))
    steps = check(network, "text", {"mask": np.ones((ROWS, LENGTH), bool)})
    assert steps.reason == "" and len(steps._stores) == 2 * LLAMA["depth"]


def test_an_encoder_decoder_keeps_its_memory():
    mask = np.arange(7) < np.array([[7], [3], [5]])
    steps = check(encoder_decoder(), "so_far", {"source": draw(1, ROWS, 7), "source.mask": mask})
    assert steps.reason == "" and len(steps._stores) == 2 and len(steps._kept) == 2


def test_a_component_without_a_rule_has_the_window_computed_and_is_named():
    others = {"source": draw(1, ROWS, 7), "source_mask": np.ones((ROWS, 7), bool)}
    steps = check(stir(dlsuite.build(dlsuite.load("specs/papers/t5_small.json", **T5))), "so_far", others)
    assert "cumsum` (Cumsum) mixes positions and has no rule" in steps.reason
    assert "`lstm" in check(recurrent(), "text").reason


def test_attention_to_later_positions_is_not_cached():
    ids = keras.Input((LENGTH,), dtype="int32", name="text")
    x = keras.layers.Embedding(CLASSES, 8)(ids)
    attended = keras.layers.MultiHeadAttention(2, 4, name="both_ways")(x, x)
    steps = Steps(keras.Model(ids, keras.layers.Dense(CLASSES)(attended)), "text", rows=1, length=LENGTH)
    assert steps.reason == "`both_ways` (MultiHeadAttention) looks at later positions, without a causal mask"


def test_a_sliding_window_is_kept():
    ids = keras.Input((LENGTH,), dtype="int32", name="text")
    x = keras_hub.layers.TokenAndPositionEmbedding(CLASSES, LENGTH, 8)(ids)
    x = x + keras.layers.MultiHeadAttention(2, 4, sliding_window=3)(x, x, use_causal_mask=True)
    assert check(stir(keras.Model(ids, keras.layers.Dense(CLASSES)(x))), "text").reason == ""


@pytest.mark.parametrize("settings", [{"groups": 2}, {"dilation_rate": 4}])
def test_a_causal_convolution_keeps_what_it_read(settings):
    ids = keras.Input((LENGTH,), dtype="int32", name="text")
    x = keras.layers.Embedding(CLASSES, 8)(ids)
    for _ in range(2):
        x = keras.layers.Conv1D(8, 3, padding="causal", activation="gelu", **settings)(x)
    assert check(stir(keras.Model(ids, keras.layers.Dense(CLASSES)(x))), "text").reason == ""


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"padding": "same"}, 'looks at later positions, with padding "same"'),
        ({"padding": "causal", "strides": 2}, "gives other positions than it reads"),
    ],
)
def test_another_convolution_is_not_cached(settings, reason):
    ids = keras.Input((LENGTH,), dtype="int32", name="text")
    x = keras.layers.Conv1D(8, 3, **settings)(keras.layers.Embedding(CLASSES, 8)(ids))
    network = keras.Model(ids, keras.layers.Dense(CLASSES)(x))
    assert reason in Steps(network, "text", rows=1, length=LENGTH).reason


def test_a_window_ends_where_positions_have_no_number():
    ids = keras.Input((None,), dtype="int32", name="text")
    x = keras_hub.layers.TokenAndPositionEmbedding(CLASSES, LENGTH, 8)(ids)
    steps = Steps(keras.Model(ids, keras.layers.Dense(CLASSES)(x)), "text", rows=1, length=100)
    assert steps.length == LENGTH and not steps.reason


def test_rows_go_on_from_others():
    network = stir(dlsuite.build(dlsuite.load("specs/papers/gpt2.json", **GPT)))
    ids, order = draw(0, ROWS, 6), np.array([2, 0, 0])
    steps = Steps(network, "text", rows=4, length=LENGTH)
    steps.begin({}, ROWS)
    steps.start(ids)
    found = steps.step(np.array([7, 8, 9]), 6, order)
    whole = np.concatenate([ids[order], [[7], [8], [9]], np.zeros((ROWS, LENGTH - 7), "int32")], axis=1)
    np.testing.assert_allclose(found, np.array(network(whole))[:, 6], rtol=1e-6, atol=1e-6)


def test_beginning_again_forgets():
    network = stir(dlsuite.build(dlsuite.load("specs/papers/gpt2.json", **GPT)))
    steps = Steps(network, "text", rows=4, length=LENGTH)
    found = []
    for seed in (1, 2, 1):
        steps.begin({}, ROWS)
        steps.start(draw(seed, ROWS, 4))
        found.append(steps.step(draw(seed, ROWS), 4))
    np.testing.assert_array_equal(found[0], found[2])
    assert np.abs(found[0] - found[1]).max() > 0.01


class Sum(keras.layers.Layer):
    """The sum so far, as a layer of a plug-in would be: it says itself how it goes on."""

    def call(self, x):
        return ops.cumsum(x, axis=1)

    def compute_output_shape(self, shape):
        return shape

    def step(self, cache, x):
        whole = cache.extend("x", x)
        there = (
            ops.arange(whole.shape[1], dtype="int32")[None]
            <= cache.start + ops.arange(x.shape[1], dtype="int32")[:, None]
        )  # (n, length)
        return ops.einsum("nl,bld->bnd", ops.cast(there, x.dtype), whole)


class Forgetful(Sum):
    def step(self, cache, x):
        return ops.cumsum(x, axis=1)


@pytest.mark.parametrize("layer", [Sum, Forgetful])
def test_a_layer_says_itself_how_it_goes_on_and_is_held_to_it(layer):
    ids = keras.Input((LENGTH,), dtype="int32", name="text")
    x = layer()(keras.layers.Embedding(CLASSES, 8)(ids))
    network = keras.Model(ids, keras.layers.Dense(CLASSES)(x), name="sums")
    if layer is Sum:
        assert check(stir(network), "text").reason == ""
    else:
        with pytest.raises(RuntimeError, match="sums: a rule for steps gives other logits"):
            Steps(stir(network), "text", rows=1, length=LENGTH)


def test_a_reshape_that_mixes_positions_is_refused():
    from dlsuite.stepping.reshaping import reshape

    with pytest.raises(Refusal, match="mixes positions"):
        reshape(keras.layers.Reshape((-1, 6)), None, np.zeros((2, 4, 8)))
