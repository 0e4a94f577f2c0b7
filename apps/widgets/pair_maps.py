"""Maps of pairs of residues: contacts, distances, expected errors, attention."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from apps.widgets.residue_charts import MARK, Range

SEAM = 1.08
"""Fields are so much larger than their place: else the background shows between them."""
CELLS = 128
"""Longer chains are drawn with so many rows: every second residue, every third, and so on."""


def pair_map(
    title: str,
    values: np.ndarray,
    limits: tuple[float, float],
    alt_text: str,
    *,
    scheme: str = "viridis",
    reverse: bool = False,
    marked: Range | None = None,
    axes: tuple[str, str] = ("Residue", "Residue"),
) -> None:
    """Draws a map, residue 1 in the upper left corner.

    Args:
        title: Stands above it.
        values: [n, m]; rows go down.
        limits: Of the colours.
        alt_text: What it shows, in words.
        scheme: Colours of Vega; of one lightness scale, so that they can be told apart without hue.
        reverse: Whether small values are the bright ones.
        marked: The first and last residue whose rows and columns are framed.
        axes: What stands at columns and at rows.
    """
    step = -(-max(values.shape) // CELLS)
    rows, columns = (np.arange(0, size, step) for size in values.shape)
    down, across = np.meshgrid(rows + 1, columns + 1, indexing="ij")
    kept = values[np.ix_(rows, columns)]
    table = pd.DataFrame({"i": down.ravel(), "j": across.ravel(), "value": np.round(kept, 3).ravel()})
    table["i2"], table["j2"] = table["i"] + step * SEAM, table["j"] + step * SEAM
    domains = [[1, one[-1] + 1 + step] for one in (columns, rows)]
    cells = (
        alt.Chart(table)
        .mark_rect()
        .encode(
            x=alt.X("j:Q", scale=alt.Scale(domain=domains[0], nice=False), title=axes[0], axis=alt.Axis(grid=False)),
            x2="j2",
            y=alt.Y("i:Q", scale=alt.Scale(domain=domains[1], nice=False, reverse=True), title=axes[1],
                    axis=alt.Axis(grid=False)),
            y2="i2",
            color=alt.Color("value:Q", scale=alt.Scale(scheme=scheme, domain=limits, clamp=True, reverse=reverse),
                            title=None, legend=alt.Legend(orient="bottom", gradientLength=180)),
            tooltip=[alt.Tooltip("i", title=axes[1]), alt.Tooltip("j", title=axes[0]), alt.Tooltip("value")],
        )
    )  # fmt: skip
    st.markdown(f"**{title}**")
    st.altair_chart(alt.layer(cells, *_frames(marked, domains)).properties(height=340), alt=alt_text)


def _frames(marked: Range | None, domains: list[list[int]]) -> list[alt.Chart]:
    """Returns frames around the rows and the columns of marked residues."""
    if marked is None:
        return []
    first, last = marked[0], marked[1] + 1
    table = pd.DataFrame(
        {
            "x": [first, domains[0][0]],
            "x2": [last, domains[0][1]],
            "y": [domains[1][0], first],
            "y2": [domains[1][1], last],
        }
    )
    frame = alt.Chart(table).mark_rect(filled=False, stroke=MARK, strokeWidth=2)
    return [frame.encode(x="x:Q", x2="x2", y="y:Q", y2="y2")]
