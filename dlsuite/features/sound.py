"""Reading a sound: decoding, mixing channels to one, resampling."""

from __future__ import annotations

import io
import math
from typing import Any

import numpy as np

from dlsuite.features.content import read_content

CHANNELS = 32
RATES = (1_000, 768_000)
"""Samples a second, from and to."""
PIECE = 1 << 16
"""So many samples of each channel are decoded at a time."""
SIGNATURES = (b"RIFF", b"fLaC", b"OggS")


def read_sound(raw: Any, rate: int, seconds: float, array_rate: int | None = None) -> np.ndarray:
    """Returns a sound as float32 [samples] from -1 to 1, one channel; of a longer one a little more than `seconds`.

    Args:
        raw: A path (or its string), a member of a zip archive, the bytes of a file (WAV, FLAC, OGG), or an array
            [samples] or [samples, channels], of floats from -1 to 1 or of whole numbers over the range of their type.
        rate: Samples a second to resample to.
        seconds: No more of it is decoded, whatever the file says how long it is.
        array_rate: Samples a second of an array; by default `rate`.

    Raises:
        ValueError: It cannot be read; says why.
    """
    if isinstance(raw, np.ndarray):
        samples, found = _check(raw, _frames(seconds, array_rate or rate)), array_rate or rate
    else:
        samples, found = _decode(read_content(raw, "sound"), seconds)
    if not len(samples):
        raise ValueError("holds no samples")
    if not np.isfinite(samples).all():
        raise ValueError("holds samples that are no numbers")
    if found != rate:
        samples = _resample(samples, found, rate)
    return np.clip(samples, -1.0, 1.0)


def _frames(seconds: float, rate: int) -> int:
    return math.ceil(seconds * rate) + 1  # one more than wanted tells that a sound is longer


def _decode(content: bytes, seconds: float) -> tuple[np.ndarray, int]:
    """Returns samples, float32 [n], and their rate."""
    import soundfile

    if not content.startswith(SIGNATURES):
        raise ValueError("is none of WAV, FLAC, OGG")
    try:
        with soundfile.SoundFile(io.BytesIO(content)) as file:
            _check_header(file.samplerate, file.channels)
            left, pieces = _frames(seconds, file.samplerate), []
            while left > 0 and len(piece := file.read(min(PIECE, left), dtype="float32", always_2d=True)):
                pieces.append(piece.mean(axis=1))  # (samples, channels) -> (samples,)
                left -= len(piece)
            return np.concatenate(pieces) if pieces else np.empty(0, np.float32), file.samplerate
    except ValueError:
        raise
    except Exception as error:  # libsndfile's own, and what its Python layer makes of odd headers
        reason = getattr(error, "error_string", "") or str(error) or type(error).__name__
        raise ValueError(f"is corrupt: {reason.rstrip('.')}") from None


def _check_header(rate: int, channels: int) -> None:
    if not RATES[0] <= rate <= RATES[1]:
        raise ValueError(f"has {rate:,} samples a second; {RATES[0]:,} to {RATES[1]:,} can be read")
    if channels > CHANNELS:
        raise ValueError(f"has {channels} channels; at most {CHANNELS} can be read")


def _check(array: np.ndarray, frames: int) -> np.ndarray:
    """Returns the first frames of an array as float32 [n] from -1 to 1."""
    if array.ndim not in (1, 2) or (array.ndim == 2 and not 0 < array.shape[1] <= CHANNELS):
        raise ValueError(
            f"an array of shape {array.shape} is no sound [samples] or [samples, 1 to {CHANNELS} channels]"
        )
    array = array[:frames]
    if array.dtype.kind == "f":
        samples = array.astype(np.float32)
    elif array.dtype in (np.int16, np.int32):
        samples = (array / (np.iinfo(array.dtype).max + 1)).astype(np.float32)
    elif array.dtype == np.uint8:
        samples = (array.astype(np.float32) - 128) / 128
    else:
        raise ValueError(f"an array of {array.dtype} is no sound: give floats from -1 to 1, int16, int32 or uint8")
    return samples if samples.ndim == 1 else samples.mean(axis=1)


def _resample(samples: np.ndarray, old: int, new: int) -> np.ndarray:
    import soxr

    resampled = soxr.resample(samples, old, new)
    if not len(resampled):
        raise ValueError(f"is shorter than one sample at {new:,} a second")
    return resampled
