"""The table of all runs, filtered; the rows that are chosen stand in the address."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pandas as pd
import streamlit as st

from apps.places import runs_folder
from apps.widgets.runs import tell_domain
from dlsuite.comparison import DAMAGE, table
from dlsuite.runs import Run, list_runs

KEY = "runs"
"""Of the address: which runs are chosen."""
CHOSEN = 20
"""So many are compared at once."""
SIGNS = {"done": "✅", "running": "⏳", "interrupted": "⏸️", "failed": "❌", "killed": "⛔", "damaged": "⚠️"}
SECONDS = st.column_config.NumberColumn("seconds", format="%.0f")
COLUMNS = {"id": None, "parameters": st.column_config.NumberColumn(format="localized"), "seconds": SECONDS}


def choose_runs() -> list[Run]:
    """Draws the table with its filters, and returns the runs whose rows are chosen."""
    rows = _rows()
    if rows.empty:
        st.markdown("There are no runs yet. A domain's page trains its demo in about a minute, Spec Studio any spec.")
        return []
    rows = _filter(rows)
    if rows.empty:
        st.markdown("No run is like that.")
        return []
    wanted = st.query_params.get(KEY, "").split(",")  # names from the address are looked up, never opened
    places = [place for place, name in enumerate(rows["id"]) if name in wanted][:CHOSEN]
    key = hashlib.sha256("".join(rows["id"]).encode()).hexdigest()[:8]  # other rows, other places
    shown = rows.assign(state=[f"{SIGNS.get(one, '')} {one}" for one in rows["state"]])
    found = st.dataframe(
        shown,
        hide_index=True,
        height=min(38 + 35 * len(rows), 340),
        column_config=COLUMNS,
        key=f"table-{key}",
        on_select="rerun",
        selection_mode="multi-row",
        selection_default={"selection": {"rows": places}},
        placeholder="–",
        alt=f"{len(rows)} runs",
    )
    names = [rows["id"][place] for place in found["selection"]["rows"] if place < len(rows)][:CHOSEN]
    _keep(names)
    by_id = {run.id: run for run in list_runs(runs_folder())}
    return [by_id[name] for name in names if name in by_id]


def forget_choice() -> None:
    """Has no row chosen any more."""
    st.query_params.pop(KEY, None)


def label(run: Run) -> str:
    """Returns what a run is called where there are several: its spec, and the end of its id."""
    return f"{run.name} {run.id[-6:]}"


def _rows() -> pd.DataFrame:
    """Returns the table of `dlsuite runs`, with the domain of each run."""
    folder: Path = runs_folder()
    rows = table(folder) if folder.is_dir() else pd.DataFrame()
    if rows.empty:
        return rows
    domains = {run.id: tell_domain(run) for run in list_runs(folder)}
    rows.insert(3, "domain", [domains.get(one, "") for one in rows["id"]])
    if DAMAGE in rows:
        rows[DAMAGE] = rows[DAMAGE].fillna("")
    return rows


def _filter(rows: pd.DataFrame) -> pd.DataFrame:
    with st.container(horizontal=True):
        text = st.text_input("Search", key="find", bind="query-params", placeholder="spec or id", max_chars=100)
        for name in ("spec", "state", "domain"):
            known = sorted(filter(None, rows[name].unique()))
            wanted = st.multiselect(name.capitalize(), known, key=f"of-{name}", bind="query-params", placeholder="any")
            rows = rows[rows[name].isin(wanted)] if wanted else rows
    words = (text or "").lower().split()
    held = (rows["spec"] + " " + rows["id"]).str.lower()
    for word in words:
        rows = rows[held.loc[rows.index].str.contains(word, regex=False)]
    return rows.dropna(axis="columns", how="all").reset_index(drop=True)


def _keep(names: list[str]) -> None:
    if names:
        if st.query_params.get(KEY) != ",".join(names):
            st.query_params[KEY] = ",".join(names)
    else:
        forget_choice()
