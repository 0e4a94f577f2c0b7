"""Lines of text."""

from __future__ import annotations

from pathlib import Path

from dlsuite.datasets.tables import Table, TableSource, check_encoding, read_text
from dlsuite.registry import DataPath, register


@register("dataset")
class TextLines(TableSource):
    """A text file (`.gz` too), an example a line, as field `text`; or one each for training, validation and test.

    Lines without a letter or sign are left out.

    Args:
        path: All examples, or those for training where there are other files.
        validation: Examples for validation.
        test: Examples for the test.
        encoding: How letters are written, by Python's names: `utf-8`, `cp1252`, `utf-16`, ...
    """

    fields: dict[str, dict[str, object]] = {"text": {}}
    licence = "that of the file"
    origin = "a file"

    def __init__(
        self,
        *,
        path: DataPath,
        validation: DataPath | None = None,
        test: DataPath | None = None,
        encoding: str = "utf-8",
    ):
        super().__init__(path, validation, test, 0.0)
        self._encoding = check_encoding(encoding)

    def table(self, path: Path) -> Table:
        lines = read_text(path, self._encoding).split("\n")
        kept = [i for i, line in enumerate(lines) if line.strip()]
        return Table({"text": [lines[i].rstrip("\r") for i in kept]}, lines=[i + 1 for i in kept])
