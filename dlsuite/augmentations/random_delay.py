"""Sounds that begin later or earlier."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from dlsuite.registry import register


@register("augmentation")
@keras.saving.register_keras_serializable("dlsuite")
class RandomDelay(keras.layers.Layer):
    """Moves each sound later or earlier within its tensor, in training; zeros come in, what goes over the edge is lost.

    Not for sounds whose mask is used, or whose parts have times: those stay where they were.

    Args:
        factor: The most by which it moves, as a share of the tensor's length.
        seed: Of the random numbers.
    """

    def __init__(self, *, factor: float = 0.1, seed: int | None = None, **options: Any):
        if not 0 <= factor <= 1:
            raise ValueError(f"factor is {factor}; it is a share, from 0 to 1")
        super().__init__(**options)
        self.factor = factor
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, inputs: Any, training: bool = False) -> Any:
        if not training:
            return inputs
        batch, length = ops.shape(inputs)
        widest = self.factor * ops.cast(length, "float32")
        drawn = keras.random.uniform((batch, 1), -1.0, 1.0, seed=self.seed_generator)
        source = ops.arange(length)[None] - ops.cast(ops.round(drawn * widest), "int32")  # (batch, samples)
        moved = ops.take_along_axis(inputs, ops.clip(source, 0, length - 1), axis=1)
        return ops.where((source >= 0) & (source < length), moved, 0.0)

    def compute_output_shape(self, inputs_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return inputs_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "factor": self.factor, "seed": self.seed}
