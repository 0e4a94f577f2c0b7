"""Faults on a page: one sentence that says what to do; for a bug of ours also a traceback in the server's log."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from dlsuite import DLSuiteError
from dlsuite.spec.errors import visible

LOG = logging.getLogger("dlsuite.apps")


@contextmanager
def guard() -> Iterator[None]:
    """Shows what goes wrong inside as a sentence; what comes after goes on."""
    try:
        yield
    except Exception as error:
        tell(error)


def tell(error: Exception) -> bool:
    """Shows an error; says that it has been shown."""
    if isinstance(error, DLSuiteError):
        st.error(plain(str(error)), icon="⚠️")
        return True
    number = secrets.token_hex(3)
    LOG.error("fault %s", number, exc_info=error)
    st.error(
        f"This page met a bug of ours. Try again or choose other input; the details are in the server's log under "
        f"the number {number}.",
        icon="🐞",
    )
    return True


def plain(text: str) -> str:
    """Returns a text as Markdown that shows it letter by letter: no HTML, links or formulas, control characters told.

    Example:
        >>> plain("a <b> $x$")
        'a \\\\<b\\\\> \\\\$x\\\\$'
    """
    lines = (visible(line) for line in text.split("\n"))
    return "  \n".join("".join(f"\\{one}" if one in "\\`*_{}[]<>()#+-!|~$:" else one for one in line) for line in lines)
