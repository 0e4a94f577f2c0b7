"""What a stage learns: its objectives, and their losses and metrics on the outputs that they read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from dlsuite.making import make
from dlsuite.objectives.objective import Objective
from dlsuite.spec import catalogue
from dlsuite.spec.checking import has_symbol
from dlsuite.spec.errors import DataError, Fault, SpecError
from dlsuite.spec.history import COLUMNS, tell_alone
from dlsuite.spec.plan import Plan, Stage, Task
from dlsuite.training.batch_metrics import Shown, make_metric


@dataclass(frozen=True)
class Goal:
    """An objective, the target that it learns and the output that it reads.

    Attributes:
        task: From the plan.
        objective: Made of the task's component.
        output: Name of the output; `None` for objectives with players.
    """

    task: Task
    objective: Objective
    output: str | None


@dataclass(frozen=True)
class Aims:
    """Losses and metrics of the network that a stage trains.

    Attributes:
        network: Its name.
        losses: By output.
        metrics: By output, those of the objective first.
    """

    network: str
    losses: Mapping[Any, Any]
    metrics: Mapping[Any, list[Any]]


def set_goals(stage: Stage) -> tuple[Goal, ...]:
    """Returns what a stage learns; an objective with players is alone.

    Raises:
        SpecError: An objective refuses its arguments, or what stands beside it.
    """
    goals = tuple(_goal(task) for task in stage.objectives)
    for goal in goals:
        if not goal.objective.players():
            continue
        name, place = goal.task.component.name, goal.task.component.place
        if len(goals) > 1:
            message = f"{name} trains in its own way and cannot be joined with others."
            raise SpecError([Fault(message, place, "Give it alone, or in a stage of its own.")])
        if beside := _keras_metrics(stage):
            known = catalogue.load()
            raise SpecError([tell_alone(known, one.component, goal.task.component) for one in beside])
    return goals


def take_aim(
    stage: Stage,
    goals: Sequence[Goal],
    models: Mapping[str, keras.Model],
    outputs: Mapping[str, Sequence[str]],
    features: Mapping[str, Any],
) -> Aims:
    """Returns losses and metrics of goals without players.

    Args:
        stage: Of training.
        goals: Its own.
        models: By network.
        outputs: Names of each network's outputs.
        features: By target; only their `facts_fitted` are looked at.

    Raises:
        SpecError: An output does not suit its target, or a metric neither.
    """
    network = _network(goals, outputs, stage)
    made, single = models[network].output, len(outputs[network]) == 1
    tensors = {goal.output: made if single else made[goal.output] for goal in goals}
    losses: dict[Any, Any] = {}
    metrics: dict[Any, list[Any]] = {}
    faults = []
    for goal in goals:
        output, feature = tensors[goal.output], features[goal.task.target]
        try:
            losses[goal.output] = goal.objective.loss(output, feature)
            metrics[goal.output] = goal.objective.metrics(output, feature)
        except ValueError as error:
            faults.append(_unsuited(goal, error))
    if faults:
        raise SpecError(faults)
    _add_metrics(stage, goals, metrics, tensors, features)
    return Aims(network, losses, metrics)


def try_goals(plan: Plan, models: Mapping[str, keras.Model], features: Mapping[str, Any] | None = None) -> None:
    """Refuses what any stage is to learn and training would refuse.

    Args:
        plan: With stages.
        models: By network, with or without weights.
        features: As fitted; by default what the plan knows of them without data, and what depends on more is passed
            over.

    Raises:
        SpecError: Names every fault.
    """
    if features is None:
        features = {name: Foreseen(name, feature.facts) for name, feature in plan.data.targets.items()}
    outputs = {name: list(network.body.outputs) for name, network in plan.networks.items()}
    faults: dict[Any, Fault] = {}
    for stage in plan.train:
        try:
            goals = set_goals(stage)
            if not goals[0].objective.players():
                take_aim(stage, goals, models, outputs, features)
        except DataError:
            continue
        except SpecError as error:
            faults |= {(fault.place, fault.message): fault for fault in error.faults}
    if faults:
        raise SpecError(faults.values())


class Foreseen:
    """A feature before it is fitted: what the spec and its dataset tell of it.

    Args:
        name: Its name.
        facts: With symbols for what only the data knows.
    """

    def __init__(self, name: str, facts: Mapping[str, Any]):
        self._facts = _Told(facts)
        self._facts.name = name

    def facts_fitted(self) -> Mapping[str, Any]:
        """Returns the facts; to ask for one that only the data knows is a `DataError`."""
        return self._facts


class _Told(dict[str, Any]):
    name = ""

    def __getitem__(self, key: str) -> Any:
        value = self.get(key)
        if value is None or has_symbol(value):
            raise DataError(f"`{self.name}.{key}` is known once the data is read, and it was not.")
        return value


def _goal(task: Task) -> Goal:
    return Goal(task, make(task.component), task.inputs[0] if task.inputs else None)


def _network(goals: Sequence[Goal], outputs: Mapping[str, Sequence[str]], stage: Stage) -> str:
    """Returns the network that makes every output which the goals read."""
    read = {goal.output for goal in goals}
    for network, names in outputs.items():
        if read <= set(names):
            return network
    message = f"No single network makes the outputs {', '.join(f'`{name}`' for name in read)}, which are to be learned."
    raise SpecError([Fault(message, stage.place, "Make one network that calls the others and has these outputs.")])


def _add_metrics(
    stage: Stage,
    goals: Sequence[Goal],
    metrics: dict[Any, list[Any]],
    tensors: Mapping[Any, Any],
    features: Mapping[str, Any],
) -> None:
    """Adds Keras' metrics of a stage behind those of the objectives; ours look at whole splits, later."""
    faults = []
    for task in _keras_metrics(stage):
        goal = next((one for one in goals if one.task.target == task.target), None)
        output = task.inputs[0] if task.inputs else goal.output if goal else None
        if output not in metrics:
            message = f"{task.component.name} reads `{output}`, which no objective learns."
            faults.append(Fault(message, task.component.place, "Give the target of one that is learned."))
            continue
        if fault := _try_metric(task, tensors[output].shape, features[task.target]):
            faults.append(fault)
            continue
        show = next(one.objective.shown for one in goals if one.output == output)
        taken = {*COLUMNS, *(one.name for one in metrics[output])}
        metrics[output].append(Shown(make_metric(task.component, taken), show))
    if faults:
        raise SpecError(faults)


def _keras_metrics(stage: Stage) -> list[Task]:
    return [task for task in stage.metrics if isinstance(make(task.component), keras.metrics.Metric)]


def _try_metric(task: Task, shape: Sequence[int | None], feature: Any) -> Fault | None:
    """Returns what keeps a metric from comparing a target with an output of that shape (batch, ...), if anything."""
    metric, facts = make_metric(task.component), feature.facts_fitted()
    whole = "classes" in facts or "vocabulary" in facts
    target, output = list(facts["shape"]), list(shape[1:])
    if len(target) == len(output) - 1 == 1:  # something of each place: two places tell as much as many
        target, output = [2], [2, *output[1:]]
    truth = np.zeros((3, *(size or 2 for size in target)), "int32" if whole else "float32")
    logits = np.zeros((3, *(size or 2 for size in output)), "float32")
    logits[1:] = np.reshape([-1.0, 2.0], (2, *[1] * len(output)))
    try:
        metric.update_state(truth, logits)
    except (TypeError, ValueError, tf.errors.InvalidArgumentError) as error:
        reason = " ".join(str(error).partition(" [Op:")[0].split())[:200]
        message = (
            f"{task.component.name} cannot compare `{task.target}`, {tuple(facts['shape'])}, with an output {shape}."
        )
        hint = "Classes are whole numbers and outputs logits: metrics named Sparse... fit; "
        hint += "accuracy, F1 and AUC are measured at the end in any case."
        return Fault(message, task.component.place, hint if whole else f"Keras says: {reason}")
    return None


def _unsuited(goal: Goal, error: ValueError) -> Fault:
    message = f"{goal.task.component.name} cannot learn `{goal.task.target}` from `{goal.output}`."
    return Fault(message, goal.task.component.place, f"{str(error)[:1].upper()}{str(error)[1:]}.")
