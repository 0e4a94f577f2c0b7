"""A spec while it is written: its text, its faults, and what the process beside this one tells of it."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import streamlit as st

from dlsuite.apart import Worker
from dlsuite.buildable import contents
from dlsuite.spec import Spec, SpecError, load_text
from dlsuite.spec.errors import DLSuiteError

SECONDS = 60.0
QUICK, INTERVAL = 0.5, 0.25
"""Seconds until it is told that something works, and between looks at it."""
WORKER = Worker("dlsuite.drafting")
"""Builds, draws and reads data: what a stranger's spec asks for there cannot stop the server."""
TURNS = ThreadPoolExecutor(1, "drafts")
"""Questions of all who visit, one after the other."""


@dataclass(frozen=True)
class Draft:
    """A spec while it is written.

    Attributes:
        text: As the editor holds it.
        at: The file that it was opened from, or stands in.
        opened: The text of that file.
    """

    text: str
    at: Path
    opened: str


@dataclass(frozen=True)
class Checked:
    """What checking a text gave.

    Attributes:
        spec: `None` where it has faults.
        faults: Each as `dlsuite check --json` prints it, with `calls`, the blocks that led there.
        told: What the spec holds, in words.
        trains: Whether it says how it is trained.
        unknown: What only the data tells.
    """

    spec: Spec | None
    faults: list[dict[str, Any]]
    told: str = ""
    trains: bool = False
    unknown: tuple[str, ...] = ()


def check(text: str, at: Path) -> Checked:
    """Returns what is wrong with a text that stands, as it were, in a file; in 5 s at most, as the language has it."""
    return _check(text, str(at))


def ask(verb: str, draft: Draft, seconds: float = SECONDS, /, **arguments: Any) -> Mapping[str, Any]:
    """Returns what `dlsuite.drafting` answers of a draft; what is typed meanwhile does not wait for it.

    Args:
        verb: A function of `dlsuite.drafting`.
        draft: What it is asked about.
        seconds: That it may take.
        arguments: Of the function.

    Raises:
        DLSuiteError: It has faults that only building finds, or the data is not here, or that took too long.
    """
    asked = (verb, draft.text, str(draft.at), arguments, seconds)
    future, place = _submit(*asked), st.empty()
    try:
        for look in count():
            if wait([future], INTERVAL if look else QUICK).done:
                break
            place.caption(f"Works on it: {round(look * INTERVAL)} s")  # here Streamlit turns to what was typed
        found = future.result()
    except BaseException:
        future.cancel()  # where its turn has not come
        if future.cancelled() or future.done():
            _submit.clear(*asked)
        raise
    place.empty()
    if "error" in found:
        raise DLSuiteError(found["error"])
    if found.get("faults") and verb != "build":
        raise DLSuiteError("\n".join(f"{one['message']} {one['hint']}".strip() for one in found["faults"]))
    return found


def forget() -> None:
    """Forgets what was found: files that specs extend and use may have changed."""
    _check.clear()
    _submit.clear()


@st.cache_resource(max_entries=4, show_spinner=False, scope="session")
def _check(text: str, at: str) -> Checked:
    try:
        spec = load_text(text, at)
        plan = spec.plan()
    except SpecError as error:
        return Checked(None, [_as_dict(fault) for fault in error.faults])
    return Checked(spec, [], contents(spec, plan), bool(plan.train), tuple(sorted(plan.unknown)))


def _as_dict(fault: Any) -> dict[str, Any]:
    return {**fault.as_dict(), "calls": [name for name, _ in fault.calls]}


@st.cache_resource(max_entries=24, show_spinner=False, scope="session")
def _submit(verb: str, text: str, at: str, arguments: dict[str, Any], seconds: float) -> Future[dict[str, Any]]:
    request = {"verb": verb, "text": text, "at": at, "arguments": arguments}
    return TURNS.submit(WORKER.ask, request, seconds)
