"""Examples encoded column by column, and the corrupt ones among them found."""

from __future__ import annotations

import hashlib
import json
import reprlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from dlsuite.datasets.examples import Examples
from dlsuite.datasets.files import recall, remember
from dlsuite.pipeline.fitting import raw_column
from dlsuite.spec.errors import DataError, visible

THREADS = 8


@dataclass
class Column:
    """What one feature makes of the examples of a split.

    Attributes:
        raws: Raw values.
        one: Encodes a raw value.
        many: Encodes a whole column at once, or `None`.
        affine: Scale and offset that make the tensor from what is kept, or `None` where that is the tensor.
        places: `None` for features of one shape; of varying length, how many places each example is padded to, and 0
            where that is the longest of a batch.
        kept: The encoded column where it is kept in memory, else `None`; of varying length, padded to the longest.
        sizes: How many places of each example are filled, where a column of varying length is kept.
        tensor: What is kept, for tf.data, once that has asked for it.
    """

    raws: Sequence[Any]
    one: Callable[[Any], np.ndarray]
    many: Callable[[Any], Any] | None
    affine: tuple[np.ndarray, np.ndarray] | None
    places: int | None = None
    kept: np.ndarray | None = field(default=None, repr=False)
    sizes: np.ndarray | None = field(default=None, repr=False)
    tensor: Any = field(default=None, repr=False)

    @classmethod
    def of(cls, feature: Any, examples: Examples, fields: tuple[str, ...]) -> Column:
        """Returns the column of a feature; pictures are kept as bytes, and scaled when they are used."""
        raws = raw_column(examples, fields, feature)
        places = (feature.facts_fitted()["shape"][0] or 0) if hasattr(feature, "mask") else None
        if hasattr(feature, "load"):
            return cls(raws, feature.load, getattr(feature, "load_many", None), feature.affine(), places)
        return cls(raws, feature.encode, getattr(feature, "encode_many", None), None, places)

    def take(self, indices: np.ndarray) -> Column:
        """Returns the column of some of the examples."""
        raws = self.raws[indices] if isinstance(self.raws, np.ndarray) else [self.raws[i] for i in indices]
        kept = None if self.kept is None else self.kept[indices]
        sizes = None if self.sizes is None else self.sizes[indices]
        return Column(raws, self.one, self.many, self.affine, self.places, kept, sizes)

    def load(self, indices: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Returns what is kept of some examples, encoding them in threads where they are not in memory.

        Returns:
            Values, (examples, ...), of varying length padded to the longest of them; and how many places of each are
            filled, int32 (examples,), all 0 for features of one shape.
        """
        if self.kept is None:
            return self._stack(list(_pool().map(self._read, [self.raws[i] for i in indices])))
        if self.sizes is None:
            return self.kept[indices], np.zeros(len(indices), np.int32)
        sizes = self.sizes[indices]
        return self.kept[indices, : sizes.max(initial=0)], sizes

    def keep(self, values: Any) -> None:
        """Keeps what was encoded: one array, or of varying length an array for each example."""
        if self.places is None or not len(values):
            self.kept = np.ascontiguousarray(values)
        else:
            self.kept, self.sizes = pad_arrays(values)

    def pad(self, values: np.ndarray) -> np.ndarray:
        """Returns values of varying length, (examples, longest, ...), padded to as many places as a tensor has."""
        missing = (self.places or 0) - values.shape[1] if self.places is not None else 0
        return np.pad(values, ((0, 0), (0, missing), *((0, 0),) * (values.ndim - 2))) if missing > 0 else values

    def _stack(self, arrays: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        if self.places is None:
            return np.stack(arrays), np.zeros(len(arrays), np.int32)
        return pad_arrays(arrays)

    def _read(self, raw: Any) -> np.ndarray:
        """Encodes a raw value that could be read before.

        Raises:
            DataError: It can no longer be read.
        """
        try:
            return self.one(raw)
        except ValueError as error:
            name = str(raw) if hasattr(raw, "open") else reprlib.repr(raw)
            raise DataError(
                f"{visible(name)} could be read before and no longer can: {error}. What would work: put it back as it "
                "was; an interrupted training then goes on with --resume."
            ) from None

    def finish(self, values: np.ndarray) -> np.ndarray:
        """Returns the tensor of what is kept."""
        if self.affine is None:
            return values
        scale, offset = self.affine
        return values.astype(np.float32) * scale + offset

    def bytes_each(self) -> int:
        """Returns how much memory one encoded example takes, judged by the first that can be read; 0 for none."""
        for raw in islice(self.raws, 100):
            try:
                array = self.one(raw)
            except ValueError:
                continue
            return array.nbytes if not self.places else array[:1].nbytes * self.places
        return 0


def pad_arrays(arrays: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Returns arrays [n, ...] of varying n as one, (examples, longest, ...), zeros behind each; and each n, int32."""
    sizes = np.array([len(array) for array in arrays], np.int32)
    padded = np.zeros((len(arrays), sizes.max(initial=0), *arrays[0].shape[1:]), arrays[0].dtype)
    for row, array in zip(padded, arrays, strict=True):
        row[: len(array)] = array
    return padded, sizes


def encode_columns(columns: Mapping[str, Column], keep: Mapping[str, bool], known: Mapping[int, str]) -> dict[int, str]:
    """Encodes the columns of a split that are kept, checks the others, and returns the corrupt examples.

    Args:
        columns: By feature.
        keep: Whether to keep what is encoded, by feature.
        known: The examples that the source could not read.

    Returns:
        What is wrong, by the number of the example.
    """
    faults = dict(known)
    for name, column in columns.items():
        for i, reason in (_encode(column) if keep[name] else _scan(column)).items():
            faults.setdefault(i, f"{name} {reason}")
    return faults


def drop_corrupt(
    examples: Examples, columns: dict[str, Column], faults: Mapping[int, str]
) -> tuple[Examples, dict[str, Column]]:
    """Returns examples and columns without the corrupt ones, encoded as before."""
    good = np.array([i for i in range(len(examples)) if i not in faults], np.int64)
    return examples.take(good), {name: column.take(good) for name, column in columns.items()}


def check_tolerance(faults: Sequence[str], total: int, tolerate: float) -> None:
    """Raises a `DataError` that names the first few corrupt examples where they are more than a share."""
    if len(faults) > tolerate * total:
        listed = "".join(f"\n    {fault}" for fault in faults[:5])
        more = f"\n    and {len(faults) - 5} more" if len(faults) > 5 else ""
        raise DataError(
            f"{len(faults)} of {total} examples are corrupt, {len(faults) / total:.2%}, and at most {tolerate:.2%} are "
            f"skipped (the source's argument `tolerate`):{listed}{more}"
        )


def _encode(column: Column) -> dict[int, str]:
    if column.many is not None and not _are_files(column.raws):
        try:
            column.keep(column.many(column.raws))
            return {}
        except ValueError:
            pass  # one by one, to see which
    if column.places is not None:
        return _encode_varying(column)
    sample = next(
        (found for found in (_attempt(column.one, raw) for raw in column.raws) if not isinstance(found, str)), None
    )
    sample = np.zeros((), np.float32) if sample is None else sample
    kept = np.zeros((len(column.raws), *sample.shape), sample.dtype)

    def place(i: int) -> str:
        found = _attempt(column.one, column.raws[i])
        if isinstance(found, str):
            return found
        kept[i] = found
        return ""

    reasons = _pool().map(place, range(len(column.raws)))
    faults = {i: reason for i, reason in enumerate(reasons) if reason}
    column.kept = kept
    return faults


def _encode_varying(column: Column) -> dict[int, str]:
    found = list(_pool().map(lambda raw: _attempt(column.one, raw), column.raws))
    good = [one for one in found if not isinstance(one, str)]
    blank = good[0][:0] if good else np.zeros(0, np.float32)
    column.keep([blank if isinstance(one, str) else one for one in found])
    return {i: one for i, one in enumerate(found) if isinstance(one, str)}


def _are_files(raws: Sequence[Any]) -> bool:
    """Returns whether a column is one of files, which threads read faster."""
    return len(raws) > 0 and hasattr(raws[0], "open")


def _scan(column: Column) -> dict[int, str]:
    """Returns the corrupt values of a column; for files remembered by size and time of change."""
    key = _fingerprint(column)
    known = recall("scans").get(key) if key else None
    if isinstance(known, dict):
        return {int(i): reason for i, reason in known.items()}
    faults = {}
    for start in range(0, len(column.raws), 1024):  # in pieces, so that decoded pictures do not pile up
        piece = [column.raws[i] for i in range(start, min(start + 1024, len(column.raws)))]
        for i, reason in enumerate(_pool().map(lambda raw: _verdict(column.one, raw), piece)):
            if reason:
                faults[start + i] = reason
    if key:
        remember("scans", {key: faults})
    return faults


def _fingerprint(column: Column) -> str:
    digest = hashlib.sha256(column.one.__qualname__.encode())
    try:
        for raw in column.raws:
            if not isinstance(raw, Path):
                return ""
            status = raw.stat()
            digest.update(json.dumps([str(raw), status.st_size, status.st_mtime_ns]).encode())
    except OSError:
        return ""
    return digest.hexdigest()


def _attempt(one: Callable[[Any], np.ndarray], raw: Any) -> np.ndarray | str:
    try:
        return one(raw)
    except ValueError as error:
        return str(error)


def _verdict(one: Callable[[Any], np.ndarray], raw: Any) -> str:
    outcome = _attempt(one, raw)
    return outcome if isinstance(outcome, str) else ""


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(THREADS, thread_name_prefix="decode")
