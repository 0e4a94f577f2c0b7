"""Tables of comma-separated values."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from dlsuite.datasets.examples import Examples
from dlsuite.datasets.tables import Columns, read_bytes, read_splits
from dlsuite.registry import DataPath, register
from dlsuite.spec.errors import DataError


@register("dataset")
class CSV:
    """A CSV file (`.gz` too), a field a column; or one each for training, validation and test.

    Cells are text without the spaces around them; features read numbers and labels from it, and take an empty cell, `?`
    or `NA` as missing. A row with another number of cells than there are columns counts as corrupt.

    Args:
        path: All examples, or those for training where there are other files.
        validation: Examples for validation.
        test: Examples for the test.
        separator: What stands between cells.
        columns: Names of the columns, for files without a header.
        trim_end: Characters to take off the end of cells, such as "." where labels end in one.
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
        tolerate: float = 0.01,
    ):
        if columns is not None and len(set(columns)) != len(columns):
            raise ValueError("a name stands twice in `columns`")
        if len(separator) != 1:
            raise ValueError(f"separator is one character, not {separator!r}")
        self._paths = path, validation, test
        self._separator = separator
        self._names = columns
        self._trim_end = trim_end
        self.tolerate = tolerate
        self.read = [Path(file) for file in self._paths if file is not None]

    def splits(self) -> dict[str, Examples]:
        """Returns the examples, as `all` or by split."""
        return read_splits(self._columns, *self._paths)

    def _columns(self, path: Path) -> Columns:
        text = io.StringIO(read_bytes(path).decode("utf-8-sig", errors="replace"), newline="")
        try:
            rows = [row for row in csv.reader(text, delimiter=self._separator, skipinitialspace=True) if row]
        except csv.Error as error:
            raise DataError(f"{path} cannot be read as CSV: {error}.") from None
        names = self._names or [name.strip() for name in (rows.pop(0) if rows else [])]
        if len(set(names)) != len(names):
            raise DataError(f"{path}: a name stands twice in its header, {', '.join(names)}.")
        odd = [i for i, row in enumerate(rows) if len(row) != len(names)]
        if len(odd) > self.tolerate * len(rows):
            raise DataError(
                f"{path}: {len(odd)} of {len(rows)} rows have other than {len(names)} cells, the first of them row "
                f"{odd[0] + 1} with {len(rows[odd[0]])}. The columns are {', '.join(names)}; the argument `columns` "
                "names those of a file without a header, `separator` says what stands between cells."
            )
        empty = [None] * len(names)
        cells = zip(*(row if len(row) == len(names) else empty for row in rows), strict=True)
        return {name: [self._cell(cell) for cell in column] for name, column in zip(names, cells, strict=False)}

    def _cell(self, cell: str | None) -> str | None:
        if cell is None:
            return None
        cell = cell.strip()
        return cell.rstrip(self._trim_end) if self._trim_end else cell
