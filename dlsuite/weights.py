"""Weights of models by path, as arrays: read and written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import keras
import numpy as np


def by_path(variables: Iterable[Any]) -> dict[str, Any]:
    """Returns variables by their paths; a path that occurs again gets a number."""
    found: dict[str, Any] = {}
    for variable in variables:
        path, number = variable.path, 2
        while path in found:
            path, number = f"{variable.path}#{number}", number + 1
        found[path] = variable
    return found


def read_weights(model: keras.Model) -> dict[str, np.ndarray]:
    """Returns the weights of a model by path; what LoRA has learned is added to the weights that it adapts."""
    variables = by_path(model.weights)
    merged = {id(weight): whole for layer in model._flatten_layers() for weight, whole in adapted_weights(layer)}
    values = {path: _as_array(merged.get(id(variable), variable)) for path, variable in variables.items()}
    return {path: value for path, value in values.items() if not is_lora(path)}


def write_weights(model: keras.Model, values: Mapping[str, np.ndarray]) -> None:
    """Sets the weights of a model from what `read_weights` gave of one built alike; LoRA starts anew.

    Raises:
        ValueError: The weights are those of another model.
    """
    for path, variable in by_path(model.weights).items():
        if path.endswith("lora_kernel_b") or path.endswith("lora_embeddings_b"):
            variable.assign(np.zeros(variable.shape, "float32"))
    write_state([variable for variable in model.weights if not is_lora(variable.path)], values)


def read_state(variables: Iterable[Any]) -> dict[str, np.ndarray]:
    """Returns variables as arrays by path, in order, everything as it is."""
    return {path: _as_array(variable) for path, variable in by_path(variables).items()}


def write_state(variables: Iterable[Any], values: Mapping[str, np.ndarray]) -> None:
    """Sets variables to what `read_state` gave of variables made alike.

    They go by path where the paths are the same, else by order, as paths hold the numbers that Keras gives to what has
    no name.

    Raises:
        ValueError: Number or shapes differ.
    """
    variables = list(variables)
    if by_path(variables).keys() == values.keys():
        values = {path: values[path] for path in by_path(variables)}
    shapes = [tuple(variable.shape) for variable in variables], [tuple(value.shape) for value in values.values()]
    if shapes[0] != shapes[1]:
        raise ValueError("the values are those of other variables: their number or shapes differ")
    for variable, value in zip(variables, values.values(), strict=True):
        variable.assign(value)


def count_parameters(models: Mapping[str, keras.Model], *, single: bool) -> dict[str, Any]:
    """Returns `total` and `trainable` number of parameters; by network where there are several."""
    counts = {
        name: {
            "total": int(model.count_params()),
            "trainable": int(sum(np.prod(variable.shape, dtype=np.int64) for variable in model.trainable_variables)),
        }
        for name, model in models.items()
    }
    return counts["model"] if single else counts


def count_together(models: Mapping[str, keras.Model]) -> int:
    """Returns how many parameters models have together; those that they share count once."""
    weights = {id(weight): weight for model in models.values() for weight in model.weights}
    return sum(int(np.prod(weight.shape, dtype=np.int64)) for weight in weights.values())


def adapted_weights(layer: keras.layers.Layer) -> list[tuple[Any, Any]]:
    """Returns each weight of a layer that LoRA adapts, and what the two are together."""
    if not getattr(layer, "lora_enabled", False):
        return []
    names = [name for name in ("kernel", "embeddings") if getattr(layer, f"_{name}", None) is not None]
    return [(getattr(layer, f"_{name}"), getattr(layer, name)) for name in names]


def is_lora(path: str) -> bool:
    """Returns whether a variable of this path is one of LoRA's own."""
    return path.rpartition("/")[2].startswith("lora_")


def _as_array(value: Any) -> np.ndarray:
    return keras.ops.convert_to_numpy(keras.ops.convert_to_tensor(value))
