"""A stage of training made into a compiled `keras.Model`, and batches in the form that it takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import tree

from dlsuite.distribution.rates import scale_learning_rate
from dlsuite.making import make
from dlsuite.objectives.objective import Objective
from dlsuite.pipeline import MASK, Data
from dlsuite.pipeline.batching import Noise
from dlsuite.spec.errors import Fault, SpecError, suggest
from dlsuite.spec.plan import Component, Stage, Task
from dlsuite.training.batch_metrics import Shown, make_metric
from dlsuite.training.learner import Learner, Rivals

COLUMNS = ("epoch", "loss", "val_loss", "learning_rate", "seconds", "batch", "size")
"""Of the history and of what callbacks are told: no metric may bear such a name."""


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
class Compiled:
    """What `fit` trains.

    Attributes:
        model: The spec's own model, or a `Learner` of an objective with players.
        goals: What is learned.
        network: Name of the network that `model` is; `None` for a `Learner`.
        monitor: The metric on validation that chooses the best epoch; `None`: the last is kept.
        rises: Whether a higher one is better.
        noise: What is drawn beside each example for a `Learner`.
        lengths: By target of varying length, how many places of an example are filled on average.
    """

    model: keras.Model
    goals: tuple[Goal, ...]
    network: str | None
    monitor: str | None
    rises: bool
    noise: Noise | None = None
    lengths: Mapping[str, float] = field(default_factory=dict)

    def shape(self, batches: tf.data.Dataset, weights: Mapping[str, np.ndarray] | None = None) -> tf.data.Dataset:
        """Returns batches as the model takes them: bare tensors where it has one input or one output.

        Places of a target that are not filled weigh nothing. The others weigh so much that a loss is the sum over the
        places of an example, by their average number, and then the mean over examples: so padding changes no loss, and
        pieces of a batch on several devices add up to what one device learns from it.

        Args:
            batches: Of `(inputs, targets)`, or `(inputs, targets, drawn)`, dictionaries by name.
            weights: By target, a weight for each class.
        """
        if self.network is None:
            names = "inputs", "targets", "drawn"
            return batches.map(lambda *parts: (dict(zip(names, parts, strict=True)),)).prefetch(2)
        weights = weights or {}
        model, targets = self.model, {goal.output: goal.task.target for goal in self.goals}
        taken = model.input if isinstance(model.input, dict) else {model.inputs[0].name: None}
        single = not isinstance(model.output, dict)

        def form(inputs: Mapping[str, Any], labels: Mapping[str, Any]) -> tuple[Any, ...]:
            x = {name: inputs[name] for name in taken}
            y = {output: labels[target] for output, target in targets.items()}
            if not isinstance(model.input, dict):
                (x,) = x.values()
            shares = {output: share(target, labels) for output, target in targets.items()}
            weighed = bool(weights or self.lengths)
            if single:
                (y,) = y.values()
                (shares,) = shares.values()
            return (x, y, shares) if weighed else (x, y)

        def share(target: str, labels: Mapping[str, Any]) -> Any:
            """Returns how much each example weighs, (batch,), or each of its places, (batch, places)."""
            if target in self.lengths:
                filled = tf.cast(labels[target + MASK], tf.float32)
                return filled * tf.cast(tf.shape(filled)[1], tf.float32) / self.lengths[target]
            if target in weights:
                return tf.gather(tf.constant(weights[target], tf.float32), tf.cast(labels[target], tf.int32))
            return tf.ones(tf.shape(labels[target])[:1])

        return batches.map(form, num_parallel_calls=tf.data.AUTOTUNE).prefetch(2)


def compile_stage(
    stage: Stage,
    models: Mapping[str, keras.Model],
    outputs: Mapping[str, Sequence[str]],
    data: Data,
    undecayed: list[Any],
) -> Compiled:
    """Returns the compiled model of a stage.

    Args:
        stage: Of training.
        models: By network.
        outputs: Names of each network's outputs.
        data: Fitted.
        undecayed: Variables that weight decay leaves alone.

    Raises:
        SpecError: An objective does not suit its output or target.
    """
    goals = tuple(_goal(task) for task in stage.objectives)
    for goal in goals:
        if goal.objective.players():
            if len(goals) > 1:
                hint = "Give it alone, or in a stage of its own."
                message = f"{goal.task.component.name} trains in its own way and cannot be joined with others."
                raise SpecError([Fault(message, goal.task.component.place, hint)])
            return _compile_players(goal, stage, models, outputs, data, undecayed)
    optimizers = _optimizers(stage, undecayed)
    network = _network(goals, outputs, stage)
    model, names = models[network], outputs[network]
    losses, metrics = {}, {}
    for goal in goals:
        output = model.output if len(names) == 1 else model.output[goal.output]
        feature = data.features[goal.task.target]
        try:
            losses[goal.output] = goal.objective.loss(output, feature)
        except ValueError as error:
            raise SpecError([_unsuited(goal, error)]) from None
        metrics[goal.output] = goal.objective.metrics(output, feature)
    shapes = {goal.output: (model.output if len(names) == 1 else model.output[goal.output]).shape for goal in goals}
    _add_metrics(stage, goals, metrics, shapes, data)
    weights = {goal.output: goal.task.weight for goal in goals}
    optimizer = optimizers[network] if network in optimizers else optimizers.get("")
    if optimizer is None:
        message = f"`optimizer` gives none for the network `{network}`, which is what is trained."
        raise SpecError([Fault(message, stage.place, "Give one by that name.")])
    single = len(names) == 1
    lengths = {
        goal.task.target: data.facts[goal.task.target]["mean_length"]
        for goal in goals
        if goal.task.target and hasattr(data.features[goal.task.target], "mask")
    }
    followed = _only(metrics) if single else metrics
    model.compile(
        optimizer=optimizer,
        loss=_only(losses) if single else losses,
        loss_weights=(_only(weights) if _only(weights) != 1 else None) if single else weights,
        metrics=None if lengths else followed,
        weighted_metrics=followed if lengths else None,
        jit_compile=stage.jit_compile,
    )
    first = metrics[goals[0].output][0].name
    monitor = f"val_{first}" if single else f"val_{goals[0].output}_{first}"
    return Compiled(model, goals, network, monitor, goals[0].objective.rises, lengths=lengths)


def _compile_players(
    goal: Goal,
    stage: Stage,
    models: Mapping[str, keras.Model],
    outputs: Mapping[str, Sequence[str]],
    data: Data,
    undecayed: list[Any],
) -> Compiled:
    """Returns a compiled `Learner` of an objective with players."""
    objective, place = goal.objective, goal.task.component.place
    for task in _keras_metrics(stage):
        message = f"{task.component.name} compares an output with a target, which {goal.task.component.name} does not."
        raise SpecError([Fault(message, task.component.place, "Metrics that look at a whole split would work.")])
    players = objective.players()
    optimizers = {
        player: _make_optimizer(_optimizer_of(stage, player, names), stage, undecayed)
        for player, names in players.items()
    }
    kind = Learner if len(players) == 1 else Rivals
    made = {name: tuple(names) for name, names in outputs.items()}
    try:
        noise = dict(objective.noise(models))
        compiled = Compiled(
            kind(objective, goal.task, models, made, data.features),
            (goal,),
            None,
            f"val_{objective.monitor}" if objective.monitor else None,
            objective.rises,
            noise,
        )
        (spec,) = compiled.shape(data.batches("train", training=True, noise=noise)).element_spec
        batch = tree.map_structure(lambda one: keras.KerasTensor(one.shape, one.dtype.name), spec)
        compiled.model.prepare(batch, optimizers, jit_compile=stage.jit_compile)
    except (KeyError, TypeError, ValueError) as error:
        reason = " ".join(str(error.args[0] if error.args else error).split())[:300]
        message = f"{goal.task.component.name} cannot measure a batch of this data."
        raise SpecError([Fault(message, place, f"{reason[:1].upper()}{reason[1:]}.")]) from None
    return compiled


def _optimizer_of(stage: Stage, player: str, networks: Sequence[str]) -> Component:
    """Returns the optimizer of a player: the one for all, or that of the first of its networks that has one."""
    if isinstance(stage.optimizer, Component):
        return stage.optimizer
    for name in networks or stage.optimizer:
        if name in stage.optimizer:
            return stage.optimizer[name]
    message = f"`optimizer` gives none for {' or '.join(f'`{name}`' for name in networks)}."
    raise SpecError([Fault(message, stage.place, "Give one by that name.")])


def weigh_classes(stage: Stage, data: Data) -> dict[str, np.ndarray] | None:
    """Returns a weight for each class by target, or `None`; "balanced" gives n / (classes * count of the class).

    Raises:
        SpecError: A class is not there, or no target has classes.
    """
    if stage.class_weights is None:
        return None
    facts = {task.target: data.facts[task.target] for task in stage.objectives if task.target}
    facts = {target: fact for target, fact in facts.items() if "classes" in fact}
    if not facts:
        raise SpecError([Fault("`class_weights` needs a target with classes.", stage.place, "Leave it out.")])
    weights = {}
    for target, fact in facts.items():
        names = fact["names"]
        if stage.class_weights == "balanced":
            counts = np.bincount(data.column("train", target).ravel(), minlength=len(names))
            weights[target] = counts.sum() / (len(names) * np.maximum(counts, 1))
        else:
            for name in stage.class_weights:
                if name not in names:
                    hint = suggest(name, names, what="classes")
                    raise SpecError(
                        [Fault(f"`class_weights` names `{name}`, no class of `{target}`.", stage.place, hint)]
                    )
            weights[target] = np.array([float(stage.class_weights.get(name, 1.0)) for name in names])
    return weights


def _goal(task: Task) -> Goal:
    try:
        objective = make(task.component)
    except ValueError as error:
        raise SpecError([Fault(f"{task.component.name}: {error}.", task.component.place)]) from None
    return Goal(task, objective, task.inputs[0] if task.inputs else None)


def _network(goals: Sequence[Goal], outputs: Mapping[str, Sequence[str]], stage: Stage) -> str:
    """Returns the network that makes every output which the goals read."""
    read = {goal.output for goal in goals}
    for network, names in outputs.items():
        if read <= set(names):
            return network
    message = f"No single network makes the outputs {', '.join(f'`{name}`' for name in read)}, which are to be learned."
    raise SpecError([Fault(message, stage.place, "Make one network that calls the others and has these outputs.")])


def _optimizers(stage: Stage, undecayed: list[Any]) -> dict[str, Any]:
    """Returns the optimizers by network, the one for all under the empty name."""
    components = {"": stage.optimizer} if isinstance(stage.optimizer, Component) else stage.optimizer
    return {name: _make_optimizer(component, stage, undecayed) for name, component in components.items()}


def _make_optimizer(component: Component, stage: Stage, undecayed: list[Any]) -> Any:
    try:
        made = make(component)
    except (TypeError, ValueError) as error:
        reason = " ".join(str(error).split())[:300]
        raise SpecError([Fault(f"{component.name}: {reason}", component.place)]) from None
    if stage.strategy.arguments.get("scale_learning_rate"):
        scale_learning_rate(made, tf.distribute.get_strategy().num_replicas_in_sync)
    if undecayed:
        made.exclude_from_weight_decay(var_list=undecayed)
    return made


def _add_metrics(
    stage: Stage, goals: Sequence[Goal], metrics: dict[Any, list[Any]], shapes: Mapping[Any, Any], data: Data
) -> None:
    """Adds Keras' metrics of a stage behind those of the objectives; ours look at whole splits, later."""
    for task in _keras_metrics(stage):
        goal = next((one for one in goals if one.task.target == task.target), None)
        output = task.inputs[0] if task.inputs else goal.output if goal else None
        if output not in metrics:
            message = f"{task.component.name} reads `{output}`, which no objective learns."
            raise SpecError([Fault(message, task.component.place, "Give the target of one that is learned.")])
        _try_metric(task, shapes[output], data.features[task.target])
        show = next(one.objective.shown for one in goals if one.output == output)
        taken = {*COLUMNS, *(one.name for one in metrics[output])}
        metrics[output].append(Shown(make_metric(task.component, taken), show))


def _keras_metrics(stage: Stage) -> list[Task]:
    return [task for task in stage.metrics if isinstance(make(task.component), keras.metrics.Metric)]


def _try_metric(task: Task, shape: Sequence[int | None], feature: Any) -> None:
    """Raises a `SpecError` where a metric cannot compare a target with an output of that shape (batch, ...)."""
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
        raise SpecError([Fault(message, task.component.place, hint if whole else f"Keras says: {reason}")]) from None


def _unsuited(goal: Goal, error: ValueError) -> Fault:
    message = f"{goal.task.component.name} cannot learn `{goal.task.target}` from `{goal.output}`."
    return Fault(message, goal.task.component.place, f"{str(error)[:1].upper()}{str(error)[1:]}.")


def _only(values: Mapping[Any, Any]) -> Any:
    (value,) = values.values()
    return value
