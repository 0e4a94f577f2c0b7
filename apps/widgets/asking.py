"""Answers and explanations of runs, kept for the session so that only what is new is computed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from apps.widgets.models import Loaded, loaded
from dlsuite.runs import Run

KEPT = 32


def answer(run: Run, fields: Mapping[str, Any], settings: Mapping[str, Any] | None = None) -> Any:
    """Returns what a run answers to raw values by field, `predict` of its spec changed by settings."""
    return _answer(str(run.path), dict(fields), dict(settings or {}), loaded(run))


def explain(run: Run, how: str, fields: Mapping[str, Any], **choice: Any) -> Any:
    """Returns an explanation of an answer.

    Args:
        run: Whose answer it is.
        how: A function of `dlsuite.explanation`, such as `grad_cam`.
        fields: Raw values of the input.
        choice: Further arguments of that function.
    """
    return _explain(str(run.path), how, dict(fields), choice, loaded(run))


def layers_of(run: Run, target: str) -> tuple[list[str], int]:
    """Returns the layers whose maps can be shown, and which of them says most: the last convolution."""
    return _layers(str(run.path), target, loaded(run))


@st.cache_data(max_entries=KEPT, show_spinner=False, scope="session")
def _answer(path: str, fields: dict[str, Any], settings: dict[str, Any], _loaded: Loaded) -> Any:
    (found,) = _loaded.predict(fields, **settings)
    return found["output"]


@st.cache_data(max_entries=KEPT, show_spinner=False, scope="session")
def _explain(path: str, how: str, fields: dict[str, Any], choice: dict[str, Any], _loaded: Loaded) -> Any:
    from dlsuite import explanation

    with _loaded.lock:
        return getattr(explanation, how)(_loaded.run, fields, **choice)


@st.cache_data(max_entries=KEPT, show_spinner=False, scope="session")
def _layers(path: str, target: str, _loaded: Loaded) -> tuple[list[str], int]:
    from dlsuite.explanation import ExplanationError, explainable_layers, last_convolution

    with _loaded.lock:
        names = explainable_layers(_loaded.run, target)
        try:
            return names, names.index(last_convolution(_loaded.run, target))
        except ExplanationError:
            return names, len(names) - 1
