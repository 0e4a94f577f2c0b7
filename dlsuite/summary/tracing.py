"""One call of a layer or op, traced forward and backward: what it makes, computes and keeps, without its weights.

The call runs on placeholders of TensorFlow's graphs, its weights being placeholders too, and its gradient is taken as
training takes it. Nothing is computed and no weight takes room.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import tensorflow as tf
from tensorflow.python.framework.func_graph import FuncGraph
from tensorflow.python.ops.while_v2 import _get_graph

from dlsuite.summary.amounts import NOTHING, Amount
from dlsuite.summary.operations import count, size

ALIASES = frozenset(["Reshape", "Identity", "ExpandDims", "Squeeze", "StopGradient", "PreventGradient", "EnsureShape"])
"""What comes out shares the room of what goes in."""
SHAPES_ONLY = frozenset(["Shape", "ShapeN", "Size", "Rank", "ZerosLike", "OnesLike", "BroadcastGradientArgs"])
"""What reads the shape of a tensor and not its values."""
LOOPS = frozenset(["While", "StatelessWhile"])
CALLS = frozenset(["PartitionedCall", "StatefulPartitionedCall"])


class Value(keras.KerasTensor):
    """A tensor of the traced network: shape and dtype, where it comes from, and whether training keeps it.

    Attributes:
        flows: Whether a gradient is wanted for it.
        root: The value whose room it shares; itself where it has its own.
        kept: Whether it stays in memory until the backward pass reads it.
        counted: Whether the call that made it has counted its room.
    """

    def __init__(self, shape: Sequence[int | None], dtype: str, flows: bool, root: Value | None = None):
        super().__init__(shape, dtype, record_history=False)
        self.flows = flows
        self.root = self if root is None else root
        self.kept = False
        self.counted = False

    @property
    def bytes(self) -> Amount:
        """The room that it takes."""
        return Amount.of(self.shape) * tf.as_dtype(self.dtype).size


@dataclass(frozen=True)
class Output:
    """What a call makes.

    Attributes:
        flows: Whether a gradient goes back through it.
        alias: The number of the input whose room it shares.
        kept: Whether the backward pass of the call reads it.
    """

    shape: tuple[int | None, ...]
    dtype: str
    flows: bool
    alias: int | None
    kept: bool


@dataclass(frozen=True)
class Trace:
    """What is known of a call.

    Attributes:
        result: The outputs, in the structure that the call returns.
        forward: Operations of inference.
        step: Operations of a training step, forward and backward.
        kept: Bytes that are made inside and that the backward pass reads.
        keeps: Numbers of the inputs that the backward pass reads.
        passing: Bytes of the gradients that go in and out of its backward pass.
    """

    result: Any
    forward: Amount
    step: Amount
    kept: Amount
    keeps: frozenset[int]
    passing: Amount


def trace(function: Callable[..., Any], values: list[Any], keywords: Mapping[str, Any]) -> Trace:
    """Returns the trace of a call; a layer that is not built is built by it.

    Args:
        function: A layer or an op.
        values: Its arguments in order, with `Value`s for tensors.
        keywords: Its arguments by name, likewise.
    """
    trained = _training(function)
    graph, inputs, result, scope = _run(function, values, keywords, {"training": True} if trained else {})
    made = keras.tree.flatten(result) + scope.updates()
    operations = _leading_to(made)
    forward = _count(operations)
    step, kept, keeps, seen = forward, NOTHING, frozenset[int](), set()
    found: list[Any] = []
    if sources := [tensor for value, tensor in inputs if value.flows] + scope.trained(function):
        ends = [tensor for tensor in keras.tree.flatten(result) if tensor.dtype.is_floating]
        with graph.as_default():
            found = _differentiate(ends, sources)
    if found:
        before = {id(one) for one in operations}
        backward = [one for one in _leading_to(made + found) if id(one) not in before]
        operations = _leading_to(made)  # a loop now puts aside what its gradient reads
        step = _count(operations) + _count(backward)
        held = _held(operations, backward)
        places = {id(tensor): number for number, (_, tensor) in enumerate(inputs)}
        outputs = {id(_root(tensor)) for tensor in keras.tree.flatten(result)}
        weights = {id(tensor) for tensor in scope.placeholders}
        keeps = frozenset(places[one] for one in held if one in places)
        seen = {one for one in held if one in outputs}
        inside = [tensor for one, tensor in held.items() if one not in places and one not in outputs | weights]
        kept = sum(map(_bytes, inside), _stacked(operations))
    if trained:
        _, _, answer, _ = _run(function, values, keywords, {"training": False})
        forward = _count(_leading_to(keras.tree.flatten(answer)))
    numbers = {id(tensor): number for number, (_, tensor) in enumerate(inputs)}

    def output(tensor: Any) -> Output:
        root = _root(tensor)
        alias = numbers.get(id(root))
        flowing = bool(found) and tensor.dtype.is_floating
        return Output(_shape(tensor), tensor.dtype.name, flowing, alias, alias is None and id(root) in seen)

    flowing = [tensor for value, tensor in inputs if value.flows] + keras.tree.flatten(result)
    passing = sum((_bytes(tensor) for tensor in flowing if tensor.dtype.is_floating), NOTHING) if found else NOTHING
    return Trace(keras.tree.map_structure(output, result), forward, step, kept, keeps, passing)


class _Scope(keras.StatelessScope):
    """Gives a placeholder for the value of a variable, made when it is first read."""

    def __init__(self, graph: FuncGraph):
        super().__init__(initialize_variables=False)
        self.graph = graph
        self.placeholders: list[Any] = []
        self.by_variable: dict[int, Any] = {}

    def get_current_value(self, variable: Any) -> Any:
        found = super().get_current_value(variable)
        if found is None:
            with self.graph.as_default():
                found = tf.compat.v1.placeholder(variable.dtype, variable.shape)
            self.placeholders.append(found)
            self.by_variable[id(variable)] = found
            self.add_update((variable, found))
        return found

    def updates(self) -> list[Any]:
        """Returns the new values of variables that the call changes, such as moving averages."""
        known = {id(one) for one in self.placeholders}
        return [one for one in self.state_mapping.values() if id(one) not in known and hasattr(one, "op")]

    def trained(self, function: Any) -> list[Any]:
        """Returns the placeholders of a layer's trainable variables."""
        variables = function.trainable_variables if isinstance(function, keras.layers.Layer) else []
        return [self.by_variable[id(one)] for one in variables if id(one) in self.by_variable]


def _run(function: Any, values: list[Any], keywords: Mapping[str, Any], more: Mapping[str, Any]) -> tuple[Any, ...]:
    """Returns the graph of a call, its inputs (values and placeholders), its result and its scope."""
    graph = FuncGraph("call")
    inputs: list[tuple[Value, Any]] = []
    known: dict[int, Any] = {}

    def put(value: Any) -> Any:
        if isinstance(value, Value):
            if id(value) not in known:
                known[id(value)] = tf.compat.v1.placeholder(value.dtype, value.shape)
                inputs.append((value, known[id(value)]))
            return known[id(value)]
        if isinstance(value, Mapping):
            return {key: put(one) for key, one in value.items()}
        if isinstance(value, list | tuple):
            return [put(one) for one in value]
        return value

    with graph.as_default(), _Scope(graph) as scope:
        arguments, named = put(values), put(keywords)
        result = function(*arguments, **{**named, **more})
        result = keras.tree.map_structure(tf.convert_to_tensor, result)
    return graph, inputs, result, scope


def _training(function: Any) -> bool:
    return isinstance(function, keras.layers.Layer) and function._call_has_training_arg


def _differentiate(ends: list[Any], sources: list[Any]) -> list[Any]:
    """Adds the backward pass to the current graph and returns the gradients; none where there is no way back."""
    if not ends:
        return []
    given = [tf.compat.v1.placeholder(tensor.dtype, tensor.shape) for tensor in ends]
    try:
        found = tf.gradients(ends, sources, given)
    except LookupError:  # an operation without gradient: training stops there too
        return []
    return [getattr(one, "values", one) for one in found if one is not None]


def _leading_to(tensors: Sequence[Any]) -> list[Any]:
    """Returns the operations that tensors depend on: what nothing reads is not computed."""
    found: dict[int, Any] = {}
    waiting = [tensor.op for tensor in tensors]
    while waiting:
        operation = waiting.pop()
        if id(operation) not in found:
            found[id(operation)] = operation
            waiting += [tensor.op for tensor in operation.inputs]
            waiting += operation.control_inputs
    return list(found.values())


def _bytes(tensor: Any) -> Amount:
    return size(tensor) * tensor.dtype.size


def _shape(tensor: Any) -> tuple[int | None, ...]:
    return tuple(tensor.shape.as_list()) if tensor.shape.rank is not None else ()


def _root(tensor: Any) -> Any:
    """Returns the tensor whose room a tensor shares."""
    while (source := _source(tensor)) is not None:
        tensor = source
    return tensor


def _source(tensor: Any) -> Any:
    """Returns the tensor that an operation hands on, if it does; a function may hand on what it is called with."""
    operation = tensor.op
    if operation.type in ALIASES:
        return operation.inputs[0]
    if operation.type not in CALLS:
        return None
    inner = _function(operation)
    numbers = {id(one): number for number, one in enumerate(inner.inputs)}
    number = numbers.get(id(_root(inner.outputs[tensor.value_index])))
    return None if number is None else operation.inputs[number]


def _held(forward: Sequence[Any], backward: Sequence[Any]) -> dict[int, Any]:
    """Returns the tensors of the forward pass that the backward pass reads, by identity of their roots."""
    made = {id(operation) for operation in forward}
    held = {}
    for operation in backward:
        if operation.type in SHAPES_ONLY:
            continue
        for tensor in operation.inputs:
            root = _root(tensor)
            if id(root.op) in made and root.op.type != "Const" and root.dtype != tf.variant:
                held[id(root)] = root
    return held


def _count(operations: Sequence[Any]) -> Amount:
    total = NOTHING
    for operation in operations:
        if operation.type in LOOPS:
            total += _count(_get_graph(operation, "body", "_body_graph").get_operations()) * _turns(operation)
        elif operation.type in CALLS:
            total += _count(_function(operation).get_operations())
        else:
            total += count(operation)
    return total


def _function(operation: Any) -> FuncGraph:
    return operation.graph._get_function(operation.get_attr("f").name).graph


def _turns(loop: Any) -> int:
    """Returns how often a loop turns, by the number that its condition compares a counter with; once without one."""
    condition = _get_graph(loop, "cond", "_cond_graph")
    given = {id(inner): outer for inner, outer in zip(condition.inputs, loop.inputs, strict=False)}
    limits = [one.inputs[1] for one in condition.get_operations() if one.type == "Less"]
    found = [turns for limit in limits if (turns := _static(given.get(id(limit), limit))) is not None]
    return min(found, default=1)


def _static(tensor: Any) -> int | None:
    """Returns a number that the graph holds already, or the turns of the loop that it counts."""
    if tensor.op.type in LOOPS:
        return _turns(tensor.op)
    if tensor.op.type in ("Max", "Identity"):
        tensor = tensor.op.inputs[0]
    found = tf.get_static_value(tensor) if tensor.op.type in ("Const", "Pack") else None
    return int(found.max()) if found is not None and found.size else None


def _stacked(operations: Sequence[Any]) -> Amount:
    """Returns the bytes that loops put aside at each turn for the backward pass."""
    total = NOTHING
    for operation in operations:
        if operation.type in LOOPS:
            for tensor in _pushed(_get_graph(operation, "body", "_body_graph").get_operations()):
                total += size(tensor) * (tensor.dtype.size * _turns(operation))
    return total


def _pushed(operations: Sequence[Any]) -> Iterator[Any]:
    return (one.inputs[1] for one in operations if one.type == "TensorListPushBack" and one.inputs[1].dtype.size)
