"""Pictures that were made: all of them, one of them large, how it came about, and its file."""

from __future__ import annotations

import streamlit as st

from apps.widgets.making import Made, side_by_side
from apps.widgets.picture_orders import Order
from apps.widgets.pictures import show_picture
from dlsuite.runs import Run

COLUMNS = 4


def show_gallery(order: Order, made: Made) -> None:
    """Draws all pictures, each under what it was made of."""
    for start in range(0, len(made.pictures), COLUMNS):
        for column, number in zip(st.columns(COLUMNS), range(start, len(made.pictures)), strict=False):
            with column:
                name = f"{number + 1} · {order.name(number)}"
                show_picture(made.pictures[number], f"Picture {name}", name)


def choose_picture(made: Made) -> int:
    """Draws the choice of a picture where there are several; returns its number, from 0."""
    if len(made.pictures) == 1:
        return 0
    numbers = [str(i + 1) for i in range(len(made.pictures))]
    if st.query_params.get("picture") not in numbers:  # there may have been more before
        st.query_params.pop("picture", None)
    chosen = st.segmented_control(
        "Picture", numbers, default="1", required=True, wrap=True, key="picture", bind="query-params"
    )
    return numbers.index(chosen)


def show_film(made: Made, number: int) -> None:
    """Draws the way from noise to a picture, where there was one."""
    if len(made.frames) < 2:
        return
    steps = ", ".join(map(str, made.steps))
    st.markdown(f"**From noise to picture {number + 1}**")
    st.image(side_by_side(made.frames[:, number]), width="stretch", alt=f"Picture {number + 1} after steps {steps}")
    st.caption(f"After steps {steps}.")


def download_picture(run: Run, order: Order, made: Made, number: int) -> None:
    """Offers a picture as a PNG file that carries its recipe."""
    name = f"{run.name}-{order.asked[number]['seed']}.png"
    label = f"Download picture {number + 1}" if len(made.files) > 1 else "Download the picture"
    st.download_button(
        label, made.files[number], name, "image/png", on_click="ignore", key="download",
        help="The file says of which run, seed, class and sampler it is: it can be made again from that.",
    )  # fmt: skip
