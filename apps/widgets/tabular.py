"""A row of a table in, an answer out, and what each number added to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from apps.widgets.answers import download_answer, show_classes
from apps.widgets.faults import plain
from apps.widgets.models import loaded
from apps.widgets.palette import COLOURS
from apps.widgets.samples import Sample, samples_of
from dlsuite.forms import Blank, blanks, fill, read_row
from dlsuite.report.charts import figure
from dlsuite.runs import Run

TOP = 12
"""So many numbers are shown that spoke loudest."""


def show_tabular(run: Run) -> None:
    """Draws a form for a row, the answer, and its Shapley values."""
    with st.skeleton(height=200):
        asked = blanks(run)
    if not asked:
        st.markdown("This run reads something else than numbers and classes: `dlsuite predict` asks it.")
        return
    samples = samples_of(run)
    sample = _choose(samples)
    question, answer = st.columns([3, 2])
    with question:
        row = fill(asked, _ask(asked, read_row(asked, sample.fields if sample else {}), sample))
    with answer:
        _answer(run, row, sample)


def _choose(samples: Sequence[Sample]) -> Sample | None:
    if not samples:
        return None
    numbers = [str(one.number + 1) for one in samples]
    chosen = st.selectbox("Begin with test example", numbers, key="row", bind="query-params", width=260)
    return samples[numbers.index(chosen)]


def _ask(asked: Sequence[Blank], known: Sequence[Any], sample: Sample | None) -> list[Any]:
    """Returns what stands in the form, whose blanks are those of a sample at first."""
    number = sample.number if sample else "none"
    values, columns = [], st.columns(3)
    for place, (blank, value) in enumerate(zip(asked, known, strict=True)):
        with columns[place % 3]:
            key = f"blank-{number}-{place}"
            if blank.choices is None:
                values.append(
                    st.number_input(plain(blank.label), value=value or 0.0, format="%g", key=key, bind="query-params")
                )
            else:
                index = blank.choices.index(value) if value in blank.choices else 0
                values.append(
                    st.selectbox(plain(blank.label), blank.choices, index=index, key=key, bind="query-params")
                )
    return values


def _answer(run: Run, row: Mapping[str, Any], sample: Sample | None) -> None:
    (found,) = loaded(run).predict(dict(row))
    output = found["output"]
    truth = _truth(run, sample)
    if isinstance(output, Mapping) and "scores" in output:
        show_classes(output, truth)
    elif isinstance(output, int | float):
        st.metric("Answer", figure(output), help=f"It is {truth}." if truth else None)
    else:
        st.json(output)
    download_answer(output, run.name)
    with st.skeleton(height=300):
        names, values, shown, target, score, begin = _shares(str(run.path), dict(row))
    st.markdown(f"**Why {plain(target)}:** the score is {score:.3g}, that of an average row {begin:.3g}; between them:")
    _bars(names, values, shown)
    st.caption("Shapley values: what each number adds to the score, fairly shared out.")


def _truth(run: Run, sample: Sample | None) -> str | None:
    """Returns what a sample is, in words; changed blanks may make it something else."""
    if sample is None or not sample.truth:
        return None
    name, value = next(iter(sample.truth.items()))
    names = run.facts.get(name, {}).get("names")
    return str(names[int(value)]) if names and str(value).isdigit() else str(value)


@st.cache_data(max_entries=32, show_spinner=False, scope="session")
def _shares(path: str, row: dict[str, Any]) -> tuple[list[str], list[float], list[Any], str, float, float]:
    """Returns names, Shapley values, what stands there, the class, its score and that of an average row."""
    from dlsuite.explanation import shap_values

    model = loaded(Run(path))
    with model.lock:
        found = shap_values(model.run, row)
    return (
        found.names, found.values[0].tolist(), list(found.shown[0]), found.target, float(found.scores[0]), found.start
    )  # fmt: skip


def _bars(names: Sequence[str], values: Sequence[float], shown: Sequence[Any]) -> None:
    rows = [
        {
            "number": f"{name.replace('_', ' ')} = {figure(there, 3)}",
            "adds": value,
            "says": "for it" if value > 0 else "against it",
        }
        for name, value, there in zip(names, values, shown, strict=True)
    ]
    rows = sorted(rows, key=lambda one: -abs(one["adds"]))[:TOP]
    chart = (
        alt.Chart(pd.DataFrame(rows), height=90 + 24 * len(rows))
        .mark_bar()
        .encode(
            x=alt.X("adds:Q", title="adds to the score"),
            y=alt.Y("number:N", sort=None, title=None, axis=alt.Axis(labelLimit=260, labelOverlap=False)),
            color=alt.Color(
                "says:N", scale=alt.Scale(domain=["for it", "against it"], range=COLOURS[:2]),
                legend=alt.Legend(orient="bottom", title=None),
            ),
            tooltip=["number", alt.Tooltip("adds:Q", format=".3g")],
        )
    )  # fmt: skip
    told = ", ".join(f"{one['number']} adds {one['adds']:.2g}" for one in rows[:5])
    st.altair_chart(chart, alt=f"Shapley values: {told}")
