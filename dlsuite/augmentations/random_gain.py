"""Sounds louder or quieter."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from dlsuite.registry import register


@register("augmentation")
@keras.saving.register_keras_serializable("dlsuite")
class RandomGain(keras.layers.Layer):
    """Makes each sound louder or quieter by as many decibels as are drawn evenly, in training.

    Args:
        decibels: From and to.
        seed: Of the random numbers.
    """

    def __init__(self, *, decibels: tuple[float, float] = (-10.0, 6.0), seed: int | None = None, **options: Any):  # type: ignore[assignment]
        if len(decibels) != 2 or decibels[0] > decibels[1]:
            raise ValueError(f"decibels is {decibels}; it is [from, to]")
        super().__init__(**options)
        self.decibels = (float(decibels[0]), float(decibels[1]))
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, inputs: Any, training: bool = False) -> Any:
        if not training:
            return inputs
        shape = (ops.shape(inputs)[0], 1)
        drawn = keras.random.uniform(shape, *self.decibels, seed=self.seed_generator)  # (batch, 1)
        return inputs * ops.cast(10.0 ** (drawn / 20.0), inputs.dtype)  # (batch, samples)

    def compute_output_shape(self, inputs_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return inputs_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "decibels": list(self.decibels), "seed": self.seed}
