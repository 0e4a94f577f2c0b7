"""Learning curves of several runs over one another."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd
import streamlit as st

from apps.widgets.palette import colour_and_shape
from apps.widgets.run_table import label
from dlsuite.comparison import NO_CURVES
from dlsuite.runs import Run

VALIDATION = "val_"


def show_curves(runs: Sequence[Run]) -> None:
    """Draws a metric of runs by epoch, in training and on validation."""
    history = {label(run): run.history for run in runs}
    names = dict.fromkeys(name for rows in history.values() for row in rows for name in row if name not in NO_CURVES)
    metrics = list(dict.fromkeys(name.removeprefix(VALIDATION) for name in names))
    if not metrics:
        st.markdown("No epoch has been finished yet.")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        metric = st.selectbox("Metric", metrics, key="metric", bind="query-params", width=260)
        log = st.toggle("Logarithmic", key="log", bind="query-params")
    table = pd.DataFrame(
        {"run": name, "epoch": row.get("epoch"), "part": part, metric: row[field]}
        for name, rows in history.items()
        for row in rows
        for field, part in ((metric, "training"), (f"{VALIDATION}{metric}", "validation"))
        if row.get(field) is not None and not (log and row[field] <= 0)
    )
    if table.empty:
        st.markdown("Nothing of it is above 0, where a logarithmic axis begins.")
        return
    dash = alt.StrokeDash("part:N", scale=alt.Scale(domain=["validation", "training"], range=[[1, 0], [5, 4]]))
    chart = (
        alt.Chart(table, height=420)
        .mark_line(point=alt.OverlayMarkDef(size=36))
        .encode(
            x=alt.X("epoch:Q", axis=alt.Axis(tickMinStep=1, format="d")),
            y=alt.Y(f"{metric}:Q", scale=alt.Scale(type="log" if log else "linear", zero=False)),
            strokeDash=dash.legend(orient="top", title=None, symbolType="stroke", symbolStrokeColor="#808080"),
            tooltip=["run", "part", "epoch", alt.Tooltip(f"{metric}:Q", format=".4g")],
            **colour_and_shape("run", list(history)),
        )
        .interactive()
    )
    st.altair_chart(chart, alt=f"{metric} by epoch of {', '.join(history)}, in training and on validation")
