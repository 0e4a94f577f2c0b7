"""What a run of proteins is asked: a sample, a sequence, or distances that are made noisy and partial first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from apps.widgets.restraints import ask_distances
from apps.widgets.samples import Sample, choose, samples_of
from apps.widgets.sequences import ask_file, ask_letters
from dlsuite.runs import Run
from dlsuite.spec.errors import DataError

LONGEST = 2000
"""Runs that read any number of residues are asked for no more, for the sake of the charts."""
SAMPLES, LETTERS, FILE = "Samples", "Sequence", "Upload"


@dataclass(frozen=True)
class Question:
    """An input.

    Attributes:
        sequence: A letter a residue.
        fields: Raw values by field: what `run.predict` takes.
        truth: Raw values of targets by name, where they are known.
    """

    sequence: str
    fields: dict[str, Any]
    truth: dict[str, Any]


def ask(run: Run) -> Question | None:
    """Returns what the user asks; nothing where there is nothing yet.

    Raises:
        DataError: What was brought cannot be read.
    """
    inputs = run.plan.data.inputs
    name = next((name for name, one in inputs.items() if one.component.name == "Residues"), None)
    if name is None:
        raise DataError("This run reads no sequence of residues, so there is nothing to ask it here.")
    length, cut = run.facts[name]["shape"][0], bool(inputs[name].component.arguments.get("cut"))
    distances = next((name for name, one in inputs.items() if one.component.name == "Distances"), None)
    sources = (SAMPLES, FILE) if distances else (SAMPLES, LETTERS, FILE)
    source = st.segmented_control(
        "Chain from", sources, default=SAMPLES, required=True, key="from", bind="query-params"
    )
    question = _of(run, name, source, length or LONGEST, cut)
    if question is None or distances is None:
        return question
    given = ask_distances(run, distances, next(iter(question.truth.values())))
    field = inputs[distances].fields[0]
    return Question(question.sequence, {**question.fields, field: given}, question.truth)


def _of(run: Run, name: str, source: str, longest: int, cut: bool) -> Question | None:
    """Returns the chain that the user chose."""
    field = run.plan.data.inputs[name].fields[0]
    if source == SAMPLES:
        samples = samples_of(run)
        if not samples:
            st.info("The test split of this run is not on this machine: bring a sequence of your own.")
            return None
        sample = choose(samples, lambda one: _preview(run, one, name), columns=12)
        return _question(run, sample, name, longest, cut) if sample else None
    structures_only = any(one.component.name == "Distances" for one in run.plan.data.inputs.values())
    brought = ask_letters(longest, cut) if source == LETTERS else ask_file(longest, cut, structures_only)
    if brought is None:
        return None
    truth = {} if brought.atoms is None else dict.fromkeys(_structures(run), brought.atoms)
    return Question(brought.sequence, {field: brought.sequence}, truth)


def _preview(run: Run, sample: Sample, name: str) -> None:
    letters = _letters(run, sample, name)
    st.caption(f"{len(letters)} aa", text_alignment="center")


def _letters(run: Run, sample: Sample, name: str) -> str:
    return run.features[name].read(sample.fields[run.plan.data.inputs[name].fields[0]])


def _question(run: Run, sample: Sample, name: str, longest: int, cut: bool) -> Question:
    letters = _letters(run, sample, name)
    if len(letters) > longest and cut:
        st.caption(f"This run reads the first {longest} residues of a chain.")
    field = run.plan.data.inputs[name].fields[0]
    return Question(letters[:longest], {field: letters[:longest]}, sample.truth)


def _structures(run: Run) -> list[str]:
    return [name for name, one in run.plan.data.targets.items() if one.component.name == "Structure"]
