"""Small colour photographs."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from dlsuite.datasets.examples import Examples
from dlsuite.datasets.files import find_or_fetch
from dlsuite.registry import register
from dlsuite.spec.errors import DataError

URL = "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"
SHA256 = "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"
RECORD = 1 + 3 * 32 * 32


@register("dataset")
class CIFAR10:
    """CIFAR-10: 60,000 colour photographs of 32x32 pixels in ten classes; 50,000 to train, 10,000 to test.

    Read from `vision/cifar10_10k.zip` under DLSUITE_DATA, a random 8,000 and 2,000 of them (800 and 200 a class), else
    all are downloaded. Krizhevsky 2009, "Learning multiple layers of features from tiny images".
    """

    fields: dict[str, dict[str, Any]] = {
        "image": {"shape": [32, 32, 3]},
        "label": {
            "classes": 10,
            "names": ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"],
        },
    }
    counts = {"train": 50000, "test": 10000}
    licence = "none stated; a standard research benchmark"
    origin = "https://www.cs.toronto.edu/~kriz/cifar.html"
    files = {"vision/cifar10_10k.zip": "2b8eaac87de15a27d2aeb955d2d5883052dba2ee6c775d12531c89980dbdcf56"}

    def __init__(self) -> None:
        self.read: list[Path] = []
        self.note = ""

    def splits(self) -> dict[str, Examples]:
        """Returns `train` and `test`: fields `image`, uint8 [32, 32, 3], and `label`."""
        self.read, downloaded = find_or_fetch(self.files, {URL: SHA256}, dataset="CIFAR10")
        (path,) = self.read
        if downloaded:
            return {
                "train": _from_batches(path, [f"data_batch_{i}.bin" for i in range(1, 6)]),
                "test": _from_batches(path, ["test_batch.bin"]),
            }
        self.note = "a random 8,000 of the official training images and 2,000 of the official test images"
        return {split: self._from_zip(path, split) for split in ("train", "test")}

    def _from_zip(self, path: Path, split: str) -> Examples:
        from PIL import Image

        names: list[str] = self.fields["label"]["names"]
        images, labels, members = [], [], []
        with zipfile.ZipFile(path) as archive:
            for member in sorted(archive.namelist()):
                parts = member.split("/")
                if len(parts) == 3 and parts[0] == split and parts[2].endswith(".png"):
                    images.append(np.asarray(Image.open(io.BytesIO(archive.read(member)))))
                    labels.append(names.index(parts[1]))
                    members.append(member)
        return Examples({"image": np.stack(images), "label": np.array(labels)}, lambda i: f"{path.name}/{members[i]}")


def _from_batches(path: Path, wanted: list[str]) -> Examples:
    try:
        with tarfile.open(path) as archive:
            found = {Path(member.name).name: member for member in archive if member.isfile()}
            blobs = [archive.extractfile(found[name]).read() for name in wanted]  # type: ignore[union-attr]
        records = np.frombuffer(b"".join(blobs), np.uint8).reshape(-1, RECORD)
    except (OSError, KeyError, ValueError, tarfile.TarError) as error:
        raise DataError(f"{path} cannot be read as CIFAR-10's binary version: {error}.") from None
    images = records[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)  # planes -> [n, 32, 32, 3]
    return Examples({"image": np.ascontiguousarray(images), "label": records[:, 0]})
