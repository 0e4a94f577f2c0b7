"""Spoken digits, one after the other."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import numpy as np

from dlsuite.datasets.examples import Examples
from dlsuite.datasets.files import find_here
from dlsuite.datasets.fsdd import FSDD, RATE, TESTED, Recording, read_recordings
from dlsuite.registry import Range, register

WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
VALIDATED = 2 * TESTED
"""The recordings of each digit and speaker before this, and not of the test, make strings for validation."""


@register("dataset")
class SpokenDigitStrings:
    """Strings of digits by one speaker each, made of recordings of the Free Spoken Digit Dataset with silence between.

    No recording is in two splits: strings to test are made of the official test recordings, those for validation of the
    five that follow of each digit and speaker, those for training of the other 40. To test and validate each recording
    is heard once. The times of the words are known. Connected speech, where words run into each other, this is not.

    Read from `speech/fsdd_5spk.zip` under DLSUITE_DATA.

    Args:
        shortest: Fewest digits of a string.
        longest: Most digits of a string.
        pause: Shortest and longest silence between two digits, in seconds.
        repeats: How often each recording is heard in training, in other strings.
        seed: Chooses which recordings follow each other.
    """

    fields: dict[str, dict[str, Any]] = {"audio": {"rate": 8000}, "text": {}, "speaker": {}, "times": {}}
    licence = "CC-BY-SA-4.0"
    origin = "https://github.com/Jakobovski/free-spoken-digit-dataset"
    files = FSDD.files
    note = "strings made of recordings of single digits, with silence between: no connected speech"

    def __init__(
        self,
        *,
        shortest: Annotated[int, Range(least=1, most=100)] = 2,
        longest: Annotated[int, Range(least=1, most=100)] = 6,
        pause: tuple[Annotated[float, Range(least=0, most=10)], float] = (0.05, 0.25),  # type: ignore[assignment]
        repeats: Annotated[int, Range(least=1, most=100)] = 4,
        seed: Annotated[int, Range(least=0)] = 0,
    ):
        if not 1 <= shortest <= longest <= 100:
            raise ValueError(f"shortest is {shortest} and longest {longest}; 1 <= shortest <= longest <= 100")
        if len(pause) != 2 or not 0 <= pause[0] <= pause[1] <= 10:
            raise ValueError(f"pause is {pause}; it is [shortest, longest] in seconds, at most 10")
        if not 1 <= repeats <= 100:
            raise ValueError(f"repeats is {repeats}; it is from 1 to 100")
        self._lengths = (shortest, longest)
        self._pause = (pause[0], pause[1])
        self._repeats = repeats
        self._seed = seed
        self.read: list[Path] = []

    def splits(self) -> dict[str, Examples]:
        """Returns `train`, `validation` and `test`: fields `audio`, int16 [n], `text`, `speaker`, and `times`, the
        seconds at which each word starts and ends, [words, 2]."""
        self.read = find_here(self.files, dataset="SpokenDigitStrings", origin=self.origin)
        recordings = read_recordings(self.read[0])
        parts = {
            "train": [one for one in recordings if one.index >= VALIDATED] * self._repeats,
            "validation": [one for one in recordings if TESTED <= one.index < VALIDATED],
            "test": [one for one in recordings if one.index < TESTED],
        }
        return {split: self._join(part, number) for number, (split, part) in enumerate(parts.items())}

    def _join(self, recordings: list[Recording], number: int) -> Examples:
        rng = np.random.default_rng([self._seed, number])
        samples: dict[str, np.ndarray] = {}
        columns: dict[str, list[Any]] = {field: [] for field in self.fields}
        for speaker in sorted({one.speaker for one in recordings}):
            own = [one for one in recordings if one.speaker == speaker]
            for string in self._cut([own[i] for i in rng.permutation(len(own))], rng):
                sounds = [_samples(one, samples) for one in string]
                pauses = rng.uniform(*self._pause, len(string) - 1)
                audio, times = join_sounds(sounds, np.rint(pauses * RATE).astype(int))
                columns["audio"].append(audio)
                columns["text"].append(" ".join(WORDS[one.digit] for one in string))
                columns["speaker"].append(speaker)
                columns["times"].append(times / RATE)
        return Examples(columns, lambda i: f"string {i} of {columns['speaker'][i]}, {columns['text'][i]!r}")

    def _cut(self, recordings: list[Recording], rng: np.random.Generator) -> list[list[Recording]]:
        """Returns the recordings as strings of lengths drawn evenly; the last may be shorter."""
        strings, start = [], 0
        while start < len(recordings):
            end = start + int(rng.integers(self._lengths[0], self._lengths[1] + 1))
            strings.append(recordings[start:end])
            start = end
        return strings


def join_sounds(sounds: list[np.ndarray], pauses: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns sounds in a row, so many samples of silence between, and where each starts and ends, [n, 2]."""
    lengths = np.array([len(sound) for sound in sounds])
    starts = np.concatenate([[0], np.cumsum(lengths[:-1] + pauses)])  # [n]
    times = np.stack([starts, starts + lengths], axis=1)
    joined = np.zeros(times[-1, 1], np.int16)
    for sound, (start, end) in zip(sounds, times, strict=True):
        joined[start:end] = sound
    return joined, times


def _samples(recording: Recording, known: dict[str, np.ndarray]) -> np.ndarray:
    import soundfile

    name = recording.file.name
    if name not in known:
        with recording.file.open("rb") as file:
            known[name] = soundfile.read(file, dtype="int16")[0]
    return known[name]
