"""Colours that people with any colour vision tell apart; shapes go with them, so that none stands alone."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#8C6BB1", "#7F7F7F")
"""After Okabe and Ito, "Color universal design", 2008; those that show on white and on black."""
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right", "triangle-left")


def colour_and_shape(field: str, names: Sequence[str]) -> dict[str, alt.Color | alt.Shape]:
    """Returns the encodings by which an altair chart tells names apart; after eight they come again."""
    count = range(len(names))
    colours, shapes = ([one[i % len(one)] for i in count] for one in (COLOURS, SHAPES))
    legend = alt.Legend(orient="bottom", columns=3, labelLimit=300, title=None)
    return {
        "color": alt.Color(f"{field}:N", scale=alt.Scale(domain=list(names), range=colours), legend=legend),
        "shape": alt.Shape(f"{field}:N", scale=alt.Scale(domain=list(names), range=shapes), legend=legend),
    }
