"""Distances of a known structure as a measurement would give them: noisy, and not all of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from dlsuite.runs import Run

NOISE, MISSING = 3.0, 95
"""The most that can be asked for, in angstroms and per cent."""


def ask_distances(run: Run, name: str, raw: Any) -> np.ndarray:
    """Returns the distances [n, n] that a run is given, in angstroms, 0 where one is left out.

    Args:
        run: One with an input of the feature Distances.
        name: Of that input.
        raw: What it reads the true distances from.
    """
    from dlsuite.baselines.scaling import disturb

    left, middle, right = st.columns([3, 3, 1], vertical_alignment="bottom")
    noise = left.slider("Noise of the distances (Å)", 0.0, NOISE, 1.0, 0.1, key="noise", bind="query-params")
    missing = middle.slider("Distances left out (%)", 0, MISSING, 50, 5, key="missing", bind="query-params")
    seed = right.number_input(
        "Seed", 0, 2**31, 0, key="seed", bind="query-params", help="Draws the noise, and which are left out."
    )
    table = run.features[name].encode(raw)  # (n, length)
    n = len(table)
    given = disturb(table[:, :n], np.random.default_rng(int(seed)), float(noise), missing / 100)
    known, pairs = int((given > 0).sum()) // 2, n * (n - 1) // 2
    st.caption(
        f"Given are {known:,} of the {pairs:,} distances between alpha carbons, with noise of standard deviation "
        f"{noise:.1f} Å. {_limits(run)}"
    )
    return given


def _limits(run: Run) -> str:
    """Returns what a run was trained for, in a sentence."""
    from dlsuite.making import make

    objective = make(run.plan.train[-1].objectives[0].component)
    (_, noise), (_, missing) = objective.deviation, objective.missing
    return f"The run was trained with noise of up to {noise:g} Å and up to {missing:.0%} left out."
