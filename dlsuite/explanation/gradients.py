"""Gradients of scores: all that depends on the backend."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np

from dlsuite.explanation.asking import ExplanationError


def differentiate(
    function: Callable[[Mapping[str, Any]], Any], tensors: Mapping[str, Any]
) -> tuple[np.ndarray, dict[str, np.ndarray | None]]:
    """Returns the scores of some rows, (rows,), and the gradient of each with respect to its own row of each tensor.

    Args:
        function: From tensors by name to scores; each row's depends on that row alone.
        tensors: By name, (rows, ...); `None` is the gradient of those that no score depends on.

    Raises:
        ExplanationError: The backend is not TensorFlow.
    """
    if keras.backend.backend() != "tensorflow":
        works = "set KERAS_BACKEND=tensorflow"
        raise ExplanationError(f"Gradients need TensorFlow, and Keras runs on {keras.backend.backend()}: {works}.")
    import tensorflow as tf

    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(list(tensors.values()))
        scores = function(tensors)
    found = tape.gradient(scores, dict(tensors))
    return scores.numpy(), {
        name: None if one is None else tf.convert_to_tensor(one).numpy() for name, one in found.items()
    }
