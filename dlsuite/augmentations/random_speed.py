"""Sounds that are played faster."""

from __future__ import annotations

from typing import Annotated, Any

import keras
from keras import ops

from dlsuite.registry import Range, register


@register("augmentation")
@keras.saving.register_keras_serializable("dlsuite")
class RandomSpeed(keras.layers.Layer):
    """Plays each sound faster, by as much as is drawn evenly, in training: it becomes shorter and higher.

    Silence follows it up to its old length. Sounds are never slowed: what then lies behind their old length would be
    cut off, and with it words that the target still has. Samples are interpolated linearly. Ko et al. 2015,
    doi:10.21437/Interspeech.2015-711, section 2.1.

    Args:
        speed: From and to: 1 is as it is, 1.1 a tenth faster.
        seed: Of the random numbers.

    Example:
        `{"RandomSpeed": {"speed": [1.0, 1.2]}}` on (batch, samples).
    """

    def __init__(
        self,
        *,
        speed: tuple[Annotated[float, Range(least=1, most=4)], Annotated[float, Range(least=1, most=4)]] = (1.0, 1.2),
        seed: int | None = None,
        **options: Any,
    ):
        if len(speed) != 2 or not 1 <= speed[0] <= speed[1] <= 4:
            raise ValueError(f"speed is {speed}; it is [from, to], between 1 and 4")
        super().__init__(**options)
        self.speed = (float(speed[0]), float(speed[1]))
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, inputs: Any, training: bool = False) -> Any:
        if not training:
            return inputs
        samples = ops.shape(inputs)[1]
        drawn = keras.random.uniform((ops.shape(inputs)[0], 1), *self.speed, seed=self.seed_generator)  # (batch, 1)
        places = drawn * ops.cast(ops.arange(samples), "float32")[None]  # where each new sample is read
        before = ops.cast(ops.floor(places), "int32")
        share = ops.cast(places - ops.floor(places), inputs.dtype)
        here, behind = (
            ops.where(
                before + step < samples,
                ops.take_along_axis(inputs, ops.minimum(before + step, samples - 1), axis=1),
                ops.cast(0.0, inputs.dtype),
            )
            for step in (0, 1)
        )
        return (1 - share) * here + share * behind

    def compute_output_shape(self, inputs_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return inputs_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "speed": list(self.speed), "seed": self.seed}
