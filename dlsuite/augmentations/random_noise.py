"""Sounds with noise."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from dlsuite.registry import register


@register("augmentation")
@keras.saving.register_keras_serializable("dlsuite")
class RandomNoise(keras.layers.Layer):
    """Adds white noise to each sound, as many decibels below it as are drawn evenly, in training.

    Zeros behind a sound stay zeros: they are padding.

    Args:
        below: Ratio of signal to noise in decibels, from and to.
        seed: Of the random numbers.
    """

    def __init__(self, *, below: tuple[float, float] = (10.0, 40.0), seed: int | None = None, **options: Any):  # type: ignore[assignment]
        if len(below) != 2 or below[0] > below[1]:
            raise ValueError(f"below is {below}; it is [from, to] in decibels")
        super().__init__(**options)
        self.below = (float(below[0]), float(below[1]))
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, inputs: Any, training: bool = False) -> Any:
        if not training:
            return inputs
        loudness = ops.abs(inputs)  # (batch, samples)
        heard = ops.cast(ops.flip(ops.cumsum(ops.flip(loudness, axis=1), axis=1), axis=1) > 0, inputs.dtype)
        power = ops.sum(ops.square(inputs), axis=1, keepdims=True) / (ops.sum(heard, axis=1, keepdims=True) + 1e-9)
        shape = (ops.shape(inputs)[0], 1)
        drawn = keras.random.uniform(shape, *self.below, seed=self.seed_generator)  # (batch, 1)
        level = ops.sqrt(power) * ops.cast(10.0 ** (-drawn / 20.0), inputs.dtype)
        return inputs + level * heard * keras.random.normal(
            ops.shape(inputs), dtype=inputs.dtype, seed=self.seed_generator
        )

    def compute_output_shape(self, inputs_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return inputs_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "below": list(self.below), "seed": self.seed}
