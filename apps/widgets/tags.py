"""Tags of residues: a letter for each, coloured, beside the truth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st

from apps.widgets.answers import download_answer
from apps.widgets.asking import answer
from apps.widgets.faults import plain
from apps.widgets.protein_questions import Question
from apps.widgets.residue_charts import choose_residues, lines
from apps.widgets.tag_tracks import track
from dlsuite.runs import Run

Tags = Mapping[str, Mapping[str, Any]]
"""By target `letters`, a string, and `confidence`, from 0 to 1, of each residue."""


def answer_tags(run: Run, question: Question) -> Tags:
    """Returns the answer of a run of Tagging to a question, by target."""
    found = answer(run, question.fields)
    return {next(iter(run.plan.data.targets)): found} if "letters" in found else found


def letters_of(run: Run, target: str) -> dict[str, str]:
    """Returns what the letters of a target are called, by letter."""
    letters = run.plan.data.targets[target].component.arguments["letters"]
    return dict(zip(letters, run.facts[target]["names"], strict=True))


def show_tags(run: Run, question: Question, tags: Tags) -> None:
    """Draws the tags of a chain, how sure they are, and files of them."""
    marked = choose_residues(question.sequence)
    for target, found in tags.items():
        names, truth = letters_of(run, target), question.truth.get(target)
        st.markdown(f"**{plain(target)}** &nbsp; {_right(found['letters'], truth)}")
        track(question.sequence, found["letters"], truth, names, marked, f"{target}: {_words(found['letters'], names)}")
    sure = {target: 100 * np.array(found["confidence"]) for target, found in tags.items()}
    st.markdown("**How sure it is of each residue**, in %")
    words = ", ".join(f"{target} {values.mean():.0f}% on average" for target, values in sure.items())
    lines(sure, question.sequence, marked, f"Confidence along the chain: {words}")
    with st.container(horizontal=True):
        download_answer({"sequence": question.sequence, **tags}, run.name)
        table = _table(question.sequence, tags)
        st.download_button("Download a table", table, f"{run.name}.csv", "text/csv", on_click="ignore")


def _right(found: str, truth: str | None) -> str:
    if truth is None:
        return "the truth is not known here"
    right = sum(one == other for one, other in zip(found, truth, strict=False))
    return f"{right} of {len(found)} residues right ({right / len(found):.0%})"


def _words(found: str, names: Mapping[str, str]) -> str:
    """Returns how many residues have each tag, in words."""
    return ", ".join(f"{found.count(letter)} {name}" for letter, name in names.items() if letter in found)


def _table(sequence: str, tags: Tags) -> str:
    """Returns the answer as CSV, a row a residue."""
    head = ",".join(["residue,letter", *(f"{target},{target}_confidence" for target in tags)])
    rows = [
        ",".join([str(i + 1), letter, *(f"{one['letters'][i]},{one['confidence'][i]:.4f}" for one in tags.values())])
        for i, letter in enumerate(sequence)
    ]
    return "\n".join([head, *rows, ""])
