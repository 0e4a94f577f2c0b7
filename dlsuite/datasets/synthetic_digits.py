"""Digits spoken by a formula."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from dlsuite.datasets.examples import Examples
from dlsuite.datasets.speech_synthesis import RATE, Voice, synthesise
from dlsuite.registry import Range, register

DIGITS = (
    "Z IH R OW", "W AH N", "- T UW", "TH R IY", "F AO R",
    "F AA IH V", "S IH - K S", "S EH V AX N", "EY IH - T", "N AA IH N",
)  # fmt: skip
"""How the digits from 0 are spoken, as phones."""
FEWEST_SPEAKERS = 10


@register("dataset")
class SyntheticDigits:
    """SYNTHETIC: digits by made-up speakers, computed and not recorded, so nothing is downloaded; 8 kHz.

    A voice of pulses and noise goes through the resonances of a vocal tract that glides from sound to sound. Speakers
    differ in pitch, length of the tract, tempo, breath and brightness, takes of one speaker a little less; noise lies
    under all. No speaker is in two splits. It sounds like a toy and shows that everything works; what a model reaches
    here says nothing about real speech, for which there is `FSDD`.

    Args:
        speakers: So many; two in twelve each speak for validation and for the test.
        takes: How often each speaker says each digit.
        seed: Chooses speakers and takes.
    """

    fields: dict[str, dict[str, Any]] = {
        "audio": {"rate": 8000},
        "digit": {"classes": 10, "names": ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]},
        "speaker": {},
    }
    counts = {"train": 640, "validation": 160, "test": 160}
    licence = "MIT, as this software; synthetic, no recording of anyone"
    origin = "computed (synthetic); the method: https://en.wikipedia.org/wiki/Source-filter_model"
    note = "SYNTHETIC: sounds computed by a formula, not recorded; figures say nothing about real speech"

    def __init__(
        self,
        *,
        speakers: Annotated[int, Range(least=10, most=1000)] = 24,
        takes: Annotated[int, Range(least=1, most=100)] = 4,
        seed: Annotated[int, Range(least=0)] = 0,
    ):
        if not FEWEST_SPEAKERS <= speakers <= 1000:
            raise ValueError(f"speakers is {speakers}; it is from {FEWEST_SPEAKERS} to 1000")
        if not 1 <= takes <= 100:
            raise ValueError(f"takes is {takes}; it is from 1 to 100")
        self._speakers = speakers
        self._takes = takes
        self._seed = seed

    def splits(self) -> dict[str, Examples]:
        """Returns `train`, `validation` and `test`: fields `audio`, int16 [n], `digit`, and `speaker`."""
        rng = np.random.default_rng(self._seed)
        voices = [_draw_voice(rng) for _ in range(self._speakers)]
        apart = max(1, self._speakers // 6)
        bounds = {"train": (2 * apart, self._speakers), "validation": (apart, 2 * apart), "test": (0, apart)}
        return {split: self._speak(voices, range(*bound), rng) for split, bound in bounds.items()}

    def _speak(self, voices: list[Voice], speakers: range, rng: np.random.Generator) -> Examples:
        said = [(speaker, digit) for speaker in speakers for digit in range(10) for _ in range(self._takes)]
        takes = [_vary(voices[speaker], rng) for speaker, _ in said]
        sounds = synthesise([DIGITS[digit].split() for _, digit in said], takes, rng)
        columns = {
            "audio": [_record(sound, rng) for sound in sounds],
            "digit": [digit for _, digit in said],
            "speaker": [f"synthetic {speaker}" for speaker, _ in said],
        }
        return Examples(columns, lambda i: f"synthetic speaker {said[i][0]}, a {said[i][1]}")


def _draw_voice(rng: np.random.Generator) -> Voice:
    """Returns a speaker: high voices tend to come from short tracts."""
    height = rng.uniform(0.0, 1.0)
    return Voice(
        pitch=float(90.0 * 2.7**height),
        tract=float(0.95 + 0.22 * height + rng.normal(0.0, 0.03)),
        tempo=float(rng.uniform(0.8, 1.3)),
        breath=float(rng.uniform(0.0, 1.0)),
        fall=float(rng.uniform(0.0, 0.35)),
        tilt=float(rng.uniform(80.0, 300.0)),
    )


def _vary(voice: Voice, rng: np.random.Generator) -> Voice:
    """Returns how a speaker speaks once."""
    return voice._replace(
        pitch=voice.pitch * rng.uniform(0.9, 1.1),
        tract=voice.tract * rng.normal(1.0, 0.015),
        tempo=voice.tempo * rng.uniform(0.85, 1.15),
        fall=voice.fall + rng.uniform(-0.1, 0.1),
    )


def _record(sound: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Returns a sound as int16 after a moment of silence, at some loudness, with noise 15 to 40 dB below it."""
    silence = np.zeros(int(rng.uniform(0.02, 0.12) * RATE), np.float32)
    heard = np.concatenate([silence, sound, silence])
    power = float(np.mean(sound**2))
    noise = np.sqrt(power * 10 ** (-rng.uniform(15.0, 40.0) / 10)) * rng.standard_normal(len(heard))
    mixed = (heard + noise) * 10 ** (rng.uniform(-15.0, -3.0) / 20)
    return np.rint(np.clip(mixed, -1.0, 1.0) * 32767).astype(np.int16)
