"""From a plan to Keras models: the functional models that one would write by hand."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from functools import partial
from typing import Any

import keras
import numpy as np
from keras.src.backend.common import global_state

from dlsuite.extents import Allowance, check_extent
from dlsuite.making import find, make
from dlsuite.spec import catalogue
from dlsuite.spec.checking import has_symbol
from dlsuite.spec.errors import DataError, Fault, Place, SpecError
from dlsuite.spec.plan import (
    BlockCall,
    Body,
    Component,
    LayerCall,
    Network,
    NetworkCall,
    Node,
    OpCall,
    Plan,
    Ref,
    Shortcut,
)
from dlsuite.weight_trials import WeightTrials

__all__ = ["build", "make"]

_SHOWN = 3
_FAILED: Any = object()
"""Stands for what a call at fault would have made: calls that read it are passed over, others go on."""


def build(plan: Plan, *, weights: bool = True) -> dict[str, keras.Model]:
    """Returns the plan's models by name; the one of a spec with `model` is named `model`.

    The same plan and seed give the same initial weights: the seed of `keras.utils.set_random_seed` is set.

    Args:
        plan: What to build.
        weights: Without them, models have shapes and counts alone, and take no room: a spec may be larger than memory.

    Raises:
        SpecError: Layers refuse their arguments or the shapes that reach them; what depends on one is passed over.
        DataError: A shape or an argument depends on data that was not read.

    Example:
        >>> build(dlsuite.spec.load("specs/vision/digits_cnn.json").plan())["model"].summary()
    """
    keras.utils.set_random_seed(plan.seed)
    builder = _Builder(plan, None if weights else WeightTrials())
    calls = sum(network.body.calls for network in plan.networks.values())
    with recursion(calls), nullcontext() if weights else weightless():
        try:
            models = {name: builder.model(name) for name in plan.networks}
        except DataError:
            builder.report()
            raise
    builder.report()
    return models


class _Builder:
    def __init__(self, plan: Plan, trials: WeightTrials | None):
        self.plan = plan
        self.trials = trials
        self.allowance = Allowance()
        self.network = ""
        self.models: dict[str, keras.Model] = {}
        self.layers: dict[str, keras.layers.Layer] = {}
        self.calls: tuple[tuple[str, Place], ...] = ()
        self.trail: list[str] = []
        self.faults: dict[Any, Fault] = {}

    def report(self) -> None:
        """Raises the faults that were found, if any."""
        if self.faults:
            raise SpecError(self.faults.values())

    def model(self, name: str) -> keras.Model:
        """Returns a network as a model, made on first use; `_FAILED` where a fault keeps outputs from being made."""
        if name in self.models:
            return self.models[name]
        network = self.plan.networks[name]
        outer = self.network, self.layers, self.calls, self.trail
        self.network, self.layers, self.calls, self.trail = name, {}, (), []
        inputs = {key: self.input(key, network) for key in network.inputs}
        made = self.run(network.body, [inputs[key] for key in network.body.inputs], "", network.settings)
        outputs = self.outputs(made, network.body, network.place)
        self.network, self.layers, self.calls, self.trail = outer
        title = self.plan.name if self.plan.single else name
        failed = any(value is _FAILED for value in outputs.values())
        self.models[name] = _FAILED if failed else keras.Model(alone(inputs), alone(outputs), name=title)
        return self.models[name]

    def outputs(self, made: Made, body: Body, place: Place) -> dict[str, Any]:
        """Returns what comes out of a body."""
        return {key: self.attempt(place, partial(pick, made, ref)) for key, ref in body.outputs.items()}

    def input(self, name: str, network: Network) -> Any:
        """Returns a network's input tensor."""
        given = network.inputs[name]
        if given.shape is None or has_symbol(given.shape):
            raise DataError(f"The shape of `{name}` is known once the data is read, and it was not.")
        tensor = keras.Input(tuple(given.shape), dtype=given.dtype, name=name)
        self.trail.append(f"{name} {tensor.shape}")
        return tensor

    def run(self, body: Body, inputs: list[Any], path: str, settings: Mapping[str, Any]) -> Made:
        """Returns what each call of a body makes."""
        made = Made(body, inputs)
        for node in body.nodes:
            skipped = any(_shape(pick(made, a)) == _shape(pick(made, b)) for a, b in node.guards)
            made.values.append(None if skipped else self.call(node, made, path, settings))
        return made

    def call(self, node: Node, made: Made, path: str, settings: Mapping[str, Any]) -> Any:
        """Returns what one call makes."""
        name = f"{path}{node.name}"
        inputs = {key: self.attempt(node.place, partial(resolve, made, value)) for key, value in node.inputs.items()}
        if isinstance(node, BlockCall):
            return self.block(node, inputs, name, settings)
        if _has_failed(inputs):
            return _FAILED
        if isinstance(node, Shortcut):
            same = _shape(inputs["layers"]) == _shape(inputs["value"])
            return inputs["value"] if same else inputs["shortcut"]
        if isinstance(node, NetworkCall):
            model = self.model(node.network)
            if model is _FAILED:
                return _FAILED
            return self.guarded(node, name, node.network, inputs, lambda: model(alone(inputs)))
        if isinstance(node, LayerCall):
            layer = self.layer(node, name, settings)
            if layer is _FAILED:
                return _FAILED
            values, keywords = ordered(node.component.name, inputs)
            title = f"{node.component.name} `{name}`"
            return self.guarded(node, title, node.component.name, inputs, lambda: self.called(layer, values, keywords))
        assert isinstance(node, OpCall)
        op, title = node.component.name, f"{node.component.name} `{name}`"
        values, keywords = operands(op, inputs)
        return self.guarded(node, title, op, keywords or inputs, lambda: self.op(op, name, values, keywords))

    def layer(self, node: LayerCall, name: str, settings: Mapping[str, Any]) -> keras.layers.Layer:
        """Returns the layer of a path, made on first use."""
        if name not in self.layers:
            arguments = {**settings, **node.component.arguments}
            if has_symbol(arguments):
                raise DataError(f"Arguments of `{name}` are known once the data is read, and it was not.")
            trainable = arguments.pop("trainable", True)
            if arguments.get("dtype", "") is None:
                del arguments["dtype"]
            component = Component("layer", node.component.name, arguments)
            layer = self.guarded(node, f"{node.component.name} `{name}`", "", {}, lambda: make(component, name=name))
            if layer is not _FAILED:
                layer.trainable = trainable
            self.layers[name] = layer
        return self.layers[name]

    def called(self, layer: keras.layers.Layer, values: list[Any], keywords: Mapping[str, Any]) -> Any:
        """Returns what a layer makes; the first call makes its weights, which are looked at."""
        fresh = not layer.built
        result = layer(*values, **keywords)
        if fresh:
            check_extent(layer.weights)
            if self.trials is not None:
                self.trials.attempt(layer.weights)
        return result

    def op(self, op: str, name: str, values: list[Any], keywords: Mapping[str, Any]) -> Any:
        """Returns what an op makes, its operation named by its path."""
        act = find("op", op)
        self.allowance.spend(act, values, keywords)
        result = act(*values, **keywords)
        for tensor in keras.tree.flatten(result):
            if isinstance(tensor, keras.KerasTensor):
                tensor._keras_history.operation.name = self.unique(name)
                break
        return result

    def unique(self, name: str) -> str:
        """Returns a name for an operation that nothing else in the model has."""
        number, free = 0, name
        while free in self.layers:
            number += 1
            free = f"{name}_{number}"
        self.layers[free] = None
        return free

    def block(self, node: BlockCall, inputs: dict[str, Any], name: str, settings: Mapping[str, Any]) -> Any:
        """Returns the outputs of a block call."""
        calls, self.calls = self.calls, ((node.block, node.place), *self.calls)
        made = self.run(node.body, list(inputs.values()), f"{name}.", {**settings, **node.settings})
        outputs = self.outputs(made, node.body, node.place)
        self.calls = calls
        return alone(outputs)

    def attempt(self, place: Place, read: Callable[[], Any]) -> Any:
        """Returns what is read; an output that is not there becomes a fault at the place that reads it."""
        try:
            return read()
        except NoOutput as error:
            return self.fail(str(error), place, "Outputs without names count from 0.")

    def fail(self, message: str, place: Place, hint: str) -> Any:
        """Notes a fault, the first of each place in each call of a network, and returns what stands for its output."""
        key = self.network, place, self.calls[-1:]
        self.faults.setdefault(key, Fault(message, place, hint, self.calls))
        return _FAILED

    def guarded(self, node: Node, title: str, component: str, inputs: Mapping[str, Any], act: Any) -> Any:
        """Returns what `act` returns; a refusal becomes a fault at the node's place."""
        try:
            result = act()
            check_extent(result)
        except (SpecError, DataError, MemoryError):
            raise
        except Exception as error:
            shapes = [f"`{key}` {_shape(value)}" for key, value in inputs.items() if _shape(value)]
            met = f" with {', '.join(shapes)}" if shapes else ""
            message = f"{title} cannot be {'called' if inputs else 'made'}{met}: {reason(error)}"
            before = f"Before it: {' -> '.join(self.trail[-_SHOWN:])}." if self.trail and inputs else ""
            return self.fail(message, node.place, before)
        if component and _shape(result):
            self.trail.append(f"{component} {_shape(result)}")
        return result


class Made:
    """The tensors of a body: its inputs, and what each node made."""

    def __init__(self, body: Body, inputs: list[Any]):
        self.body = body
        self.inputs = inputs
        self.values: list[Any] = []


class NoOutput(Exception):
    """A call has no output of the name or number that is read."""


def pick(made: Made, ref: Ref) -> Any:
    """Returns what a wire holds."""
    value = made.values[ref.node] if ref.node >= 0 else made.inputs[-1 - ref.node]
    if ref.item is None or value is _FAILED:
        return value
    known = list(value) if isinstance(value, Mapping) else range(len(value)) if isinstance(value, list | tuple) else ()
    try:
        if known:
            return value[ref.item]
    except (KeyError, IndexError, TypeError):
        pass
    makes = ", ".join(map(str, known)) or "one tensor"
    raise NoOutput(f"`{made.body.nodes[ref.node].name}` has no output `{ref.item}`; it makes {makes}.")


def resolve(made: Made, value: Any) -> Any:
    """Returns an argument of a call, its wires replaced by what they hold."""
    if isinstance(value, Ref):
        return pick(made, value)
    if isinstance(value, Mapping):
        return {key: resolve(made, item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [resolve(made, item) for item in value]
    return value


def _has_failed(value: Any) -> bool:
    """Returns whether something that could not be made stands anywhere inside."""
    if isinstance(value, Mapping):
        return any(map(_has_failed, value.values()))
    return any(map(_has_failed, value)) if isinstance(value, list | tuple) else value is _FAILED


def ordered(layer: str, inputs: Mapping[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """Returns a call's arguments as one writes them: the leading tensors in order, the others by name."""
    entry = catalogue.load().entry("layer", layer) or {}
    leading: list[Any] = []
    for key in entry.get("call", inputs):
        if key not in inputs or (leading and _shape(inputs[key]) is None):
            break
        leading.append(inputs[key])
    return leading, dict(list(inputs.items())[len(leading) :])


def operands(op: str, inputs: Mapping[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """Returns the arguments of an op: by order where it takes any number of tensors, else by name."""
    entry = catalogue.load().entry("op", op) or {}
    variadic = entry.get("variadic")
    wanted = (*entry.get("tensors", ()), variadic)
    inputs = {key: constant(value) if key in wanted else value for key, value in inputs.items()}
    if variadic is None or variadic not in inputs:
        return [], inputs
    before = [inputs[key] for key in entry["args"] if key in inputs and key != variadic]
    return [*before, *map(constant, inputs[variadic])], {}


def constant(value: Any) -> Any:
    """Returns a nested list of numbers as an array; wires, lists of them and ragged lists as they are."""
    if not isinstance(value, list) or any(isinstance(item, keras.KerasTensor) for item in keras.tree.flatten(value)):
        return value
    try:
        array = np.array(value)
    except ValueError:
        return value
    return array.astype("float32" if array.dtype.kind == "f" else "int32" if array.dtype.kind == "i" else array.dtype)


def alone(values: Mapping[str, Any]) -> Any:
    """Returns the only value, or a dictionary of several."""
    return next(iter(values.values())) if len(values) == 1 else dict(values)


def _shape(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _shape(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        shapes = [_shape(item) for item in value]
        return shapes if any(shapes) else None
    return tuple(value.shape) if hasattr(value, "shape") else None


def reason(error: Exception) -> str:
    """Returns what Keras says, without its colours, frames and repetition of arguments."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", str(error))
    text = re.sub(r"^Exception encountered when calling [^\n]*\n+", "", text)
    text = text.rpartition("\n\nException encountered: ")[2]
    text = text.split("\n\nArguments received")[0].split("\n\nCall arguments")[0]
    text = re.sub(r"\{\{function_node [^}]*\}\}| \[Op:\w+\].*|(?<=\.) for '\{\{node.*", "", text, flags=re.DOTALL)
    text = " ".join(text.split()) or type(error).__name__
    return text if len(text) <= 400 else text[:397] + "..."


@contextmanager
def weightless() -> Iterator[None]:
    """Lets layers make variables that are never filled."""
    try:
        with keras.StatelessScope(initialize_variables=False):
            yield
    finally:
        global_state.set_global_attribute("uninitialized_variables", [])


@contextmanager
def recursion(calls: int) -> Iterator[None]:
    """Lets Keras walk a chain of so many layers, which it does recursively."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, 20 * calls + 2000) if calls < 50_000 else max(limit, 1_000_000))
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)
