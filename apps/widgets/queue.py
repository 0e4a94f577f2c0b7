"""Trainings that were asked for and have not ended, each with its place, and those that never became a run."""

from __future__ import annotations

import streamlit as st

from apps.places import runs_folder
from apps.widgets.faults import guard, plain
from apps.widgets.training import show_progress
from dlsuite import jobs
from dlsuite.runs import Run
from dlsuite.tickets import Job

LINES = 15


def show_queue() -> None:
    """Draws what trains and what waits, every second while there is such."""
    if [job for job in jobs.list_jobs(runs_folder()) if job.is_open]:
        _watch()
    for job in jobs.list_jobs(runs_folder()):
        if job.state in ("failed", "killed", "damaged") and not job.status.get("run"):
            _tell_lost(job)


def job_of(run: Run) -> Job | None:
    """Returns the last training of a run that was asked for here."""
    place = run.path.resolve()
    return next((job for job in jobs.list_jobs(runs_folder()) if job.run and job.run.resolve() == place), None)


def show_log(job: Job) -> None:
    """Draws the end of what a training said."""
    if text := job.log(LINES):
        with st.expander("Log"):
            st.code(text, language=None, wrap_lines=True)


@st.fragment(run_every=1)
def _watch() -> None:
    open_ones = [job for job in reversed(jobs.list_jobs(runs_folder())) if job.is_open]
    states = [(job.id, job.state, job.run is None) for job in open_ones]
    if st.session_state.setdefault("queue", states) != states:  # the table above shows them too
        st.session_state["queue"] = states
        st.rerun(scope="app")
    st.subheader("In the queue")
    for job in open_ones:
        with st.container(border=True, key=f"job-{job.id}"), guard():
            _show(job)


def _show(job: Job) -> None:
    name, position = plain(job.name), job.position
    with st.container(horizontal=True, vertical_alignment="center"):
        place = "trains now" if job.state == "running" else f"waits, {position} before it" if position else "is next"
        st.markdown(f"**{name}** {place}{', stops after this step' if job.is_stopping else ''}", width="stretch")
        if not job.is_stopping and st.button("Cancel", key=f"cancel-{job.id}", help="What is learned so far is kept."):
            jobs.cancel(job)
            st.rerun(scope="fragment")
    if job.run is not None:
        show_progress(Run(job.run))
    elif job.state == "running":
        st.progress(0.0, text="Loads its libraries and reads the data.")
    show_log(job)


def _tell_lost(job: Job) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.warning(f"{plain(job.name)} never became a run: {plain(job.error or job.state)}", width="stretch")
        if st.button("Remove", key=f"remove-{job.id}"):
            with guard():
                jobs.remove(job)
            st.rerun()
