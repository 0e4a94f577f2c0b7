"""Text that is written while it is read, until it ends or is stopped; what stands there stays."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import streamlit as st

from apps.widgets.models import loaded
from dlsuite.runs import Run

WRITTEN = "written"
"""Of the session: what was written, and of what."""
LONGEST = 2000


def write(run: Run, prompt: str) -> None:
    """Draws the settings of a writer, and what it writes from a prompt."""
    settings = _settings()
    with st.container(horizontal=True):
        begin = st.button("Write", type="primary", key="write")
        st.button("Stop", key="stop", help="What is written so far stays.")  # any press ends the script that writes
    place = st.empty()
    asked = (str(run.path), prompt, settings)
    if begin:
        _write(run, prompt, settings, asked, place)
    kept = st.session_state.get(WRITTEN)
    if kept is None:
        return
    text = kept["prompt"] + kept["text"]
    place.code(text, language=None, wrap_lines=True)
    if kept["asked"] != asked:
        st.caption("Written with other settings, or from another prompt: Write begins anew.")
    st.download_button("Download the text", text, f"{run.name}.txt", "text/plain", on_click="ignore")


def _write(run: Run, prompt: str, settings: dict[str, Any], asked: tuple, place: Any) -> None:
    kept = {"asked": asked, "prompt": prompt, "text": ""}
    st.session_state[WRITTEN] = kept
    with closing(loaded(run).stream(prompt, settings)) as pieces:
        for piece in pieces:
            kept["text"] += piece
            place.code(prompt + kept["text"], language=None, wrap_lines=True)


def _settings() -> dict[str, Any]:
    """Draws what chooses the next token; returns the settings of `predict`."""
    columns = st.columns(4)
    with columns[0]:
        temperature = st.slider(
            "Temperature", 0.0, 2.0, 0.8, 0.05, key="temperature", bind="query-params",
            help="Below 1 the probable becomes more so; 0 always takes the most probable.",
        )  # fmt: skip
    with columns[1]:
        top_p = st.slider(
            "Top p", 0.05, 1.0, 1.0, 0.05, key="top_p", bind="query-params",
            help="Drawn are only the most probable tokens that together have this probability.",
        )  # fmt: skip
    with columns[2]:
        length = st.number_input("Length", 1, LONGEST, 200, key="length", bind="query-params", help="Tokens at most.")
    with columns[3]:
        seed = st.number_input("Seed", 0, 2**31 - 1, 0, key="seed", bind="query-params")
    sample = {"temperature": float(temperature), "top_p": float(top_p), "length": int(length)}
    return {"decoder": {"Sample": sample}, "seed": int(seed)}
