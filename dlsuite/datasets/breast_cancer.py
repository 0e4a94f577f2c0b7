"""Measurements of cell nuclei, shipped with scikit-learn."""

from __future__ import annotations

import numpy as np

from dlsuite.datasets.examples import Examples
from dlsuite.registry import register

_MEASURED = ("radius", "texture", "perimeter", "area", "smoothness", "compactness", "concavity", "concave_points",
             "symmetry", "fractal_dimension")  # fmt: skip
NAMES = (*(f"mean_{one}" for one in _MEASURED), *(f"{one}_error" for one in _MEASURED),
         *(f"worst_{one}" for one in _MEASURED))  # fmt: skip


@register("dataset")
class BreastCancer:
    """Breast Cancer Wisconsin (Diagnostic): 569 tumours, 30 measurements of cell nuclei each, benign or malignant.

    Shipped with scikit-learn, so nothing is downloaded. `measurements` holds all 30 as a vector; each stands alone as
    well, such as `mean_radius`, in the order of `NAMES`. Class 0 is malignant and class 1 benign. The set has no splits
    of its own.
    Street, Wolberg and Mangasarian 1993, "Nuclear feature extraction for breast tumor diagnosis".
    """

    fields = {
        "measurements": {"shape": [30]},
        "diagnosis": {"classes": 2, "names": ["malignant", "benign"]},
        "*": {"shape": []},
    }
    vectors = {"measurements": NAMES}
    counts = {"all": 569}
    licence = "CC-BY-4.0 (UCI); BSD-3-Clause (the copy in scikit-learn)"
    origin = "https://archive.ics.uci.edu/dataset/17 by way of sklearn.datasets.load_breast_cancer"

    def __init__(self) -> None:
        pass

    def splits(self) -> dict[str, Examples]:
        """Returns all examples: fields `measurements`, float32 [30], each of them by name, and `diagnosis`."""
        from sklearn.datasets import load_breast_cancer

        table = load_breast_cancer()
        values = table.data.astype(np.float32)  # [569, 30]
        columns = {name: values[:, i] for i, name in enumerate(NAMES)}
        return {"all": Examples({"measurements": values, **columns, "diagnosis": table.target})}
