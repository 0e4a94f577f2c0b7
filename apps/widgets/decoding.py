"""How a run chooses what it writes next: the settings of its decoder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dlsuite.runs import Run

LONGEST = 2000
"""So many tokens are written at most."""
WIDEST = 16
SEEDS = 2**31 - 1
USUAL: dict[str, tuple[str, dict[str, Any]]] = {
    "CausalLM": ("Sample", {"temperature": 0.8, "length": 200}),
    "Seq2Seq": ("Beam", {}),
}
"""What objectives decode with where the spec does not say."""


def ask_decoder(run: Run) -> dict[str, Any]:
    """Draws what can be set of a run's decoder; returns changes of `predict`."""
    name, arguments = decoder_of(run)
    if name == "Beam":
        return {"decoder": {name: {**arguments, **_ask_beam(arguments)}}}
    if name != "Sample":
        return {"decoder": {name: {**arguments, "length": _ask_length(arguments)}}}
    left, middle, right = st.columns(3)
    with left:
        likely = _ask_likely(arguments)
        seed = st.number_input("Seed", 0, SEEDS, 0, key="seed", bind="query-params")
    with middle:
        top = _ask_top(arguments)
    with right:
        length = _ask_length(arguments)
    return {"decoder": {name: {**likely, **top, "length": length}}, "seed": int(seed)}


def decoder_of(run: Run) -> tuple[str, dict[str, Any]]:
    """Returns the name of a run's decoder, and its arguments."""
    decoder = run.plan.predict.get("decoder")
    if decoder is None:
        return USUAL[run.plan.train[-1].objectives[0].component.name]
    return decoder.name, dict(decoder.arguments)


def _ask_likely(arguments: Mapping[str, Any]) -> dict[str, Any]:
    temperature = st.slider(
        "Temperature", 0.0, 2.0, min(float(arguments.get("temperature", 1.0)), 2.0), 0.05, key="temperature",
        bind="query-params", help="Below 1 the probable becomes more so; 0 always takes the most probable.",
    )  # fmt: skip
    return {"temperature": float(temperature)}


def _ask_top(arguments: Mapping[str, Any]) -> dict[str, Any]:
    top_p = st.slider(
        "Top p", 0.05, 1.0, max(float(arguments.get("top_p", 1.0)), 0.05), 0.05, key="top_p", bind="query-params",
        help="Drawn are only the most probable tokens that together have this probability.",
    )  # fmt: skip
    top_k = st.number_input(
        "Top k", 0, LONGEST, min(int(arguments.get("top_k") or 0), LONGEST), key="top_k", bind="query-params",
        help="Drawn are only so many of the most probable tokens; 0: all.",
    )  # fmt: skip
    return {"top_p": float(top_p), **({"top_k": int(top_k)} if top_k else {})}


def _ask_length(arguments: Mapping[str, Any]) -> int:
    usual = min(int(arguments.get("length") or 200), LONGEST)
    return int(st.number_input("Length", 1, LONGEST, usual, key="length", bind="query-params", help="Tokens at most."))


def _ask_beam(arguments: Mapping[str, Any]) -> dict[str, Any]:
    left, right = st.columns(2)
    with left:
        width = st.slider(
            "Width of the beam", 1, WIDEST, min(int(arguments.get("width", 4)), WIDEST), key="beam",
            bind="query-params", help="So many texts are followed at a time; 1 takes the likeliest token each time.",
        )  # fmt: skip
    with right:
        penalty = st.slider(
            "Length penalty", 0.0, 2.0, min(float(arguments.get("length_penalty", 0.6)), 2.0), 0.1, key="penalty",
            bind="query-params", help="0 prefers short texts.",
        )  # fmt: skip
    return {"width": int(width), "length_penalty": float(penalty)}
