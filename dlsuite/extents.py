"""How large the tensors of a network may be, and how much may be computed of constants while it is built."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
from keras.src import backend

LONGEST = 2**31 - 1
"""Places of one axis: kernels count in 32 bits."""
MOST = 2**53
"""Numbers of one tensor or weight; the largest of any network that was ever trained has fewer by far."""
CONSTANTS = 2**26
"""Numbers that a network's ops on constants may read and make together: they are computed when it is built."""


def check_extent(value: Any) -> None:
    """Refuses tensors, alone or nested, that could not be made.

    Raises:
        ValueError: One has an axis without places or with too many, or too many numbers.

    Example:
        >>> check_extent(keras.KerasTensor((None, 0)))
        ValueError: it makes (None, 0), which is empty
    """
    for tensor in keras.tree.flatten(value):
        sizes = [size for size in getattr(tensor, "shape", ()) if size is not None]
        if not sizes:
            continue
        shape = tuple(tensor.shape)
        if 0 in sizes:
            raise ValueError(f"it makes {shape}, which is empty")
        if min(sizes) < 0 or max(sizes) > LONGEST:
            raise ValueError(f"it makes {shape}, and an axis has {LONGEST:,} places at most")
        if math.prod(sizes) > MOST:
            raise ValueError(f"it makes {shape}, of {math.prod(sizes):,} numbers; {MOST:,} are the most")


class Allowance:
    """What may still be computed of constants."""

    def __init__(self, numbers: int = CONSTANTS):
        self._left = numbers

    def spend(self, op: Callable[..., Any], values: Sequence[Any], keywords: Mapping[str, Any]) -> None:
        """Takes what an op on constants alone reads and makes; nothing where a tensor of the network is among them.

        Raises:
            ValueError: That is more than is left.
        """
        read = keras.tree.flatten([list(values), dict(keywords)])
        if any(isinstance(one, keras.KerasTensor) for one in read):
            return
        made = keras.tree.flatten(backend.compute_output_spec(lambda: op(*values, **keywords)))
        numbers = sum(_count(one) for one in [*read, *made])
        self._left -= numbers
        if self._left < 0:
            message = f"it computes with {numbers:,} constant numbers, and a network's ops with {CONSTANTS:,} together"
            raise ValueError(f"{message} at most while it is built")


def _count(value: Any) -> int:
    """Returns how many numbers a tensor has; 1 for what is none."""
    return math.prod(size or 1 for size in getattr(value, "shape", ()))
