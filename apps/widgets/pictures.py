"""Pictures, drawn: each pixel of a small one as a square."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from dlsuite.heat_maps import enlarge, see
from dlsuite.runs import Run
from dlsuite.spec.errors import DataError

LARGEST = 640
"""Pixels of the longer side of a user's own picture, as it is shown."""


def show_picture(pixels: np.ndarray, alt: str, caption: str | None = None) -> None:
    """Draws a picture, uint8 (height, width, 1, 3 or 4), as wide as there is room; a small one enlarged."""
    st.image(enlarge(pixels if pixels.shape[-1] == 4 else see(pixels)), caption, width="stretch", alt=alt)


def seen(run: Run, value: Any) -> np.ndarray:
    """Returns a raw picture as a run sees it, uint8 (height, width, channels).

    Raises:
        DataError: It cannot be read.
    """
    try:
        return _seen(str(run.path), value, run)
    except ValueError as error:
        raise DataError(f"The picture {error}.") from None


def own(value: bytes) -> np.ndarray:
    """Returns a user's own picture, upright and not too large, uint8 (height, width, channels)."""
    return _own(value)


@st.cache_data(max_entries=64, show_spinner=False, scope="session")
def _seen(path: str, value: Any, _run: Run) -> np.ndarray:
    return _run.features[next(iter(_run.plan.data.inputs))].load(value)


@st.cache_data(max_entries=4, show_spinner=False, scope="session")
def _own(value: bytes) -> np.ndarray:
    from dlsuite.features.picture import read_picture

    height, width = (pixels := read_picture(value)).shape[:2]
    shrink = LARGEST / max(height, width)
    return pixels if shrink >= 1 else read_picture(pixels, (round(height * shrink) or 1, round(width * shrink) or 1))
