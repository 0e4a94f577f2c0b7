"""Whether the parts of an explanation add up to what they explain."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dlsuite.report.charts import figure

FAR = 0.1
"""Sums that are off by a larger share ask for more steps."""


def show_completeness(found: Any, nothing: str) -> None:
    """Draws that all parts together add what the input adds to the score of nothing.

    Args:
        found: As `integrated_gradients` of `dlsuite.explanation` gives it.
        nothing: What nothing is, in words.
    """
    gap = found.score - found.start
    off = abs(found.total - gap) / max(abs(gap), 1e-9)
    st.markdown(
        f"Score of the input **{figure(found.score, 3)}** − of nothing ({nothing}) **{figure(found.start, 3)}** "
        f"= **{figure(gap, 3)}**; all parts add up to **{figure(found.total, 3)}**, off by {off:.1%}."
    )
    if off > FAR:
        st.caption("That is far off: take more steps.")
