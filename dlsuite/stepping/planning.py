"""How the calls of a network go on from one position to the next, or why not."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import keras
import numpy as np
from keras import ops

from dlsuite.stepping.graph import Graph
from dlsuite.stepping.rules import Cache, Refusal, Rule, find_rule


class Plan:
    """The rules of a network's calls, tried on a window.

    Attributes:
        rules: By number of the call; a call without one acts on each position alone.
        stores: What is kept of each position: shape and dtype by name.
        reason: Why the network cannot be asked for single positions; empty where it can.
        example: Inputs by name, (1, window, ...), that it was tried on.
    """

    def __init__(self, graph: Graph, window: int):
        self.example = {name: _example(tensor, window) for name, tensor in graph.inputs.items()}
        if graph.mask in self.example:
            self.example[graph.mask] = ops.ones((1, window), "bool")
        self.rules: dict[int, Rule] = {}
        self.stores: dict[str, tuple[tuple[int, ...], str]] = {}
        self.reason = ""
        values = graph.run_whole(self.example)

        def call(number: int, component: Any, moving: set[int]) -> Callable[..., Any]:
            alone = partial(graph.acts_alone, number, values)
            return partial(self._go, number, component, _Noted(self.stores, str(number), moving), alone)

        try:
            graph.run_moving(self.example[graph.stream.name], graph.run_fixed(self.example), call)
        except Refusal as error:
            self.rules, self.stores, self.reason = {}, {"0/ids": ((), "int32")}, str(error)

    def _go(
        self, number: int, component: Any, cache: Cache, alone: Callable[[], bool], *args: Any, **kwargs: Any
    ) -> Any:
        """Returns what a component gives for the window, by its rule if it has one that suits, and notes that."""
        title = f"`{component.name}` ({type(component).__name__})"
        if found := find_rule(component):
            try:
                made = found(component, cache, *args, **kwargs)
                self.rules[number] = found
                return made
            except Refusal as error:
                if not alone():
                    raise Refusal(f"{title} {error}") from None
        if not alone():
            raise Refusal(f"{title} mixes positions and has no rule to go on from those before")
        return component(*args, **kwargs)


class _Noted(Cache):
    """Notes what a rule keeps of a window, which begins at 0."""

    start = 0

    def __init__(self, stores: dict[str, Any], call: str, moving: set[int]):
        self.stores, self.call, self.moving = stores, call, moving

    def extend(self, name: str, new: Any) -> Any:
        self.stores[f"{self.call}/{name}"] = tuple(new.shape[2:]), keras.backend.standardize_dtype(new.dtype)
        return new

    def keep(self, name: str, compute: Callable[[], Any]) -> Any:
        return compute()

    def moves(self, value: Any) -> bool:
        return id(value) in self.moving


def _example(tensor: Any, window: int) -> Any:
    """Returns a value for an input, of one example: numbers of classes are 0 or 1, which every vocabulary has."""
    shape = (1, *(window if size is None else size for size in tensor.shape[1:]))
    dtype = keras.backend.standardize_dtype(tensor.dtype)
    draw = np.random.default_rng(0)
    if dtype == "bool":
        return ops.ones(shape, "bool")
    values = draw.normal(size=shape) if "float" in dtype else draw.integers(0, 2, shape)
    return ops.convert_to_tensor(values, dtype=dtype)
