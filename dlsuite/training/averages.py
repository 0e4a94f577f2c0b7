"""Moving averages of weights, which an optimizer with `use_ema` keeps: they are validated and kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import keras


def averages_of(optimizers: Iterable[Any]) -> list[tuple[Any, Any]]:
    """Returns each variable that has an average, with it."""
    pairs: list[tuple[Any, Any]] = []
    for optimizer in optimizers:
        if getattr(optimizer, "use_ema", False) and optimizer.built:
            kept = optimizer._model_variables_moving_average
            pairs += zip(optimizer._trainable_variables, kept, strict=True)
    return pairs


def swap(pairs: Iterable[tuple[Any, Any]]) -> None:
    """Exchanges the values of variables and averages; a second time undoes it."""
    for variable, average in pairs:
        value = keras.ops.convert_to_numpy(variable)
        variable.assign(keras.ops.convert_to_numpy(average))
        average.assign(value)


@contextmanager
def averaged(pairs: list[tuple[Any, Any]]) -> Iterator[None]:
    """Gives variables the values of their averages for a while."""
    swap(pairs)
    try:
        yield
    finally:
        swap(pairs)
