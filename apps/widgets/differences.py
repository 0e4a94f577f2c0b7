"""Where specs differ, as a table."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from dlsuite.comparison import MISSING, settings

LETTERS = 200
"""Longer values are cut."""


def show_differences(specs: Mapping[str, Mapping[str, Any]]) -> None:
    """Draws a row for each place where specs differ.

    Args:
        specs: Resolved, by what their columns are called.
    """
    found = settings(list(specs.values()))
    if not found:
        st.markdown("The specs are equal.")
        return
    rows = [{"where": path, **dict(zip(specs, map(_write, values), strict=True))} for path, values in found.items()]
    st.dataframe(pd.DataFrame(rows), hide_index=True, alt=f"{len(rows)} differences of {', '.join(specs)}")


def _write(value: Any) -> str:
    text = "" if value == MISSING else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= LETTERS else f"{text[:LETTERS]} …"
