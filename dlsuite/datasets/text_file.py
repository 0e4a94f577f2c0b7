"""Long text in files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from dlsuite.datasets.examples import Examples
from dlsuite.datasets.tables import Table, TableSource, check_encoding, read_text
from dlsuite.datasets.windows import check_window, cut_text, cut_windows
from dlsuite.registry import DataPath, Range, register
from dlsuite.spec.errors import DataError

SHARES = {"train": 0.8, "validation": 0.1, "test": 0.1}


@register("dataset")
class TextFile(TableSource):
    """A long text (`.gz` too) in windows, as field `text`; or one each for training, validation and test.

    A text alone is cut in order before windows are: the first 80% for training, then 10% for validation and 10% for the
    test, so that no window crosses from one into another.

    Args:
        path: All text, or that for training where there are other files.
        window: Characters in a window. For an input and a target of n characters, shifted by one: n + 1.
        stride: Characters from one training window to the next; by default `window` - 1, so that every character is
            predicted once, as it always is in validation and test.
        validation: Text for validation.
        test: Text for the test.
        encoding: How letters are written, by Python's names: `utf-8`, `cp1252`, `utf-16`, ...
    """

    fields: dict[str, dict[str, object]] = {"text": {}}
    licence = "that of the file"
    origin = "a file"

    def __init__(
        self,
        *,
        path: DataPath,
        window: Annotated[int, Range(least=2)],
        stride: Annotated[int, Range(least=1)] | None = None,
        validation: DataPath | None = None,
        test: DataPath | None = None,
        encoding: str = "utf-8",
    ):
        super().__init__(path, validation, test, 0.0)
        self._window = window
        self._stride = check_window(window, stride)
        self._encoding = check_encoding(encoding)

    def splits(self) -> dict[str, Examples]:
        """Returns windows of `train`, `validation` and `test`, of those of them that there are.

        Raises:
            DataError: A file cannot be read, or is empty.
        """
        texts = {split: read_text(path, self._encoding) for split, path in self._paths.items()}
        for split, text in texts.items():
            if not text:
                raise DataError(f"{self._paths[split]} is empty.")
        if "all" in texts:
            texts = cut_text(texts["all"], SHARES)
        return {split: self._cut(text, split) for split, text in texts.items()}

    def table(self, path: Path) -> Table:
        windows = cut_windows([(path.name, read_text(path, self._encoding))], self._window, self._window - 1)
        return Table({"text": windows.column("text")})

    def _cut(self, text: str, split: str) -> Examples:
        stride = self._stride if split == "train" else self._window - 1
        return cut_windows([(split, text)], self._window, stride)
