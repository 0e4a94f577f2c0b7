"""Whether a picture is remembered: beside it the nearest training picture, and how near real ones come."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from apps.widgets.palette import COLOURS
from apps.widgets.pictures import show_picture
from dlsuite.report.charts import figure
from dlsuite.runs import Run

if TYPE_CHECKING:
    from dlsuite.nearest import Match, Memory

SUSPICIOUS = 0.01
"""Pictures are, that are nearer to a training picture than all but this share of real ones."""
BINS = 30


def show_memory(run: Run, picture: np.ndarray) -> None:
    """Draws a picture beside the training picture that is nearest to it, and says how suspicious that is.

    Args:
        run: That made it.
        picture: uint8 (height, width, channels).
    """
    with st.skeleton(height=260):
        memory = _memory(str(run.path), run)
    found = memory.find(picture)
    left, middle, right = st.columns([1, 1, 2])
    with left:
        show_picture(picture, "The picture that was made", "made")
    with middle:
        show_picture(found.picture, "The training picture that is nearest to it", "nearest training picture")
    with right:
        st.markdown(_tell(found))
        _chart(memory, found)


def _tell(found: Match) -> str:
    if found.nearer < SUSPICIOUS:
        return (
            f"🔴 **It may be a copy:** its distance of {figure(found.distance, 3)} is shorter than that of "
            f"{1 - found.nearer:.0%} of real test pictures to their nearest training picture."
        )
    return (
        f"🟢 **Not a copy:** its distance is {figure(found.distance, 3)}; {found.nearer:.0%} of real test pictures are "
        "as near to a training picture, or nearer."
    )


def _chart(memory: Memory, found: Match) -> None:
    counts, edges = np.histogram(memory.real, BINS)
    table = pd.DataFrame({"from": edges[:-1], "to": edges[1:], "pictures": counts})
    bars = (
        alt.Chart(table)
        .mark_bar(color=COLOURS[0])
        .encode(x=alt.X("from:Q", bin="binned", title="distance to the nearest training picture"), x2="to",
                y=alt.Y("pictures:Q", title="real test pictures"), tooltip=["pictures"])
    )  # fmt: skip
    here = pd.DataFrame({"at": [found.distance], "name": ["this picture"]})
    rule = alt.Chart(here).mark_rule(color=COLOURS[1], strokeWidth=3).encode(x="at:Q", tooltip=["name", "at"])
    word = alt.Chart(here).mark_text(color=COLOURS[1], align="left", dx=5, y=8).encode(x="at:Q", text="name")
    middle = float(np.median(memory.real))
    words = f"real test pictures are {figure(middle, 3)} away in the middle, this picture {figure(found.distance, 3)}"
    st.altair_chart(alt.layer(bars, rule, word).properties(height=220), alt=f"Distances by pixels: {words}")


@st.cache_resource(max_entries=1, show_spinner=False)
def _memory(path: str, _run: Run) -> Memory:
    from dlsuite.nearest import Memory

    return Memory(_run)
