"""Stripes of a spectrogram blotted out in training."""

from __future__ import annotations

from typing import Annotated, Any

import keras
from keras import ops

from dlsuite.registry import Range, register


@register("layer")
@keras.saving.register_keras_serializable("dlsuite")
class SpecAugment(keras.layers.Layer):
    """Returns a spectrogram with stripes of times and of frequencies blotted out, in training; else as it is.

    The width of each stripe is drawn evenly from 0 to the widest, and its place evenly, anew for each example. Park et
    al. 2019, https://arxiv.org/abs/1904.08779, section 2, without time warping.

    Args:
        time_width: Widest stripe of times, in frames.
        frequency_width: Widest stripe of frequencies, in bands.
        time_stripes: So many stripes of times.
        frequency_stripes: So many stripes of frequencies.
        value: What stands in the stripes: the mean of the spectrogram, 0 where it is normalised.
        seed: Of the random numbers; by default that of the training.

    Example:
        `{"SpecAugment": {"time_width": 20, "frequency_width": 8}}` on (batch, frames, bands).
    """

    def __init__(
        self,
        *,
        time_width: Annotated[int, Range(least=0)] = 40,
        frequency_width: Annotated[int, Range(least=0)] = 15,
        time_stripes: Annotated[int, Range(least=0)] = 2,
        frequency_stripes: Annotated[int, Range(least=0)] = 2,
        value: float = 0.0,
        seed: int | None = None,
        **options: Any,
    ):
        if min(time_width, frequency_width, time_stripes, frequency_stripes) < 0:
            raise ValueError("widths and numbers of stripes are 0 or more")
        super().__init__(**options)
        self.time_width = time_width
        self.frequency_width = frequency_width
        self.time_stripes = time_stripes
        self.frequency_stripes = frequency_stripes
        self.value = value
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, inputs: Any, training: bool = False) -> Any:
        if not training:
            return inputs
        batch, frames, bands = ops.shape(inputs)[:3]
        times = self._stripes(batch, frames, self.time_stripes, self.time_width)[:, :, None]  # (batch, frames, 1)
        tones = self._stripes(batch, bands, self.frequency_stripes, self.frequency_width)[:, None]  # (batch, 1, bands)
        blotted = times | tones  # (batch, frames, bands)
        if len(inputs.shape) == 4:
            blotted = blotted[..., None]
        return ops.where(blotted, ops.cast(self.value, inputs.dtype), inputs)

    def _stripes(self, batch: Any, length: Any, count: int, widest: int) -> Any:
        """Returns where one of several stripes lies, (batch, length)."""
        drawn = keras.random.uniform((2, batch, count), seed=self.seed_generator)
        width = ops.floor(drawn[0] * (widest + 1))  # (batch, count), 0 to the widest
        start = ops.floor(drawn[1] * (ops.maximum(ops.cast(length, "float32") - width, 0.0) + 1))
        place = ops.cast(ops.arange(length), "float32")  # (length,)
        within = (place >= start[..., None]) & (place < (start + width)[..., None])  # (batch, count, length)
        return ops.any(within, axis=1)

    def compute_output_shape(self, inputs_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return inputs_shape

    def get_config(self) -> dict[str, Any]:
        names = ("time_width", "frequency_width", "time_stripes", "frequency_stripes", "value", "seed")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
