"""The sets of images and numbers that Keras can download."""

from __future__ import annotations

from typing import Literal

import numpy as np

from dlsuite.datasets.examples import Examples
from dlsuite.registry import register
from dlsuite.spec.errors import DataError


@register("dataset")
class KerasDatasets:
    """A data set of `keras.datasets`, downloaded and verified by Keras, kept in `~/.keras/datasets`.

    The images have the fields `image`, uint8, and `label`, a whole number; the houses `measurements`, a vector, and
    `price`. `FashionMNIST`, `MNIST` and `CIFAR10` are here under their own names too, with the names of their classes.

    Args:
        dataset: Which; its licence and source stand in https://keras.io/api/datasets.
    """

    licence = "see https://keras.io/api/datasets"
    origin = "https://keras.io/api/datasets"

    def __init__(
        self,
        *,
        dataset: Literal["mnist", "fashion_mnist", "cifar10", "cifar100", "california_housing", "boston_housing"],
    ):
        self._dataset = dataset

    def splits(self) -> dict[str, Examples]:
        """Returns `train` and `test`.

        Raises:
            DataError: The set cannot be downloaded.
        """
        import keras

        modules = {
            "mnist": keras.datasets.mnist,
            "fashion_mnist": keras.datasets.fashion_mnist,
            "cifar10": keras.datasets.cifar10,
            "cifar100": keras.datasets.cifar100,
            "california_housing": keras.datasets.california_housing,
            "boston_housing": keras.datasets.boston_housing,
        }
        if self._dataset not in modules:
            raise ValueError(f"there is no {self._dataset!r}; there are {', '.join(modules)}")
        try:
            train, test = modules[self._dataset].load_data()
        except Exception as error:  # get_file raises bare Exceptions for URLs, ValueError for hashes, OSError for disks
            reason = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
            raise DataError(
                f"Keras' data set {self._dataset} is not in ~/.keras/datasets and cannot be downloaded ({reason}). "
                "What would work: connect this machine to the network, or copy the file there from one that is."
            ) from None
        return {
            split: Examples(self._columns(*arrays), lambda i, split=split: f"{split} example {i}")  # type: ignore
            for split, arrays in (("train", train), ("test", test))
        }

    def _columns(self, x: np.ndarray, y: np.ndarray) -> dict[str, np.ndarray]:
        if x.ndim == 2:
            return {"measurements": x, "price": y}
        return {"image": x[..., None] if x.ndim == 3 else x, "label": y.reshape(-1)}
