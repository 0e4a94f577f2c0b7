"""Which classes a run takes for which."""

from __future__ import annotations

import altair as alt
import pandas as pd
import streamlit as st

from dlsuite.runs import Run

NUMBERED = 20
"""With more classes there is no room for numbers."""
COLOUR = "#0072b2"
FAINT = "#808495"
"""Of numbers on faint cells: to be read on white as on black."""


def show_confusion(run: Run, target: str) -> None:
    """Draws the confusion matrix of a target; nothing where the run has none.

    A cell is the stronger, the larger its share of the row; to the power of 0.4, so that rare mistakes stay visible.
    """
    found = run.evaluation.get("confusion", {}).get(target)
    if not found:
        return
    names, split = found["names"], run.evaluation.get("split", "test")
    st.subheader("Which classes it takes for which")
    st.caption(f"All examples of the {split} split: what they are, and what the run answers.")
    cells = [
        {"truth": names[i], "answer": names[j], "examples": count, "strength": (count / (sum(row) or 1)) ** 0.4}
        for i, row in enumerate(found["counts"])
        for j, count in enumerate(row)
        if count
    ]
    side = min(max(34 * len(names), 200), 640)
    base = alt.Chart(pd.DataFrame(cells), height=side).encode(
        x=alt.X("answer:N", sort=names, scale=alt.Scale(domain=names), axis=alt.Axis(orient="top", labelAngle=-40)),
        y=alt.Y("truth:N", sort=names, scale=alt.Scale(domain=names)),
        tooltip=["truth", "answer", "examples"],
    )
    chart = base.mark_rect(color=COLOUR).encode(opacity=alt.Opacity("strength:Q", scale=None, legend=None))
    if len(names) <= NUMBERED:
        strong = alt.datum.strength > 0.7
        chart += base.mark_text(opacity=1).encode(
            text="examples:Q", color=alt.condition(strong, alt.value("white"), alt.value("#808495"))
        )
    wrong = sorted((one for one in cells if one["truth"] != one["answer"]), key=lambda one: -one["examples"])[:3]
    said = ", ".join(f"{one['truth']} as {one['answer']} {one['examples']} times" for one in wrong) or "none"
    st.altair_chart(chart, alt=f"Confusion matrix; the most frequent mistakes: {said}", key="confusion")
