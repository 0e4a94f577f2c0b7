"""Sounds, drawn: a player with outline and spectrogram, and small spectrograms to choose by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from apps.components.sound_player import player
from dlsuite.heat_maps import paint, upright
from dlsuite.runs import Run

SMALL = 96
"""So many frames has a spectrogram to choose by."""


class View(NamedTuple):
    """A sound as a run hears it.

    Attributes:
        wav: Its file.
        seconds: How long it is.
        cut: Whether more of it is not heard.
        outline: Lowest and highest sample of each stretch, from -1 to 1.
        spectrogram: A PNG.
    """

    wav: bytes
    seconds: float
    cut: bool
    outline: list[list[float]]
    spectrogram: bytes


def view(run: Run, value: Any) -> View:
    """Returns a raw sound as a run hears it.

    Raises:
        DataError: It cannot be read.
    """
    return _view(str(run.path), value, run)


def show_sound(found: View, label: str, words: Sequence[Mapping[str, Any]] = ()) -> None:
    """Draws a player; words with times are what it can be made to jump to."""
    player(
        found.wav,
        key="player",
        seconds=found.seconds,
        outline=found.outline,
        spectrogram=found.spectrogram,
        label=label,
        words=words,
    )
    if found.cut:
        st.caption(f"The run hears the first {found.seconds:g} s; the rest is not asked about.")


def show_small(run: Run, value: Any, name: str) -> None:
    """Draws the spectrogram of a sound, small."""
    st.image(_small(str(run.path), value, run), width="stretch", alt=f"Spectrogram of {name}")


@st.cache_data(max_entries=8, show_spinner=False, scope="session")
def _view(path: str, value: Any, _run: Run) -> View:
    from dlsuite.hearing import outline, spectrogram

    heard = _hear(_run, value)
    picture = _png(spectrogram(heard.samples, heard.rate))
    return View(heard.wav(), heard.seconds, heard.cut, outline(heard.samples).tolist(), picture)


@st.cache_data(max_entries=64, show_spinner=False, scope="session")
def _small(path: str, value: Any, _run: Run) -> bytes:
    from dlsuite.hearing import spectrogram

    heard = _hear(_run, value)
    frames = spectrogram(heard.samples, heard.rate, columns=SMALL)
    return _png(frames[np.linspace(0, len(frames) - 1, SMALL).astype(int)])  # all of one size


def _hear(run: Run, value: Any) -> Any:
    from dlsuite.hearing import hear

    return hear(run.features[next(iter(run.plan.data.inputs))], value)


def _png(spectrogram: Any) -> bytes:
    from dlsuite.objectives.media import Media

    return Media.picture(paint(upright(spectrogram))).data
