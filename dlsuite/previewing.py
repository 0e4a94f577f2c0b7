"""The first training examples of a spec, as a network would be given them: augmented, encoded, and shown again."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from dlsuite.spec.errors import DataError

if TYPE_CHECKING:
    from dlsuite.pipeline import Data

COUNT = 6
LARGEST = 4_000_000
"""Examples of more numbers are not shown."""
NUMBERS, LETTERS = 12, 2_000
"""So many are written out."""


def preview(data: Data, count: int = COUNT, seed: int = 0) -> list[dict[str, Any]]:
    """Returns the first examples that a training would see, each as values by feature.

    Args:
        data: As `dlsuite.data` gives it.
        count: How many.
        seed: Of shuffling and augmentation.

    Returns:
        For each example what its features `show`: a `Media` for pictures and sounds, else a text.

    Raises:
        DataError: Examples are too large to be shown.

    Example:
        >>> preview(dlsuite.data(dlsuite.load("specs/vision/digits_cnn.json")))[0]["label"]
        '7'
    """
    for name, facts in data.facts.items():
        if (size := prod(one for one in facts.get("shape") or () if one)) > LARGEST:
            raise DataError(f"`{name}` has {size:,} numbers an example: too many to be shown.")
    inputs, targets = next(iter(data.batches("train", training=True, seed=seed, batch_size=count)))
    tensors = {name: one.numpy() for name, one in {**inputs, **targets}.items()}
    some = len(next(iter(tensors.values())))
    names = [name for name in data.features if name in tensors]
    return [{name: _show(data.features[name], _filled(tensors, name, i)) for name in names} for i in range(some)]


def _filled(tensors: Mapping[str, np.ndarray], name: str, number: int) -> np.ndarray:
    """Returns one example of a feature, without its padding."""
    mask = tensors.get(f"{name}.mask")
    return tensors[name][number] if mask is None else tensors[name][number][mask[number]]


def _show(feature: Any, array: np.ndarray) -> Any:
    """Returns the tensor of one example as people see it."""
    value = feature.decode(array) if hasattr(feature, "decode") else array
    if hasattr(feature, "show"):
        return feature.show(value)
    if isinstance(value, str):
        return value[:LETTERS]
    numbers = np.asarray(value)
    if numbers.dtype.kind not in "fiub":
        return str(value)[:LETTERS]
    if numbers.ndim > 1:
        extent = f", {np.nanmin(numbers):.4g} to {np.nanmax(numbers):.4g}" if np.isfinite(numbers).any() else ""
        return f"{' x '.join(map(str, numbers.shape))} numbers{extent}"
    listed = ", ".join(f"{one:.4g}" for one in numbers.ravel()[:NUMBERS])
    return listed + (f" and {numbers.size - NUMBERS} more" if numbers.size > NUMBERS else "")
