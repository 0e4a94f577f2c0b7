"""What initializers, regularizers and constraints would say of a weight, found without making it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import keras
from keras.src import backend


class WeightTrials:
    """Weights that are tried as training would use them; those alike, in number of axes, are tried once."""

    def __init__(self) -> None:
        self._tried: set[tuple[Any, ...]] = set()

    def attempt(self, weights: Iterable[Any]) -> None:
        """Tries weights of a layer that was built without values.

        Raises:
            ValueError: One cannot be learned, begun, regularized or constrained.
        """
        for weight in weights:
            shape, dtype = tuple(weight.shape), weight.dtype
            tensor = keras.KerasTensor(shape, dtype)
            if weight.trainable and not backend.is_float_dtype(dtype):
                raise ValueError(f"its weight `{weight.name}` is {dtype}, and only floating-point numbers are learned")
            if (begin := getattr(weight, "_initializer", None)) is not None:
                self._try(begin, weight, lambda begin=begin, at=(shape, dtype): begin(at[0], dtype=at[1]))
            for act in (weight.regularizer, weight.constraint):
                if act is not None:
                    self._try(act, weight, act, tensor)

    def _try(self, component: Any, weight: Any, act: Callable[..., Any], *tensors: Any) -> None:
        if not hasattr(component, "get_config"):
            return
        arguments = {key: value for key, value in component.get_config().items() if key != "seed"}
        key = type(component), repr(arguments), len(weight.shape), weight.dtype
        if key in self._tried:
            return
        self._tried.add(key)
        try:
            backend.compute_output_spec(act, *tensors)
        except Exception as error:
            who = f"{type(component).__name__} does not suit its weight `{weight.name}`, {tuple(weight.shape)}"
            raise ValueError(f"{who}: {error}") from None
