"""Generation: pictures out of random numbers, how they come about, and whether they are remembered."""

from __future__ import annotations

import streamlit as st

from apps.page import Page
from apps.widgets.domain import domain_page
from apps.widgets.faults import guard
from apps.widgets.gallery import choose_picture, download_picture, show_film, show_gallery
from apps.widgets.latent_walk import show_walk
from apps.widgets.making import make
from apps.widgets.memories import show_memory
from apps.widgets.picture_orders import ask_pictures
from apps.widgets.remake import show_remake
from dlsuite.runs import Run


def show() -> None:
    """Draws the page."""
    domain_page(PAGE, _result, _explain)


def _result(run: Run) -> None:
    left, right = st.columns([1, 2], gap="large")
    with left:
        order = ask_pictures(run)
    with guard():
        with right:
            made = make(run, order)
            if made is not None:
                show_gallery(order, made)
                number = choose_picture(made)
                download_picture(run, order, made, number)
        if made is not None:
            show_film(made, number)
    with st.expander("Make a picture again from its PNG", key="again", on_change="rerun") as again:
        if again.open:
            with guard():
                show_remake(PAGE.domain)


def _explain(run: Run) -> None:
    with st.expander("What is asked", key="question"):
        order = ask_pictures(run)
    with guard():
        show_walk(run, order)
    with guard():
        st.subheader("Is it remembered?")
        made = make(run, order)
        if made is not None:
            show_memory(run, made.pictures[choose_picture(made)])


PAGE = Page(
    title="Generation",
    icon="🎨",
    about="What does a run draw out of random numbers?",
    path="generation",
    place=5,
    show=show,
    domain="generation",
)
