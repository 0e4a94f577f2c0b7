"""Speech: a sound in, its word or its transcript out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from apps.page import Page
from apps.widgets.answers import download_answer, show_answers
from apps.widgets.asking import answer
from apps.widgets.class_maps import explain_medium
from apps.widgets.confusion import show_confusion
from apps.widgets.domain import domain_page
from apps.widgets.faults import plain
from apps.widgets.questions import Medium, ask
from apps.widgets.sounds import show_small, show_sound, view
from dlsuite.runs import Run

SUFFIXES = ("wav", "flac", "ogg", "oga")
SURE = 0.5
"""Words below this are doubtful."""


def show() -> None:
    """Draws the page."""
    domain_page(PAGE, _result, _explain)


def _result(run: Run) -> None:
    left, right = st.columns(2, gap="large")
    with left:
        question = ask(run, MEDIUM)
    if question is None:
        return
    with right:
        sound, found = view(run, question.value), answer(run, question.fields)
        words = found.get("words", ()) if isinstance(found, Mapping) else ()
        show_sound(sound, f"The sound that is asked about, {sound.seconds:.1f} seconds", words)
        if _is_transcript(found):
            _show_transcript(found, next(iter(question.truth.values()), None))
        else:
            show_answers(run, found, question.truth)
        download_answer(found, run.name)


def _explain(run: Run) -> None:
    target = next(iter(run.plan.data.targets))
    with st.expander("Sound", key="question"):
        question = ask(run, MEDIUM)
    if question is not None:
        found = answer(run, question.fields)
        if _is_transcript(found):
            letters = sorted(set(found["text"]) - {" "})
            if letters:
                st.caption("Where a letter stands most surely, and what spoke for it there.")
                explain_medium(run, question, target, letters, None, "Letter")
            else:
                st.info("No word was heard, so that there is nothing to explain.")
        elif "names" in run.facts[target]:
            explain_medium(run, question, target, run.facts[target]["names"], found["class"], "Word")
    show_confusion(run, target)


def _is_transcript(found: Any) -> bool:
    return isinstance(found, Mapping) and "text" in found and "words" in found


def _show_transcript(found: Mapping[str, Any], truth: str | None) -> None:
    """Draws what was heard, how surely, and what was said where that is known."""
    right = "" if truth is None else " ✅ right" if found["text"] == truth else f"  \n❌ it is: {plain(truth)}"
    if "warning" in found:
        st.warning(plain(found["warning"]))
        return
    st.markdown(f"## {plain(found['text'])}\nconfidence {found['confidence']:.1%}{right}")
    doubtful = [one["word"] for one in found["words"] if one["confidence"] < SURE]
    if doubtful:
        st.caption(f"Doubtful: {plain(', '.join(doubtful))}.")


MEDIUM = Medium("Sound", SUFFIXES, "Microphone", st.audio_input, show_small, columns=4)
PAGE = Page(
    title="Speech",
    icon="🎙️",
    about="Which word is it? Or, where a run writes it down: what was said, and when?",
    path="speech",
    place=2,
    show=show,
    domain="speech",
)
