"""Charts along a chain: how sure each residue is, and what else is known of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from zlib import crc32

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

COLOURS = ("#2F86D1", "#D55E00", "#009E73", "#CC79A7")
"""After Okabe and Ito: everybody can tell them apart, and they stand out from a light ground and a dark one."""
DASHES = ([1, 0], [5, 3], [2, 2], [8, 2, 2, 2])
MARK = "#d81b60"
"""As the viewer marks residues."""
Range = tuple[int, int]
LEAST, AROUND = 0.02, 3
"""Residues that add less, of what the one does that adds most, are left out at the ends, but for so many."""
LETTERED = 70
"""So many letters find room side by side."""
SIDES = ["speaks for it", "speaks against it"]
KEY = "residues"
"""Of the address: which residues are marked."""


def choose_residues(letters: str) -> Range | None:
    """Returns the first and last residue of a chain that the user marks, from 1; nothing while all are."""
    whole = (1, len(letters))
    if len(letters) < 2:
        return None
    if st.session_state.setdefault("marked-chain", letters) != letters:  # marks of another chain mean nothing here
        st.session_state["marked-chain"] = letters
        st.query_params.pop(KEY, None)
    key = f"{KEY}-{crc32(letters.encode())}"
    with st.container(key=KEY):
        chosen = st.slider("Mark residues", *whole, _named(*whole), key=key, help="In the viewer, charts and maps.")
    if chosen == whole:
        st.query_params.pop(KEY, None)
        return None
    st.query_params[KEY] = "{}-{}".format(*chosen)
    return chosen


def _named(first: int, last: int) -> Range:
    """Returns the residues that the address names, where there are such."""
    found = re.fullmatch(r"(\d{1,6})-(\d{1,6})", st.query_params.get(KEY, ""))
    left, right = map(int, found.groups()) if found else (first, last)
    return (left, right) if first <= left <= right <= last else (first, last)


def lines(values: Mapping[str, np.ndarray], letters: Sequence[str], marked: Range | None, alt_text: str) -> None:
    """Draws values from 0 to 100 along a chain.

    Args:
        values: By name, [n] each, nan where there is none.
        letters: Of the residues.
        marked: The first and last residue to mark.
        alt_text: What the chart shows, in words.
    """
    numbers = np.arange(1, len(letters) + 1)
    parts = [
        pd.DataFrame({"residue": numbers, "letter": list(letters), "value": one, "of": name})
        for name, one in values.items()
    ]
    names = list(values)
    line = (
        alt.Chart(pd.concat(parts))
        .mark_line(point=alt.OverlayMarkDef(size=18))
        .encode(
            x=_axis(1, len(letters)),
            y=alt.Y("value:Q", scale=alt.Scale(domain=[0, 100]), title=None),
            color=alt.Color("of:N", scale=alt.Scale(domain=names, range=COLOURS[: len(names)]), title=None,
                            legend=alt.Legend(orient="top")),
            strokeDash=alt.StrokeDash("of:N", scale=alt.Scale(domain=names, range=DASHES[: len(names)]), title=None),
            tooltip=["of", "residue", "letter", alt.Tooltip("value", format=".1f")],
        )
    )  # fmt: skip
    band = [_band(*marked, (1, len(letters)))] if marked else []
    st.altair_chart(alt.layer(*band, line).properties(height=280), alt=alt_text)


def bars(values: np.ndarray, letters: Sequence[str], place: int, alt_text: str) -> None:
    """Draws what residues add, above or below zero, as far as they add anything, and marks one of them.

    Args:
        values: [n].
        letters: Of the residues.
        place: Which is marked, from 1.
        alt_text: What the chart shows, in words.
    """
    adding = np.append(np.flatnonzero(np.abs(values) > LEAST * np.abs(values).max()), place - 1) + 1
    shown = max(int(adding.min()) - AROUND, 1), min(int(adding.max()) + AROUND, len(letters))
    numbers = np.arange(shown[0], shown[1] + 1)
    kept = values[numbers - 1]
    side = np.where(kept >= 0, *SIDES)
    table = pd.DataFrame(
        {"residue": numbers, "letter": [letters[number - 1] for number in numbers], "value": kept, "it": side}
    )
    x = _axis(*shown)
    bar = (
        alt.Chart(table)
        .mark_bar()
        .encode(
            x=x,
            y=alt.Y("value:Q", title="adds to the score"),
            color=alt.Color("it:N", scale=alt.Scale(domain=SIDES, range=COLOURS[:2]), title=None,
                            legend=alt.Legend(orient="top")),
            tooltip=["residue", "letter", "it", alt.Tooltip("value", format="+.3f")],
        )
    )  # fmt: skip
    names = alt.Chart(table).mark_text(color="gray", fontWeight="bold").encode(x=x, y=alt.value(6), text="letter")
    layers = [_band(place, place, shown), bar, *([names] if len(table) <= LETTERED else [])]
    st.altair_chart(alt.layer(*layers).properties(height=300), alt=alt_text)


def _axis(first: int, last: int, name: str = "residue") -> alt.X:
    scale = alt.Scale(domain=[first - 0.5, last + 0.5], nice=False, zero=False)
    return alt.X(f"{name}:Q", scale=scale, title="Residue", axis=alt.Axis(tickMinStep=1))


def _band(left: int, right: int, shown: Range) -> alt.Chart:
    """Returns what marks residues, behind a chart of those that are shown."""
    table = pd.DataFrame({"from": [left - 0.5], "to": [right + 0.5]})
    return alt.Chart(table).mark_rect(color=MARK, opacity=0.2).encode(x=_axis(*shown, "from"), x2="to:Q")
