"""Where in a sound, and at which pitches, its energy lies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import numpy as np

from dlsuite.baselines.table import spread_classes
from dlsuite.registry import Range, register

QUIET = 1e-6
"""Energy below this counts as silence."""


@register("baseline")
class BandEnergies:
    """Logistic regression on the logarithms of a sound's energy in bands of frequencies, in each of its parts.

    Args:
        parts: So many parts of equal length, of the sound without its padding.
        bands: So many bands of equal width.
    """

    learns = ["Category"]

    def __init__(
        self,
        *,
        parts: Annotated[int, Range(least=1, most=64)] = 4,
        bands: Annotated[int, Range(least=1, most=256)] = 16,
    ):
        if not (1 <= parts <= 64 and 1 <= bands <= 256):
            raise ValueError(f"parts is {parts} and bands {bands}; parts are 1 to 64, bands 1 to 256")
        self._parts = parts
        self._bands = bands
        self.note = ""

    def fit(self, inputs: dict[str, np.ndarray], target: np.ndarray) -> None:
        """Fits the classifier.

        Args:
            inputs: Tensors by name, examples first: one of sounds, [n, samples], and its mask.
            target: Numbers of classes, [n].
        """
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        self._model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
        self._model.fit(self._energies(inputs), target)

    def predict(self, inputs: dict[str, np.ndarray]) -> np.ndarray:
        """Returns class probabilities, [n, classes]."""
        return spread_classes(self._model.predict_proba(self._energies(inputs)), self._model.classes_)

    def _energies(self, inputs: Mapping[str, np.ndarray]) -> np.ndarray:
        """Returns [n, parts * bands]."""
        name = next(name for name in inputs if f"{name}.mask" in inputs)
        lengths = inputs[f"{name}.mask"].sum(axis=1)
        return np.array([self._row(sound[:n]) for sound, n in zip(inputs[name], lengths, strict=True)], np.float32)

    def _row(self, sound: np.ndarray) -> np.ndarray:
        least = 2 * self._bands * self._parts  # samples, so that no band is empty
        sound = np.pad(sound, (0, max(0, least - len(sound))))
        spectra = (
            np.abs(np.fft.rfft(part * np.hanning(len(part)))) ** 2 for part in np.array_split(sound, self._parts)
        )
        energies = [[band.mean() for band in np.array_split(spectrum, self._bands)] for spectrum in spectra]
        return np.log(np.array(energies) + QUIET).ravel()
