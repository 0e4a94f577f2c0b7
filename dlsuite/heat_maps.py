"""Explanations as pictures: a heat map over what it explains, in colours that everybody can tell apart."""

from __future__ import annotations

import numpy as np

HEAT = ((0, 0, 4), (66, 10, 104), (147, 38, 103), (221, 81, 58), (252, 165, 10), (252, 255, 164))
"""Matplotlib's inferno, from cold to hot: its lightness alone tells values apart."""
FOR, AGAINST = (230, 97, 1), (33, 102, 172)
"""Orange speaks for a class, blue against it."""
BRIGHT = 99.0
"""The percentile of absolute attributions that has full colour: a few outliers would leave the rest dark."""
LEAST = 320
"""Pixels that the longer side of a small picture is enlarged to, at least."""


def see(shown: np.ndarray) -> np.ndarray:
    """Returns what an explanation is shown on as a picture, uint8 (height, width, 3).

    Args:
        shown: A picture, uint8 (height, width, 1, 3 or 4), or a spectrogram, float (frames, bands), of which low bands
            come to the bottom.
    """
    if shown.ndim == 2:
        low, high = float(shown.min()), float(shown.max())
        grey = np.rint(upright(shown - low) * (255 / max(high - low, 1e-9))).astype(np.uint8)
        return np.repeat(grey[..., None], 3, axis=-1)
    return np.repeat(shown, 3, axis=-1) if shown.shape[-1] == 1 else shown[..., :3]


def upright(values: np.ndarray) -> np.ndarray:
    """Returns values by time and band, (frames, bands), as they are drawn, (bands, frames), the lowest band last."""
    return values.T[::-1]


def paint(values: np.ndarray) -> np.ndarray:
    """Returns values from 0 to 1, (height, width), in the colours of heat, uint8 (height, width, 3).

    Example:
        >>> paint(np.array([[0.0, 1.0]])).tolist()
        [[[0, 0, 4], [252, 255, 164]]]
    """
    at = np.linspace(0, 1, len(HEAT))
    channels = [np.interp(values, at, [colour[i] for colour in HEAT]) for i in range(3)]
    return np.rint(np.stack(channels, axis=-1)).astype(np.uint8)


def lay_over(picture: np.ndarray, values: np.ndarray, opacity: float) -> np.ndarray:
    """Returns a picture with a heat map over it.

    Args:
        picture: uint8 (height, width, 3).
        values: From 0 to 1, (height, width); nothing is laid where they are 0, all of `opacity` where they are 1.
        opacity: From 0 to 1.
    """
    return _mix(picture, paint(values), opacity * np.clip(values, 0, 1))


def lay_signed(picture: np.ndarray, values: np.ndarray, opacity: float) -> np.ndarray:
    """Returns a picture, in grey, with what speaks for and against over it.

    Args:
        picture: uint8 (height, width, 3).
        values: Of any sign and size, (height, width): above 0 speaks for.
        opacity: From 0 to 1.
    """
    grey = np.repeat(np.rint(picture.mean(-1, keepdims=True)).astype(np.uint8), 3, axis=-1)
    full = max(float(np.percentile(np.abs(values), BRIGHT)), 1e-12)
    colours = np.where(values[..., None] >= 0, np.array(FOR), np.array(AGAINST))
    return _mix(grey, colours, opacity * np.clip(np.abs(values) / full, 0, 1))


def enlarge(picture: np.ndarray, least: int = LEAST) -> np.ndarray:
    """Returns a small picture with each pixel as a square, so that its longer side has `least` pixels or more."""
    times = -(-least // max(picture.shape[:2]))
    return picture.repeat(times, axis=0).repeat(times, axis=1) if times > 1 else picture


def _mix(below: np.ndarray, above: np.ndarray, share: np.ndarray) -> np.ndarray:
    mixed = below * (1 - share[..., None]) + above * share[..., None]
    return np.rint(mixed).astype(np.uint8)
