"""Tags along a sequence, in lines of sixty residues: coloured fields with letters in them."""

from __future__ import annotations

from collections.abc import Mapping

import altair as alt
import pandas as pd
import streamlit as st

from apps.widgets.residue_charts import MARK, Range

LINE = 60
FIELD = 22
"""Height of a row, in pixels."""
TOP = 40
"""Height of the legend."""
TONES = ("#E69F00", "#56B4E9", "#009E73", "#F0E442", "#CC79A7", "#D55E00", "#8FA8FF", "#BBBBBB")
"""Okabe and Ito's, light enough for dark letters; the last is for what is nothing else."""
INK = "#111111"


def track(
    sequence: str, found: str, truth: str | None, names: Mapping[str, str], marked: Range | None, alt_text: str
) -> None:
    """Draws what was found under each residue, and the truth under that.

    Args:
        sequence: A letter a residue.
        found: A letter a residue.
        truth: The same, where it is known.
        names: Of the letters, in order.
        marked: The first and last residue to frame.
        alt_text: What the chart shows, in words.
    """
    rows = {"residue": sequence, "found": found, **({"true": truth} if truth else {})}
    table = pd.DataFrame(
        [
            {"line": at // LINE, "x": at % LINE + 0.5, "row": _row(at // LINE, order, row), "of": row, "letter": letter,
             "number": at + 1, "name": names.get(letter, letter) if order else letter}
            for order, (row, letters) in enumerate(rows.items())
            for at, letter in enumerate(letters[: len(sequence)])
        ]
    )  # fmt: skip
    count = len(sequence[::LINE])
    order = [_row(i, k, row) for i in range(count) for k, row in enumerate([*rows, ""])]
    y = alt.Y("row:N", sort=order, scale=alt.Scale(domain=order[:-1], paddingInner=0.08), title=None,
              axis=alt.Axis(labelExpr="split(datum.label, '|')[2]", ticks=False, domain=False, grid=False))  # fmt: skip
    x = alt.X("x:Q", scale=alt.Scale(domain=[0, LINE], nice=False), axis=None)
    tags = table[table["of"] != "residue"].assign(left=lambda one: one["x"] - 0.5, right=lambda one: one["x"] + 0.5)
    fields = alt.Chart(tags).mark_rect(stroke=None).encode(
        x=alt.X("left:Q", scale=alt.Scale(domain=[0, LINE], nice=False), axis=None), x2="right", y=y,
        color=alt.Color("name:N", scale=_colours(names), title=None, legend=alt.Legend(orient="top")),
        tooltip=["number", "of", "letter", "name"],
    )  # fmt: skip
    letters = alt.Chart(tags).mark_text(color=INK, fontSize=11).encode(x=x, y=y, text="letter")
    residues = alt.Chart(table[table["of"] == "residue"]).mark_text(color="gray", fontSize=11, fontWeight="bold")
    chart = alt.layer(fields, letters, residues.encode(x=x, y=y, text="letter"), *_frames(tags, marked, y))
    st.altair_chart(chart.properties(height=FIELD * len(order[:-1]) + TOP), alt=alt_text)


def _row(line: int, order: int, row: str) -> str:
    """Returns a row's name, which its label is taken from: the first row of a line says where that begins."""
    label = f"from {line * LINE + 1}" if order == 0 else row
    return f"{line:03}|{order}|{label}"


def _colours(names: Mapping[str, str]) -> alt.Scale:
    shown = list(names.values())
    tones = [*TONES[: len(shown) - 1], TONES[-1]] if len(shown) <= len(TONES) else None
    return alt.Scale(domain=shown, range=tones) if tones else alt.Scale(domain=shown, scheme="tableau20")


def _frames(tags: pd.DataFrame, marked: Range | None, y: alt.Y) -> list[alt.Chart]:
    if marked is None:
        return []
    inside = tags[tags["number"].between(*marked)]
    edges = inside.groupby("row", sort=False).agg(left=("left", "min"), right=("right", "max")).reset_index()
    frame = alt.Chart(edges).mark_rect(filled=False, stroke=MARK, strokeWidth=2)
    return [frame.encode(x=alt.X("left:Q", axis=None), x2="right", y=y)]
