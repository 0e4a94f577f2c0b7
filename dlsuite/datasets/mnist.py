"""Handwritten digits from American census forms and high schools."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from dlsuite.datasets.examples import Examples
from dlsuite.datasets.files import find_or_fetch
from dlsuite.datasets.idx import read_idx
from dlsuite.registry import register

URL = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"
SHA256 = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"


@register("dataset")
class MNIST:
    """MNIST: 70,000 grey handwritten digits of 28x28 pixels; 60,000 to train, 10,000 to test.

    Read from `vision/mnist/` under DLSUITE_DATA, which holds the first 20,000 training and the first 5,000 test
    images, else all are downloaded. LeCun, Bottou, Bengio and Haffner 1998, "Gradient-based learning applied to
    document recognition".
    """

    fields = {
        "image": {"shape": [28, 28, 1]},
        "label": {"classes": 10, "names": ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]},
    }
    counts = {"train": 60000, "test": 10000}
    licence = "CC-BY-SA-3.0"
    origin = "https://keras.io/api/datasets/mnist (Yann LeCun, Corinna Cortes)"
    files = {
        "vision/mnist/train20k-images-idx3-ubyte.gz": (
            "669c97111946d7e9d37bbe0b65cdffcaa508c72bd3f60fd9928dd8913512853d"
        ),
        "vision/mnist/train20k-labels-idx1-ubyte.gz": (
            "0d63bfe03965cade2ddd2f6eb7b551ab557bafd0e607b963b8ea1c7e59367f45"
        ),
        "vision/mnist/test_a-images-idx3-ubyte.gz": "c85552917b3ffa3e214fef4a63e10bc01d4a644b9a36df785578194fb81cb45c",
        "vision/mnist/test_a-labels-idx1-ubyte.gz": "f03a8036e422be8e885363da42b342cc92bd78f67b1eb46e609b5ad6d9cd3024",
    }

    def __init__(self) -> None:
        self.read: list[Path] = []
        self.note = ""

    def splits(self) -> dict[str, Examples]:
        """Returns `train` and `test`: fields `image`, uint8 [28, 28, 1], and `label`."""
        self.read, downloaded = find_or_fetch(self.files, {URL: SHA256}, dataset="MNIST")
        if downloaded:
            with np.load(self.read[0], allow_pickle=False) as file:
                arrays = [file[name] for name in ("x_train", "y_train", "x_test", "y_test")]
        else:
            self.note = "the first 20,000 official training images and the first 5,000 official test images"
            arrays = [read_idx(path) for path in self.read]
        train_images, train_labels, test_images, test_labels = arrays
        return {
            "train": Examples(
                {"image": train_images[..., None], "label": train_labels}, lambda i: f"training image {i}"
            ),
            "test": Examples({"image": test_images[..., None], "label": test_labels}, lambda i: f"test image {i}"),
        }
