"""Vision: a picture in, what it shows out."""

from __future__ import annotations

from typing import Any

import streamlit as st

from apps.page import Page
from apps.widgets.answers import download_answer, show_answers
from apps.widgets.asking import answer
from apps.widgets.class_maps import explain_medium
from apps.widgets.confusion import show_confusion
from apps.widgets.domain import domain_page
from apps.widgets.pictures import own, seen, show_picture
from apps.widgets.questions import Medium, Question, ask
from dlsuite.runs import Run

SUFFIXES = ("png", "jpg", "jpeg", "webp", "bmp", "gif", "tif", "tiff")
LARGE = 260
"""Pixels of the width of a sample that is asked about."""


def show() -> None:
    """Draws the page."""
    domain_page(PAGE, _result, _explain)


def _result(run: Run) -> None:
    left, right = st.columns([3, 2], gap="large")
    with left:
        question = ask(run, MEDIUM)
    if question is None:
        return
    with right:
        pixels = seen(run, question.value)
        found = answer(run, question.fields)
        _show_question(question, pixels)
        show_answers(run, found, question.truth)
        download_answer(found, run.name)


def _explain(run: Run) -> None:
    target, names = next(((name, one["names"]) for name, one in run.facts.items() if _is_target(run, name)), ("", []))
    with st.expander("Picture", expanded=False, key="question"):
        question = ask(run, MEDIUM)
    if question is not None and names:
        seen(run, question.value)  # where it cannot be read, this says so best
        found = answer(run, question.fields)
        found = found if "class" in found else found[target]
        explain_medium(run, question, target, names, found["class"], "Class")
    show_confusion(run, target)


def _is_target(run: Run, name: str) -> bool:
    return name in run.plan.data.targets and "names" in run.facts[name]


def _show_question(question: Question, pixels: Any) -> None:
    """Draws the picture large; beside one of the user's own also what the run makes of it."""
    if not question.own:
        with st.container(width=LARGE):
            show_picture(pixels, "The picture that is asked about")
        return
    left, right = st.columns(2)
    with left:
        show_picture(own(question.value), "Your picture", "Your picture")
    with right:
        height, width, channels = pixels.shape
        said = f"What the run sees: {width} x {height} pixels{', grey' if channels == 1 else ''}"
        show_picture(pixels, said, said)


def _preview(run: Run, value: Any, name: str) -> None:
    show_picture(seen(run, value), name)


MEDIUM = Medium("Picture", SUFFIXES, "Camera", st.camera_input, _preview, columns=6)
PAGE = Page(
    title="Vision",
    icon="🖼️",
    about="What is in a picture?",
    path="vision",
    place=1,
    show=show,
    domain="vision",
)
