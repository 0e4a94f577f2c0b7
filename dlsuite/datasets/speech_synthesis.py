"""Speech-like sounds by source and filter: pulses of a voice and noise, through resonances of a vocal tract.

Fant 1960, "Acoustic theory of speech production"; the resonators are those of Klatt 1980, "Software for a cascade/
parallel formant synthesizer", equation 1. All sounds are made side by side, a sample of each at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

RATE = 8000
FRAME = 40
"""So many samples, 5 ms, share one shape of the tract."""


class Phone(NamedTuple):
    """A speech sound: three resonances in Hz, how loud voice and noise are, where the noise is, and how long it lasts.

    Vowels have the mean resonances of men in Peterson and Barney 1952, "Control methods used in a study of the vowels";
    noise stands at a centre with a bandwidth, in Hz.
    """

    formants: tuple[float, float, float]
    voice: float = 1.0
    noise: float = 0.0
    centre: float = 2500.0
    bandwidth: float = 1000.0
    seconds: float = 0.09


PHONES = {
    "IY": Phone((270, 2290, 3010), seconds=0.16),
    "IH": Phone((390, 1990, 2550), seconds=0.09),
    "EH": Phone((530, 1840, 2480), seconds=0.11),
    "EY": Phone((470, 2000, 2600), seconds=0.12),
    "AH": Phone((640, 1190, 2390), seconds=0.10),
    "AX": Phone((500, 1500, 2450), seconds=0.06),
    "AA": Phone((730, 1090, 2440), seconds=0.13),
    "AO": Phone((570, 840, 2410), seconds=0.14),
    "OW": Phone((480, 880, 2300), seconds=0.11),
    "UW": Phone((300, 870, 2240), seconds=0.17),
    "W": Phone((290, 610, 2150), voice=0.6, seconds=0.07),
    "R": Phone((310, 1060, 1380), voice=0.6, seconds=0.08),
    "N": Phone((250, 1300, 2500), voice=0.35, seconds=0.09),
    "V": Phone((300, 1100, 2300), voice=0.3, noise=0.05, centre=2500, bandwidth=2500, seconds=0.07),
    "Z": Phone((300, 1700, 2500), voice=0.25, noise=0.35, centre=3600, bandwidth=700, seconds=0.09),
    "S": Phone((320, 1700, 2500), voice=0.0, noise=0.8, centre=3700, bandwidth=600, seconds=0.13),
    "F": Phone((320, 1100, 2300), voice=0.0, noise=0.12, centre=2600, bandwidth=2600, seconds=0.11),
    "TH": Phone((320, 1400, 2500), voice=0.0, noise=0.1, centre=3000, bandwidth=2000, seconds=0.10),
    "-": Phone((350, 1600, 2500), voice=0.0, seconds=0.06),
    "T": Phone((350, 1800, 2600), voice=0.0, noise=0.9, centre=3400, bandwidth=900, seconds=0.03),
    "K": Phone((350, 1900, 2400), voice=0.0, noise=0.8, centre=1900, bandwidth=700, seconds=0.035),
}


class Voice(NamedTuple):
    """How one utterance is spoken.

    Attributes:
        pitch: Of the voice, in Hz.
        tract: What the resonances are multiplied by: 1 for a man's mean length, about 1.2 for a child's.
        tempo: What durations are divided by.
        breath: Loudness of noise at the glottis beside the voice's 1.
        fall: The share by which the pitch falls to the end.
        tilt: Bandwidth of the glottal low pass, in Hz: how bright the voice is.
    """

    pitch: float
    tract: float
    tempo: float
    breath: float
    fall: float
    tilt: float


def synthesise(words: Sequence[Sequence[str]], voices: Sequence[Voice], rng: np.random.Generator) -> list[np.ndarray]:
    """Returns one sound for each word, float32 [samples] of `RATE` a second, their highest peak 1.

    Args:
        words: Names of `PHONES`, one after the other.
        voices: One for each word.
        rng: Draws noise and the unevenness of the pitch.
    """
    tracks = [_track(word, voice) for word, voice in zip(words, voices, strict=True)]  # each [frames, 7]
    frames = max(map(len, tracks))
    lengths = [len(track) * FRAME for track in tracks]
    shapes = np.stack([np.pad(track, ((0, frames - len(track)), (0, 0)), "edge") for track in tracks], axis=1)
    shapes = shapes.astype(np.float32)
    f1, f2, f3, voiced, noisy, centre, bandwidth = np.moveaxis(shapes, 2, 0)  # each [frames, n]
    traits = np.array([(voice.tract, voice.tilt, voice.breath) for voice in voices], np.float32)  # [n, 3]
    tract, tilt, breath = traits.T

    noise = rng.standard_normal((frames * FRAME, len(words)), np.float32)  # [samples, n]
    pulses = _resonate(_pulses(voices, frames * FRAME, rng), 0.0 * f1, tilt + 0.0 * f1)
    sound = _by_frame(voiced) * (pulses + 0.1 * breath * noise)
    for formant, width in ((f1, 70.0), (f2, 100.0), (f3, 160.0), (3500.0 + 0.0 * f1, 250.0)):
        sound = _resonate(sound, np.minimum(formant * tract, 0.48 * RATE), width + 0.0 * f1)
    sound = np.diff(sound, axis=0, prepend=np.float32(0.0))  # the lips radiate the change
    sound /= np.abs(sound).max(axis=0) + 1e-9
    hiss = _resonate(_by_frame(noisy) * noise, np.minimum(centre * tract**0.5, 0.48 * RATE), bandwidth)
    sound += 0.25 * hiss
    sound /= np.abs(sound).max(axis=0) + 1e-9
    return [sound[:length, i].copy() for i, length in enumerate(lengths)]


def _track(word: Sequence[str], voice: Voice) -> np.ndarray:
    """Returns the shape of the tract in each frame, [frames, 7]: one phone glides into the next."""
    phones = [PHONES[name] for name in word]
    ends = np.cumsum([phone.seconds / voice.tempo for phone in phones]) * RATE / FRAME
    middles = (np.concatenate([[0.0], ends[:-1]]) + ends) / 2
    rows = np.array([(*phone.formants, phone.voice, phone.noise, phone.centre, phone.bandwidth) for phone in phones])
    times = np.arange(int(ends[-1]) + 1)  # [frames]
    glides = np.stack([np.interp(times, middles, row) for row in rows.T], axis=1)  # [frames, 7]
    now = np.minimum(np.searchsorted(ends, times, side="right"), len(phones) - 1)
    glides[:, 3:] = _smooth(rows[now, 3:])  # loudness changes faster than the tract moves
    edge = np.minimum(1.0, np.minimum(times + 0.5, times[-1] - times + 0.5) / 4)[:, None]
    glides[:, 3:5] *= edge
    return glides


def _smooth(rows: np.ndarray) -> np.ndarray:
    """Returns the mean of each row and its neighbours."""
    padded = np.pad(rows, ((1, 1), (0, 0)), "edge")
    return (padded[:-2] + padded[1:-1] + padded[2:]) / 3


def _pulses(voices: Sequence[Voice], samples: int, rng: np.random.Generator) -> np.ndarray:
    """Returns a pulse at the start of each period of the glottis, [samples, n]; the pitch falls and wavers."""
    pitch = np.array([voice.pitch for voice in voices])
    fall = np.array([voice.fall for voice in voices])
    course = np.linspace(1.05, 1.05 - fall, samples)  # [samples, n]
    waver = np.repeat(rng.normal(0.0, 0.015, (samples // FRAME + 1, len(voices))), FRAME, axis=0)[:samples]
    phase = np.cumsum(pitch * course * (1 + waver) / RATE, axis=0)
    return np.diff(np.floor(phase), axis=0, prepend=0.0).astype(np.float32)


def _by_frame(values: np.ndarray) -> np.ndarray:
    return np.repeat(values, FRAME, axis=0)  # [frames, n] -> [samples, n]


def _resonate(sound: np.ndarray, frequency: np.ndarray, bandwidth: np.ndarray) -> np.ndarray:
    """Returns sounds [samples, n] through a resonator of a frequency and a bandwidth for each frame, [frames, n].

    y[t] = a x[t] + b y[t - 1] + c y[t - 2], Klatt's equation 1.
    """
    c = -np.exp(-2 * np.pi * bandwidth / RATE)
    b = 2 * np.exp(-np.pi * bandwidth / RATE) * np.cos(2 * np.pi * frequency / RATE)
    a = 1 - b - c
    made = np.empty_like(sound)
    last = before = np.zeros(sound.shape[1], sound.dtype)
    for t, x in enumerate(sound):
        frame = t // FRAME
        last, before = a[frame] * x + b[frame] * last + c[frame] * before, last
        made[t] = last
    return made
