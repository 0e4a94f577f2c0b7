"""Sounds that a table names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from dlsuite.datasets.csv import CSV
from dlsuite.datasets.examples import Examples
from dlsuite.datasets.jsonl import JSONL
from dlsuite.datasets.tables import TableSource
from dlsuite.registry import DataPath, Range, register
from dlsuite.spec.errors import DataError, suggest
from dlsuite.spec.roots import within


@register("dataset")
class AudioManifest:
    """A table that names a sound a row, beside what is said or what it is: CSV, TSV, or a JSON object a line (JSONL).

    The paths of sounds are relative to the folder of their table and stay in it. The other columns are fields too, such
    as `text` or `label`. Sounds are read when they are needed.

    Args:
        path: All examples, or those for training where there are other tables.
        validation: Examples for validation.
        test: Examples for the test.
        column: The one that names the sound; its field is called `audio`.
        tolerate: Share of corrupt rows and sounds that are skipped, with a warning, before it is an error.

    Example:
        `{"AudioManifest": {"path": "calls.csv", "column": "file"}}` reads `calls.csv`:

            file,text
            one/0001.wav,hello
    """

    licence = "that of the sounds"
    origin = "a file"
    note = "the hash is of the table, not of the sounds that it names"

    def __init__(
        self,
        *,
        path: DataPath,
        validation: DataPath | None = None,
        test: DataPath | None = None,
        column: str = "audio",
        tolerate: Annotated[float, Range(least=0, most=1)] = 0.01,
    ):
        self._table = _reader(path, validation, test, tolerate)
        self._column = column
        self.tolerate = tolerate
        self.read = self._table.read

    def splits(self) -> dict[str, Examples]:
        """Returns the examples of one table as `all`, or those of several as `train`, `validation` and `test`.

        Raises:
            DataError: A table cannot be read, holds no examples, or lacks the column.
        """
        named = zip(self._table.splits().items(), self._table.read, strict=True)
        return {split: self._find(examples, path) for (split, examples), path in named}

    def _find(self, examples: Examples, table: Path) -> Examples:
        if self._column not in examples.fields:
            hint = suggest(self._column, examples.fields, what="columns")
            raise DataError(f"{table} lacks the column {self._column!r}, which is to name the sounds. {hint}".rstrip())
        columns: dict[str, Any] = {field: examples.column(field) for field in examples.fields}
        files, faults = _resolve(columns.pop(self._column), table.parent)
        return Examples({"audio": files, **columns}, examples.where, {**faults, **examples.faults})


def _reader(path: DataPath, validation: DataPath | None, test: DataPath | None, tolerate: float) -> TableSource:
    paths: dict[str, Any] = {"path": path, "validation": validation, "test": test, "tolerate": tolerate}
    names = Path(path).name.removesuffix(".gz")
    if names.endswith(".jsonl"):
        return JSONL(**paths)
    return CSV(**paths, separator="\t" if names.endswith(".tsv") else ",")


def _resolve(names: Sequence[Any], folder: Path) -> tuple[list[Path | None], dict[int, str]]:
    """Returns the files that a column names, and what is wrong with the rows whose file may not be read."""
    root = folder.resolve()
    files: list[Path | None] = []
    faults = {}
    for row, name in enumerate(names):
        usable = isinstance(name, str) and name != "" and "\0" not in name
        file = folder / name if usable else None
        if file is None:
            faults[row] = "names no sound"
        elif not within(file.resolve(), [root]):
            faults[row], file = f"names a sound outside the folder of its table, {name!r}", None
        files.append(file)
    return files, faults
