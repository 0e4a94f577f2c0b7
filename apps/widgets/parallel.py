"""Parallel coordinates: a line a run, an axis for each setting and metric in which runs differ."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from apps.widgets.palette import colour_and_shape
from apps.widgets.run_table import label
from dlsuite.comparison import settings
from dlsuite.report.charts import figure
from dlsuite.runs import Run

AXES = 9
"""So many are drawn until others are asked for."""
SPAN = 50
"""Numbers above zero that differ by more than this factor stand on a logarithmic axis."""


def show_parallel(runs: Sequence[Run]) -> None:
    """Draws how settings and metrics of runs go together."""
    axes = _axes(runs)
    if not axes:
        st.markdown("The runs differ in no setting and in no metric.")
        return
    chosen = st.multiselect("Axes", list(axes), list(axes)[:AXES], key="axes", bind="query-params")
    if not chosen:
        return
    names = [label(run) for run in runs]
    points, ends = _place({name: axes[name] for name in chosen}, names)
    hover = alt.selection_point(fields=["run"], on="pointerover", empty=True)
    x = alt.X(
        "axis:N", sort=chosen, axis=alt.Axis(title=None, labelAngle=-20, labelLimit=220, labelOverlap=False, grid=True)
    )
    y = alt.Y("place:Q", axis=None, scale=alt.Scale(domain=[-0.08, 1.08]))
    lines = (
        alt.Chart(points, height=440)
        .mark_line(point=alt.OverlayMarkDef(size=60), strokeWidth=2)
        .encode(
            x=x,
            y=y,
            opacity=alt.condition(hover, alt.value(1), alt.value(0.2)),
            tooltip=["run", "axis", "value"],
            **colour_and_shape("run", names),
        )
        .add_params(hover)
    )
    told = [
        alt.Chart(ends[(ends["place"] == 1) == top])
        .mark_text(align="left", dx=5, dy=-10 if top else 10, color="#808080")
        .encode(x=x, y=y, text="value:N")
        for top in (True, False)
    ]
    st.altair_chart(alt.layer(lines, *told), alt=f"Parallel coordinates of {', '.join(names)} over {', '.join(chosen)}")


def _axes(runs: Sequence[Run]) -> dict[str, list[Any]]:
    """Returns settings and metrics in which runs differ, by name, a value a run."""
    found = {path: values for path, values in settings([run.resolved for run in runs]).items() if _fits(values)}
    metrics = dict.fromkeys(name for run in runs for name in run.metrics)
    found |= {name: [run.metrics.get(name) for run in runs] for name in metrics}
    found["parameters"] = [run.parameters.get("trainable") for run in runs]
    found["seconds"] = [run.status.get("seconds") for run in runs]
    return {name: values for name, values in found.items() if len({*map(str, values)}) > 1}


def _fits(values: Sequence[Any]) -> bool:
    """Returns whether values stand on an axis: they are short."""
    return all(len(json.dumps(one, default=str)) <= 40 for one in values)


def _place(axes: Mapping[str, Sequence[Any]], names: Sequence[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Returns where values stand, from 0 to 1, and what is written at the axes."""
    points, ends = [], {}
    for axis, values in axes.items():
        numbers = all(isinstance(one, int | float) and not isinstance(one, bool) for one in values if one is not None)
        places = _spread(values) if numbers else _rank(values)
        for name, value, place in zip(names, values, places, strict=True):
            if place is None:
                continue
            text = figure(value) if numbers else str(value)
            points.append({"run": name, "axis": axis, "place": place, "value": text})
            if not numbers or place in (0, 1):
                ends[axis, place] = {"axis": axis, "place": place, "value": text}
    return pd.DataFrame(points), pd.DataFrame(ends.values())


def _spread(values: Sequence[float | None]) -> list[float | None]:
    known = [one for one in values if one is not None and math.isfinite(one)]
    if not known:
        return [None] * len(values)
    low, high = min(known), max(known)
    scale = math.log if low > 0 and high / low > SPAN else float
    span = scale(high) - scale(low)
    return [None if one not in known else (scale(one) - scale(low)) / span if span else 0.5 for one in values]


def _rank(values: Sequence[Any]) -> list[float | None]:
    kinds = sorted({*map(str, values)})
    return [kinds.index(str(one)) / max(len(kinds) - 1, 1) for one in values]
