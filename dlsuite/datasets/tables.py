"""What CSV, JSONL and Parquet files have in common."""

from __future__ import annotations

import codecs
import gzip
import zlib
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dlsuite.datasets.examples import Examples, Values
from dlsuite.spec.errors import DataError

LIMIT = 2 << 30
"""Larger tables, unpacked, are refused."""
MARKS = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
"""What files of other encodings begin with."""


@dataclass(frozen=True)
class Table:
    """What a file holds.

    Attributes:
        columns: Values by name.
        faults: What is wrong with rows, by their number from 0; their values do not count.
        lines: The line of each row, where messages name that and not the row.
    """

    columns: Mapping[str, Values]
    faults: Mapping[int, str] = field(default_factory=dict)
    lines: Sequence[int] = ()


class TableSource(ABC):
    """A dataset of one table, or of one each for training, validation and test.

    Args:
        path: All examples, or those for training where there are other files.
        validation: Examples for validation.
        test: Examples for the test.
        tolerate: Share of corrupt rows that are skipped, with a warning, before it is an error.
    """

    def __init__(self, path: Path | str, validation: Path | str | None, test: Path | str | None, tolerate: float):
        paths = {"train" if validation or test else "all": path, "validation": validation, "test": test}
        self._paths = {split: Path(file) for split, file in paths.items() if file is not None}
        self.tolerate = tolerate
        self.read = list(self._paths.values())

    def splits(self) -> dict[str, Examples]:
        """Returns the examples of one file as `all`, or those of several as `train`, `validation` and `test`.

        Raises:
            DataError: A file cannot be read, or holds no examples.
        """
        return {split: self._examples(path) for split, path in self._paths.items()}

    @abstractmethod
    def table(self, path: Path) -> Table:
        """Returns what a file holds, whether or not it is one of this dataset's own.

        Raises:
            DataError: It cannot be read.
        """

    def _examples(self, path: Path) -> Examples:
        if path.is_dir():
            raise DataError(f"{path} is a folder; a file is expected.")
        table = self.table(path)
        if not table.columns or not len(next(iter(table.columns.values()))):
            raise DataError(f"{path} holds no examples.")
        lines = table.lines
        return Examples(
            table.columns,
            lambda i: f"{path.name}, line {lines[i]}" if lines else f"{path.name}, row {i + 1}",
            table.faults,
        )


def check_encoding(encoding: str) -> str:
    """Returns an encoding that Python knows; UTF-8 with or without the mark that Windows puts in front.

    Raises:
        ValueError: There is none of that name.
    """
    try:
        name = codecs.lookup(encoding).name
        "a".encode(encoding)
    except (LookupError, UnicodeError, ValueError):  # those of bytes to bytes, such as zip, are LookupErrors too
        known = "utf-8, utf-16, cp1252 (Western Windows), latin-1, cp1251, shift_jis, gb18030"
        raise ValueError(f"there is no text encoding {encoding!r}; there are {known} and others of Python") from None
    return "utf-8-sig" if name == "utf-8" else encoding


def read_text(path: Path, encoding: str = "utf-8-sig") -> str:
    """Returns the text of a file, unpacked where its name ends in `.gz`.

    Raises:
        DataError: It cannot be read, is too large, or is of another encoding.
    """
    content = read_bytes(path)
    try:
        return content.decode(encoding)
    except UnicodeError as error:
        raise DataError(f"{path} {describe_undecodable(content, encoding, error)}") from None


def describe_undecodable(content: bytes, encoding: str, error: UnicodeError) -> str:
    """Returns what of a file is no text of an encoding, where, and what would work."""
    name = "UTF-8" if encoding.startswith("utf-8") else encoding
    if isinstance(error, UnicodeDecodeError):
        at = error.start
        line, shown = content.count(b"\n", 0, at) + 1, content[at : at + 1].hex().upper()
        what = f"is not {name} text: line {line} holds the byte 0x{shown} (at offset {at})."
    else:
        what = f"is not {name} text: {error}."
    mark = next((named for mark, named in MARKS.items() if content.startswith(mark)), None)
    if mark and not encoding.startswith(mark):
        return f'{what} It begins as {mark} does. What would work: "encoding": "{mark}" in the source.'
    also = "cp1252" if name == "UTF-8" else "utf-8"
    return f'{what} What would work: the encoding that it was written in, such as "encoding": "{also}" in the source.'


def read_bytes(path: Path) -> bytes:
    """Returns the contents of a file, unpacked where its name ends in `.gz`.

    Raises:
        DataError: It cannot be read, or holds more than `LIMIT`.
    """
    try:
        with gzip.open(path) if path.suffix == ".gz" else open(path, "rb") as file:
            content = file.read(LIMIT + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path} cannot be read: {error}.") from None
    if len(content) > LIMIT:
        raise DataError(f"{path} holds more than {LIMIT >> 30} GB, which is too much for a table in memory.")
    return content
