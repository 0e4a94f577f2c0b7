"""What a run is asked: a sample of its test split, one of its worst mistakes, a file, or what is recorded now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from apps.widgets.faults import plain
from apps.widgets.mistakes import mistakes_of
from apps.widgets.samples import Sample, choose, samples_of
from apps.widgets.uploads import content_of
from dlsuite.runs import Run

SAMPLES, MISTAKES, UPLOAD = "Samples", "Mistakes", "Upload"


@dataclass(frozen=True)
class Medium:
    """What kind of file a page asks about.

    Attributes:
        name: Such as `Picture`.
        suffixes: Of files that can be read.
        device: What records one: `Camera`.
        record: Draws the widget that records, and returns its file.
        preview: Draws a raw value small; given the run, the value and what to call it.
        columns: So many stand beside each other.
    """

    name: str
    suffixes: Sequence[str]
    device: str
    record: Callable[[str], Any]
    preview: Callable[[Run, Any, str], None]
    columns: int


@dataclass(frozen=True)
class Question:
    """What was asked.

    Attributes:
        field: Which field holds the picture or the sound.
        fields: Raw values by field.
        truth: What is known to be right, by target, in words.
        own: Whether the user brought it.
    """

    field: str
    fields: dict[str, Any]
    truth: dict[str, str]
    own: bool

    @property
    def value(self) -> Any:
        """The raw picture or sound."""
        return self.fields[self.field]


def ask(run: Run, medium: Medium) -> Question | None:
    """Draws the choice of a question; returns it, or nothing as long as there is none."""
    samples, mistakes = samples_of(run), mistakes_of(run)
    sources = [*([SAMPLES] if samples else []), *([MISTAKES] if mistakes else []), UPLOAD, medium.device]
    if st.query_params.get("from") not in sources:
        st.query_params.pop("from", None)
    source = st.segmented_control(
        f"{medium.name} from", sources, default=sources[0], required=True, wrap=True, key="from", bind="query-params"
    )
    field = next(iter(run.plan.data.inputs.values())).fields[0]
    if source == SAMPLES:
        return _chosen(run, medium, field, samples, {})
    if source == MISTAKES:
        st.caption("What the run got wrong on its test split, the worst first.")
        said = {one.sample.number: one.said for one in mistakes}
        return _chosen(run, medium, field, [one.sample for one in mistakes], said)
    file = medium.record(medium.device) if source == medium.device else st.file_uploader(medium.name, medium.suffixes)
    return None if file is None else Question(field, {field: content_of(file)}, {}, True)


def _chosen(run: Run, medium: Medium, field: str, samples: list[Sample], said: dict[int, str]) -> Question | None:
    def call(one: Sample) -> str:
        return said.get(one.number) or f"Sample {one.number + 1}"

    label = {"label": lambda one: plain(call(one))} if said else {}
    sample = choose(samples, lambda one: medium.preview(run, one.fields[field], call(one)), medium.columns, **label)
    if sample is None:
        return None
    truth = sample.truth if said else {name: in_words(run, name, value) for name, value in sample.truth.items()}
    return Question(field, sample.fields, {name: str(value) for name, value in truth.items()}, False)


def in_words(run: Run, target: str, value: Any) -> str:
    """Returns a raw value of a target as a run's answers call it."""
    feature = run.features[target]
    try:
        return str(feature.decode(feature.encode(value)))
    except ValueError:  # a label that no training example had
        return str(value)
