"""Why a run answered so of a chain: what residues add to a tag, who looks at whom, and how far confidence goes."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from apps.widgets.asking import explain
from apps.widgets.faults import plain
from apps.widgets.fold_answers import FoldAnswer
from apps.widgets.pair_maps import pair_map
from apps.widgets.protein_questions import Question
from apps.widgets.residue_charts import COLOURS, bars
from apps.widgets.tags import Tags, letters_of
from dlsuite.runs import Run

STRONGEST = 3


def explain_tags(run: Run, question: Question, answer: Tags) -> None:
    """Draws what each residue adds to the tag of one of them."""
    count, (left, right) = len(question.sequence), st.columns([1, 2], vertical_alignment="bottom")
    target = next(iter(answer))
    if len(answer) > 1:
        target = left.segmented_control(
            "Answer", list(answer), default=target, required=True, key="answer", bind="query-params"
        )
    place = right.slider("Residue", 1, count, (count + 1) // 2, key="place", bind="query-params") if count > 1 else 1
    found, names = answer[target], letters_of(run, target)
    letter = found["letters"][place - 1]
    st.markdown(
        f"Residue {place} ({question.sequence[place - 1]}) is taken for **{plain(names[letter])}** ({plain(letter)}), "
        f"with {found['confidence'][place - 1]:.0%}. What each residue adds to the score of that:"
    )
    added = explain(run, "integrated_gradients", question.fields, place=place - 1, answer=target)
    values = next(iter(added.values.values()))
    strongest = np.argsort(-np.abs(values))[:STRONGEST]
    words = ", ".join(f"{question.sequence[i]}{i + 1} {values[i]:+.2f}" for i in strongest)
    bars(values, question.sequence, place, f"What residues add to the score; the most: {words}")
    st.caption(f"Integrated gradients, from a chain of nothing. The most: {words}.")
    _attention(run, question)


def explain_fold(run: Run, question: Question, answer: FoldAnswer) -> None:
    """Draws how far the confidence of a structure can be trusted, where the truth is known."""
    if answer.true is None:
        st.info("How far its confidence can be trusted is seen where the true structure is known: choose a sample.")
    else:
        _trust(answer)
    _attention(run, question)


def _trust(answer: FoldAnswer) -> None:
    from dlsuite.metrics.proteins.fape import measure_aligned_error

    expected, errors = answer.fold.aligned_error, measure_aligned_error(answer.fold.atoms, answer.true)
    off = float(np.nanmean(np.abs(answer.fold.plddt - answer.lddt)))
    left, middle, right = st.columns(3)
    axes = ("Scored residue", "Seen from")
    with left:
        st.markdown(
            "**Is it right where it is sure?**", help="A dot a residue; on the line it is as right as it is sure."
        )
        _dots(answer, f"Confidence and true lDDT of each residue, {off:.0f} apart on average")
    with middle:
        words = f"Expected errors, {expected.mean():.1f} Å on average"
        pair_map("Expected error (PAE, Å)", expected, (0, 32), words, reverse=True, axes=axes)
    with right:
        words = f"True errors, {errors.mean():.1f} Å on average"
        pair_map("True error (Å)", errors, (0, 32), words, reverse=True, axes=axes)
    st.caption(
        f"In this chain confidence and truth are {off:.1f} of 100 apart on average; errors of {expected.mean():.1f} Å "
        f"were expected, and they are {errors.mean():.1f} Å."
    )


def _dots(answer: FoldAnswer, alt_text: str) -> None:
    table = pd.DataFrame(
        {"residue": np.arange(1, len(answer.fold.plddt) + 1), "letter": list(answer.fold.sequence),
         "pLDDT": answer.fold.plddt, "lDDT": answer.lddt}
    )  # fmt: skip
    scale = alt.Scale(domain=[0, 100])
    dots = alt.Chart(table).mark_circle(size=50, color=COLOURS[0]).encode(
        x=alt.X("pLDDT", scale=scale, title="Confidence (pLDDT)"), y=alt.Y("lDDT", scale=scale, title="True lDDT"),
        tooltip=["residue", "letter", alt.Tooltip("pLDDT", format=".1f"), alt.Tooltip("lDDT", format=".1f")],
    )  # fmt: skip
    ends = pd.DataFrame({"pLDDT": [0, 100], "lDDT": [0, 100]})
    line = alt.Chart(ends).mark_line(color="gray", strokeDash=[4, 4]).encode(x="pLDDT", y="lDDT")
    st.altair_chart(alt.layer(line, dots).properties(height=340), alt=alt_text)


def _attention(run: Run, question: Question) -> None:
    """Draws who looks at whom, in networks that have layers of attention."""
    found = explain(run, "attention", question.fields)
    layers = {name: one.values for name, one in found.items() if one.queries and one.keys}
    if not layers:
        return
    st.markdown("**Attention**: which residue looks at which")
    left, right = st.columns(2)
    layer = left.selectbox("Layer", list(layers), key="layer", bind="query-params")
    values = layers[layer]
    heads = ["mean of all", *(str(head + 1) for head in range(len(values)))]
    head = right.segmented_control("Head", heads, default=heads[0], required=True, key="head", bind="query-params")
    shown = values.mean(0) if head == heads[0] else values[int(head) - 1]
    pair_map("Weight", shown, (0, float(shown.max())), f"Attention of {layer}", axes=("Looked at", "Looks"))
