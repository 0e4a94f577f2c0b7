"""Tables of a JSON object a line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from dlsuite.datasets.examples import Examples
from dlsuite.datasets.tables import Columns, read_bytes, read_splits
from dlsuite.registry import DataPath, register
from dlsuite.spec.errors import DataError


@register("dataset")
class JSONL:
    """A file with a JSON object a line (`.gz` too), a field a key; or one each for training, validation and test.

    Values are numbers, strings, booleans, lists of numbers, or null for missing. A line that is no object counts as
    corrupt.

    Args:
        path: All examples, or those for training where there are other files.
        validation: Examples for validation.
        test: Examples for the test.
        tolerate: Share of corrupt lines that are skipped, with a warning, before it is an error.
    """

    licence = "that of the file"
    origin = "a file"

    def __init__(
        self,
        *,
        path: DataPath,
        validation: DataPath | None = None,
        test: DataPath | None = None,
        tolerate: float = 0.01,
    ):
        self._paths = path, validation, test
        self.tolerate = tolerate
        self.read = [Path(file) for file in self._paths if file is not None]

    def splits(self) -> dict[str, Examples]:
        """Returns the examples, as `all` or by split."""
        return read_splits(_columns, *self._paths)


def _columns(path: Path) -> Columns:
    rows = [_row(line) for line in read_bytes(path).split(b"\n") if line.strip()]
    if rows and not any(rows):
        raise DataError(
            f'{path}: none of its {len(rows)} lines is a JSON object, such as {{"age": 39, "sex": "Male"}}.'
        )
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: [row.get(name) for row in rows] for name in names}


def _row(line: bytes) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return row if isinstance(row, dict) else {}
