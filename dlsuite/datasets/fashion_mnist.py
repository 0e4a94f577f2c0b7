"""Pictures of clothes by Zalando."""

from __future__ import annotations

from pathlib import Path

from dlsuite.datasets.examples import Examples
from dlsuite.datasets.files import find_or_fetch, find_verified
from dlsuite.datasets.idx import read_idx
from dlsuite.registry import register

URL = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"


@register("dataset")
class FashionMNIST:
    """Fashion-MNIST: 70,000 grey pictures of 28x28 pixels in ten classes of clothes; 60,000 to train, 10,000 to test.

    Read from `vision/fashion_mnist/` under DLSUITE_DATA (where the test set may be its first half, `test_a`), else
    downloaded. Xiao, Rasul and Vollgraf 2017, arXiv:1708.07747.
    """

    fields = {
        "image": {"shape": [28, 28, 1]},
        "label": {
            "classes": 10,
            "names": [
                "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"
            ],
        },
    }  # fmt: skip
    counts = {"train": 60000, "test": 10000}
    licence = "MIT"
    origin = "https://github.com/zalandoresearch/fashion-mnist"
    files = {
        "vision/fashion_mnist/train-images-idx3-ubyte.gz": (
            "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"
        ),
        "vision/fashion_mnist/train-labels-idx1-ubyte.gz": (
            "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"
        ),
        "vision/fashion_mnist/t10k-images-idx3-ubyte.gz": (
            "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"
        ),
        "vision/fashion_mnist/t10k-labels-idx1-ubyte.gz": (
            "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"
        ),
        "vision/fashion_mnist/test_a-images-idx3-ubyte.gz": (
            "05a49dcfdfcd51ba4d308154d444b2185775d8f2a423af887629709b4a4645b1"
        ),
        "vision/fashion_mnist/test_a-labels-idx1-ubyte.gz": (
            "4b1a8d8c0e7c5222dc1a01ff6643a8b890a27e1874f7535b74bab0a3af3477ce"
        ),
    }

    def __init__(self) -> None:
        self.read: list[Path] = []
        self.note = ""

    def splits(self) -> dict[str, Examples]:
        """Returns `train` and `test`: fields `image`, uint8 [28, 28, 1], and `label`."""
        whole, half = self._part("t10k-"), self._part("test_a-")
        train = self._find(self._part("train-"))
        if find_verified(whole) is None and (test := find_verified(half)) is not None:
            self.note = "test: the first 5,000 of the 10,000 official test images"
        else:
            test = self._find(whole)
        self.read = [*train, *test]
        return {"train": _examples(*train), "test": _examples(*test)}

    def _part(self, name: str) -> dict[str, str]:
        return {path: digest for path, digest in self.files.items() if f"/{name}" in path}

    def _find(self, files: dict[str, str]) -> list[Path]:
        downloads = {URL + path.rsplit("/", 1)[1]: digest for path, digest in files.items()}
        return find_or_fetch(files, downloads, dataset="FashionMNIST")[0]


def _examples(images: Path, labels: Path) -> Examples:
    return Examples(
        {"image": read_idx(images)[..., None], "label": read_idx(labels)}, lambda i: f"{images.name}, image {i}"
    )
