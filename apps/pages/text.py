"""Text: classified, translated, or written on."""

from __future__ import annotations

import streamlit as st

from apps.page import Page
from apps.widgets.answers import download_answer, show_classes
from apps.widgets.asking import answer
from apps.widgets.domain import domain_page
from apps.widgets.faults import plain
from apps.widgets.passages import Passage, ask_passage
from apps.widgets.token_reasons import explain_passage
from apps.widgets.uploads import checked_text
from apps.widgets.writing import write
from dlsuite.runs import Run

WRITES, TRANSLATES = "CausalLM", "Seq2Seq"


def show() -> None:
    """Draws the page."""
    domain_page(PAGE, _result, _explain)


def _result(run: Run) -> None:
    kind = _kind(run)
    if kind == WRITES:
        prompt = st.text_area("Prompt", _prompt(run), key="text", max_chars=10_000, bind="query-params", height=100)
        write(run, checked_text(prompt))
    elif kind == TRANSLATES:
        _translate(run)
    else:
        _classify(run)


def _classify(run: Run) -> None:
    passage = ask_passage(run, "Text")
    if passage is None:
        return
    st.code(passage.text, language=None, wrap_lines=True)
    found = answer(run, passage.fields)
    show_classes(found, next(iter(passage.truth.values()), None))
    download_answer(found, run.name)


def _translate(run: Run) -> None:
    passage = ask_passage(run, "Text to translate", "A dog runs across the grass.")
    if passage is None:
        return
    st.code(passage.text, language=None, wrap_lines=True)
    found = answer(run, passage.fields)
    st.markdown(f"## {plain(found)}")
    for truth in passage.truth.values():
        st.markdown(f"A person's translation: {plain(truth)}")
    st.download_button("Download the translation", found, f"{run.name}.txt", "text/plain", on_click="ignore")


def _explain(run: Run) -> None:
    kind = _kind(run)
    if kind == WRITES:
        field = next(iter(run.plan.data.inputs.values())).fields[0]
        prompt = st.text_area("Prompt", _prompt(run), key="text", max_chars=2000, bind="query-params", height=100)
        explain_passage(run, Passage(field, checked_text(prompt), {}), [], None)
        return
    passage = ask_passage(run, "Text", "A dog runs across the grass." if kind == TRANSLATES else "")
    if passage is None:
        return
    if kind == TRANSLATES:
        explain_passage(run, passage, [], None)
    else:
        found = answer(run, passage.fields)
        explain_passage(run, passage, list(found["scores"]), found["class"])


def _kind(run: Run) -> str:
    """Returns the objective of a run."""
    return run.plan.train[-1].objectives[0].component.name


def _prompt(run: Run) -> str:
    """Returns what a prompt begins with: that of the objective, where the spec gives one."""
    return str(run.plan.train[-1].objectives[0].component.arguments.get("prompt") or "def ").lstrip("\n")


PAGE = Page(
    title="Text",
    icon="📝",
    about="What does a text say, how is it said in another language, and how does it go on?",
    path="text",
    place=3,
    show=show,
    domain="text",
)
