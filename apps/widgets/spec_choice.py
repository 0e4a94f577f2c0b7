"""Which spec is open: a shipped one, or one of the user's own."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from apps.places import specs_folder
from dlsuite.spec.loading import is_name
from dlsuite.templates import shipped

KEY = "template"
"""Of the address: which spec is open."""
OWN = "my/"
FIRST = "vision/digits_cnn"
NEXT = "open-next"


def specs() -> dict[str, Path]:
    """Returns all specs by name: the user's own first, then the shipped ones."""
    own = sorted(specs_folder().glob("*.json"))
    sound = [path for path in own if is_name(path.stem) and path.is_file() and not path.is_symlink()]
    return {**{f"{OWN}{path.stem}": path for path in sound}, **shipped()}


def choose_spec() -> tuple[str, Path]:
    """Returns name and file of the spec that the user chose, by the address where that names one."""
    known = specs()
    wanted = st.session_state.pop(NEXT, None)
    if wanted in known:
        st.session_state[KEY] = wanted
    elif st.query_params.get(KEY, FIRST) not in known:  # a name from the address is looked up, never opened
        st.query_params.pop(KEY)
    names = sorted(known, key=lambda name: name != FIRST)  # the first needs no index, of which Streamlit would warn
    chosen = st.selectbox("Spec to start from", names, key=KEY, bind="query-params", help="Type to search.")
    return chosen, known[chosen]


def open_next(path: Path) -> None:
    """Has a spec of the user's own opened in the next run of the page."""
    st.session_state[NEXT] = f"{OWN}{path.stem}"
