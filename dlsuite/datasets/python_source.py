"""Python's own source."""

from __future__ import annotations

import hashlib
import platform
import sysconfig
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from dlsuite.datasets.examples import Examples
from dlsuite.datasets.windows import check_window, cut_windows
from dlsuite.registry import Range, register
from dlsuite.spec.errors import DataError

LEFT_OUT = frozenset({"site-packages", "dist-packages", "test", "tests", "idle_test", "encodings", "pydoc_data"})
"""Folders of other packages, of tests, and of tables that programs wrote."""
WRITTEN_AT_BUILD = "_sysconfigdata"
"""Files that begin so hold paths of the machine that built this Python."""
SHARES = {"train": 0.8, "validation": 0.9, "test": 1.0}
"""Where the parts end, on a scale from 0 to 1 along which names of modules are spread by their SHA-256."""


@register("dataset")
class PythonSource:
    """The source of the Python standard library that runs: real text on every machine, in windows, as field `text`.

    Tests and tables are left out. Modules and packages are split whole, by the SHA-256 of their names, so that they
    stay where they are from one version of Python to the next; no window crosses from one file into another.

    Args:
        window: Characters in a window. For an input and a target of n characters, shifted by one: n + 1.
        stride: Characters from one training window to the next; by default `window` - 1, so that every character is
            predicted once, as it always is in validation and test.
        limit: So many files, the first by the SHA-256 of their paths; by default all.
    """

    fields: dict[str, dict[str, object]] = {"text": {}}
    licence = "PSF-2.0"
    origin = "https://github.com/python/cpython (the library of the Python that runs)"

    def __init__(
        self,
        *,
        window: Annotated[int, Range(least=2)] = 257,
        stride: Annotated[int, Range(least=1)] | None = None,
        limit: Annotated[int, Range(least=1)] | None = None,
    ) -> None:
        if limit is not None and limit < 1:
            raise ValueError(f"limit is {limit}, and at least 1 file is read")
        self._window = window
        self._stride = check_window(window, stride)
        self._limit = limit
        self.note = ""

    def splits(self) -> dict[str, Examples]:
        """Returns windows of `train`, `validation` and `test`.

        Raises:
            DataError: This Python comes without its source.
        """
        folder = Path(sysconfig.get_paths()["stdlib"])
        names = sorted(_names(folder), key=_spread)[: self._limit]
        texts = {name: text for name in sorted(names) if (text := _text(folder / name)) is not None}
        if not texts:
            raise DataError(f"This Python comes without the source of its library: there is none in {folder}.")
        digest = hashlib.sha256("".join(texts.values()).encode(errors="surrogateescape")).hexdigest()
        self.note = f"{len(texts)} files of Python {platform.python_version()}, the SHA-256 of their text is {digest}"
        parts: dict[str, list[tuple[str, str]]] = {split: [] for split in SHARES}
        for name, text in texts.items():
            place = _spread(name.partition("/")[0].removesuffix(".py"))
            parts[next(split for split, end in SHARES.items() if place < end)].append((name, text))
        strides = dict.fromkeys(parts, self._window - 1) | {"train": self._stride}
        return {split: cut_windows(part, self._window, strides[split]) for split, part in parts.items()}


def _names(folder: Path) -> Iterator[str]:
    """Yields the paths of source files in a folder."""
    for path in folder.rglob("*.py"):
        name = path.relative_to(folder)
        if not LEFT_OUT.intersection(name.parts[:-1]) and not name.name.startswith(WRITTEN_AT_BUILD):
            yield name.as_posix()


def _spread(name: str) -> float:
    """Returns a number from 0 and below 1 that a name always has."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:6]) / 2**48


def _text(path: Path) -> str | None:
    """Returns the text of a source file, in the encoding that it names, or `None` where it cannot be read."""
    try:
        with tokenize.open(path) as file:
            return file.read()
    except (OSError, SyntaxError, UnicodeError):
        return None
