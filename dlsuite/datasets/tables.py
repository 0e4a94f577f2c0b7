"""What CSV, JSONL and Parquet files have in common."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

from dlsuite.datasets.examples import Examples, Values
from dlsuite.spec.errors import DataError

LIMIT = 2 << 30
"""Larger tables, unpacked, are refused."""

Columns = Mapping[str, Values]


def read_splits(
    read: Callable[[Path], Columns], path: Path | str, validation: Path | str | None, test: Path | str | None
) -> dict[str, Examples]:
    """Returns the examples of one file as `all`, or those of several as `train`, `validation` and `test`.

    Raises:
        DataError: A file cannot be read.
    """
    paths = {"train" if validation or test else "all": path, "validation": validation, "test": test}
    return {split: _examples(read, Path(file)) for split, file in paths.items() if file is not None}


def read_bytes(path: Path) -> bytes:
    """Returns the contents of a file, unpacked where its name ends in `.gz`.

    Raises:
        DataError: It cannot be read, or holds more than `LIMIT`.
    """
    try:
        with gzip.open(path) if path.suffix == ".gz" else open(path, "rb") as file:
            content = file.read(LIMIT + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path} cannot be read: {error}.") from None
    if len(content) > LIMIT:
        raise DataError(f"{path} holds more than {LIMIT >> 30} GB, which is too much for a table in memory.")
    return content


def _examples(read: Callable[[Path], Columns], path: Path) -> Examples:
    if path.is_dir():
        raise DataError(f"{path} is a folder; a file is expected.")
    columns = read(path)
    if not columns or not len(next(iter(columns.values()))):
        raise DataError(f"{path} holds no examples.")
    return Examples(columns, lambda i: f"{path.name}, row {i + 1}")
