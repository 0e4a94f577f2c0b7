"""Spec Studio: a spec is written, checked while it is typed, looked at from all sides, saved and trained."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import Path

import streamlit as st

from apps.components import editor, text_of
from apps.components.completions import completions
from apps.page import Page
from apps.places import specs_folder
from apps.widgets.differences import show_differences
from apps.widgets.drafts import WORKER, Checked, Draft, ask, check, forget
from apps.widgets.examples import show_examples
from apps.widgets.fault_list import goto, show_faults
from apps.widgets.faults import guard, plain
from apps.widgets.network import show_graph, show_layers, step_out
from apps.widgets.spec_choice import choose_spec, open_next, specs
from apps.widgets.training import follow, start
from dlsuite import templates
from dlsuite.spec.errors import DLSuiteError
from dlsuite.spec.loading import is_name

EDITOR = "spec-text"
AS_OPENED = "the file as it was opened"
BUILT, DROP = "built", "drop-draft"
DROPPED = (
    "Shows the spec as it stands in its file again. What you typed is kept in this tab of the browser, through reloads "
    "too, until you save or drop it; nobody else sees it."
)
HEIGHT = 640


def show() -> None:
    """Draws the page."""
    WORKER.start()
    st.title(f"{PAGE.icon} {PAGE.title}")
    st.caption(PAGE.about)
    follow()
    row = st.container(horizontal=True, vertical_alignment="bottom")
    with row:
        name, path = choose_spec()
    opened = path.read_text(encoding="utf-8", errors="replace")
    draft = Draft(text_of(opened, key=EDITOR, draft=name), path, opened)
    step_out(draft)
    if draft.text != opened:
        row.button("Drop the draft", key="drop", icon="↩️", on_click=_drop, args=(name,), help=DROPPED)
    checked = check(draft.text, path)
    left, right = st.columns(2)
    with left:
        with guard():
            _actions(name, draft, checked)
        with guard():
            _edit(name, draft, checked)
    with right:
        _verdict(draft, checked)
        _tabs(draft, checked)


def _edit(name: str, draft: Draft, checked: Checked) -> None:
    here = [one for one in _faults(draft, checked) if one["file"] == str(draft.at)]
    text = editor(
        draft.opened, key=EDITOR, faults=here, completions=completions(), goto=goto(), draft=name,
        drop=st.session_state.get(DROP), height=HEIGHT, label="Spec as JSON",
    )  # fmt: skip
    if text != draft.text:  # it was typed while this page was drawn
        st.rerun()


def _drop(name: str) -> None:
    """Has the browser forget what was typed over a spec."""
    st.session_state[DROP] = {"draft": name, "nonce": secrets.token_hex(8)}


def _actions(name: str, draft: Draft, checked: Checked) -> None:
    """Draws the name to save under, and the buttons."""
    if checked.spec is None:
        st.caption("Validate, Save and Train wait until the faults at the right are out of the way.")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        wanted = st.text_input("Name", checked.spec.name, key=f"name-{name}", max_chars=64).strip()
        if st.button("Validate", key="validate", help="Builds it without weights: do shapes fit?"):
            st.session_state[BUILT] = (draft.text, ask("build", draft))
            st.rerun()
        saved = st.button("Save", key="save", help=f"Into {specs_folder().name}/; shipped specs stay as they are.")
        trained = checked.trains and st.button("Train", key="train", icon="▶️", help="Saves it, then trains it.")
    if saved or trained:
        target = _save(draft, checked.spec.name, wanted)
        _drop(name)
        open_next(target)
        if trained:
            start(target)
        st.toast(f"Saved as {target.name}.")
        st.rerun()


def _save(draft: Draft, named: str, wanted: str) -> Path:
    """Returns the file that a draft was saved in, under a name that it then has."""
    if not is_name(wanted):
        raise DLSuiteError("A name has letters, digits, _ and - alone, 64 at most: files and runs are called so.")
    target = specs_folder() / f"{wanted}.json"
    text = draft.text if named == wanted else templates.rename(draft.text, wanted)
    templates.save(text, draft.at, target, replace=target == draft.at)
    forget()
    return target


def _faults(draft: Draft, checked: Checked) -> list:
    """Returns the faults of a draft, with those that building it found."""
    text, built = st.session_state.get(BUILT, ("", {}))
    return checked.faults or (built["faults"] if text == draft.text else [])


def _verdict(draft: Draft, checked: Checked) -> None:
    faults, (text, built) = _faults(draft, checked), st.session_state.get(BUILT, ("", {}))
    edited = " · unsaved draft" if draft.text != draft.opened else ""
    if faults:
        st.error(f"{len(faults)} fault{'s' * (len(faults) > 1)}{edited}", icon="❌")
    else:
        done = f"; built, {built['parameters']:,} parameters" if text == draft.text else ""
        st.success(f"No faults: {plain(checked.told)}{done}{edited}", icon="✅")


def _tabs(draft: Draft, checked: Checked) -> None:
    """Draws the open one of the views of a draft."""
    views: dict[str, Callable[[Draft, Checked], None]] = {
        "Faults": _show_faults, "Graph": _graph, "Layers": _layers, "Data": _data, "Difference": _difference,
        "Python": _python,
    }  # fmt: skip
    tabs = st.tabs(list(views), key="tab", on_change="rerun", bind="query-params")
    for tab, (title, view) in zip(tabs, views.items(), strict=True):
        if tab.open:
            with tab, guard():
                if checked.spec is None and title != "Faults":
                    st.markdown("This is shown once the faults are out of the way.")
                else:
                    view(draft, checked)


def _show_faults(draft: Draft, checked: Checked) -> None:
    faults = _faults(draft, checked)
    with st.container(height=HEIGHT - 80, border=False):
        show_faults(faults, str(draft.at))
        if not faults:
            st.markdown("None. **Validate** also builds it: shapes that do not fit, targets without an output.")


def _known(draft: Draft, checked: Checked) -> dict | None:
    """Returns what only the data knows; `None` until the user lets it be read."""
    if not checked.unknown:
        return {}
    st.markdown(plain(f"Only the data tells {', '.join(checked.unknown)}."))
    if not st.toggle("Read the data", key="read", bind="query-params"):
        return None
    return ask("examples", draft, seed=0)["known"]


def _graph(draft: Draft, checked: Checked) -> None:
    if (known := _known(draft, checked)) is not None:
        show_graph(draft, known)


def _layers(draft: Draft, checked: Checked) -> None:
    if (known := _known(draft, checked)) is not None:
        show_layers(draft, known)


def _data(draft: Draft, checked: Checked) -> None:
    show_examples(draft)


def _difference(draft: Draft, checked: Checked) -> None:
    known = {AS_OPENED: draft.at, **specs()}
    other = st.selectbox("Compared with", list(known), key="other", bind="query-params")
    text = draft.opened if other == AS_OPENED else known[other].read_text(encoding="utf-8", errors="replace")
    found = check(text, known[other])
    if found.spec is None or checked.spec is None:
        raise DLSuiteError(f"There are faults in {other}.")
    show_differences({other: found.spec.resolved, "in the editor": checked.spec.resolved})


def _python(draft: Draft, checked: Checked) -> None:
    if (known := _known(draft, checked)) is not None:
        code = ask("eject", draft, known=known)["python"]
        st.download_button("Download the code", code, f"{draft.at.stem}.py", "text/x-python", on_click="ignore")
        st.code(code, language="python", height=HEIGHT - 160)


PAGE = Page(
    title="Spec Studio",
    icon="🛠️",
    about="Write a spec, see what it means, save it and train it.",
    path="studio",
    place=6,
    show=show,
)
