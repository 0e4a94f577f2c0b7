"""What a run hears of a sound, and how to show it: its outline and its spectrogram."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from dlsuite.objectives.media import Media
from dlsuite.spec.errors import DataError

COLUMNS = 800
"""Longer sounds are drawn by so many columns."""
BANDS = 64
DEEP = 80
"""Decibels below the loudest that count as silence."""
SOFT = 1e-3
"""Amplitude, of 1: a sound that is softer throughout is drawn as soft as it is, not as loud as can be."""


@dataclass(frozen=True)
class Heard:
    """What a run hears of a sound.

    Attributes:
        samples: int16 (samples,).
        rate: Samples a second.
        cut: Whether the sound goes on, unheard.
    """

    samples: np.ndarray
    rate: int
    cut: bool

    @property
    def seconds(self) -> float:
        """How long it is."""
        return len(self.samples) / self.rate

    def wav(self) -> bytes:
        """Returns it as a file."""
        return Media.sound(self.samples, self.rate).data


def hear(feature: Any, raw: Any) -> Heard:
    """Returns what a feature `Audio` hears of a raw value.

    Raises:
        DataError: It cannot be read.
    """
    facts = feature.facts_fitted()
    try:
        samples = feature.load(raw)
        full = len(samples) == facts["shape"][0] and not isinstance(raw, np.ndarray)
        cut = full and bool(feature.unread(raw))
    except ValueError as error:
        raise DataError(f"The sound {error}.") from None
    return Heard(samples, facts["rate"], cut)


def outline(samples: np.ndarray, columns: int = COLUMNS) -> np.ndarray:
    """Returns the lowest and the highest sample of each stretch of a sound, from -1 to 1, (columns or fewer, 2).

    Args:
        samples: int16 (samples,).
        columns: So many stretches.
    """
    edges = np.linspace(0, len(samples), min(columns, len(samples)) + 1).astype(int)[:-1]
    lows, highs = np.minimum.reduceat(samples, edges), np.maximum.reduceat(samples, edges)
    return np.stack([lows, highs], axis=1) / 32768


def spectrogram(samples: np.ndarray, rate: int, columns: int = COLUMNS, bands: int = BANDS) -> np.ndarray:
    """Returns how loud a sound is by time and pitch, from 0 (silence) to 1, (frames, bands).

    Windows of 25 ms (Hann) each 10 ms, further apart in long sounds; bands of equal width in mel; decibels.

    Args:
        samples: int16 (samples,).
        rate: Samples a second.
        columns: Most frames.
        bands: From 0 Hz to half the rate.
    """
    width = max(rate // 40, 16)
    step = max(rate // 100, len(samples) // columns + 1, 1)
    size = 1 << (width - 1).bit_length() + 1
    begins = np.arange(0, max(len(samples), 1), step)
    padded = np.pad(samples.astype(np.float32) / 32768, (width // 2, width))
    frames = padded[begins[:, None] + np.arange(width)] * np.hanning(width)  # (frames, width)
    power = np.abs(np.fft.rfft(frames, size)) ** 2  # (frames, frequencies)
    energy = np.log10(power @ mel_bands(bands, size, rate) + 1e-10) * 10  # (frames, bands), decibels
    soft = 20 * np.log10(SOFT * width / 4)  # of a tone: half its amplitude, times the sum of the window
    return np.clip((energy - max(energy.max(), soft)) / DEEP + 1, 0, 1)


def mel_bands(bands: int, size: int, rate: int) -> np.ndarray:
    """Returns triangles of equal width in mel, (size // 2 + 1, bands); mel(f) = 2595 log10(1 + f / 700)."""
    mels = np.linspace(0, 2595 * np.log10(1 + rate / 2 / 700), bands + 2)
    edges = 700 * (10 ** (mels / 2595) - 1)
    low, middle, high = edges[:-2], edges[1:-1], edges[2:]
    frequencies = np.fft.rfftfreq(size, 1 / rate)[:, None]
    rising, falling = (frequencies - low) / (middle - low), (high - frequencies) / (high - middle)
    return np.maximum(0, np.minimum(rising, falling))
