"""Pictures in folders named for their classes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from dlsuite.datasets.class_folder import read_class_folder
from dlsuite.datasets.examples import Examples
from dlsuite.registry import DataPath, Range, register

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".ppm", ".pgm"})


@register("dataset")
class ImageFolder:
    """Pictures in a folder, or in a zip archive, with a sub-folder a class: `cat/1.png`, `dog/2.jpg`.

    Above the classes there may be sub-folders `train`, `validation` (or `val`) and `test`. Pictures that stand in no
    sub-folder have no `label`. They are read when they are needed, so that a set may be larger than memory. Links that
    lead out of the folder are left alone.

    Args:
        path: The folder, or the archive.
        tolerate: Share of corrupt pictures that are skipped, with a warning, before it is an error.
    """

    fields: dict[str, dict[str, Any]] = {"image": {}, "label": {}}
    licence = "that of the pictures"
    origin = "a folder"

    def __init__(self, *, path: DataPath, tolerate: Annotated[float, Range(least=0, most=1)] = 0.01):
        self._path = Path(path)
        self.tolerate = tolerate
        self.read = [self._path]

    def splits(self) -> dict[str, Examples]:
        """Returns the examples, as `all` or by split: fields `image`, a file, and `label`, the name of its folder."""
        return read_class_folder(self._path, SUFFIXES, "image", "pictures")
