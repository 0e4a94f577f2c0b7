"""An editor of JSON: Ace with faults in the margin and completion of components, arguments and keys."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from apps.components.packaged import mount


def editor(
    value: str,
    *,
    key: str,
    label: str = "Specification",
    faults: Sequence[Mapping[str, Any]] = (),
    completions: Mapping[str, Any] | None = None,
    goto: Mapping[str, int] | None = None,
    draft: str = "",
    drop: Mapping[str, str] | None = None,
    height: int = 560,
) -> str:
    """Draws the editor and returns the text in it, half a second after the last key.

    What was typed, the cursor and the history of changes outlive reruns with the same `value`, or with the text that
    the editor gave last. Another `value` replaces the text, and can be undone. Enter begins editing, Escape ends it,
    so that Tab leaves; Ctrl-Space completes, Ctrl-F searches.

    Args:
        value: The text to begin with.
        key: Of the widget.
        label: Read out by screen readers.
        faults: Each with `line` and `column` (from 1) and `message`; marked in the margin and underlined.
        completions: What may stand where; the browser is given it once, see `apps.components.completions`. `slots`
            says which kind of component a key holds, alone or with the section around it; `components` which there
            are of a kind, with their arguments; `keys` the keys of other objects by the key that holds them, the
            outermost under "" and those under any name as in "models.*"; `about` a line on a component.
        goto: `line` and `column` (from 1) to jump to, and a `nonce`: another number is another jump.
        draft: A name under which the tab of the browser keeps what was typed and differs from `value`, so that it
            outlives a reload; none keeps nothing. No other tab or visitor sees it.
        drop: `draft`, the name of one to be forgotten, and a `nonce` of its own; if it is open, `value` is shown again.
        height: In pixels.

    Raises:
        DLSuiteError: Set-up has not fetched the JavaScript.

    Example:
        >>> editor("{}", key="spec", completions={
        ...     "slots": {"layers": "layer", "train.optimizer": "optimizer"},
        ...     "components": {"layer": {"Dense": ["units"]}, "optimizer": {"Adam": ["learning_rate"]}},
        ...     "keys": {"": ["model", "train"], "model": ["layers"], "train": ["optimizer"]},
        ...     "about": {"Dense": "Every input to every output."},
        ... })  # doctest: +SKIP
    """
    version, catalogue = _version(value, draft), _digest(json.dumps(completions, sort_keys=True)) if completions else ""
    held = _held(key)
    data = {
        "value": value,
        "version": version,
        "label": label,
        "faults": [{name: fault[name] for name in ("line", "column", "message")} for fault in faults],
        "catalogue": catalogue,
        "completions": None if held.get("catalogue") == catalogue else completions,
        "goto": dict(goto) if goto else None,
        "draft": draft,
        "drop": dict(drop) if drop else None,
        "height": height,
    }
    sent = mount("editor", key=key, data=data, on_text_change=_nothing).text or {}
    return sent["text"] if sent.get("version") == version else value


def text_of(value: str, *, key: str, draft: str = "") -> str:
    """Returns the text in an editor before it is drawn, so that its faults can be found and drawn with it.

    Args:
        value: The text to begin with, as `editor` is given it.
        key: Of the widget.
        draft: As `editor` is given it.
    """
    held = _held(key)
    return held["text"] if held.get("version") == _version(value, draft) else value


def _held(key: str) -> Mapping[str, Any]:
    """Returns what an editor told last."""
    return (st.session_state.get(key) or {}).get("text") or {}


def _nothing() -> None:
    """A state exists for Streamlit where something listens to it."""


def _version(value: str, draft: str) -> str:
    """Returns what tells apart that which is open in an editor."""
    return _digest(f"{draft}\n{value}")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
