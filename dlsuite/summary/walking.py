"""A plan walked once for each distinct call: the rows of its table, without building a model.

Equal layers on equal shapes are traced once, and so are equal block calls: a network of 96 equal decoders costs as much
as one of two.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

import keras

from dlsuite.freezing import Patterns, adapt, flatten, read_settings
from dlsuite.graph import Made, alone, operands, ordered, pick, resolve
from dlsuite.making import find, make
from dlsuite.spec.plan import (
    BlockCall,
    Body,
    Component,
    InputPlan,
    LayerCall,
    NetworkCall,
    Node,
    OpCall,
    Plan,
    Shortcut,
)
from dlsuite.summary.amounts import BATCH, NOTHING, shape_for
from dlsuite.summary.calls import Call, Record, Weight, Weights, count, weights_of
from dlsuite.summary.tracing import Output, Trace, Value, trace


class Walker:
    """Walks the networks of a plan under the dtype policy that holds.

    Args:
        plan: Whose facts are all known.
        lengths: What lengths count as that may be any, by input; under the empty name, for every other input.
        patterns: What training freezes and adapts.
        look: What is found out about a call: `trace` all, `outline` the shapes.
    """

    def __init__(self, plan: Plan, lengths: Mapping[str, int], patterns: Patterns, look: Callable[..., Trace] = trace):
        self.plan = plan
        self.lengths = lengths
        self.patterns = patterns
        self.look = look
        self.paths = _paths(plan)
        self.records: dict[Any, Record] = {}
        self.layers: dict[Any, Any] = {}
        self.adapted: dict[Any, Any] = {}
        self.traces: dict[Any, Trace] = {}

    def network(self, name: str) -> Record:
        """Returns the record of a network on its own inputs."""
        network = self.plan.networks[name]
        inputs = [self.input(key, network.inputs[key]) for key in network.body.inputs]
        record = self.body(network.body, inputs, network.settings, self.paths[name])
        return replace(record, given=sum((one.bytes for one in inputs), NOTHING))

    def input(self, name: str, tensor: InputPlan) -> Value:
        """Returns a network's input."""
        length = self.lengths.get(name, self.lengths[""])
        return Value([BATCH, *(length if one is None else one for one in tensor.shape)], tensor.dtype, False)

    def body(self, body: Body, given: list[Any], settings: Mapping[str, Any], path: str) -> Record:
        """Returns the record of a body, made on first use; its path tells only where there are patterns."""
        key = (id(body), repr(settings), signature(given), path if self.patterns else "")
        if key not in self.records:
            self.records[key] = self.walk(body, given, settings, path)
        return self.records[key]

    def walk(self, body: Body, given: list[Any], settings: Mapping[str, Any], path: str) -> Record:
        """Walks a body."""
        inputs = keras.tree.map_structure(_fresh, given)
        walk = _Walk(self, body, inputs, settings, path)
        for position, node in enumerate(body.nodes):
            walk.step(position, node)
        return walk.record()

    def layer(self, component: Component, settings: Mapping[str, Any], arguments: Any) -> Any:
        """Returns a layer for the arguments of its first call; equal ones are one layer."""
        key = (repr(component), repr(settings), signature(arguments))
        if key not in self.layers:
            self.layers[key] = self.make(component, settings)
        return self.layers[key]

    def make(self, component: Component, settings: Mapping[str, Any]) -> Any:
        """Returns a new layer."""
        given = {**settings, **component.arguments}
        trainable = given.pop("trainable", True)
        if given.get("dtype", "") is None:
            del given["dtype"]
        layer = make(Component("layer", component.name, given), name=f"layer_{len(self.layers) + len(self.adapted)}")
        layer.trainable = trainable
        return layer

    def trained(self, node: LayerCall, settings: Mapping[str, Any], layer: Any, path: str, arguments: Any) -> Any:
        """Returns a built layer as training has it under a path; itself where no pattern is for it."""
        networks = {one.rstrip(".") for one in self.paths.values()}
        wanted = read_settings(self.patterns, _inside(path, layer), networks)
        if not wanted:
            return layer
        key = (id(layer), wanted)
        if key not in self.adapted:
            other = self.make(node.component, settings)
            self.look(other, *arguments)  # builds it
            adapt(self.patterns, _inside(path, other), networks)
            self.adapted[key] = other
        return self.adapted[key]

    def traced(self, function: Any, values: list[Any], keywords: Mapping[str, Any]) -> Trace:
        """Returns the trace of a call, made on first use."""
        key = (id(function), signature([values, keywords]))
        if key not in self.traces:
            self.traces[key] = self.look(function, values, keywords)
        return self.traces[key]


class _Walk:
    """One walk of one body."""

    def __init__(self, walker: Walker, body: Body, inputs: list[Any], settings: Mapping[str, Any], path: str):
        self.walker = walker
        self.body = body
        self.made = Made(body, inputs)
        self.settings = settings
        self.path = path
        self.inputs = tensors(inputs)
        self.places = {id(value): -1 - number for number, value in enumerate(self.inputs)}
        self.calls: list[Call] = []
        self.values: list[Value] = []
        self.kept = self.passing = NOTHING
        self.known: dict[str, Any] = {}
        self.networks: set[str] = set()

    def step(self, position: int, node: Node) -> None:
        """Walks one call."""
        made = self.made
        if any(_shape(pick(made, a)) == _shape(pick(made, b)) for a, b in node.guards):
            made.values.append(None)
            return
        inputs = {key: resolve(made, value) for key, value in node.inputs.items()}
        if isinstance(node, Shortcut):
            same = _shape(inputs["layers"]) == _shape(inputs["value"])
            made.values.append(inputs["value"] if same else inputs["shortcut"])
            return
        shared = node.name in self.known
        if isinstance(node, LayerCall):
            result = self.layer(node, inputs, shared)
        elif isinstance(node, OpCall):
            values, keywords = operands(node.component.name, inputs)
            function = find("op", node.component.name)
            found = self.walker.traced(function, values, keywords)
            result = self.put(node.component.name, "op", node, found, [values, keywords], {}, {}, shared)
        else:
            result = self.inner(node, inputs, shared)
        made.values.append(result)

    def layer(self, node: LayerCall, inputs: Mapping[str, Any], shared: bool) -> Any:
        """Walks the call of a layer."""
        name = node.component.name
        values, keywords = ordered(name, inputs)
        walker, given = self.walker, [values, keywords]
        if not shared:
            layer = walker.layer(node.component, self.settings, given)
            walker.traced(layer, *given)  # builds it
            path = f"{self.path}{node.name}"
            self.known[node.name] = layer, walker.trained(node, self.settings, layer, path, given)
        layer, trained = self.known[node.name]
        found = replace(walker.traced(trained, *given), forward=walker.traced(layer, *given).forward)
        weights, held = ({}, {}) if shared else (weights_of(layer), weights_of(trained))
        return self.put(name, "layer", node, found, given, weights, held, shared)

    def inner(self, node: Node, inputs: Mapping[str, Any], shared: bool) -> Any:
        """Walks the call of a block or of another network."""
        self.known[node.name] = node
        given = list(inputs.values())
        if isinstance(node, BlockCall):
            path = f"{self.path}{node.name}."
            record = self.walker.body(node.body, given, {**self.settings, **node.settings}, path)
            self.networks |= record.networks
            weights, held, active = record.weights, record.held, record.active
            title, kind = node.block, "block"
        else:
            assert isinstance(node, NetworkCall)
            network = self.walker.plan.networks[node.network]
            record = self.walker.body(network.body, given, network.settings, self.walker.paths[node.network])
            self.networks |= {node.network, *record.networks}
            weights, held, active = {}, {}, Fraction(0)
            title, kind = node.network, "network"
        if shared:
            weights, held, active = {}, {}, Fraction(0)
        result = self.put(title, kind, node, record.trace, given, weights, held, shared)
        self.calls[-1] = replace(self.calls[-1], parts=record.calls, active=active, takes=tuple(inputs))
        outputs, before = keras.tree.flatten(result), tensors(given)
        for number, passed in enumerate(record.passes):
            if passed is not None:
                outputs[number] = before[passed]
        return keras.tree.pack_sequence_as(result, outputs)

    def put(
        self, title: str, kind: str, node: Node, found: Trace, given: Any, weights: Weights, held: Weights, shared: bool
    ) -> Any:
        """Adds a row and returns what the call makes."""
        before = tensors(given)
        for number in found.keeps:
            before[number].root.kept = True
        self.kept += found.kept
        self.passing = self.passing.larger(found.passing)
        whole = kind in ("block", "network")

        def value(output: Output) -> Value:
            root = None if output.alias is None else before[output.alias].root
            new = Value(output.shape, output.dtype, output.flows, root)
            new.kept, new.counted = output.kept, output.kept and whole
            self.values.append(new)
            self.places[id(new)] = len(self.calls)
            return new

        result = keras.tree.map_structure(value, found.result)
        reads = tuple(dict.fromkeys(self.places[id(one)] for one in before))
        self.calls.append(
            Call(
                node.name, title, kind, _written(result), reads, weights, held, shared,
                Fraction(count(weights)), found.forward, found.step,
            )
        )  # fmt: skip
        return result

    def record(self) -> Record:
        """Returns what the walk found."""
        result = alone({key: pick(self.made, ref) for key, ref in self.body.outputs.items()})
        numbers = {id(value): number for number, value in enumerate(self.inputs)}
        kept = self.kept
        for one in self.values:
            if one.root is one and one.kept and not one.counted:
                kept += one.bytes

        def output(value: Value) -> Output:
            alias = numbers.get(id(value.root))
            return Output(tuple(value.shape), value.dtype, value.flows, alias, alias is None and value.root.kept)

        keeps = frozenset(number for number, value in enumerate(self.inputs) if value.kept)
        forward = sum((call.forward for call in self.calls), NOTHING)
        step = sum((call.step for call in self.calls), NOTHING)
        weights: Counter[Weight] = Counter()
        held: Counter[Weight] = Counter()
        for call in self.calls:
            weights.update(call.weights)
            held.update(call.held)
        active = sum((call.active for call in self.calls), Fraction(0)) * share(self.body)
        passes = tuple(numbers.get(id(value)) for value in keras.tree.flatten(result))
        found = Trace(keras.tree.map_structure(output, result), forward, step, kept, keeps, self.passing)
        return Record(tuple(self.calls), found, passes, weights, held, active, frozenset(self.networks))


def share(body: Body) -> Fraction:
    """Returns the share of a body's parameters that act on one example or token."""
    return Fraction(body.active).limit_denominator(1_000_000)


def tensors(structure: Any) -> list[Value]:
    """Returns the different tensors among arguments, in order."""
    found = {id(one): one for one in keras.tree.flatten(structure) if isinstance(one, Value)}
    return list(found.values())


def signature(structure: Any) -> Any:
    """Returns what tells arguments apart: of tensors shapes, dtypes, whether they flow, and which are the same."""
    numbers = {id(one): number for number, one in enumerate(tensors(structure))}

    def read(value: Any) -> Any:
        if isinstance(value, Value):
            return tuple(value.shape), value.dtype, value.flows, numbers[id(value)]
        if isinstance(value, Mapping):
            return tuple((key, read(one)) for key, one in value.items())
        if isinstance(value, list | tuple):
            return tuple(map(read, value))
        return (value.tobytes(), value.shape, value.dtype.str) if hasattr(value, "tobytes") else repr(value)

    return read(structure)


def _fresh(value: Any) -> Any:
    return Value(value.shape, value.dtype, value.flows) if isinstance(value, Value) else value


def _shape(value: Any) -> Any:
    return keras.tree.map_structure(lambda one: tuple(one.shape) if hasattr(one, "shape") else None, value)


def _written(result: Any) -> Any:
    """Returns shapes as they are written, in the structure of what comes out."""
    if isinstance(result, Mapping):
        return {key: _written(one) for key, one in result.items()}
    if isinstance(result, list | tuple):
        return [_written(one) for one in result]
    return list(shape_for(result.shape))


def _inside(path: str, layer: Any) -> dict[str, Any]:
    """Returns a layer and those inside it by dotted path, as in a model."""
    return {path: layer, **dict(flatten(layer, f"{path}.", set()))}


def _paths(plan: Plan) -> dict[str, str]:
    """Returns what the paths of each network's layers begin with: the way to where it first stands in another."""
    found: dict[str, str] = {}
    seen: set[int] = set()

    def walk(body: Body, path: str) -> None:
        for node in body.nodes:
            if isinstance(node, BlockCall) and id(node.body) not in seen:
                seen.add(id(node.body))
                walk(node.body, path)
            elif isinstance(node, NetworkCall) and node.network not in found:
                put(node.network, f"{path}{node.network}.")

    def put(name: str, path: str) -> None:
        found[name] = path
        walk(plan.networks[name].body, path)

    for name in plan.networks:
        if name not in found:
            put(name, "" if len(plan.networks) == 1 else f"{name}.")
    return found
