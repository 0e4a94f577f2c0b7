"""Answers, drawn: the classes that a run takes an input for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from apps.widgets.faults import plain
from dlsuite.report.charts import figure
from dlsuite.runs import Run

TOP = 5
AXIS = 36
"""Of a chart's height, for the axis below it."""


def show_answers(run: Run, answer: Any, truth: Mapping[str, str]) -> None:
    """Draws an answer of classes or numbers: each by its target, where there are several.

    Args:
        run: Whose answer it is.
        answer: As `run.predict` gives it.
        truth: What is known to be right, by target, in words.
    """
    targets = list(run.plan.data.targets)
    several = isinstance(answer, Mapping) and set(targets) <= set(answer)
    for target in targets if several else targets[:1]:
        one = answer[target] if several else answer
        if several:
            st.subheader(plain(target))
        if isinstance(one, Mapping) and "class" in one:
            show_classes(one, truth.get(target))
        else:
            st.metric(plain(target), figure(one), help=f"It is {plain(truth[target])}." if target in truth else None)


def show_classes(answer: Mapping[str, Any], truth: str | None = None) -> None:
    """Draws the class of an answer with its confidence, and the five likeliest.

    Args:
        answer: `class`, `confidence` and `scores` by class, as a classifier gives them.
        truth: The class that it is, where that is known.
    """
    found, share = str(answer["class"]), float(answer["confidence"])
    right = "" if truth is None else " ✅ right" if found == truth else f" ❌ it is {plain(truth)}"
    st.markdown(f"## {plain(found)}\nconfidence {share:.1%}{right}")
    scores = sorted(answer["scores"].items(), key=lambda pair: -pair[1])[:TOP]
    bars(scores, f"The likeliest classes: {', '.join(f'{name} {value:.1%}' for name, value in scores)}")


def bars(scores: list[tuple[str, float]], alt_text: str) -> None:
    """Draws shares by name as horizontal bars, in the order given."""
    table = pd.DataFrame(scores, columns=["class", "confidence"])
    chart = (
        alt.Chart(table, height=AXIS + 34 * len(table))
        .mark_bar()
        .encode(
            x=alt.X("confidence", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%"), title=None),
            y=alt.Y("class", sort=None, title=None, axis=alt.Axis(labelLimit=240)),
            tooltip=["class", alt.Tooltip("confidence", format=".2%")],
        )
    )
    st.altair_chart(chart, alt=alt_text)


def download_answer(answer: Any, name: str) -> None:
    """Offers an answer as a JSON file."""
    text = json.dumps(answer, indent=2, ensure_ascii=False, default=str)
    st.download_button("Download the answer", text, f"{name}.json", "application/json", on_click="ignore")
