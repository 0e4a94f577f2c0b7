"""Scanned digits, shipped with scikit-learn."""

from __future__ import annotations

import numpy as np

from dlsuite.datasets.examples import Examples
from dlsuite.registry import register


@register("dataset")
class Digits:
    """Handwritten digits: 1,797 real scans of 8x8 pixels, shipped with scikit-learn, so nothing is downloaded.

    The ink levels 0 to 16 are spread over 0 to 255, as in any 8-bit picture. The set has no splits of its own.
    Alpaydin and Kaynak 1998, the test part of "Optical Recognition of Handwritten Digits".
    """

    fields = {
        "image": {"shape": [8, 8, 1]},
        "label": {"classes": 10, "names": ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]},
    }
    counts = {"all": 1797}
    licence = "CC-BY-4.0 (UCI); BSD-3-Clause (the copy in scikit-learn)"
    origin = "https://archive.ics.uci.edu/dataset/80 by way of sklearn.datasets.load_digits"

    def __init__(self) -> None:
        pass

    def splits(self) -> dict[str, Examples]:
        """Returns all examples: fields `image`, uint8 [8, 8, 1], and `label`."""
        from sklearn.datasets import load_digits

        digits = load_digits()
        images = np.rint(digits.images * (255 / 16)).astype(np.uint8)[..., None]  # [1797, 8, 8, 1]
        return {"all": Examples({"image": images, "label": digits.target}, lambda i: f"digit {i}")}
