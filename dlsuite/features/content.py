"""The bytes of a raw value that is a file, never more of them than a limit."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

BYTES = 64 << 20
"""Larger files are refused before they are read."""


class Unopened:
    """A file that a cell of a table names. Whoever wrote the table may not say which files are read: it opens none.

    Args:
        name: What the cell says.
    """

    def __init__(self, name: str):
        self.name = name

    def open(self, mode: str = "r") -> Any:
        """Raises OSError."""
        works = "give folders of files, or a manifest of sounds"
        raise OSError(errno.EACCES, f"tables hold no paths of files: {works}", self.name)


def read_content(raw: Any, kind: str) -> bytes:
    """Returns what a file holds.

    Args:
        raw: A path (or its string), a member of a zip archive, or the bytes themselves.
        kind: What it is to be, for messages: `picture`.

    Raises:
        ValueError: It cannot be read, is empty, or has more than `BYTES`; says why.
    """
    if isinstance(raw, bytes | bytearray):
        content = bytes(raw)
        if len(content) > BYTES:
            raise ValueError(f"{len(content):,} bytes are more than {BYTES:,}")
        return content
    path = Path(raw) if isinstance(raw, str) else raw
    if not hasattr(path, "open"):
        raise ValueError(f"a {type(raw).__name__} is no {kind}: give the path of a file, its bytes, or a NumPy array")
    if isinstance(path, Path) and path.exists() and not path.is_file():
        raise ValueError("is a folder, a pipe or a device and no file")
    try:
        with path.open("rb") as file:
            content = _read_some(file)
    except Exception as error:  # OSError, and zipfile's and zlib's own
        raise ValueError(f"cannot be read: {error}") from None
    if len(content) > BYTES:
        raise ValueError(f"the file has more than {BYTES:,} bytes")
    if not content:
        raise ValueError("the file is empty")
    return content


def _read_some(file: Any) -> bytes:
    """Returns what a file holds, at most a piece more than `BYTES`; never makes room for what is not there."""
    pieces, size = [], 0
    while size <= BYTES and (piece := file.read(1 << 20)):
        pieces.append(piece)
        size += len(piece)
    return b"".join(pieces)
