"""Census data read aloud and spelled out."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Any

from dlsuite.datasets.examples import Examples
from dlsuite.datasets.files import find_here
from dlsuite.registry import register

LISTS = {"train": "etc/an4_train", "test": "etc/an4_test"}


@register("dataset")
class AN4:
    """AN4 of Carnegie Mellon University: names, numbers and addresses, said and spelled letter by letter, at 16 kHz.

    Read from `speech/an4_subset.zip` under DLSUITE_DATA: 378 utterances by 30 speakers to train, 65 by five others to
    test, about 20 minutes in all. Letters and commands are words: `RUBOUT G M E F THREE NINE`. Acero 1990.
    """

    fields: dict[str, dict[str, Any]] = {"audio": {"rate": 16000}, "text": {}, "speaker": {}}
    counts = {"train": 378, "test": 65}
    licence = "CMU's, like BSD-2-Clause: free for any purpose, with its notice"
    origin = "https://github.com/cmusphinx/an4"
    files = {"speech/an4_subset.zip": "d64f7d47af6ff94c750128f16b7d8b9988804e5900b0a26b8cff8e96b51ff84d"}
    note = "two in five of the 74 training speakers and five of the ten test speakers, whole speakers each"

    def __init__(self) -> None:
        self.read: list[Path] = []

    def splits(self) -> dict[str, Examples]:
        """Returns `train` and `test`: fields `audio`, a WAV file, `text` in upper case, and `speaker`."""
        self.read = find_here(self.files, dataset="AN4", origin=self.origin)
        archive = zipfile.ZipFile(self.read[0])
        return {split: _examples(archive, prefix) for split, prefix in LISTS.items()}


def _examples(archive: zipfile.ZipFile, prefix: str) -> Examples:
    files = archive.read(f"{prefix}.fileids").decode().split()
    texts = [_text(line) for line in archive.read(f"{prefix}.transcription").decode().splitlines()]
    top = zipfile.Path(archive)
    columns = {
        "audio": [top / f"wav/{file}.wav" for file in files],
        "text": texts,
        "speaker": [file.split("/")[-2] for file in files],
    }
    return Examples(columns, lambda i: f"{files[i]}.wav")


def _text(line: str) -> str:
    """Returns what is said of `<s> WHAT IS SAID </s> (name of the utterance)`."""
    return re.sub(r"</?s>|\([^()]*\)\s*$", "", line).strip()
