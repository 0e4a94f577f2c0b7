"""Augmentations inside tf.data: the same change for the same seed and batch, whatever ran before."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

import keras
import tensorflow as tf
from keras.src.backend import compute_output_spec

from dlsuite.graph import reason
from dlsuite.making import make
from dlsuite.registry import find
from dlsuite.spec.checking import has_symbol
from dlsuite.spec.errors import Fault, SpecError
from dlsuite.spec.plan import Component, DataPlan

MIXES_LABELS = frozenset({"MixUp", "CutMix", "FourierMix", "Mosaic"})


def check_augmentations(components: Sequence[Component], *, deterministic: bool = False) -> list[str]:
    """Returns warnings about augmentations that cannot be repeated exactly: those of keras_cv, which draw from
    TensorFlow's global state and not from seed generators.

    Args:
        components: Of `augment`.
        deterministic: Whether the spec asks for trainings that can be repeated to the bit.

    Raises:
        SpecError: One of them mixes pictures and with them labels, and `augment` touches inputs alone; or it cannot be
            repeated, and the spec is to be deterministic.
    """
    faults = [
        Fault(
            f"{component.name} mixes the labels of pictures too, and `augment` touches inputs alone.", component.place
        )
        for component in components
        if component.name.rpartition(".")[2] in MIXES_LABELS
    ]
    unseeded = [component for component in components if component.name.startswith("keras_cv.")]
    if deterministic:
        message = '{} draws random numbers that no seed reaches, and the spec asks for "deterministic": true.'
        hint = "Keras' own augmentations repeat by seed; see `dlsuite components augmentation`."
        faults += [Fault(message.format(component.name), component.place, hint) for component in unseeded]
    if faults:
        raise SpecError(faults)
    return [
        f"{component.name} draws random numbers of its own: two trainings with one seed see different pictures."
        for component in unseeded
    ]


def try_augmentations(plan: DataPlan) -> None:
    """Refuses augmentations that do not suit an input or change its shape; inputs of unknown shape are passed over.

    Args:
        plan: The data section.

    Raises:
        SpecError: Names every one of them.
    """
    faults = []
    for name, given in plan.inputs.items():
        shape = given.facts.get("shape")
        augmented = plan.augment and getattr(find("feature", given.component.name), "augmented", False)
        if not augmented or shape is None or has_symbol(shape):
            continue
        before = tensor = keras.KerasTensor((None, *shape), "float32")
        for component in plan.augment:
            try:
                layer = make(component)
                tensor = compute_output_spec(lambda x, layer=layer: layer(x, training=True), tensor)
            except Exception as error:
                message = f"{component.name} cannot change `{name}`, {tuple(tensor.shape)}: {reason(error)}"
                faults.append(Fault(message, component.place))
                break
        else:
            if tuple(tensor.shape) != tuple(before.shape):
                message = f"`augment` makes {tuple(tensor.shape)} of `{name}`, {tuple(before.shape)}."
                hint = "An augmentation keeps the shape, as inputs that are not augmented have it too."
                faults.append(Fault(message, plan.augment[-1].place, hint))
    if faults:
        raise SpecError(faults)


def make_augment(layers: Sequence[Any], seed: int) -> Callable[[tf.Tensor, tf.Tensor], tf.Tensor]:
    """Returns a function of pictures [batch, height, width, channels] and a key, int64 [2], for `Dataset.map`.

    Keras' random layers draw from a state that every call moves on, which would make a batch depend on all before it
    (and on the order in which threads make them). Here the state of each is computed from the key instead, so that a
    resumed training sees the pictures that an uninterrupted one would have seen.

    Args:
        layers: Keras layers, applied in order, with `training=True`.
        seed: Of what is chosen once and not for every batch: AugMix lays its chains when it is traced.
    """
    generators = [generator for layer in layers for generator in _generators(layer)]

    def augment(pictures: tf.Tensor, key: tf.Tensor) -> tf.Tensor:
        draws = [_Draws(tf.random.experimental.stateless_fold_in(key, i)) for i in range(len(generators))]
        for generator, draw in zip(generators, draws, strict=True):
            generator.next = draw
        state = random.getstate()
        random.seed(seed)
        try:
            for layer in layers:
                pictures = layer(pictures, training=True)
        finally:
            random.setstate(state)
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
