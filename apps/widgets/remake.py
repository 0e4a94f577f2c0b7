"""A picture made again from the recipe in its file."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from apps.widgets.faults import plain
from apps.widgets.making import make
from apps.widgets.picture_orders import Order, is_stepwise, levels
from apps.widgets.pictures import own, show_picture
from apps.widgets.runs import runs_of
from apps.widgets.uploads import content_of
from dlsuite.runs import Run

ROUNDING = 1
"""Of 255: so much pixels may differ between machines, or where others were made beside."""


def show_remake(domain: str) -> None:
    """Draws the upload of a PNG, what its recipe says, and the picture that it gives again."""
    file = st.file_uploader("A PNG that was made here", ["png"], key="recipe")
    if file is None:
        st.caption("The file of a picture says how it was made. Nothing of it is run: it is looked up and checked.")
        return
    data = content_of(file)
    with st.skeleton(height=200):
        from dlsuite.remaking import read_order

        read = read_order(data, runs_of(domain))
    sampler = (read.settings.get("sampler") or {}) if is_stepwise(read.run) else {}
    order = Order([read.asked], read.settings, _steps(read.run, sampler))
    st.markdown(f"Made by **{plain(read.run.name)}**, {plain(order.name(0))}{plain(_told(sampler))}.")
    made = make(read.run, order)
    if made is not None:
        _compare(own(data), made.pictures[0])


def _steps(run: Run, sampler: Any) -> int:
    """Returns how many steps a sampler takes, written as a spec does."""
    if not is_stepwise(run):
        return 1
    arguments = next(iter(sampler.values()), {}) if isinstance(sampler, dict) else {}
    return int(arguments.get("steps") or levels(run))


def _told(sampler: Any) -> str:
    if not isinstance(sampler, dict):
        return f", {sampler}"
    return "".join(
        f", {name} with " + " and ".join(f"{key} {value}" for key, value in sorted(arguments.items()))
        for name, arguments in sampler.items()
    )


def _compare(theirs: np.ndarray, ours: np.ndarray) -> None:
    """Draws the picture of the file beside the one that was made of its recipe, and says whether they are the same."""
    left, right, words = st.columns([1, 1, 2])
    with left:
        show_picture(theirs, "The picture in the file", "in the file")
    with right:
        show_picture(ours, "The picture made again", "made again")
    with words:
        if theirs.shape != ours.shape:
            st.warning("The picture in the file has another size than those of its recipe: it was changed.")
            return
        off = int(np.abs(theirs.astype(int) - ours).max())
        if off > ROUNDING:
            st.warning(f"They differ, by up to {off} of 255: the file was changed, or the run is another.")
        else:
            st.success("The same, pixel by pixel." if off == 0 else "The same, but for the rounding of some pixels.")
