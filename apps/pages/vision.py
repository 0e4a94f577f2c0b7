"""Vision: a picture in, what it shows out."""

from __future__ import annotations

from typing import Any

import streamlit as st

from apps.page import Page
from apps.widgets.answers import download_answer, show_classes
from apps.widgets.domain import domain_page
from apps.widgets.models import loaded
from apps.widgets.samples import Sample, choose, samples_of
from apps.widgets.uploads import content_of
from dlsuite.runs import Run

SOURCES = ("Samples", "Upload", "Camera")


def show() -> None:
    """Draws the page."""
    domain_page(PAGE, _result)


def _result(run: Run) -> None:
    question, answer = st.columns([3, 2])
    with question:
        fields, truth = _ask(run)
    if fields is None:
        return
    with answer:
        (found,) = loaded(run).predict(fields)
        show_classes(found["output"], truth)
        download_answer(found["output"], run.name)


def _ask(run: Run) -> tuple[dict[str, Any] | None, str | None]:
    """Returns the picture that the user chose, by field, and its class where that is known."""
    source = st.segmented_control("Picture from", SOURCES, default=SOURCES[0], key="from", bind="query-params")
    field = next(iter(run.plan.data.inputs.values())).fields[0]
    if source == "Samples":
        sample = choose(samples_of(run), lambda one: _preview(run, one))
        return (None, None) if sample is None else (sample.fields, _class(run, sample))
    upload = (
        st.camera_input("Camera")
        if source == "Camera"
        else st.file_uploader("Picture", ["png", "jpg", "jpeg", "webp", "bmp", "gif"])
    )
    if upload is None:
        return None, None
    data = content_of(upload)
    return {field: data}, None


def _preview(run: Run, sample: Sample) -> None:
    name, plan = next(iter(run.plan.data.inputs.items()))
    picture = run.features[name].show(sample.fields[plan.fields[0]])
    st.image(picture.data, alt=f"Sample {sample.number + 1}", width="stretch")


def _class(run: Run, sample: Sample) -> str | None:
    """Returns the class of a sample, in words."""
    name, value = next(iter(sample.truth.items()))
    names = run.facts[name].get("names")
    return str(names[int(value)]) if names and str(value).isdigit() else str(value)


PAGE = Page(
    title="Vision",
    icon="🖼️",
    about="What is in a picture?",
    path="vision",
    place=1,
    show=show,
    domain="vision",
)
