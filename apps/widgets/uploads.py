"""What users bring: read once, and only so much of it."""

from __future__ import annotations

from typing import Any

from dlsuite.spec.errors import DataError

MEGABYTES = 20
TEXT = 100_000
"""Longer texts are refused, in characters."""


def content_of(file: Any) -> bytes:
    """Returns the bytes of an upload; the limit that the browser keeps is kept again here.

    Raises:
        DataError: It is empty or too large.
    """
    data = bytes(file.getvalue())
    if not data:
        raise DataError("The file is empty.")
    if len(data) > MEGABYTES << 20:
        raise DataError(f"The file has {len(data) / 1e6:.0f} MB; at most {MEGABYTES} MB are read here.")
    return data


def checked_text(text: str) -> str:
    """Returns a text that is not too long.

    Raises:
        DataError: It is.
    """
    if len(text) > TEXT:
        raise DataError(f"The text has {len(text):,} characters; at most {TEXT:,} are read here.")
    return text
