"""Training from a page: what is on offer, how far it is, and its end. The training itself is a process of its own."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pandas as pd
import streamlit as st

from apps.places import runs_folder
from apps.widgets.faults import guard, plain
from dlsuite import jobs
from dlsuite.offers import Offer, offers
from dlsuite.runs import Run
from dlsuite.tickets import Job
from dlsuite.time_spans import describe_seconds

KEY = "job"
"""Of the address: which training a page follows."""


def offer(domain: str) -> None:
    """Draws what can be trained of a domain, and the training that goes on."""
    if follow():
        return
    known = _offers(domain)
    if not known:
        st.info("Nothing of this domain can be trained here: its data is not on this machine (DLSUITE_DATA).")
    for one in known:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{plain(one.name)}** &nbsp; on {plain(one.data)}  \n{plain(one.about)}")
            if st.button(_label(one), key=f"train-{one.name}"):
                start(one.path)


def start(spec: Path) -> None:
    """Has a spec trained in a process of its own, and follows it."""
    with guard():
        st.query_params[KEY] = jobs.submit(runs_folder(), spec=spec).id
        st.rerun()


def follow() -> bool:
    """Draws the training that the address names; returns whether there is one that goes on."""
    job = _named(st.query_params.get(KEY, ""))
    if job is None:
        return False
    if job.is_open:
        _watch(job.id)
        return True
    _ended(job)
    return False


@st.cache_data(ttl=30, show_spinner=False)
def _offers(domain: str) -> list[Offer]:
    return offers(domain)


def _label(one: Offer) -> str:
    return f"Train now, about {one.seconds} s" if one.seconds else "Train"


def _named(id: str) -> Job | None:
    """Returns the job of an id, which may be a stranger's word: it is looked up, never opened."""
    with suppress(jobs.JobError):
        return jobs.find_job(id, runs_folder())
    return None


@st.fragment(run_every=1)
def _watch(name: str) -> None:
    """Draws how far a training is, every second."""
    job = _named(name)
    if job is None or not job.is_open:
        st.rerun(scope="app")
    with st.container(border=True, key="progress"):
        st.markdown(f"**Training {plain(job.name)}**")
        if job.state == "waiting":
            st.progress(0.0, text=f"Waits for its turn: {job.position} before it." if job.position else "Starts.")
        elif job.run is None:
            st.progress(0.0, text="Loads its libraries and reads the data.")
        else:
            show_progress(Run(job.run))
        if st.button("Cancel", key="cancel", help="What is learned so far is kept; the training can go on later."):
            jobs.cancel(job)
            st.toast("The training ends after this step.")


def show_progress(run: Run) -> None:
    """Draws how far a run is: bar, speed, time left, learning curve."""
    status = run.status
    epochs, steps = status.get("epochs") or 1, status.get("steps") or 1
    within = (status.get("step") or 0) / steps
    done = ((status.get("epoch") or 0) - (1 if status.get("step") else 0) + within) / epochs
    left, speed = status.get("eta_seconds"), status.get("examples_per_second")
    words = [f"epoch {status.get('epoch') or 0} of {epochs}" if status.get("epochs") else "begins"]
    words += [f"loss {status['loss']:.4g}"] if status.get("loss") is not None else []
    words += [f"{speed:,.0f} examples a second"] if speed else []
    words += [f"{describe_seconds(left)} left"] if left is not None else []
    if done >= 1:
        words.append("measures on the test split")
    st.progress(min(max(done, 0.0), 1.0), text=" · ".join(words))
    history = pd.DataFrame(run.history)
    shown = [name for name in ("loss", "val_loss") if name in history]
    if len(history) > 1 and shown:
        st.line_chart(history.set_index("epoch")[shown], height=160, alt="Loss by epoch, in training and on validation")


def _ended(job: Job) -> None:
    """Draws how a training ended."""
    if job.state == "done":
        st.success(f"{plain(job.name)} is trained and measured.")
        return
    kept = "; what it had learned is kept." if job.run is not None else " before it began."
    reason = {"cancelled": f"was cancelled{kept}", "killed": "was ended from outside."}
    st.warning(f"The training of {plain(job.name)} {reason.get(job.state, 'failed: ' + plain(job.error or ''))}")
    if job.run is not None and st.button("Go on with it", key="resume"):
        with guard():
            st.query_params[KEY] = jobs.submit(runs_folder(), resume=job.run).id
            st.rerun()
