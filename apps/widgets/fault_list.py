"""The faults of a spec, each a click from its line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from apps.widgets.faults import plain

GOTO = "goto"
SHOWN = 40
"""The first of more faults; the others often go with them."""


def show_faults(faults: Sequence[Mapping[str, Any]], file: str) -> None:
    """Draws faults; a click on a place has the editor go there.

    Args:
        faults: Each as `dlsuite check --json` prints it.
        file: What faults call the text in the editor; those of other files cannot be gone to.
    """
    for number, fault in enumerate(faults[:SHOWN]):
        with st.container(horizontal=True, vertical_alignment="top", gap="small", key=f"fault-{number}"):
            _place(fault, number, file)
            hint = f"  \n:small[{plain(fault['hint'])}]" if fault["hint"] else ""
            st.markdown(f"{plain(fault['message'])}{hint}  \n:small[:gray[{plain(_where(fault))}]]", width="stretch")
    if len(faults) > SHOWN:
        st.caption(f"{len(faults) - SHOWN:,} more follow these.")


def goto() -> dict[str, int] | None:
    """Returns where the editor is to go, as `editor` takes it."""
    return st.session_state.get(GOTO)


def _place(fault: Mapping[str, Any], number: int, file: str) -> None:
    if not fault["line"]:
        return
    where = f"{fault['line']}:{fault['column']}"
    if fault["file"] != file:
        st.markdown(f"{plain(fault['file'].rpartition('/')[2])} {where}")
        return
    help = "Go to this line."
    st.button(where, key=f"go-{number}", on_click=_go, args=(fault["line"], fault["column"]), help=help)


def _go(line: int, column: int) -> None:
    nonce = (goto() or {"nonce": 0})["nonce"] + 1
    st.session_state[GOTO] = {"line": line, "column": column, "nonce": nonce}


def _where(fault: Mapping[str, Any]) -> str:
    inside = "".join(f", in block {name}" for name in fault.get("calls", ())[:3])
    return f"at {fault['pointer'] or '/'}{inside}"
