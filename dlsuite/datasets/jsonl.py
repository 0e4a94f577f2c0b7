"""Tables of a JSON object a line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

from dlsuite.datasets.tables import Table, TableSource, check_encoding, read_text
from dlsuite.registry import DataPath, Range, register
from dlsuite.spec.errors import DataError

KEYS = 10_000
"""Files of more keys than this are refused: a column of each would not fit in memory."""


@register("dataset")
class JSONL(TableSource):
    """A file with a JSON object a line (`.gz` too), a field a key; or one each for training, validation and test.

    Values are numbers, strings, booleans, lists of numbers, or null for missing; a key that a line lacks is missing
    there. A line that is no object counts as corrupt.

    Args:
        path: All examples, or those for training where there are other files.
        validation: Examples for validation.
        test: Examples for the test.
        encoding: How letters are written, by Python's names: `utf-8`, `cp1252`, `utf-16`, ...
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
        encoding: str = "utf-8",
        tolerate: Annotated[float, Range(least=0, most=1)] = 0.01,
    ):
        super().__init__(path, validation, test, tolerate)
        self._encoding = check_encoding(encoding)

    def table(self, path: Path) -> Table:
        rows: list[dict[str, Any]] = []
        faults, lines, names = {}, [], {}
        for number, line in enumerate(read_text(path, self._encoding).split("\n"), start=1):
            if not line.strip():
                continue
            row = _read(line)
            if isinstance(row, str):
                faults[len(rows)], row = row, {}
            names |= dict.fromkeys(row)
            if len(names) > KEYS:
                raise DataError(f"{path}: its lines have more than {KEYS:,} different keys, so they are no table.")
            rows.append(row)
            lines.append(number)
        if rows and len(faults) == len(rows):
            raise DataError(
                f'{path}: none of its {len(rows)} lines is a JSON object, such as {{"age": 39, "sex": "Male"}}.'
            )
        return Table({name: [row.get(name) for row in rows] for name in names}, faults, lines)


def _read(line: str) -> dict[str, Any] | str:
    """Returns the object of a line, or what is wrong with it."""
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        return f"is no JSON: {error.msg}, at column {error.colno}"
    except RecursionError:
        return "is nested too deeply"
    except ValueError as error:  # a number of thousands of digits
        return f"cannot be read: {str(error).partition(';')[0]}"
    kinds = {list: "a list", str: "a string", type(None): "null", bool: "a truth value"}
    return row if isinstance(row, dict) else f"is {kinds.get(type(row), 'a number')} and no JSON object"
