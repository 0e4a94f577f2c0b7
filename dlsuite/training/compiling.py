"""A stage of training made into a compiled `keras.Model`, and batches in the form that it takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import tree

from dlsuite import graph
from dlsuite.distribution.rates import scale_learning_rate
from dlsuite.making import make
from dlsuite.pipeline import MASK, Data
from dlsuite.pipeline.batching import Noise
from dlsuite.spec import catalogue
from dlsuite.spec.checking import has_symbol
from dlsuite.spec.errors import Fault, SpecError, suggest
from dlsuite.spec.history import find_unwatched, name_columns
from dlsuite.spec.plan import Component, Plan, Stage
from dlsuite.training.goals import Goal, set_goals, take_aim
from dlsuite.training.learner import Learner, Rivals

FEW = 7
"""Examples of a batch that is measured without numbers: what only fits a batch of one, or of any size, is found."""


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
        unlearned = [] if single else sorted(set(model.output) - set(targets))  # Keras wants something for each output

        def form(inputs: Mapping[str, Any], labels: Mapping[str, Any]) -> tuple[Any, ...]:
            x = {name: inputs[name] for name in taken}
            y = {output: labels[target] for output, target in targets.items()}
            y |= dict.fromkeys(unlearned, tf.zeros(tf.shape(next(iter(y.values())))[:1]))
            if not isinstance(model.input, dict):
                (x,) = x.values()
            shares = {output: share(target, labels) for output, target in targets.items()}
            shares |= {output: y[output] for output in unlearned}
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
    goals = set_goals(stage)
    if goals[0].objective.players():
        return _compile_players(goals[0], stage, models, outputs, data, undecayed)
    optimizers = _optimizers(stage, undecayed)
    aims = take_aim(stage, goals, models, outputs, data.features)
    network, losses, metrics = aims.network, aims.losses, aims.metrics
    model = models[network]
    weights = {goal.output: goal.task.weight for goal in goals}
    optimizer = optimizers[network] if network in optimizers else optimizers.get("")
    if optimizer is None:
        message = f"`optimizer` gives none for the network `{network}`, which is what is trained."
        raise SpecError([Fault(message, stage.place, "Give one by that name.")])
    single = len(outputs[network]) == 1
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
    names = {None if single else output: [one.name for one in followed] for output, followed in metrics.items()}
    _check_monitors(stage, names, data)
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
        batch = tree.map_structure(lambda one: keras.KerasTensor((FEW, *one.shape[1:]), one.dtype.name), spec)
        compiled.model.prepare(batch, optimizers, jit_compile=stage.jit_compile)
        _check_monitors(stage, {None: compiled.model.followed}, data)
    except (KeyError, TypeError, ValueError) as error:
        reason = graph.reason(error).rstrip(".")
        message = f"{goal.task.component.name} cannot measure a batch of this data."
        raise SpecError([Fault(message, place, f"{reason[:1].upper()}{reason[1:]}.")]) from None
    return compiled


def _check_monitors(stage: Stage, followed: Mapping[str | None, Iterable[str]], data: Data) -> None:
    """Raises a `SpecError` for each callback that watches what will not be measured."""
    columns = name_columns(followed, validated=bool(data.counts.get("validation")))
    if faults := list(find_unwatched(catalogue.load(), stage, columns)):
        raise SpecError(faults)


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


def try_optimizers(plan: Plan) -> None:
    """Refuses optimizers that cannot be made; those of which arguments depend on data are passed over.

    Raises:
        SpecError: Names every one of them.
    """
    faults: dict[Any, Fault] = {}
    for stage in plan.train:
        one = stage.optimizer
        for component in [one] if isinstance(one, Component) else one.values():
            if not has_symbol(component.arguments):
                try:
                    _make_optimizer(component, stage, [])
                except SpecError as error:
                    faults |= {fault.place: fault for fault in error.faults}
    if faults:
        raise SpecError(faults.values())


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


def _only(values: Mapping[Any, Any]) -> Any:
    (value,) = values.values()
    return value
