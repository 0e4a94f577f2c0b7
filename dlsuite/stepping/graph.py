"""The calls of a functional model, told apart by whether they depend on an input that grows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import keras
import numpy as np
from keras import ops

Run = Callable[..., Any]
TRIED = 8
"""So many positions of a window are tried alone."""


class Graph:
    """The calls that lead from the inputs of a network to one of its outputs.

    Attributes:
        stream: The input that grows, a symbolic tensor.
        mask: The name of its mask, which does not move: of all that there is, nothing is masked.
        others: The names of the other inputs.
        window: So many positions at most: those of the stream, or of a layer that numbers them; `None`: any number.
    """

    def __init__(self, network: keras.Model, stream: str, output: str | None = None):
        self.inputs = {tensor.name: tensor for tensor in network.inputs}
        self.stream = self.inputs[stream]
        self.mask = f"{stream}.mask"
        self.others = [name for name in self.inputs if name != stream]
        self.output = network.output[output] if isinstance(network.output, dict) else network.output
        levels = network._nodes_by_depth
        nodes = [node for level in sorted(levels, reverse=True) for node in levels[level] if not node.is_input]
        moving = {id(self.stream)}
        for node in nodes:
            if any(id(tensor) in moving for tensor in node.input_tensors):
                moving.update(id(tensor) for tensor in node.outputs)
        self.fixed_calls = [node for node in nodes if id(node.outputs[0]) not in moving]
        self.moving_calls = [node for node in nodes if id(node.outputs[0]) in moving]
        self.moving = moving
        sizes = [
            self.stream.shape[1],
            *(getattr(node.operation, "sequence_length", None) for node in self.moving_calls),
        ]
        self.window = min((size for size in sizes if size), default=None)
        read = {id(t): t for node in self.moving_calls for t in node.input_tensors if id(t) not in moving}
        self.frontier = {f"fixed_{i}": tensor for i, tensor in enumerate(read.values())}

    def run(self, inputs: Mapping[str, Any]) -> Any:
        """Returns the output for whole inputs by name."""
        return self.run_whole(inputs)[id(self.output)]

    def run_fixed(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """Returns what calls of the stream read that does not move, by the names of `frontier`."""
        values = self._run(self.fixed_calls, self._named(inputs))
        return {name: values[id(tensor)] for name, tensor in self.frontier.items()}

    def run_moving(self, ids: Any, fixed: Mapping[str, Any], call: Callable[[int, Any, set[int]], Run]) -> Any:
        """Returns the output at new positions.

        Args:
            ids: (rows, n) of the stream.
            fixed: As `run_fixed` returned it.
            call: Gives what to call in place of a component: takes the number of the call, the component, and the
                identities of its arguments that move.
        """
        values = {id(tensor): fixed[name] for name, tensor in self.frontier.items()} | {id(self.stream): ids}
        for number, node in enumerate(self.moving_calls):
            moving = {id(values[id(tensor)]) for tensor in node.input_tensors if id(tensor) in self.moving}
            args, kwargs = node.arguments.fill_in(values)
            _bind(values, node, call(number, node.operation, moving)(*args, **kwargs))
        return values[id(self.output)]

    def run_whole(self, inputs: Mapping[str, Any]) -> dict[int, Any]:
        """Returns what every call gives for whole inputs by name, by identity of the symbolic tensor."""
        return self._run([*self.fixed_calls, *self.moving_calls], self._named(inputs))

    def acts_alone(self, number: int, values: Mapping[int, Any]) -> bool:
        """Returns whether a call of the stream gives for single positions what it gave for them in the window.

        Args:
            number: Of the call.
            values: As `run_whole` returned them for one example.
        """
        node, length = self.moving_calls[number], values[id(self.stream)].shape[1]
        places = np.unique(np.linspace(0, length - 1, TRIED).astype("int32"))
        wanted = [values[id(tensor)] for tensor in node.outputs]
        if any(len(tensor.shape) < 2 or tensor.shape[:2] != (1, length) for tensor in wanted):
            return False
        given = {}
        for tensor in node.input_tensors:
            value = values[id(tensor)]
            apart = id(tensor) in self.moving
            given[id(tensor)] = _apart(value, places) if apart else ops.repeat(value, len(places), axis=0)
        args, kwargs = node.arguments.fill_in(given)
        try:
            made = keras.tree.flatten(node.operation(*args, **kwargs))
        except Exception:  # what a component raises when it is given one position is its own affair
            return False
        return all(close(_apart(a, places), b) for a, b in zip(wanted, made, strict=True))

    def _named(self, inputs: Mapping[str, Any]) -> dict[int, Any]:
        return {id(tensor): inputs[name] for name, tensor in self.inputs.items() if name in inputs}

    def _run(self, nodes: Iterable[Any], values: dict[int, Any]) -> dict[int, Any]:
        for node in nodes:
            args, kwargs = node.arguments.fill_in(values)
            _bind(values, node, node.operation(*args, **kwargs))
        return values


def _bind(values: dict[int, Any], node: Any, made: Any) -> None:
    values.update(zip(map(id, node.outputs), keras.tree.flatten(made), strict=True))


def _apart(value: Any, places: np.ndarray) -> Any:
    """Returns single positions as sequences of their own: (1, length, ...) to (places, 1, ...)."""
    return ops.swapaxes(ops.take(value, places, axis=1), 0, 1)


def close(one: Any, other: Any) -> bool:
    """Returns whether two tensors are equal but for rounding."""
    if one.shape != other.shape:
        return False
    a, b = (ops.convert_to_numpy(ops.cast(tensor, "float32")) for tensor in (one, other))
    exact = keras.backend.standardize_dtype(one.dtype) in ("float32", "float64") or "float" not in str(one.dtype)
    return bool(np.allclose(a, b, rtol=1e-3 if exact else 0.05, atol=1e-4 if exact else 0.05, equal_nan=True))
