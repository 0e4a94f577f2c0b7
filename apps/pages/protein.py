"""Protein: a sequence in, its structure or the kind of each residue out."""

from __future__ import annotations

import streamlit as st

from apps.page import Page
from apps.widgets.domain import domain_page
from apps.widgets.fold_answers import answer_fold
from apps.widgets.folds import show_fold
from apps.widgets.protein_questions import ask
from apps.widgets.residue_reasons import explain_fold, explain_tags
from apps.widgets.tags import answer_tags, show_tags
from dlsuite.runs import Run
from dlsuite.spec.errors import DataError


def show() -> None:
    """Draws the page."""
    domain_page(PAGE, _result, _explain)


def _result(run: Run) -> None:
    kind = _kind(run)
    question = ask(run)
    if question is None:
        return
    st.code(question.sequence, language=None, wrap_lines=True)
    if kind == "FoldStructure":
        show_fold(answer_fold(run, question), run.name)
    else:
        show_tags(run, question, answer_tags(run, question))


def _explain(run: Run) -> None:
    kind = _kind(run)
    question = ask(run)
    if question is None:
        return
    if kind == "FoldStructure":
        explain_fold(run, question, answer_fold(run, question))
    else:
        explain_tags(run, question, answer_tags(run, question))


def _kind(run: Run) -> str:
    """Returns the objective of a run."""
    kinds = {task.component.name for task in run.plan.train[-1].objectives}
    if kinds not in ({"FoldStructure"}, {"Tagging"}):
        raise DataError(f"This page shows structures and tags of residues, and this run learned {', '.join(kinds)}.")
    return kinds.pop()


PAGE = Page(
    title="Protein",
    icon="🧬",
    about="Which shape does a chain of amino acids take, and which of its residues lie in helices and strands?",
    path="protein",
    place=4,
    show=show,
    domain="protein",
)
