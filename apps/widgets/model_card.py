"""The card of a run: what it learned from, how good it is and beside what, where it ends, what it cost, its spec."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import streamlit as st

from apps.widgets.faults import plain
from apps.widgets.runs import is_synthetic
from dlsuite.report.charts import figure
from dlsuite.runs import Run
from dlsuite.time_spans import describe_seconds

WATTS = 65
"""Of a desktop's processor under load; this software has no meter."""
WEAK = 3
"""So many classes are named that a run knows least."""


def show_card(run: Run) -> None:
    """Draws the model card of a run."""
    evaluation, data = run.evaluation, run.environment.get("data", {})
    st.markdown(plain(run.resolved.get("about", "")))
    _data(data)
    _figures(evaluation)
    st.subheader("Known limits")
    for line in _limits(evaluation, data, is_synthetic(run)):
        st.markdown(f"- {plain(line)}")
    _cost(run)
    st.subheader("Spec")
    text = (run.path / "source.json").read_text(encoding="utf-8")
    st.download_button("Download the spec", text, f"{run.name}.json", "application/json", on_click="ignore")
    with st.expander("The spec as it was trained, every default filled in"):
        st.code(json.dumps(run.resolved, indent=2, ensure_ascii=False), language="json")
    report = run.path / "report.html"
    if report.is_file():
        st.download_button(
            "Download the report", report.read_bytes(), f"{run.name}-report.html", "text/html", on_click="ignore"
        )


def _data(data: dict[str, Any]) -> None:
    st.subheader("Data")
    rows = {
        "Data set": data.get("dataset"),
        "Licence": data.get("licence"),
        "Source": data.get("origin"),
        "Note": data.get("note"),
        "Examples": ", ".join(f"{count:,} {split}" for split, count in data.get("counts", {}).items()),
        "Split": data.get("split"),
    }
    for name, value in rows.items():
        if value:
            st.markdown(f"**{name}** &nbsp; {plain(str(value))}")


def _figures(evaluation: dict[str, Any]) -> None:
    st.subheader("How good it is")
    scores = {"this run": evaluation.get("metrics", {}), **evaluation.get("baselines", {})}
    table = pd.DataFrame({name: pd.Series(one) for name, one in scores.items()}).map(figure).rename_axis("metric")
    split, count = evaluation.get("split", "test"), evaluation.get("examples")
    st.caption(f"On {count:,} examples of the {split} split, beside simple baselines." if count else f"On {split}.")
    st.dataframe(table, alt="Metrics of the run beside its baselines")


def _limits(evaluation: dict[str, Any], data: dict[str, Any], synthetic: bool) -> list[str]:
    """Returns what a run is known not to do, in sentences."""
    found = [
        f"It was measured on {data.get('dataset', 'its data')} alone: on other input it will be worse, and it answers "
        "that too, as surely."
    ]
    if synthetic:
        found.insert(0, "Its data is synthetic: what it reaches there says nothing of real data.")
    for target, rows in evaluation.get("per_class", {}).items():
        weak = sorted((row for row in rows if row["recall"] < 1), key=lambda row: row["recall"])[:WEAK]
        if weak:
            names = ", ".join(f"{row['class']} ({figure(row['recall'])})" for row in weak)
            found.append(f"Of `{target}` it finds least: {names} (recall on the test split).")
    skipped = data.get("skipped", {}).get("count")
    return [*found, *([f"{skipped} corrupt examples were left out."] if skipped else [])]


def _cost(run: Run) -> None:
    seconds = run.status.get("seconds")
    if seconds is None:
        return
    st.subheader("What it cost")
    machine = run.environment.get("machine", {}).get("processor", "")
    energy = seconds * WATTS / 3600
    st.markdown(
        f"Trained in **{describe_seconds(seconds)}** on {plain(str(machine) or 'a processor')}; about "
        f"**{energy:,.1f} Wh**, an estimate at {WATTS} W, as this machine has no meter."
    )
