"""What a network is before it is built: shapes, parameters, operations, memory; of any size, without its weights."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, cached_property, partial
from typing import Any

from dlsuite import graph
from dlsuite.building import precision
from dlsuite.freezing import Patterns
from dlsuite.layer_settings import try_settings
from dlsuite.spec.errors import DataError, Fault, SpecError, suggest
from dlsuite.spec.plan import Component, Plan, Stage
from dlsuite.summary.amounts import Amount
from dlsuite.summary.calls import Call, Record, Weight, Weights, count
from dlsuite.summary.memory import ADAM, Memory, estimate, slot_bytes
from dlsuite.summary.outlining import outline
from dlsuite.summary.tracing import Trace, trace
from dlsuite.summary.walking import Walker

PRECISIONS = ("float32", "mixed_float16", "mixed_bfloat16")
LENGTH = 256
"""What lengths count as that may be any."""


@dataclass(frozen=True)
class NetworkSummary:
    """One network of a spec.

    Attributes:
        key: Its name in the plan.
        name: The same; that of the spec for `model`.
        inputs: Shapes by name, `None` for the batch.
        calls: Its layers, ops and blocks, in order.
        weights: How many it has of each kind, those of networks that it calls included.
        held: The same in training: frozen and adapted as `layers` of `train` says.
        parameters: `total`, `trainable`, and `active`: those that act on one example or token.
        forward: Floating-point operations of inference; what LoRA has learned is then part of the weights it adapts.
        step: Floating-point operations of a training step, forward and backward; where stages of training freeze
            different layers, of the stage that asks most.
        walked: Gives the records of all networks in a precision.
        optimizer: Whose slots its memory counts.
    """

    key: str

    name: str
    inputs: Mapping[str, Any]
    calls: tuple[Call, ...]
    weights: Weights
    held: Weights
    parameters: Mapping[str, int]
    forward: Amount
    step: Amount
    walked: Callable[[str], Mapping[str, Record]]
    optimizer: Component

    def memory(self, batch_size: int, precision: str = "float32") -> Memory:
        """Returns the memory of a training step on a batch."""
        return estimate(self.held, self.slots, self.activations(precision), batch_size)

    @cached_property
    def slots(self) -> Mapping[Weight, int]:
        """Bytes of the optimizer's slots for a trained weight of each kind."""
        return slot_bytes(self.optimizer, self.held)

    @property
    def trained(self) -> int:
        """The parameters that a training step changes, those of LoRA included."""
        return count(self.held, trainable=True)

    def activations(self, precision: str = "float32") -> Amount:
        """Returns the bytes of a batch, of what the backward pass reads, and of the largest gradients that pass."""
        record = self.walked(precision.replace("mixed_float16", "mixed_bfloat16"))[self.key]  # as many bytes
        return record.given + record.trace.kept + record.trace.passing

    def layers(self) -> Iterator[tuple[str, Call]]:
        """Yields the layers and ops with their dotted paths, blocks opened."""
        for call in self.calls:
            yield from call.leaves()


@dataclass(frozen=True)
class Summary:
    """A spec's networks.

    Attributes:
        networks: By name; the one of a spec with `model` is named `model`.
        single: Whether the spec has one `model`.
        batch_size: That of the spec's data.
        precision: That of its training.
        trains: Whether the spec says how it is trained.
        steps: Of its whole training; `None` where it has none, or where only the data tells.
        lengths: What lengths that may be any were taken as, by input.
    """

    name: str
    about: str
    networks: Mapping[str, NetworkSummary]
    single: bool
    batch_size: int
    precision: str
    trains: bool
    steps: int | None
    lengths: Mapping[str, int]

    @property
    def parameters(self) -> Mapping[str, Any]:
        """`total`, `trainable` and `active`; by network where there are several."""
        found = {name: network.parameters for name, network in self.networks.items()}
        return found["model"] if self.single else found


def summarise(
    plan: Plan,
    lengths: Mapping[str, int] | None = None,
    steps_per_epoch: int | None = None,
    *,
    operations: bool = True,
) -> Summary:
    """Returns the summary of a plan, of any size, without its weights.

    Args:
        plan: Whose facts are all known.
        lengths: What lengths count as that may be any, by input; under the empty name, for every other input.
        steps_per_epoch: Batches of the training split, where its data was read.
        operations: Whether operations and activations are counted, which takes ten times as long; else they are none.

    Raises:
        DataError: Shapes depend on data that was not read.
        SpecError: A layer refuses its arguments or the shapes that reach it.
    """
    if plan.unknown:
        raise DataError(f"Only the data tells {', '.join(sorted(plan.unknown))}: `--data` reads it.")
    free = _free(plan, lengths or {})
    lengths = {"": LENGTH, **(lengths or {})}
    own = plan.train[0].precision if plan.train else "float32"
    try_settings(plan)
    patterns = {repr(stage.layers): stage.layers for stage in plan.train} or {"": {}}
    look = trace if operations else outline
    walks = [cache(partial(_walk, plan, lengths, one, look)) for one in patterns.values()]
    try:
        walked = max(walks, key=lambda walk: _step(walk(own)))  # of several stages, the one that asks most
        records = walked(own)
    except Exception as error:
        raise _fault(plan, free, error) from None
    networks = {name: _network(plan, name, records, walked) for name in plan.networks}
    steps = _steps(plan.train, steps_per_epoch)
    batch_size, trains = plan.data.batch_size, bool(plan.train)
    return Summary(plan.name, plan.about, networks, plan.single, batch_size, own, trains, steps, free)


def claimed_counts(plan: Plan, counted: Mapping[str, Any]) -> Mapping[str, Any]:
    """Returns what a plan's claim on parameters is held against.

    Args:
        plan: With its claims.
        counted: `total` and `trainable` of the built networks, or such an object by network. Where the claim is on
            `active` parameters too, the summary counts them all.
    """
    claimed = plan.expect.get("parameters")
    return summarise(plan).parameters if isinstance(claimed, Mapping) and "active" in claimed else counted


def _walk(
    plan: Plan, lengths: Mapping[str, int], patterns: Patterns, look: Callable[..., Trace], policy: str
) -> dict[str, Record]:
    """Returns the records of all networks in a precision."""
    with precision(policy), graph.weightless():
        walker = Walker(plan, lengths, patterns, look)
        return {name: walker.network(name) for name in plan.networks}


def _step(records: Mapping[str, Record]) -> int:
    """Returns the operations of a training step on one example."""
    return sum(record.trace.step.at(1) for record in records.values())


def _network(
    plan: Plan, name: str, records: Mapping[str, Record], walked: Callable[[str], Mapping[str, Record]]
) -> NetworkSummary:
    record = records[name]
    used = [record, *(records[other] for other in record.networks)]
    weights: Counter[Weight] = Counter()
    held: Counter[Weight] = Counter()
    for one in used:
        weights.update(one.weights)
        held.update(one.held)
    active = round(sum((one.active for one in used), Fraction(0)))
    parameters = {"total": count(weights), "trainable": count(weights, trainable=True), "active": active}
    return NetworkSummary(
        key=name,
        name=plan.name if plan.single else name,
        inputs={key: one.shape for key, one in plan.networks[name].inputs.items()},
        calls=record.calls,
        weights=weights,
        held=held,
        parameters=parameters,
        forward=record.trace.forward,
        step=record.trace.step,
        walked=walked,
        optimizer=_optimizer(plan.train, name),
    )


def _optimizer(stages: tuple[Stage, ...], network: str) -> Component:
    if not stages:
        return ADAM
    given = stages[0].optimizer
    return given if isinstance(given, Component) else given.get(network, ADAM)


def _steps(stages: tuple[Stage, ...], steps_per_epoch: int | None) -> int | None:
    found = [
        stage.steps or (stage.epochs * steps_per_epoch if stage.epochs and steps_per_epoch else None)
        for stage in stages
    ]
    return sum(found) if found and None not in found else None  # type: ignore[arg-type]


def _free(plan: Plan, lengths: Mapping[str, int]) -> dict[str, int]:
    """Returns the inputs with lengths that may be any, and what those count as."""
    names = [
        name for network in plan.networks.values() for name, one in network.inputs.items() if None in (one.shape or ())
    ]
    for name in lengths:
        if name and name not in names:
            hint = suggest(name, names, what="inputs with a length that may be any") or "No input has such a length."
            raise SpecError([Fault(f"`{name}` is no input with a length that may be any.", hint=hint)])
    if lengths and not names:
        message = f"The length {lengths['']} is for no input: none of this spec has a length that may be any."
        raise SpecError([Fault(message, hint="Leave it out: the shapes of all inputs stand in the spec.")])
    return {name: lengths.get(name, lengths.get("", LENGTH)) for name in names}


def _fault(plan: Plan, free: Mapping[str, int], error: Exception) -> Exception:
    """Returns what is wrong with a spec, as building it says; what came up, where building finds nothing."""
    graph.build(plan, weights=False)
    if not free:
        return error
    taken = ", ".join(f"`{name}` as {length}" for name, length in free.items())
    example = " ".join(f"--length {name}=..." for name in free)
    message = f"Lengths that may be any were taken as they do not fit: {taken}."
    return SpecError([Fault(message, hint=f"Give what does: {example}. {graph.reason(error)}")])
