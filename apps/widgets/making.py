"""Pictures that are made while one looks on, can be stopped, and are kept until others are asked for."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np
import streamlit as st

from apps.widgets.models import Loaded, loaded
from apps.widgets.picture_orders import Order
from dlsuite.heat_maps import enlarge, see
from dlsuite.runs import Run

KEPT = 12
FRAMES = 10
"""So many states on the way are kept."""
WIDE = 900
"""Pixels of the width that a row of pictures is enlarged to."""
STOPPED = "stopped"
"""Of the session: what is not to be made although it is asked for."""


@dataclass(frozen=True)
class Made:
    """What came of an order.

    Attributes:
        pictures: uint8 (pictures, height, width, channels).
        files: PNG of each, with its recipe; empty for pictures on a way.
        frames: States on the way, (frames, pictures, height, width, channels), the last is `pictures`.
        steps: After which step each was.
    """

    pictures: np.ndarray
    files: list[bytes]
    frames: np.ndarray
    steps: list[int]


def make(run: Run, order: Order) -> Made | None:
    """Draws the making of an order unless it is kept; returns what came of it, `None` where it was stopped."""

    def film(model: Loaded) -> Iterator[np.ndarray]:
        from dlsuite.filming import film

        return film(model.run, order.asked, order.settings)

    def sign(model: Loaded, pictures: np.ndarray) -> list[bytes]:
        from dlsuite.filming import sign

        return [one.data for one in sign(model.run, pictures, order.asked, order.settings)]

    return watch(run, ["film", order.asked, order.settings], film, order.steps, sign)


def watch(
    run: Run,
    asked: Any,
    film: Callable[[Loaded], Iterator[np.ndarray]],
    steps: int,
    sign: Callable[[Loaded, np.ndarray], list[bytes]] = lambda model, pictures: [],
) -> Made | None:
    """Draws pictures while they are made; returns them, those that are kept without making them again.

    Args:
        run: That makes them.
        asked: What tells orders apart, as JSON.
        film: Yields pictures after each step.
        steps: So many.
        sign: Makes files of the last pictures.
    """
    key, kept = json.dumps([str(run.path), asked], sort_keys=True), _kept()
    if key in kept:
        kept.move_to_end(key)
        return kept[key]
    if st.session_state.get(STOPPED) == key:
        st.info("Stopped. Change something, or make these after all.")
        st.button("Make them", key=f"make-{crc32(key.encode())}", on_click=_stop, args=(None,))
        return None
    model, place = loaded(run), st.empty()
    with place.container():
        states = _look_on(model, film, steps, key)
    place.empty()
    chosen = sorted({round(one) for one in np.linspace(0, len(states) - 1, min(FRAMES, len(states)))})
    found = Made(states[-1], sign(model, states[-1]), np.stack([states[i] for i in chosen]), [i + 1 for i in chosen])
    kept[key] = found
    while len(kept) > KEPT:
        kept.popitem(last=False)
    return found


def _look_on(model: Loaded, film: Callable[[Loaded], Iterator[np.ndarray]], steps: int, key: str) -> list[np.ndarray]:
    """Returns the states on the way, drawn as they come; a press on Stop, or on anything, ends it between two."""
    if steps == 1:
        with model.lock:
            return list(film(model))
    bar = st.progress(0.0, text="Begins; the first time takes some seconds longer.")
    st.button("Stop", key=f"stop-{crc32(key.encode())}", on_click=_stop, args=(key,))
    preview, states = st.empty(), []
    with model.lock, closing(film(model)) as made:
        for pictures in made:
            states.append(pictures)
            bar.progress(min(len(states) / steps, 1.0), text=f"step {len(states)} of {steps}")
            preview.image(side_by_side(pictures[:8]), width="stretch", alt="Pictures in the making")
    return states


def side_by_side(pictures: np.ndarray) -> np.ndarray:
    """Returns pictures, uint8 (pictures, height, width, channels), as one, from left to right, small ones enlarged."""
    shown = [np.pad(see(one), ((0, 0), (0, 1), (0, 0)), constant_values=128) for one in pictures]
    return enlarge(np.concatenate(shown, axis=1)[:, :-1], WIDE)


def _stop(key: str | None) -> None:
    st.session_state[STOPPED] = key


@st.cache_resource(max_entries=1, show_spinner=False, scope="session")
def _kept() -> OrderedDict[str, Made]:
    """Returns what this session has had made, the newest last."""
    return OrderedDict()
