"""Sounds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Literal

import numpy as np

from dlsuite.features.sound import RATES, read_sound
from dlsuite.objectives.media import Media
from dlsuite.registry import Range, register

LONGEST = 600
"""Seconds."""
STEPS = 32768
"""Of a sample of 16 bits, from 0 to 1; the highest is one less."""


@register("feature")
class Audio:
    """A sound: WAV, FLAC and OGG files, their bytes, or arrays of samples; one channel, resampled to one rate.

    Several channels are averaged. A tensor of samples from -1 to 1 as long as the sound, filled up with zeros to
    `seconds`; its mask, `x.mask` of a feature `x`, says where sound is. Samples are kept at 16 bits. In training,
    augmentations see float samples from -32,768 to 32,767.

    Args:
        seconds: The length of the tensor.
        rate: Samples a second.
        longer: What becomes of a longer sound: it is `cut` at its end, or counts as corrupt (`refuse`).

    Example:
        >>> speech = Audio(seconds=1.0, rate=8000)
        >>> speech.encode("seven.wav").shape
        (3457,)
    """

    domain = "speech"
    opens = True
    facts = {"rate": "=rate", "seconds": "=seconds"}
    tensor = {"shape": "=[int(round(seconds * rate))]", "dtype": "float32"}
    mask = {"shape": "=[int(round(seconds * rate))]", "dtype": "bool"}
    augmented = True

    def __init__(
        self,
        *,
        seconds: Annotated[float, Range(above=0, most=600)],
        rate: Annotated[int, Range(least=1000, most=768_000)] = 16000,
        longer: Literal["cut", "refuse"] = "cut",
    ):
        if not RATES[0] <= rate <= RATES[1]:
            raise ValueError(f"rate is {rate}; it is from {RATES[0]:,} to {RATES[1]:,} samples a second")
        if not 1 / rate <= seconds <= LONGEST:
            raise ValueError(f"seconds is {seconds}; it is above 0 and at most {LONGEST}")
        self._rate = rate
        self._seconds = seconds
        self._longer = longer
        self._length = round(seconds * rate)
        self._array_rate: int | None = None

    def expect(self, facts: dict[str, Any]) -> None:
        """Takes the rate of arrays that the dataset declares: `rate`."""
        self._array_rate = facts.get("rate")

    def fit(self, values: Iterable[Any]) -> None:
        """Looks at nothing: rate and length are given."""

    def state(self) -> dict[str, Any]:
        """Returns what was fitted, as JSON."""
        return {}

    def restore(self, state: dict[str, Any]) -> None:
        """Takes over what `state` returned."""

    def facts_fitted(self) -> dict[str, Any]:
        """Returns the shape of the tensor, its samples a second and its seconds."""
        return {"shape": [self._length], "rate": self._rate, "seconds": self._seconds}

    def load(self, raw: Any) -> np.ndarray:
        """Returns the sound as int16 [n], n <= `seconds` * `rate`.

        Raises:
            ValueError: It cannot be read, or is longer where `longer` is `refuse`.
        """
        samples = read_sound(raw, self._rate, self._seconds, self._array_rate)
        if len(samples) > self._length and self._longer == "refuse":
            raise ValueError(f'is longer than {self._seconds:g} s; "longer": "cut" takes the beginning')
        return _as_int16(samples[: self._length])

    def unread(self, raw: Any) -> str:
        """Returns in words what `load` leaves out of a sound, and an empty string where all of it is heard."""
        more = len(read_sound(raw, self._rate, self._seconds + 1, self._array_rate)) > self._length
        return f"goes on after {self._seconds:g} s, unheard" if more else ""

    def show(self, raw: Any) -> Media:
        """Returns the sound as a WAV."""
        return Media.sound(self.load(raw), self._rate)

    def affine(self) -> tuple[np.ndarray, np.ndarray]:
        """Returns scale and offset, float32: the tensor is `load(raw) * scale + offset`."""
        return np.array(1 / STEPS, np.float32), np.array(0.0, np.float32)

    def encode(self, raw: Any) -> np.ndarray:
        """Returns the tensor, float32 [n]."""
        scale, _ = self.affine()
        return self.load(raw).astype(np.float32) * scale

    def decode(self, array: Any) -> np.ndarray:
        """Returns samples, int16 [n], of a tensor."""
        return _as_int16(np.asarray(array, np.float32))


def _as_int16(samples: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(samples * STEPS), -STEPS, STEPS - 1).astype(np.int16)
