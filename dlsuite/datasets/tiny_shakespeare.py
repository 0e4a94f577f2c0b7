"""Plays of Shakespeare."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from dlsuite.datasets.examples import Examples
from dlsuite.datasets.files import find_or_fetch
from dlsuite.datasets.tables import read_text
from dlsuite.datasets.windows import check_window, cut_text, cut_windows
from dlsuite.registry import Range, register

URL = (
    "https://raw.githubusercontent.com/karpathy/char-rnn/6f9487a6fe5b420b7ca9afb0d7c078e37c1d1b4e/"
    "data/tinyshakespeare/input.txt"
)
SHARES = {"train": 0.85, "validation": 0.05, "test": 0.1}


@register("dataset")
class TinyShakespeare:
    """Scenes from Shakespeare's plays: 1,115,394 characters, 65 different ones, in windows, as field `text`.

    The test is the last tenth of the text, on which others report (nanoGPT calls it validation); the twentieth before
    it is for validation, and what comes before that for training. No window crosses from one into another. Read from
    `text/tinyshakespeare.txt` under DLSUITE_DATA, else downloaded. Karpathy 2015, "The unreasonable effectiveness of
    recurrent neural networks".

    Args:
        window: Characters in a window. For an input and a target of n characters, shifted by one: n + 1.
        stride: Characters from one training window to the next; by default `window` - 1, so that every character is
            predicted once, as it always is in validation and test.
    """

    fields: dict[str, dict[str, object]] = {"text": {}}
    licence = "public domain (the text); MIT (the file)"
    origin = "https://github.com/karpathy/char-rnn"
    files = {"text/tinyshakespeare.txt": "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed"}

    def __init__(
        self, *, window: Annotated[int, Range(least=2)] = 257, stride: Annotated[int, Range(least=1)] | None = None
    ) -> None:
        self._window = window
        self._stride = check_window(window, stride)
        self.read: list[Path] = []

    def splits(self) -> dict[str, Examples]:
        """Returns windows of `train`, `validation` and `test`."""
        downloads = {URL: next(iter(self.files.values()))}
        self.read, _ = find_or_fetch(self.files, downloads, dataset="TinyShakespeare")
        parts = cut_text(read_text(self.read[0]), SHARES)
        strides = dict.fromkeys(parts, self._window - 1) | {"train": self._stride}
        return {split: cut_windows([(split, text)], self._window, strides[split]) for split, text in parts.items()}
