"""A split of a dataset: a random-access sequence of raw examples, kept by column."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

Values = Sequence[Any] | np.ndarray


class Examples:
    """Raw examples by number; each is a dictionary of raw values by field.

    A raw value is a numpy array, a number, a string, or a file that is read when it is needed (`pathlib.Path`, or a
    member of a zip archive as `zipfile.Path`).

    Args:
        columns: Values by field, all of one length: an array (first axis: examples) or a sequence.
        where: Says where example `i` stands, in words for warnings; by default its row, from 1.
        faults: What is wrong with examples that could not be read, by number: they count as corrupt, whatever stands
            in their place.

    Raises:
        ValueError: The columns differ in length.

    Example:
        >>> Examples({"age": [39, 50], "sex": ["Male", "Female"]})[1]
        {'age': 50, 'sex': 'Female'}
    """

    def __init__(
        self,
        columns: Mapping[str, Values],
        where: Callable[[int], str] | None = None,
        faults: Mapping[int, str] | None = None,
    ):
        lengths = {field: len(column) for field, column in columns.items()}
        if len(set(lengths.values())) > 1:
            raise ValueError(f"columns differ in length: {lengths}")
        self._columns = dict(columns)
        self._where = where or (lambda i: f"row {i + 1}")
        self.faults = dict(faults or {})
        self._length = next(iter(lengths.values()), 0)

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of the fields, in order."""
        return tuple(self._columns)

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, i: int) -> dict[str, Any]:
        if not -self._length <= i < self._length:
            raise IndexError(i)
        return {field: column[i] for field, column in self._columns.items()}

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return (self[i] for i in range(self._length))

    def column(self, field: str) -> Values:
        """Returns all values of a field."""
        return self._columns[field]

    def where(self, i: int) -> str:
        """Returns where example `i` stands: its file, or its row."""
        return self._where(i)

    def take(self, indices: Sequence[int] | np.ndarray) -> Examples:
        """Returns the examples of those numbers, in that order."""
        indices = np.asarray(indices, np.int64)
        columns = {field: _take(column, indices) for field, column in self._columns.items()}
        faults = {new: self.faults[old] for new, old in enumerate(indices.tolist()) if old in self.faults}
        return Examples(columns, lambda i: self._where(int(indices[i])), faults)


def concatenate(parts: Sequence[Examples]) -> Examples:
    """Returns the examples of several splits, one after the other; only fields that all have."""
    if len(parts) == 1:
        return parts[0]
    fields = [field for field in parts[0].fields if all(field in part.fields for part in parts)]
    columns = {field: _join([part.column(field) for part in parts]) for field in fields}
    ends = np.cumsum([len(part) for part in parts])

    def where(i: int) -> str:
        k = int(np.searchsorted(ends, i, side="right"))
        return parts[k].where(i - int(ends[k - 1]) if k else i)

    starts = [0, *ends.tolist()]
    faults = {start + i: why for start, part in zip(starts, parts, strict=False) for i, why in part.faults.items()}
    return Examples(columns, where, faults)


def _take(column: Values, indices: np.ndarray) -> Values:
    if isinstance(column, np.ndarray):
        return column[indices]
    return [column[i] for i in indices]


def _join(columns: Sequence[Values]) -> Values:
    arrays = [column for column in columns if isinstance(column, np.ndarray)]
    if len(arrays) == len(columns) and len({array.shape[1:] for array in arrays}) == 1:
        return np.concatenate(arrays)
    return [value for column in columns for value in column]
