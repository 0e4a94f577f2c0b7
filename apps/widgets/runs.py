"""The runs of a domain, and which one a page is about."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence

import streamlit as st

from apps.places import runs_folder
from apps.widgets.faults import guard, plain
from dlsuite.domains import domain_of
from dlsuite.report.charts import figure
from dlsuite.runs import Run, list_runs
from dlsuite.spec.errors import DLSuiteError

KEY = "run"
"""Of the address: which run a page is about."""
COMPUTED = "Synthetic"
"""What a run is called that learned from computed data."""


def runs_of(domain: str) -> list[Run]:
    """Returns the trained runs of a domain, the newest first."""
    return [
        run
        for run in reversed(list_runs(runs_folder()))
        if (run.path / "metrics.json").is_file() and _is_of(run, domain)
    ]


def _is_of(run: Run, domain: str) -> bool:
    return tell_domain(run) == domain


def tell_domain(run: Run) -> str:
    """Returns the domain of a run; an empty text where its spec cannot be read."""
    try:
        return _domain(str(run.path), (run.path / "spec.json").stat().st_mtime_ns)
    except (DLSuiteError, OSError):
        return ""


@st.cache_data(max_entries=1000, show_spinner=False)
def _domain(path: str, changed: int) -> str:
    """Returns the domain of a run; kept for as long as its spec is the same."""
    return domain_of(Run(path).spec.plan())


def is_damaged(run: Run) -> bool:
    """Returns whether what was measured of a run cannot be read."""
    try:
        return not run.evaluation
    except DLSuiteError:
        return True


def is_synthetic(run: Run) -> bool:
    """Returns whether a run learned from data that was computed."""
    return "synthetic" in json.dumps(run.environment.get("data", {})).lower()


def mark_synthetic(run: Run) -> None:
    """Draws a badge on a run that learned from data that was computed."""
    with guard():
        if is_synthetic(run):
            told = "Its data is synthetic: computed, nothing that was measured or recorded."
            st.badge(COMPUTED, icon="🧪", color="orange", help=told)


def pick(runs: Sequence[Run]) -> Run:
    """Returns the run that the user picked, by the address where it names one; else the newest that is not damaged."""
    by_name = {f"{run.name}/{run.id}": run for run in runs}
    names = list(by_name)
    labels = _labels(by_name)
    wanted = st.query_params.get(KEY)  # looked up, never opened
    newest = next((name for name, run in by_name.items() if not is_damaged(run)), names[0])
    chosen = st.selectbox(
        "Run",
        names,
        index=names.index(wanted if wanted in by_name else newest),
        format_func=labels.__getitem__,
        key=KEY,
    )
    if wanted is not None and wanted not in by_name:
        said = f"The address names the run {plain(wanted[:100])}: none that is measured is called that here."
        st.warning(f"{said} This is {plain(chosen)}.")
    if wanted != chosen:
        st.query_params[KEY] = chosen  # not bound: that would write what `describe` says
    return _kept(str(by_name[chosen].path), _changed(by_name[chosen]))


def _labels(runs: Mapping[str, Run]) -> dict[str, str]:
    """Returns what runs are called, no two alike: a choice comes back from the browser as its label."""
    labels = {name: describe(run) for name, run in runs.items()}
    often = Counter(labels.values())
    return {name: f"{one} · {runs[name].id[-6:]}" if often[one] > 1 else one for name, one in labels.items()}


def _changed(run: Run) -> int:
    """Returns when what a run keeps in mind of its files was last written."""
    files = (run.path / name for name in ("spec.json", "environment.json", "features/facts.json"))
    return max((file.stat().st_mtime_ns for file in files if file.is_file()), default=0)


@st.cache_resource(max_entries=16, show_spinner=False)
def _kept(path: str, changed: int) -> Run:
    """Returns a run whose spec is planned once, not each time that a page is drawn."""
    return Run(path)


def describe(run: Run) -> str:
    """Returns a run in a line: spec, headline metric, date."""
    try:
        evaluation = run.evaluation
    except DLSuiteError:
        return f"{run.name} · damaged · {day(run)}"
    name = evaluation.get("headline")
    value = evaluation.get("metrics", {}).get(name)
    measured = f" · {name} {figure(value)}" if value is not None else ""
    return f"{run.name}{measured} · {day(run)}"


def day(run: Run) -> str:
    """Returns when a run began, as `2025-01-31 09:30`."""
    text = run.id
    return f"{text[:4]}-{text[4:6]}-{text[6:8]} {text[9:11]}:{text[11:13]}" if len(text) > 13 else text
