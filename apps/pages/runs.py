"""Runs: all of them in a table, one looked at, several compared; what trains now and what waits."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from apps.page import Page
from apps.widgets.curves import show_curves
from apps.widgets.differences import show_differences
from apps.widgets.faults import guard
from apps.widgets.parallel import show_parallel
from apps.widgets.queue import show_queue
from apps.widgets.run_state import show_run, show_run_card
from apps.widgets.run_table import choose_runs, label
from apps.widgets.runs import tell_domain
from apps.widgets.tabular import show_tabular
from dlsuite.domains import OTHER
from dlsuite.runs import Run

View = Callable[[], None]


def show() -> None:
    """Draws the page."""
    st.title(f"{PAGE.icon} {PAGE.title}")
    st.caption(PAGE.about)
    with guard():
        show_queue()
    runs = choose_runs()
    if not runs:
        st.caption("Choose a row to look at its run, several to compare them.")
    elif len(runs) == 1:
        _tabs(_views_of(runs[0]), "of-run")
    else:
        _tabs(_views_of_several(runs), "of-runs")


def _views_of(run: Run) -> dict[str, View]:
    if run.status["state"] == "damaged":
        return {"State": lambda: show_run(run)}
    views = {"State": lambda: show_run(run), "Curves": lambda: show_curves([run])}
    if tell_domain(run) == OTHER and run.evaluation:
        views["Predict"] = lambda: show_tabular(run)
    return {**views, "Model card": lambda: show_run_card(run)}


def _views_of_several(runs: Sequence[Run]) -> dict[str, View]:
    sound = [run for run in runs if run.status["state"] != "damaged"]
    return {
        "Curves": lambda: show_curves(sound),
        "Specs": lambda: show_differences({label(run): run.resolved for run in sound}),
        "Parallel coordinates": lambda: show_parallel(sound),
    }


def _tabs(views: Mapping[str, View], key: str) -> None:
    """Draws the open one of several views."""
    tabs = st.tabs(list(views), key=key, on_change="rerun", bind="query-params")
    for tab, view in zip(tabs, views.values(), strict=True):
        if tab.open:
            with tab, guard():
                view()


PAGE = Page(
    title="Runs",
    icon="📊",
    about="What was trained, what trains now, and how runs differ.",
    path="runs",
    place=7,
    show=show,
)
