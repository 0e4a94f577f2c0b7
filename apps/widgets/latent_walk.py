"""The way from the picture of one seed to that of another."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import streamlit as st

from apps.widgets.making import side_by_side, watch
from apps.widgets.models import Loaded
from apps.widgets.picture_orders import SEEDS, Order
from dlsuite.objectives.media import Media
from dlsuite.runs import Run

LEAST, MOST = 3, 12


def show_walk(run: Run, order: Order) -> None:
    """Draws the choice of two seeds and of how many pictures, and these."""
    st.subheader("Between two seeds")
    first = order.asked[0]
    conditions = {field: value for field, value in first.items() if field != "seed"}
    left, middle, right = st.columns(3)
    start = left.number_input("From seed", 0, SEEDS, int(first["seed"]), key="from_seed", bind="query-params")
    end = middle.number_input("To seed", 0, SEEDS, int(first["seed"]) + 1, key="to_seed", bind="query-params")
    frames = right.slider("Pictures on the way", LEAST, MOST, 8, key="frames", bind="query-params")

    def film(model: Loaded) -> Iterator[np.ndarray]:
        from dlsuite.filming import walk

        return walk(model.run, (int(start), int(end)), int(frames), conditions, order.settings)

    asked = ["walk", int(start), int(end), int(frames), conditions, order.settings]
    found = watch(run, asked, film, order.steps)
    if found is None:
        return
    row = side_by_side(found.pictures)
    st.image(row, width="stretch", alt=f"{frames} pictures on the way from seed {start} to seed {end}")
    known = "".join(f", {field} {value}" for field, value in conditions.items())
    st.caption(
        f"The numbers that a picture is made of go over from seed {start} to seed {end}{known}, on a great circle. "
        "Where the pictures between are as good as those at the ends, the run has learned more than to remember some."
    )
    data = Media.picture(row).data
    st.download_button("Download the row", data, f"{run.name}-walk.png", "image/png", on_click="ignore", key="row")
