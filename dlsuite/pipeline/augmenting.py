"""Augmentations inside tf.data: the same change for the same seed and batch, whatever ran before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
import tensorflow as tf

from dlsuite.spec.errors import Fault, SpecError
from dlsuite.spec.plan import Component

MIXES_LABELS = frozenset({"MixUp", "CutMix", "FourierMix", "Mosaic"})
OWN_STATE = frozenset({"AugMix"})
"""Layers of Keras that draw from more than their seed generators; those of keras_cv all do."""


def check_augmentations(components: Sequence[Component]) -> list[str]:
    """Returns warnings about augmentations that cannot be repeated exactly.

    Raises:
        SpecError: One of them mixes pictures and with them labels, and `augment` touches inputs alone.
    """
    faults = [
        Fault(
            f"{component.name} mixes the labels of pictures too, and `augment` touches inputs alone.", component.place
        )
        for component in components
        if component.name.rpartition(".")[2] in MIXES_LABELS
    ]
    if faults:
        raise SpecError(faults)
    return [
        f"{component.name} draws random numbers of its own: two trainings with one seed see different pictures."
        for component in components
        if component.name.startswith("keras_cv.") or component.name in OWN_STATE
    ]


def make_augment(layers: Sequence[Any]) -> Callable[[tf.Tensor, tf.Tensor], tf.Tensor]:
    """Returns a function of pictures [batch, height, width, channels] and a seed, int64 [2], for `Dataset.map`.

    Keras' random layers draw from a state that every call moves on, which would make a batch depend on all before it
    (and on the order in which threads make them). Here the state of each is computed from the seed instead, so that a
    resumed training sees the pictures that an uninterrupted one would have seen.

    Args:
        layers: Keras layers, applied in order, with `training=True`.
    """
    generators = [generator for layer in layers for generator in _generators(layer)]

    def augment(pictures: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        draws = [_Draws(tf.random.experimental.stateless_fold_in(seed, i)) for i in range(len(generators))]
        for generator, draw in zip(generators, draws, strict=True):
            generator.next = draw
        try:
            for layer in layers:
                pictures = layer(pictures, training=True)
        finally:
            for generator in generators:
                del generator.next
        return pictures

    return augment


class _Draws:
    """Stands for `SeedGenerator.next`: a new seed at every call, from one."""

    def __init__(self, seed: tf.Tensor):
        self._seed = seed
        self._calls = 0

    def __call__(self, ordered: bool = True) -> tf.Tensor:
        self._calls += 1
        folded = tf.random.experimental.stateless_fold_in(self._seed, self._calls)
        return tf.cast(folded % (1 << 31), "int32")


def _generators(layer: Any) -> list[keras.random.SeedGenerator]:
    """Returns the seed generators of a layer and of the layers inside it, each once."""
    found: dict[int, keras.random.SeedGenerator] = {}
    for part in layer._flatten_layers():
        for value in vars(part).values():
            if isinstance(value, keras.random.SeedGenerator):
                found[id(value)] = value
    return list(found.values())
