"""Tables of comma-separated values."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Annotated

from dlsuite.datasets.tables import Table, TableSource, check_encoding, read_text
from dlsuite.registry import DataPath, Range, register
from dlsuite.spec.errors import DataError, shorten

LONGEST = 16_000_000
"""Characters of a cell; Python's own limit of 131,072 is less than a long text has."""
END = "\x00end"
"""A last line that stays one of its own only if no quote is left open before it."""


@contextmanager
def _long_cells() -> Iterator[None]:
    """Lets cells be as long as `LONGEST` for a while."""
    before = csv.field_size_limit(LONGEST)
    try:
        yield
    finally:
        csv.field_size_limit(before)


@register("dataset")
class CSV(TableSource):
    """A CSV file (`.gz` too), a field a column; or one each for training, validation and test.

    Cells are text without the spaces around them, of 16 million characters at most; features read numbers and labels
    from it, and take an empty cell, `?` or `NA` as missing. A row with another number of cells than there are columns
    counts as corrupt.

    Args:
        path: All examples, or those for training where there are other files.
        validation: Examples for validation.
        test: Examples for the test.
        separator: What stands between cells.
        columns: Names of the columns, for files without a header.
        trim_end: Characters to take off the end of cells, such as "." where labels end in one.
        encoding: How letters are written, by Python's names: `utf-8`, `cp1252`, `utf-16`, ...
        tolerate: Share of corrupt rows that are skipped, with a warning, before it is an error.
    """

    fields: dict[str, dict[str, list[int]]] = {"*": {"shape": []}}
    licence = "that of the file"
    origin = "a file"

    def __init__(
        self,
        *,
        path: DataPath,
        validation: DataPath | None = None,
        test: DataPath | None = None,
        separator: str = ",",
        columns: list[str] | None = None,
        trim_end: str = "",
        encoding: str = "utf-8",
        tolerate: Annotated[float, Range(least=0, most=1)] = 0.01,
    ):
        if columns is not None and len(set(columns)) != len(columns):
            raise ValueError("a name stands twice in `columns`")
        if len(separator) != 1:
            raise ValueError(f"separator is one character, not {separator!r}")
        super().__init__(path, validation, test, tolerate)
        self._separator = separator
        self._names = columns
        self._trim_end = trim_end
        self._encoding = check_encoding(encoding)

    def table(self, path: Path) -> Table:
        text = io.StringIO(read_text(path, self._encoding), newline="")
        reader = csv.reader(chain(text, [END]), delimiter=self._separator, skipinitialspace=True)
        rows: list[list[str]] = []
        try:
            with _long_cells():
                rows += (row for row in reader if row)
        except csv.Error as error:
            if "field limit" in str(error):
                raise DataError(
                    f"{path}: a cell of row {len(rows) + 1}, the header counted, has more than {LONGEST:,} characters. "
                    "What would work: to close a quote that opens there and is left open, or longer texts in files of "
                    "their own."
                ) from None
            raise DataError(
                f"{path} cannot be read as CSV: {error}, near line {reader.line_num}. What would work: to close a "
                "quote that was left open there, or another `separator`."
            ) from None
        if rows.pop() != [END]:
            raise DataError(f"{path}: a quote that opens in row {len(rows) + 1}, the header counted, is never closed.")
        names = self._names or [name.strip() for name in (rows.pop(0) if rows else [])]
        if len(set(names)) != len(names):
            twice = next(name for i, name in enumerate(names) if name in names[:i])
            raise DataError(f"{path}: the name {twice!r} stands twice in its header, {shorten(', '.join(names))}.")
        odd = {i: f"has {len(row)} cells, not {len(names)}" for i, row in enumerate(rows) if len(row) != len(names)}
        if len(odd) > self.tolerate * len(rows):
            first = next(iter(odd))
            raise DataError(
                f"{path}: {len(odd)} of {len(rows)} rows have other than {len(names)} cells, the first of them row "
                f"{first + 1} with {len(rows[first])}. The columns are {shorten(', '.join(names))}; the argument "
                "`columns` names those of a file without a header, `separator` says what stands between cells."
            )
        empty = [None] * len(names)
        cells = zip(*(empty if i in odd else row for i, row in enumerate(rows)), strict=True)
        return Table(
            {name: [self._cell(cell) for cell in column] for name, column in zip(names, cells, strict=False)}, odd
        )

    def _cell(self, cell: str | None) -> str | None:
        if cell is None:
            return None
        cell = cell.strip()
        return cell.rstrip(self._trim_end) if self._trim_end else cell
