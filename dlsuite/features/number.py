"""Numbers, alone or in vectors."""

from __future__ import annotations

import reprlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal

import numpy as np

from dlsuite.registry import register

WORDS = {"true": 1.0, "false": 0.0}
ABSENT = frozenset({"", "?", "na", "n/a", "nan", "null", "none", "-"})
PARTS = "its real and its imaginary part in two fields would be numbers"
DEEPEST = 8
LARGE = 1e100
CONSTANT = 1e-12
"""Numbers whose deviation is less than this share of the largest are one number and rounding."""
LARGEST = float(np.finfo(np.float32).max)


@register("feature")
class Number:
    """A number, several fields of numbers as one vector, or one field of arrays of a fixed shape.

    Args:
        missing: What stands for a missing number: the `mean` or `median` of the training examples, or this number. By
            default an example with a missing number counts as corrupt.
        transform: `log1p` takes log(1 + x), for sizes and amounts.
        normalize: Whether to subtract the mean and divide by the standard deviation of the training examples.

    Example:
        >>> age = Number(missing="mean")
        >>> age.fit([[20.0], [40.0]])
        >>> age.encode([40.0])
        array([1.], dtype=float32)
    """

    facts: dict[str, str] = {}
    tensor = {
        "shape": "=[len(fields)] if len(fields) > 1 else field.shape if len(field.shape) > 0 else [1]",
        "dtype": "float32",
    }

    def __init__(
        self,
        *,
        missing: Literal["mean", "median"] | float | None = None,
        transform: Literal["log1p"] | None = None,
        normalize: bool = True,
    ):
        self._missing = missing
        self._transform = transform
        self._normalize = normalize
        self._shape: tuple[int, ...] | None = None
        self._mean = self._deviation = self._fill = np.zeros(1)

    def fit(self, values: Iterable[Any]) -> None:
        """Finds the shape, what stands for missing numbers, and mean and deviation of each place.

        Raises:
            ValueError: There is no number at all, or shapes differ.
        """
        values = values if isinstance(values, Sequence | np.ndarray) else list(values)
        rows = _rows(values, strict=False)  # [n, *shape]; nan = missing
        self._shape = rows.shape[1:]
        first = f": the first is {reprlib.repr(values[0])}. Category takes labels" if len(values) else ""
        if not rows.size:
            raise ValueError(f"the training examples hold no number here{first}")
        known = np.where(np.isinf(rows), np.nan, rows)
        if self._transform == "log1p":
            known = np.log1p(np.where(known > -1, known, np.nan))
        if (empty := np.isnan(known).all(axis=0)).any():
            place = f" at place {np.flatnonzero(empty)[0] + 1} of {empty.size}" if empty.size > 1 else ""
            raise ValueError(f"the training examples hold no number here{place}{first}")
        if self._missing is None:
            fill: Any = np.nan
        elif isinstance(self._missing, str):
            fill = np.nanmedian(known, axis=0) if self._missing == "median" else np.nanmean(known, axis=0)
        else:
            fill = np.log1p(self._missing) if self._transform == "log1p" else float(self._missing)
        self._fill = np.broadcast_to(fill, self._shape)  # on the transformed scale
        if self._normalize:
            complete = np.where(np.isnan(known), self._fill, known)
            largest = np.nanmax(np.abs(complete), axis=0)  # of each number
            extreme = (largest > LARGE) | ((largest > 0) & (largest < 1 / LARGE))
            scale = np.where(extreme, largest, 1.0)  # squares and sums of such are infinite, or nothing
            deviation = np.nanstd(complete / scale, axis=0) * scale
            self._mean = np.nanmean(complete / scale, axis=0) * scale
            self._deviation = np.where(deviation > CONSTANT * largest, deviation, 1.0)
        else:
            self._mean, self._deviation = np.zeros(self._shape), np.ones(self._shape)

    def state(self) -> dict[str, Any]:
        """Returns what was fitted, as JSON."""
        fill = None if self._missing is None else self._fill.tolist()
        return {
            "shape": list(self._shape or ()),
            "mean": self._mean.tolist(),
            "deviation": self._deviation.tolist(),
            "fill": fill,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Takes over what `state` returned."""
        self._shape = tuple(state["shape"])
        self._mean, self._deviation = np.array(state["mean"]), np.array(state["deviation"])
        self._fill = np.full(self._shape, np.nan) if state["fill"] is None else np.array(state["fill"])

    def facts_fitted(self) -> dict[str, Any]:
        """Returns the shape of the tensor."""
        return {"shape": list(self._shape or ())}

    def encode(self, raw: Any) -> np.ndarray:
        """Returns the tensor, float32 [fields] or the field's own shape.

        Raises:
            ValueError: A number is missing without a rule for it, or is none; says which.
        """
        return self._scale(_parse(raw)[None])[0]

    def encode_many(self, raws: Any) -> np.ndarray:
        """Returns float32 [n, *shape] of the values of one field, or of a list of columns, one a field."""
        return self._scale(_rows(raws))

    def decode(self, array: Any) -> Any:
        """Returns the number on its original scale; a list where there are several."""
        values = np.asarray(array, np.float64) * self._deviation + self._mean
        if self._transform == "log1p":
            values = np.expm1(values)
        return values.item() if values.size == 1 else values.tolist()

    def _scale(self, rows: np.ndarray) -> np.ndarray:
        if rows.shape[1:] != self._shape:
            raise ValueError(f"has shape {list(rows.shape[1:])} where {list(self._shape or ())} is expected")
        if np.isinf(rows).any():
            raise ValueError("is infinite")
        missing = np.isnan(rows)
        if missing.any() and self._missing is None:
            raise ValueError("is missing; the feature's argument `missing` says what to put in its place")
        if self._transform == "log1p":
            if (rows[~missing] <= -1).any():
                raise ValueError(f"is {rows[~missing].min()}, and log1p needs numbers above -1")
            rows = np.log1p(rows)
        values = (np.where(missing, self._fill, rows) - self._mean) / self._deviation
        if values.size and not np.abs(values).max() <= LARGEST:
            raise ValueError(f"is {rows[np.abs(values) > LARGEST].flat[0]:g}, more than a tensor of float32 can hold")
        return values.astype(np.float32)


def _rows(values: Any, *, strict: bool = True) -> np.ndarray:
    """Returns float64 [n, *shape] of raw values, nan where a number is missing.

    Where it is not strict, values that cannot be read are left out.
    """
    if isinstance(values, np.ndarray) and values.dtype.kind in "fiub":
        rows = values.astype(np.float64)
        return rows[:, None] if rows.ndim == 1 else rows
    if isinstance(values, np.ndarray) and values.dtype.kind == "c" and values.size:
        raise ValueError(f"{values.flat[0]} is complex; {PARTS}")
    try:  # text, the quick way
        rows = np.asarray(values, object).astype(np.float64)
        return rows[:, None] if rows.ndim == 1 else rows
    except (TypeError, ValueError, OverflowError):
        pass
    parsed = [_parse(value) for value in values] if strict else list(_readable(values))
    if len({row.shape for row in parsed}) > 1:
        raise ValueError(f"the shapes differ: {sorted({row.shape for row in parsed})[:3]}")
    return np.stack(parsed) if parsed else np.empty((0, 1))


def _readable(values: Iterable[Any]) -> Iterator[np.ndarray]:
    for value in values:
        try:
            yield _parse(value)
        except ValueError:
            continue


def _parse(raw: Any, depth: int = 0) -> np.ndarray:
    """Returns float64 of a raw value: [1] for a number, [n] for the values of n fields, else its own shape."""
    if isinstance(raw, np.ndarray) and raw.dtype.kind in "fiub":
        return np.atleast_1d(raw.astype(np.float64))
    values: Any = raw if isinstance(raw, list | tuple | np.ndarray) else [raw]
    if any(isinstance(value, list | tuple | np.ndarray) for value in values):
        if depth == DEEPEST:
            raise ValueError(f"is nested deeper than {DEEPEST} levels")
        return np.stack([_parse(value, depth + 1) for value in values])
    return np.array([_number(value) for value in values])


def _number(value: Any) -> float:
    if value is None:
        return np.nan
    if isinstance(value, complex | np.complexfloating):
        raise ValueError(f"{value} is complex; {PARTS}")
    if isinstance(value, str):
        value = value.strip()
        if value.lower() in ABSENT:
            return np.nan
        if value.lower() in WORDS:
            return WORDS[value.lower()]
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{reprlib.repr(value)} is no number") from None
