"""The room that training takes: weights, gradients, the optimizer's slots, and what the backward pass reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from dlsuite.making import make
from dlsuite.spec.checking import has_symbol
from dlsuite.spec.plan import Component
from dlsuite.summary.amounts import Amount
from dlsuite.summary.calls import Weight

ADAM = Component("optimizer", "Adam")
"""What is taken where a spec does not say how it is trained."""


@dataclass(frozen=True)
class Memory:
    """Bytes that a training step holds at once.

    Attributes:
        weights: In the precision that they are kept in.
        gradients: Of the trained ones.
        optimizer: Slots, such as Adam's two moments, and twice the largest weight for what its update computes.
        activations: The batch, what the forward pass makes and the backward pass reads, and the gradients of
            activations in the layer where they are largest.
    """

    weights: int
    gradients: int
    optimizer: int
    activations: int

    @property
    def total(self) -> int:
        """All of it."""
        return self.weights + self.gradients + self.optimizer + self.activations


def estimate(weights: Mapping[Weight, int], slots: Mapping[Weight, int], kept: Amount, batch_size: int) -> Memory:
    """Returns the memory of a training step.

    Args:
        weights: How many there are of each kind.
        slots: Bytes of the optimizer's slots for a weight of each kind.
        kept: Bytes of activations.
        batch_size: Examples at once on the device.
    """
    trained = {weight: number for weight, number in weights.items() if weight[2]}
    return Memory(
        weights=sum(_bytes(*weight[:2]) * number for weight, number in weights.items()),
        gradients=sum(_bytes(*weight[:2]) * number for weight, number in trained.items()),
        optimizer=sum(slots[weight] * number for weight, number in trained.items())
        + 2 * max((_bytes(*weight[:2]) for weight in trained), default=0),
        activations=kept.at(batch_size),
    )


def slot_bytes(optimizer: Component, weights: Mapping[Weight, int]) -> dict[Weight, int]:
    """Returns the bytes of an optimizer's slots for a trained weight of each kind, as it makes them."""
    arguments = {
        key: value
        for key, value in optimizer.arguments.items()
        if not has_symbol(value) and not isinstance(value, Component)
    }
    plain = Component("optimizer", optimizer.name, arguments)
    found = {}
    for shape, dtype, trained in (one for one in weights if one[2]):
        made = make(plain)
        own = {id(one) for one in made.variables}
        with _Unfilled(initialize_variables=False):
            made.build([keras.Variable("zeros", shape=shape, dtype=dtype)])
        new = [one for one in made.variables if id(one) not in own]
        found[shape, dtype, trained] = sum(_bytes(tuple(one.shape), one.dtype) for one in new)
    return found


class _Unfilled(keras.StatelessScope):
    """Lets an optimizer make its slots without values: each variable is a single number."""

    def get_current_value(self, variable: Any) -> Any:
        if id(variable) not in self.state_mapping:
            self.state_mapping[id(variable)] = tf.Variable(0.0)
        return self.state_mapping[id(variable)]


def _bytes(shape: tuple[int, ...], dtype: str) -> int:
    size = 2 if dtype == "bfloat16" else np.dtype(dtype).itemsize
    return prod(shape) * size
