"""Why a text was answered so: what each token adds to the score, and which token looks at which."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from apps.widgets.asking import explain
from apps.widgets.faults import plain
from apps.widgets.passages import check_tokens
from dlsuite.report.charts import figure
from dlsuite.runs import Run

FOR, AGAINST = "orange", "blue"
CLEAR = 0.15
"""A token is coloured that adds so much of what the strongest adds."""
MOST = 500
"""Longer texts are not explained."""
AXIS = 70
"""Pixels of a chart that its axis takes."""
ATTENDED = 60
"""Attention is drawn of so many tokens."""


def explain_tokens(run: Run, fields: Mapping[str, str], **choice: Any) -> None:
    """Draws what each token of some texts adds to a score, and attention.

    Args:
        run: Whose answer it is.
        fields: The texts, by field.
        choice: Which score: further arguments of `integrated_gradients`.
    """
    check_tokens(run, fields, MOST)
    with st.skeleton(height=160):
        found = explain(run, "integrated_gradients", fields, **choice)
    st.subheader("What each token adds")
    named = [(name, plan.fields[0]) for name, plan in run.plan.data.inputs.items() if name in found.values]
    for name, field in named:
        shown = _coloured(found.shown[name], found.values[name])
        field = field if len({one for _, one in named}) == len(named) else name  # several read the same
        st.markdown(f":small[:gray[{plain(field)}]]  \n{shown}" if len(named) > 1 else shown)
    gap = found.score - found.start
    st.caption(
        f"🟠 speaks for **{plain(found.target)}**, 🔵 against it. Score of the text {figure(found.score, 3)} − of no "
        f"text {figure(found.start, 3)} = {figure(gap, 3)}; all tokens add up to {figure(found.total, 3)}."
    )
    _strongest(
        [token for name, _ in named for token in found.shown[name]],
        np.concatenate([found.values[name] for name, _ in named]),
    )
    _attention(run, fields)


def _coloured(tokens: list[str], values: np.ndarray) -> str:
    """Returns tokens as Markdown, those that add much on a coloured ground."""
    most = float(np.abs(values).max()) or 1.0
    shown = []
    for token, value in zip(tokens, values, strict=True):
        word = plain(token.replace("\n", "⏎")) if token.strip() or "\n" in token else "␣"
        clear = abs(value) >= CLEAR * most
        shown.append(f":{FOR if value > 0 else AGAINST}-background[{word}]" if clear else word)
    return " ".join(shown)


def _strongest(tokens: list[str], values: np.ndarray, count: int = 12) -> None:
    order = np.argsort(-np.abs(values))[:count]
    table = pd.DataFrame(
        {"token": [f"{place + 1}: {tokens[place]!r}" for place in order], "adds": [float(values[i]) for i in order]}
    )
    words = ", ".join(f"{tokens[i]!r} {values[i]:+.2f}" for i in order[:5])
    chart = (
        alt.Chart(table, height=AXIS + 26 * len(table))
        .mark_bar()
        .encode(
            x=alt.X("adds", title="adds to the score"),
            y=alt.Y("token", sort=None, title=None, axis=alt.Axis(labelLimit=220, labelOverlap=False)),
            color=alt.condition("datum.adds > 0", alt.value("#e69f00"), alt.value("#0072b2")),
            tooltip=["token", alt.Tooltip("adds", format="+.3f")],
        )
    )
    st.altair_chart(chart, alt=f"What the strongest tokens add: {words}")


def _attention(run: Run, fields: Mapping[str, str]) -> None:
    """Draws who looks at whom, in networks that have layers of attention."""
    found: dict[str, Any] = explain(run, "attention", fields)
    layers = {name: one for name, one in found.items() if one.queries and one.keys}
    if not layers:
        return
    st.subheader("Attention: which token looks at which")
    left, right = st.columns(2)
    one = layers[left.selectbox("Layer", list(layers), key="layer", bind="query-params")]
    heads = ["mean of all", *(str(head + 1) for head in range(len(one.values)))]
    head = right.segmented_control("Head", heads, default=heads[0], required=True, key="head", bind="query-params")
    values = (one.values.mean(0) if head == heads[0] else one.values[int(head) - 1])[:ATTENDED, :ATTENDED]
    rows = [
        {"looks": f"{i + 1} {one.queries[i]}", "looked at": f"{j + 1} {one.keys[j]}", "weight": float(values[i, j])}
        for i in range(values.shape[0])
        for j in range(values.shape[1])
    ]
    axis = {"sort": None, "axis": alt.Axis(labelLimit=120, labelOverlap=False)}
    chart = (
        alt.Chart(pd.DataFrame(rows), height=22 * values.shape[0] + 2 * AXIS)
        .mark_rect()
        .encode(
            x=alt.X("looked at", **axis),
            y=alt.Y("looks", **axis),
            color=alt.Color("weight", scale=alt.Scale(scheme="viridis")),
            tooltip=["looks", "looked at", alt.Tooltip("weight", format=".3f")],
        )
    )
    st.altair_chart(chart, alt=f"Weights of attention, {values.shape[0]} tokens by {values.shape[1]}")
    if max(len(one.queries), len(one.keys)) > ATTENDED:
        st.caption(f"Of the first {ATTENDED} tokens.")
