"""Text that is written while it is read, until it ends or is stopped; what stands there stays."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import streamlit as st

from apps.widgets.answers import download_answer
from apps.widgets.decoding import ask_decoder
from apps.widgets.models import loaded
from apps.widgets.passages import Passage
from dlsuite.runs import Run

WRITTEN = "written"
"""Of the session: what was written, and of what."""


def write(run: Run, passage: Passage) -> None:
    """Draws the settings of a writer, and what it writes from a prompt."""
    settings = ask_decoder(run)
    with st.container(horizontal=True):
        begin = st.button("Write", key="write")
        st.button("Stop", key="stop", help="What is written so far stays.")  # any press ends the script that writes
    place = st.empty()
    asked = (str(run.path), passage.text, settings)
    if begin:
        _write(run, passage, settings, asked, place)
    kept = st.session_state.get(WRITTEN)
    if kept is None:
        return
    text = kept["prompt"] + kept["text"]
    place.code(text, language=None, wrap_lines=True)
    if kept["asked"] != asked:
        st.caption("Written with other settings, or from another prompt: Write begins anew.")
    with st.container(horizontal=True):
        st.download_button("Download the text", text, f"{run.name}.txt", "text/plain", on_click="ignore")
        _, _, chosen = kept["asked"]
        download_answer({"prompt": kept["prompt"], "text": kept["text"], "run": kept["run"], **chosen}, run.name)


def _write(run: Run, passage: Passage, settings: dict[str, Any], asked: tuple, place: Any) -> None:
    kept = {"asked": asked, "prompt": passage.text, "text": "", "run": f"{run.name}/{run.id}"}
    st.session_state[WRITTEN] = kept
    with place:
        st.skeleton(height=120)
    # by field: a string alone may be taken for the path of a file
    with closing(loaded(run).stream(passage.fields, settings)) as pieces:
        for piece in pieces:
            kept["text"] += piece
            place.code(passage.text + kept["text"], language=None, wrap_lines=True)
