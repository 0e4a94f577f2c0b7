"""The rows of a summary: calls of layers, ops, blocks and networks, with what they bring and cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import Any

from dlsuite.summary.amounts import NOTHING, Amount
from dlsuite.summary.tracing import Trace

Weight = tuple[tuple[int, ...], str, bool]
"""Shape, dtype, and whether it is trained."""
Weights = Mapping[Weight, int]
"""How many there are of each kind."""


@dataclass(frozen=True)
class Call:
    """One row: a call of a layer, an op, a block or a network.

    Attributes:
        name: Its own, in the body that it stands in.
        component: The layer, op, block or network.
        kind: `layer`, `op`, `block` or `network`.
        shape: Of what comes out, `None` for the batch; a list or a dictionary of several.
        reads: Positions of the calls of the same body that it reads; those below zero are the body's inputs.
        weights: How many it brings of each kind; none where it uses those of an earlier call.
        held: The same in training: frozen and adapted as the patterns say.
        shared: Whether its weights are those of an earlier call.
        active: The parameters of `weights` that act on one example or token.
        forward: Operations of inference.
        step: Operations of a training step, forward and backward.
        parts: What a block or network does.
        takes: Names of its inputs, of a block or network.
    """

    name: str
    component: str
    kind: str
    shape: Any
    reads: tuple[int, ...]
    weights: Weights
    held: Weights
    shared: bool
    active: Fraction
    forward: Amount
    step: Amount
    parts: tuple[Call, ...] = ()
    takes: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        """The parameters that it brings."""
        return count(self.weights)

    @property
    def trainable(self) -> int:
        """Those of them that are trained."""
        return count(self.weights, trainable=True)

    def leaves(self, path: str = "") -> Iterator[tuple[str, Call]]:
        """Yields the layers and ops inside it under their dotted paths; itself where it is one."""
        if not self.parts:
            yield f"{path}{self.name}", self
        inner = f"{path}{self.name}." if self.kind == "block" else ""
        for part in self.parts if self.kind == "block" else ():
            yield from part.leaves(inner)


@dataclass(frozen=True)
class Record:
    """What is known of a body with given inputs.

    Attributes:
        trace: Seen from outside, as of a single call.
        passes: Numbers of the inputs that come out as they are, in the order of the outputs; `None` for others.
        weights: How many it has of each kind, without those of networks that it calls.
        held: The same in training.
        networks: Names of the networks that it calls: their weights are counted once.
        given: Bytes of a network's own inputs.
    """

    calls: tuple[Call, ...]
    trace: Trace
    passes: tuple[int | None, ...]
    weights: Weights
    held: Weights
    active: Fraction
    networks: frozenset[str]
    given: Amount = NOTHING


def count(weights: Weights, *, trainable: bool = False) -> int:
    """Returns the number of parameters."""
    return sum(prod(weight[0]) * times for weight, times in weights.items() if weight[2] or not trainable)


def weights_of(layer: Any) -> Weights:
    """Returns how many weights of each kind a layer has."""
    trained = {id(one) for one in layer.trainable_weights}
    return Counter((tuple(one.shape), one.dtype, id(one) in trained) for one in layer.weights)
