"""One run: where it stands, why it stopped, how it goes on, and its end for good."""

from __future__ import annotations

import streamlit as st

from apps.places import runs_folder
from apps.widgets.faults import guard, plain
from apps.widgets.model_card import show_card
from apps.widgets.queue import job_of, show_log
from apps.widgets.run_table import SIGNS, forget_choice
from apps.widgets.runs import day
from apps.widgets.training import show_progress
from dlsuite import jobs
from dlsuite.report.charts import figure
from dlsuite.runs import Run, delete_run
from dlsuite.time_spans import describe_seconds

STOPPED = ("interrupted", "killed", "failed")


def show_run(run: Run) -> None:
    """Draws where a run stands, and what can be done with it."""
    status = run.status
    state = status["state"]
    st.markdown(f"**{plain(run.name)}** · {day(run)} · {SIGNS.get(state, '')} {state}")
    if state == "running":
        _watch(str(run.path))
    elif state == "damaged":
        st.error(plain(str(status.get("error", ""))), icon="⚠️")
    elif state in STOPPED:
        st.warning(f"{_why(state)} {plain(str(status.get('error') or ''))}")
    _figures(run)
    if (job := job_of(run)) is not None and state != "running":
        show_log(job)
    with st.container(horizontal=True):
        stopped = state in STOPPED or (state == "damaged" and run.has_learned)
        if stopped and st.button("Resume", key="resume-run", icon="▶️", help="Goes on where it stopped."):
            jobs.submit(runs_folder(), resume=run.path)
            st.rerun()
        if state != "running":
            _offer_deletion(run)


def show_run_card(run: Run) -> None:
    """Draws the model card of a run that has one."""
    if run.evaluation:
        show_card(run)
    else:
        st.markdown("There is a card once the run has been measured.")


@st.fragment(run_every=1)
def _watch(path: str) -> None:
    run = Run(path)
    if run.status["state"] != "running":
        st.rerun(scope="app")
    with guard():
        show_progress(run)
    if (job := job_of(run)) is not None and job.is_open:
        if st.button("Cancel", key="cancel-run", help="What is learned so far is kept; it can go on later."):
            jobs.cancel(job)
            st.toast("The training ends after this step.")
        show_log(job)


def _why(state: str) -> str:
    reasons = {"interrupted": "It was stopped; what it had learned is kept.", "killed": "It was ended from outside."}
    return reasons.get(state, "It failed:")


def _figures(run: Run) -> None:
    status, shown = run.status, dict(list(run.metrics.items())[:4])
    with st.container(horizontal=True):
        for name, value in shown.items():
            st.metric(name, figure(value))
        if run.best_epoch:
            st.metric("kept epoch", f"{run.best_epoch} of {status.get('epochs', '?')}")
        if (count := run.parameters.get("trainable")) is not None:
            st.metric("parameters", f"{count:,}")
        if status.get("seconds") is not None:
            st.metric("time", describe_seconds(status["seconds"]))


def _offer_deletion(run: Run) -> None:
    with st.popover("Delete", icon="🗑️", key=f"delete-{run.id}"):
        st.markdown(f"Weights, history and report of **{plain(run.name)}** of {day(run)} are removed for good.")
        if st.button("Delete for good", key="delete-run"):
            with guard():
                delete_run(run, runs_folder())
                forget_choice()
                st.rerun()
