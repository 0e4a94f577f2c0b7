"""Layers that cut other axes than that of time."""

from __future__ import annotations

from typing import Any

import numpy as np
from keras import ops

from dlsuite.stepping.rules import Cache, Refusal, rule


@rule("Reshape")
def reshape(layer: Any, cache: Cache, inputs: Any) -> Any:
    """Returns (rows, n, ...) of the target's other axes; the layer itself knows only windows of full length."""
    others = layer.target_shape[1:]
    if -1 in others or np.prod(others) != np.prod(inputs.shape[2:]):
        raise Refusal(f"mixes positions: its target is {tuple(layer.target_shape)}")
    rows, new = ops.shape(inputs)[:2]
    return ops.reshape(inputs, (rows, new, *others))
