"""Home: a card a domain with its best run, and what was trained last."""

from __future__ import annotations

import streamlit as st

from apps.page import Page, pages
from apps.places import runs_folder
from apps.widgets.faults import guard, plain
from apps.widgets.runs import describe, is_damaged, mark_synthetic, runs_of
from dlsuite.comparison import table
from dlsuite.report.charts import figure

RECENT = 8


def show() -> None:
    """Draws the page."""
    st.title("🧠 DLSuite")
    st.caption("One JSON file describes a deep-learning system; here is what was made of it on this machine.")
    domains = [page for page in pages() if page.domain]
    for start in range(0, len(domains), 3):
        for column, page in zip(st.columns(3), domains[start : start + 3], strict=False):
            with column, guard():
                _card(page)
    st.subheader("What was trained last")
    rows = table(runs_folder()) if runs_folder().is_dir() else None
    if rows is None or rows.empty:
        st.markdown("Nothing yet. A domain's page trains its demo in about a minute.")
        return
    shown = rows[["spec", "date", "state", "epochs", "parameters", "seconds"]].head(RECENT)
    st.dataframe(shown, hide_index=True, alt="The runs that were trained last")


def _card(page: Page) -> None:
    with st.container(border=True, height="stretch"):
        st.markdown(f"## {page.icon} {page.title}\n{page.about}")
        runs = [run for run in runs_of(page.domain) if not is_damaged(run)]
        if runs:
            st.markdown(f"**{plain(describe(runs[0]))}**")
            _beside(runs[0].evaluation)
            mark_synthetic(runs[0])
        else:
            st.markdown("Nothing trained yet.")
        label = "Open" if runs else "Train the demo"
        st.page_link(st.Page(page.show, url_path=page.path, title=page.title), label=label, icon=page.icon)


def _beside(evaluation: dict) -> None:
    """Draws the baselines of a run's headline metric."""
    name = evaluation.get("headline")
    beside = [
        f"{plain(one)} {figure(scores[name])}"
        for one, scores in evaluation.get("baselines", {}).items()
        if scores.get(name) is not None
    ]
    if beside:
        st.caption(f"beside it {', '.join(beside)}")


PAGE = Page(
    title="Home",
    icon="🧠",
    about="What was trained on this machine.",
    path="",
    place=0,
    show=show,
)
