"""The frame of a domain page: run picker on top, then Result, Explain and Model card; the open one is drawn."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from apps.page import Page
from apps.warming import finish
from apps.widgets.faults import guard
from apps.widgets.model_card import show_card
from apps.widgets.runs import mark_synthetic, pick, runs_of
from apps.widgets.training import KEY, offer
from dlsuite.runs import Run

View = Callable[[Run], None]


def domain_page(page: Page, result: View, explain: View | None = None) -> None:
    """Draws a domain page.

    Args:
        page: Which.
        result: Draws question and answer.
        explain: Draws why; a page without it has no such tab.
    """
    st.title(f"{page.icon} {page.title}")
    st.caption(page.about)
    runs = runs_of(page.domain)
    if not runs:
        st.markdown("Nothing of this domain is trained yet. Train one now, here, on this machine:")
        offer(page.domain)
        return
    run = pick(runs)
    mark_synthetic(run)
    with st.skeleton(height=200):
        finish()
    views: dict[str, View] = {"Result": result}
    if explain is not None:
        views["Explain"] = explain
    views["Model card"] = show_card
    tabs = st.tabs(list(views), key="tab", on_change="rerun", bind="query-params")
    for tab, view in zip(tabs, views.values(), strict=True):
        if tab.open:
            with tab, guard():
                view(run)
    with st.expander("Train another", expanded=KEY in st.query_params, key="train-another", on_change="rerun") as other:
        if other.open:
            offer(page.domain)
