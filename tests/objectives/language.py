"""Small networks of text with random weights, and plays of them."""

from __future__ import annotations

import keras
import keras_hub
import numpy as np
from keras import ops

from dlsuite.features.text import Text
from dlsuite.objectives.play import Play
from dlsuite.spec.plan import Component, Task

WIDTH = 16


def text(examples, shift=0, like=None, **arguments):
    """Returns a feature fitted on texts."""
    feature = Text(**arguments)
    feature.shift(shift)
    feature.fit(examples)
    return feature


def pad(feature, texts, places):
    """Returns ids (examples, places) and their mask."""
    rows = [feature.encode(one) for one in texts]
    ids = np.array([[*row, *[0] * (places - len(row))] for row in rows], "int32")
    return ids, np.arange(places) < np.array([[len(row)] for row in rows])


def stir(model):
    """Gives a model weights by which outputs differ much."""
    for seed, weight in enumerate(model.trainable_weights):
        weight.assign(weight + 0.5 * np.random.default_rng(seed).normal(size=weight.shape))
    return model


def decoder_only(ids, length):
    """Returns a causal Transformer of texts of that length."""
    so_far = keras.Input((length,), dtype="int32", name="text")
    x = keras.layers.Embedding(ids, WIDTH)(so_far)
    x = x + keras_hub.layers.PositionEmbedding(length)(x)
    x = x + keras.layers.MultiHeadAttention(2, 8)(x, x, use_causal_mask=True)
    return stir(keras.Model(so_far, keras.layers.Dense(ids, name="next")(x)))


def encoder_decoder(source_ids, ids):
    """Returns a translator that is told where a source is padded."""
    source = keras.Input((None,), dtype="int32", name="source")
    mask = keras.Input((None,), dtype="bool", name="source.mask")
    so_far = keras.Input((None,), dtype="int32", name="so_far")
    there = ops.expand_dims(mask, 1)  # (batch, 1, places)
    x = keras.layers.Embedding(source_ids, WIDTH)(source)
    memory = x + keras.layers.MultiHeadAttention(2, 8)(x, x, attention_mask=there)
    y = keras.layers.Embedding(ids, WIDTH)(so_far)
    y = y + keras_hub.layers.SinePositionEncoding()(y)
    y = y + keras.layers.MultiHeadAttention(2, 8)(y, y, use_causal_mask=True)
    y = y + keras.layers.MultiHeadAttention(2, 8)(y, memory, attention_mask=there)
    inputs = {"source": source, "source.mask": mask, "so_far": so_far}
    return stir(keras.Model(inputs, keras.layers.Dense(ids, name="next")(y)))


def play(objective, network, features, inputs, targets=None, seeds=None, **settings):
    """Returns a batch as an objective sees it; a seed is a number from 0 to 1."""
    noise = {} if seeds is None else {"draw": np.array(seeds, "float32")}
    task = Task(component=Component("objective", objective, {}), inputs=("next",), target="next", weight=1.0)
    return Play(
        task, {"model": network}, {"model": ("next",)}, features, inputs, targets or {}, noise, settings=settings
    )
