"""The plan: a spec with every name resolved and every expression evaluated.

`expansion` makes it without keras; everything after reads the plan and never the JSON.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dlsuite.spec.errors import Place


@dataclass(frozen=True)
class Component:
    """A name of the catalogue with its arguments, as in `{"Dense": {"units": 10}}`.

    Attributes:
        kind: The slot's kind: layer, op, dataset, feature, objective, loss, metric, optimizer ...
        name: As written: `Dense`, `keras_hub.RotaryEmbedding`, `ops.add`, `Digits`.
        arguments: Plain JSON values, and `Component`s (alone, in lists or in objects) in nested slots. Arguments
            that the spec leaves out are left out here.
        place: Where it stands.
        places: Where its arguments stand, of those that are no layers'.
    """

    kind: str
    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    place: Place | None = field(default=None, compare=False, repr=False)
    places: Mapping[str, Place] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True)
class Ref:
    """A tensor inside a body: what node number `node` made, or one of several things it made.

    Nodes below zero are the body's inputs: -1 the first, -2 the second.
    """

    node: int
    item: str | int | None = None


@dataclass(frozen=True)
class Node:
    """One call inside a body.

    Attributes:
        name: Local name, unique in the body unless the call shares the layer of an earlier one. The Keras name is
            the path of block calls and this name, joined by dots.
        inputs: The call's arguments by name: `Ref`s, constants, or (nested) lists of them.
        place: Where the call stands in the spec.
        guards: Pairs of tensors; the call is made only where the shapes of each pair differ.
    """

    name: str
    inputs: Mapping[str, Any]
    place: Place
    guards: tuple[tuple[Ref, Ref], ...]


@dataclass(frozen=True)
class LayerCall(Node):
    """A call of a Keras layer or one of ours; the same `name` again means the same layer.

    Attributes:
        preset: The keras-hub preset whose weights the layer takes when a training begins.
    """

    component: Component
    preset: str | None = None


@dataclass(frozen=True)
class OpCall(Node):
    """A call of `keras.ops.X`; `inputs` holds every argument."""

    component: Component


@dataclass(frozen=True)
class NetworkCall(Node):
    """A call of another network of the spec, sharing its weights; its `settings` hold for the network everywhere."""

    network: str
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class BlockCall(Node):
    """A call of a block; equal calls share one `Body`. `settings` (`trainable`, `dtype`) hold for all its layers
    that state no other."""

    block: str
    body: Body
    settings: Mapping[str, Any]


@dataclass(frozen=True)
class Shortcut(Node):
    """The way round a `Residual`: `inputs["shortcut"]` where the shapes of `inputs["layers"]` and `inputs["value"]`
    differ, else `inputs["value"]`. The nodes that make the shortcut are guarded by the same two tensors."""


@dataclass(frozen=True)
class Body:
    """What a block or network does: calls in order, and what comes out.

    Attributes:
        inputs: Names of the tensors that come in; `Ref(-1 - i)` is the i-th.
        nodes: The calls, in order.
        outputs: What comes out, by name; where the body declares none, what its last call made.
        calls: How many layers and ops it holds, blocks inside expanded.
        networks: Names of the networks that it calls, by blocks inside too.
        active: The share of its parameters that act on one example or token, as two of eight experts do.
    """

    inputs: tuple[str, ...]
    nodes: tuple[Node, ...]
    outputs: Mapping[str, Any]
    calls: int
    networks: frozenset[str] = frozenset()
    active: float = 1


@dataclass(frozen=True)
class InputPlan:
    """An input of a network: `shape` without the batch, `None` where any length goes or the data must tell."""

    shape: Any
    dtype: str = "float32"


@dataclass(frozen=True)
class Network:
    """One `keras.Model` of the spec.

    Attributes:
        name: Its key in `models`; the spec's name for `model`.
        inputs: By name, in order.
        body: What it does; its inputs have the same names.
        place: Where it stands.
        settings: What calls of it state of `trainable` and `dtype`: it holds for all its layers, which all calls share.
    """

    name: str
    inputs: Mapping[str, InputPlan]
    body: Body
    place: Place
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class FeaturePlan:
    """An input or target: which fields of an example it reads and how they become a tensor.

    Attributes:
        component: The feature, without the arguments below.
        fields: Names of the fields that it reads.
        like: Another feature whose fitted state it shares.
        shift: Moves a sequence by so many places.
        facts: What is known of it, its `shape` among it; symbols stand for what only the data knows.
    """

    component: Component
    fields: tuple[str, ...]
    like: str | None = None
    shift: int = 0
    facts: Mapping[str, Any] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class SplitPlan:
    """How examples are split.

    Attributes:
        parts: By `train`, `validation`, `test`: a fraction, or the name of one of the dataset's own splits.
            Empty where the dataset's own splits are to be taken (a missing validation split is carved from the
            training examples), or 80/10/10 if it has none.
        by: `random`, `order`, or a field whose equal values stay together.
        stratify: A field whose shares are kept equal.
    """

    parts: Mapping[str, float | str] = field(default_factory=dict)
    by: str = "random"
    stratify: str | None = None


@dataclass(frozen=True)
class DataPlan:
    """The `data` section."""

    source: Component | None
    split: SplitPlan
    inputs: Mapping[str, FeaturePlan]
    targets: Mapping[str, FeaturePlan]
    augment: tuple[Component, ...]
    batch_size: int
    place: Place | None = None


@dataclass(frozen=True)
class Task:
    """An objective, or a metric, and what it reads.

    Attributes:
        component: The objective or metric.
        target: The target that it compares with; `None` where it needs none.
        inputs: Names of the model's outputs that it reads; by default the output named as the target.
        weight: Its share in the sum of objectives.
    """

    component: Component
    target: str | None
    inputs: tuple[str, ...]
    weight: float = 1.0


@dataclass(frozen=True)
class Stage:
    """One stage of training; every field is set (defaults filled in).

    Attributes:
        optimizer: A component, or one by network.
        epochs: Passes over the data; `None` where `steps` is given.
        layers: Pattern of dotted paths -> settings (`trainable`, `lora_rank`, `weight_decay`), the last match wins.
        layers_at: Where each of those patterns stands.
        start_from: The run whose weights it starts with (`from` in the spec).
        class_weights: `None`, `"balanced"`, or weights by class.
    """

    objectives: tuple[Task, ...]
    metrics: tuple[Task, ...]
    optimizer: Component | Mapping[str, Component]
    epochs: int | None
    steps: int | None
    callbacks: tuple[Component, ...]
    precision: str
    strategy: Component
    jit_compile: bool
    seed: int
    deterministic: bool
    class_weights: Any
    layers: Mapping[str, Mapping[str, Any]]
    start_from: str | None
    layers_at: Mapping[str, Place] = field(default_factory=dict, compare=False)
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Plan:
    """A whole spec, resolved.

    Attributes:
        networks: By name; one named `model` for specs with `model`.
        single: Whether the spec has one `model` (and not `models`).
        train: The stages; empty for specs that are only built.
        predict: The `predict` section, components resolved.
        unknown: Facts that building needs, that only the data knows and that were not given, such as `label.classes`.
        seed: Seed of weights and shuffling: that of the first stage.
    """

    name: str
    about: str
    params: Mapping[str, Any]
    data: DataPlan
    networks: Mapping[str, Network]
    single: bool
    train: tuple[Stage, ...]
    predict: Mapping[str, Any]
    baselines: tuple[Component, ...]
    expect: Mapping[str, Any]
    unknown: frozenset[str]
    seed: int
