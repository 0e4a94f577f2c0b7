"""Text: classified, translated, or written on."""

from __future__ import annotations

import streamlit as st

from apps.page import Page
from apps.widgets.answers import download_answer, show_answers
from apps.widgets.asking import answer
from apps.widgets.decoding import ask_decoder
from apps.widgets.domain import domain_page
from apps.widgets.faults import plain
from apps.widgets.passages import Passage, ask_passage, ask_text, check_tokens, tell_unread, tokens_of
from apps.widgets.samples import samples_of
from apps.widgets.token_reasons import explain_tokens
from apps.widgets.writing import write
from dlsuite.runs import Run

WRITES, TRANSLATES = "CausalLM", "Seq2Seq"
PART = {WRITES: "last"}
"""Of a text that is too long: what is read of it."""
PROMPT = 40
"""So many letters of a text of the test split are offered to go on from."""


def show() -> None:
    """Draws the page."""
    domain_page(PAGE, _result, _explain)


def _result(run: Run) -> None:
    kind = _kind(run)
    passage = _ask(run, kind)
    if passage is None:
        return
    check_tokens(run, passage.fields)
    tell_unread(run, passage.fields, PART.get(kind, "first"))
    if kind == WRITES:
        write(run, passage)
    elif kind == TRANSLATES:
        _translate(run, passage)
    else:
        _classify(run, passage)


def _ask(run: Run, kind: str) -> Passage | None:
    """Draws the choice of a text; returns it, or nothing as long as there is none."""
    if kind != WRITES:
        return ask_passage(run, "Text to translate" if kind == TRANSLATES else "Text")
    field = next(iter(run.plan.data.inputs.values())).fields[0]
    return Passage(field, ask_text("Prompt", _prompt(run, field)), {})


def _classify(run: Run, passage: Passage) -> None:
    st.code(passage.text, language=None, wrap_lines=True)
    found = answer(run, passage.fields)
    show_answers(run, found, passage.truth)
    download_answer(found, run.name)


def _translate(run: Run, passage: Passage) -> None:
    settings = ask_decoder(run)
    st.code(passage.text, language=None, wrap_lines=True)
    with st.skeleton(height=80):
        found = answer(run, passage.fields, settings)
    st.markdown(f"## {plain(found)}" if found else "It wrote nothing.")
    for truth in passage.truth.values():
        st.markdown(f"A person's translation: {plain(truth)}")
    st.download_button("Download the translation", found, f"{run.name}.txt", "text/plain", on_click="ignore")


def _explain(run: Run) -> None:
    kind = _kind(run)
    passage = _ask(run, kind)
    if passage is None:
        return
    tell_unread(run, passage.fields, PART.get(kind, "first"))
    if kind == WRITES:
        explain_tokens(run, passage.fields)
    elif kind == TRANSLATES:
        _explain_translation(run, passage)
    else:
        check_tokens(run, passage.fields)
        found = answer(run, passage.fields)
        chosen = st.selectbox("Class to explain", list(found["scores"]), key="class", bind="query-params")
        explain_tokens(run, passage.fields, target=chosen)


def _explain_translation(run: Run, passage: Passage) -> None:
    """Draws why a token of a translation was written, after those before it."""
    check_tokens(run, passage.fields)
    written = answer(run, passage.fields)
    so_far = list(run.plan.data.inputs.values())[1].fields[0]
    tokens = tokens_of(run, so_far, written)[1:]  # without the start
    chosen = st.selectbox(
        "Token of the translation", range(len(tokens)), format_func=lambda i: f"{i + 1}: {tokens[i][1]}", key="token",
        bind="query-params",
    )  # fmt: skip
    explain_tokens(run, {**passage.fields, so_far: written}, target=tokens[chosen][0], place=chosen)


def _kind(run: Run) -> str:
    """Returns the objective of a run."""
    return run.plan.train[-1].objectives[0].component.name


def _prompt(run: Run, field: str) -> str:
    """Returns what a prompt begins with: that of the objective, else as the first text of the test split."""
    given = run.plan.train[-1].objectives[0].component.arguments.get("prompt")
    if given:
        return str(given).lstrip("\n")
    texts = (str(one.fields[field]).strip() for one in samples_of(run))
    return next((text[:PROMPT] for text in texts if text), "")


PAGE = Page(
    title="Text",
    icon="📝",
    about="What does a text say, how is it said in another language, and how does it go on?",
    path="text",
    place=3,
    show=show,
    domain="text",
)
