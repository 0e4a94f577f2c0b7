"""Spoken digits."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Any, Literal, NamedTuple

from dlsuite.datasets.examples import Examples
from dlsuite.datasets.files import find_here
from dlsuite.registry import register

RATE = 8000
TESTED = 5
"""The official test set is the first so many recordings of each digit by each speaker."""


class Recording(NamedTuple):
    """A recording of a digit: its file in the archive, what is said, by whom, and which of the speaker's it is."""

    file: Any
    digit: int
    speaker: str
    index: int


@register("dataset")
class FSDD:
    """Free Spoken Digit Dataset: 2,500 recordings of the digits by five speakers, 50 of each digit by each, at 8 kHz.

    The official split: the first five of each digit and speaker to test, the others to train; so every speaker is heard
    in training, unless one is held out.

    Read from `speech/fsdd_5spk.zip` under DLSUITE_DATA: five of the six speakers of the whole set. Jackson et al. 2018.

    Args:
        held_out: The speaker whose recordings, all of them, are the test; by default the official split.
    """

    fields: dict[str, dict[str, Any]] = {
        "audio": {"rate": 8000},
        "digit": {"classes": 10, "names": ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]},
        "speaker": {},
    }
    counts = {"train": 2250, "test": 250}
    licence = "CC-BY-SA-4.0"
    origin = "https://github.com/Jakobovski/free-spoken-digit-dataset"
    files = {"speech/fsdd_5spk.zip": "f81f0ba69226d82845c886af6184eced8eaea38fec5229c9748a077901f68a95"}
    note = "five of the six speakers of the whole set"

    def __init__(self, *, held_out: Literal["george", "jackson", "lucas", "nicolas", "theo"] | None = None) -> None:
        self._held_out = held_out
        self.read: list[Path] = []

    def splits(self) -> dict[str, Examples]:
        """Returns `train` and `test`: fields `audio`, a WAV file, `digit`, and `speaker`."""
        self.read = find_here(self.files, dataset="FSDD", origin=self.origin)
        recordings = read_recordings(self.read[0])
        tested = [one.index < TESTED if self._held_out is None else one.speaker == self._held_out for one in recordings]
        return {
            "train": _examples([one for one, test in zip(recordings, tested, strict=True) if not test]),
            "test": _examples([one for one, test in zip(recordings, tested, strict=True) if test]),
        }


def read_recordings(archive: Path) -> list[Recording]:
    """Returns what an archive of files `<digit>_<speaker>_<index>.wav` holds, by digit, speaker and index."""
    top = zipfile.Path(zipfile.ZipFile(archive))
    found = []
    for name in top.root.namelist():
        if parts := re.fullmatch(r"(\d)_([a-z]+)_(\d+)\.wav", name.rpartition("/")[2]):
            found.append(Recording(top / name, int(parts[1]), parts[2], int(parts[3])))
    return sorted(found, key=lambda one: one[1:])


def _examples(recordings: list[Recording]) -> Examples:
    columns = {
        "audio": [one.file for one in recordings],
        "digit": [one.digit for one in recordings],
        "speaker": [one.speaker for one in recordings],
    }
    return Examples(columns, lambda i: str(recordings[i].file.name))
