"""The calls of a functional network, one after the other, with what looks at them or takes their place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import keras
from keras.src import backend


@dataclass(frozen=True)
class Call:
    """A call on its way through a network.

    Attributes:
        path: Its name, inside networks that are called behind theirs and a dot; further calls of one layer end with #2
            and so on.
        operation: The layer or op.
        args: Its arguments by order.
        kwargs: Those by name.
    """

    path: str
    operation: Any
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]

    def run(self, **more: Any) -> Any:
        """Returns what the call makes."""
        return self.operation(*self.args, **self.kwargs, **more)

    def reads(self, tensor: Any) -> bool:
        """Returns whether a tensor is among the arguments."""
        return any(one is tensor for one in keras.tree.flatten((self.args, dict(self.kwargs))))


Visit = Callable[[Call], Any]
"""Returns what a call makes, or what the network is to go on with in its place."""


def walk(network: keras.Model, inputs: Any, visit: Visit, path: str = "") -> Any:
    """Returns what a network makes of inputs, each call run by `visit`.

    Args:
        network: Functional, as every network of a spec is.
        inputs: In its form.
        visit: Is given each call in the order in which they run, those of networks inside it too.
        path: What stands before the names of calls.
    """
    values = dict(zip(map(id, network.inputs), network._standardize_inputs(inputs), strict=True))
    for name, node in nodes(network, path):
        args, kwargs = node.arguments.fill_in(values)
        if is_network(node.operation):
            made = walk(node.operation, args[0], visit, f"{name}.")
        else:
            made = visit(Call(name, node.operation, args, kwargs))
        values.update(zip(map(id, node.outputs), keras.tree.flatten(made), strict=True))
    return keras.tree.map_structure(lambda tensor: values[id(tensor)], network.output)


def nodes(network: keras.Model, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yields the calls of a network by name, in the order in which they run; those inside a called network are one."""
    calls: Counter[int] = Counter()
    for level in sorted(network._nodes_by_depth, reverse=True):
        for node in network._nodes_by_depth[level]:
            if not node.is_input:
                calls[id(node.operation)] += 1
                number = calls[id(node.operation)]
                yield f"{path}{node.operation.name}{f'#{number}' if number > 1 else ''}", node


def all_nodes(network: keras.Model, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yields the calls of a network by name, those inside called networks too."""
    for name, node in nodes(network, path):
        if is_network(node.operation):
            yield from all_nodes(node.operation, f"{name}.")
        else:
            yield name, node


def is_network(operation: Any) -> bool:
    """Returns whether a layer is a network whose calls can be looked at."""
    return isinstance(operation, keras.Model) and hasattr(operation, "_nodes_by_depth")


def replacing(tensors: Mapping[str, Any]) -> Visit:
    """Returns a visit that puts tensors in the place of what calls make, by name; masks of Keras stay."""

    def visit(call: Call) -> Any:
        made = call.run()
        if call.path not in tensors:
            return made
        tensor = keras.ops.cast(tensors[call.path], made.dtype)
        mask = backend.get_keras_mask(made)
        if mask is not None:
            backend.set_keras_mask(tensor, mask)
        return tensor

    return visit
