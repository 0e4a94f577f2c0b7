"""Why a picture or a sound was answered so: where a layer saw a class, and what each part adds to its score."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from apps.widgets.asking import explain, layers_of
from apps.widgets.completeness import show_completeness
from apps.widgets.faults import plain
from apps.widgets.questions import Question
from dlsuite.heat_maps import enlarge, lay_over, lay_signed, see, upright
from dlsuite.runs import Run

ANSWERED = "What was answered"
WIDE = 2.5
"""So much wider than high is a spectrogram drawn."""
NO_MAPS = "There is no convolution in this run whose maps could be shown."


def explain_medium(
    run: Run, question: Question, target: str, names: Sequence[str], answered: str | None, what: str
) -> None:
    """Draws Grad-CAM and integrated gradients of an answer.

    Args:
        run: Whose answer it is.
        question: What was asked.
        target: Which target is explained.
        names: What can be explained: classes, letters.
        answered: The one that was answered, to begin with; none where an answer is of several.
        what: What one of them is called: `Class`.
    """
    left, right = st.columns(2, gap="medium")
    with left:
        options = [*([ANSWERED] if answered else []), *names]
        chosen = st.selectbox(f"{what} to explain", options, key="class", bind="query-params")
        chosen = answered if answered and chosen == ANSWERED else chosen
    with right:
        opacity = st.slider("Opacity", 0.0, 1.0, 0.7, 0.05, key="opacity", bind="query-params")
    left, right = st.columns(2, gap="medium")
    with left:
        _where(run, question, target, chosen, opacity)
    with right:
        _how_much(run, question, target, chosen, opacity)


def _where(run: Run, question: Question, target: str, chosen: str, opacity: float) -> None:
    st.subheader("Where it looked")
    layers, last = layers_of(run, target)
    if not layers:
        st.markdown(NO_MAPS)
        return
    layer = st.selectbox(
        "Layer", layers, index=last, key="layer", bind="query-params", help="Early layers see edges, late ones objects."
    )
    with st.skeleton(height=320):
        found = explain(run, "grad_cam", question.fields, target=chosen, layer=layer, answer=target)
    if found.shown.ndim == 1:
        st.line_chart({"attention": found.values}, alt=f"Where {layer} saw {chosen}, by sample")
        return
    shown, values = _drawn(found.shown, found.values)
    st.image(enlarge(lay_over(shown, values, opacity)), width="stretch", alt=_tell(values, chosen))
    st.caption(
        f"Grad-CAM: the brighter, the more the layer found there that speaks for **{plain(chosen)}**. "
        + ("Time runs to the right, pitch upwards." if found.shown.ndim == 2 else "")
    )


def _how_much(run: Run, question: Question, target: str, chosen: str, opacity: float) -> None:
    st.subheader("What spoke for it")
    steps = st.select_slider("Steps of the integral", [16, 32, 64, 128], value=32, key="steps", bind="query-params")
    with st.skeleton(height=320):
        found = explain(run, "integrated_gradients", question.fields, target=chosen, steps=steps, answer=target)
    name = next(name for name, plan in run.plan.data.inputs.items() if question.field in plan.fields)
    values = found.values[name]
    if values.ndim > 1:
        shown, signed = _drawn(found.shown[name], values.sum(-1) if values.ndim == 3 else values)
        st.image(
            enlarge(lay_signed(shown, signed, opacity)),
            width="stretch",
            alt=f"What each part adds to the score of {chosen}: orange for it, blue against it",
        )
        st.caption(f"Integrated gradients: 🟠 speaks for **{plain(chosen)}**, 🔵 against it.")
    show_completeness(found, "black, silence")


def _drawn(shown: Any, values: Any) -> tuple[Any, Any]:
    """Returns what is shown and the values on it as pictures of one size; of a sound without the silence behind it."""
    if shown.ndim == 3:
        return see(shown), values
    end = int((shown.max(axis=1) > shown.min()).nonzero()[0].max(initial=0)) + 1
    times = max(1, round(end / WIDE / shown.shape[1]))
    return see(shown[:end]).repeat(times, axis=0), upright(values[:end]).repeat(times, axis=0)


def _tell(values: Any, chosen: str) -> str:
    """Returns in words where a map is strongest."""
    height, width = values.shape
    row, column = divmod(int(values.argmax()), width)
    high = ("top", "middle", "bottom")[min(3 * row // height, 2)]
    wide = ("left", "centre", "right")[min(3 * column // width, 2)]
    return f"Where the layer saw {chosen}: most at the {high} {wide}"
