"""Arrays in NumPy's own archive."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import numpy as np

from dlsuite.datasets.examples import Examples
from dlsuite.registry import DataPath, Range, register
from dlsuite.spec.errors import DataError

LIMIT = 16 << 30
"""Archives that hold more bytes than this, unpacked, are refused."""


@register("dataset")
class NPZ:
    """A `.npz` file: a field an array, whose first axis counts the examples.

    Arrays named `x_train`, `y_train`, `x_test` and so on are the fields `x` and `y` of the splits `train`,
    `validation` and `test`. Arrays of Python objects are refused.

    Args:
        path: The file.
        tolerate: Share of corrupt examples that are skipped, with a warning, before it is an error.
    """

    licence = "that of the file"
    origin = "a file"

    def __init__(self, *, path: DataPath, tolerate: Annotated[float, Range(least=0, most=1)] = 0.01):
        self._path = Path(path)
        self.tolerate = tolerate
        self.read = [self._path]

    def splits(self) -> dict[str, Examples]:
        """Returns the examples, as `all` or by split."""
        arrays = self._arrays()
        found: dict[str, dict[str, np.ndarray]] = {}
        for name, array in arrays.items():
            match = re.fullmatch(r"(\w+)_(train|validation|test)", name)
            split, field = (match[2], match[1]) if match else ("all", name)
            found.setdefault(split, {})[field] = array
        if "all" in found and len(found) > 1:
            raise DataError(f"{self._path}: some arrays name a split and some do not: {', '.join(sorted(arrays))}.")
        try:
            return {split: Examples(columns, self._where(split)) for split, columns in found.items()}
        except ValueError as error:
            raise DataError(f"{self._path}: {error}; the first axis of each array counts the examples.") from None

    def _where(self, split: str) -> Callable[[int], str]:
        return lambda i: f"{self._path.name}, {'' if split == 'all' else split + ' '}example {i}"

    def _arrays(self) -> dict[str, np.ndarray]:
        try:
            with zipfile.ZipFile(self._path) as archive:
                size = sum(member.file_size for member in archive.infolist())
            if size > LIMIT:
                raise ValueError(f"it holds {size >> 30} GB, more than {LIMIT >> 30}")
            with np.load(self._path, allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files}
        except (OSError, ValueError, KeyError, EOFError, MemoryError, zipfile.BadZipFile, zlib.error) as error:
            raise DataError(f"{self._path} cannot be read as NPZ: {error}.") from None
        odd = [name for name, array in arrays.items() if not isinstance(array, np.ndarray)]
        if odd:
            raise DataError(f"{self._path}: `{odd[0]}` is no array.")
        if not arrays or any(array.ndim == 0 for array in arrays.values()):
            raise DataError(f"{self._path}: every array needs an axis that counts the examples.")
        return arrays
