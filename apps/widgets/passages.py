"""Texts that are asked about: samples of the test split, or what the user writes."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from apps.widgets.samples import Sample, choose, samples_of
from apps.widgets.uploads import TEXT, checked_text
from dlsuite.runs import Run

SAMPLES, OWN = "Samples", "Your own"
SHOWN = 90
"""So many letters of a sample are shown above its button."""


@dataclass(frozen=True)
class Passage:
    """A text that is asked about.

    Attributes:
        field: Of the run's input.
        text: What it says.
        truth: What is known to be right, by target, in words.
    """

    field: str
    text: str
    truth: dict[str, str]

    @property
    def fields(self) -> dict[str, str]:
        """What `predict` takes."""
        return {self.field: self.text}


def ask_passage(run: Run, label: str, example: str = "") -> Passage | None:
    """Draws the choice of a text; returns it, or nothing as long as there is none.

    Args:
        run: That is asked.
        label: What the text is.
        example: Stands in the box to begin with.
    """
    field = next(iter(run.plan.data.inputs.values())).fields[0]
    samples = [one for one in samples_of(run) if isinstance(one.fields.get(field), str)][:6]
    if samples and _source(label) == SAMPLES:
        sample = choose(samples, lambda one: _preview(one.fields[field]), 3)
        return None if sample is None else Passage(field, sample.fields[field], _truth(run, sample))
    text = st.text_area(label, example, key="text", max_chars=TEXT, bind="query-params", height=120)
    return Passage(field, checked_text(text), {}) if text.strip() else None


def _source(label: str) -> str:
    """Draws the choice between samples and the user's own text."""
    sources = [SAMPLES, OWN]
    if st.query_params.get("from") not in sources:
        st.query_params.pop("from", None)
    return st.segmented_control(
        f"{label} from", sources, default=SAMPLES, required=True, key="from", bind="query-params"
    )


def _preview(text: str) -> None:
    st.code(text if len(text) <= SHOWN else f"{text[:SHOWN]}…", language=None, wrap_lines=True)


def _truth(run: Run, sample: Sample) -> dict[str, str]:
    """Returns what is right for a sample, as the run's answers call it."""
    found = {}
    for name, value in sample.truth.items():
        names = run.facts[name].get("names")
        found[name] = str(value) if names is None or isinstance(value, str) else str(names[int(value)])
    return found
