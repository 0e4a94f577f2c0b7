"""Batches put to objectives: what they keep of a split, and what they respond."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

import keras
import numpy as np

from dlsuite.making import make
from dlsuite.objectives.objective import Objective
from dlsuite.objectives.play import Play
from dlsuite.pipeline import Data
from dlsuite.pipeline.batching import noise_of
from dlsuite.spec.plan import Component, Plan, Task

Digests = list[Any]
"""Of each task, what is kept of each example: an array, or a list where shapes differ."""


def digest(
    plan: Plan,
    models: Mapping[str, keras.Model],
    data: Data,
    split: str,
    follow: Callable[[Sequence[Play]], None] | None = None,
) -> Digests:
    """Returns what each objective of the last stage keeps of the examples of a split, in order; where so many are
    `enough`, of the first.

    Args:
        plan: With its `predict` section.
        models: By network.
        data: Fitted.
        split: Of it.
        follow: Is shown each batch, as each objective sees it.
    """
    objectives = [make(task.component) for task in plan.train[-1].objectives]
    noise = {name: one for objective in objectives for name, one in objective.noise(models).items()}
    batches, settings = data.batches(split, noise=noise), _settings(plan)
    several = data.steps(split) > 1
    plays = (
        _plays(plan, models, data.features, inputs, targets, noise_of(drawn), several, settings)
        for inputs, targets, drawn in batches.take(_enough(objectives, data, split))
    )
    return _gather(objectives, plays, lambda objective, play: objective.digest(play), follow)


def respond(
    plan: Plan,
    models: Mapping[str, keras.Model],
    features: Mapping[str, Any],
    inputs: Mapping[str, np.ndarray],
    seeds: Sequence[int],
    *,
    several: bool,
) -> Digests:
    """Returns what each objective of the last stage responds to the examples of a batch; arguments as of `ask`."""
    objectives = [make(task.component) for task in plan.train[-1].objectives]
    plays = [ask(plan, models, features, inputs, seeds, several=several)]
    return _gather(objectives, plays, lambda objective, play: objective.respond(play))


def ask(
    plan: Plan,
    models: Mapping[str, keras.Model],
    features: Mapping[str, Any],
    inputs: Mapping[str, np.ndarray],
    seeds: Sequence[int],
    *,
    several: bool = False,
) -> list[Play]:
    """Returns a batch to answer as each objective of the last stage sees it.

    Args:
        plan: With its `predict` section.
        models: By network.
        features: Fitted, by name.
        inputs: Tensors by name, (examples, ...).
        seeds: Of each example: what is drawn for it depends on that alone.
        several: Whether there are many batches, so that compiling the models for them pays.
    """
    drawn = [_draw(make(task.component).noise(models), seeds) for task in plan.train[-1].objectives]
    noise = {name: one for each in drawn for name, one in each.items()}
    return _plays(plan, models, features, inputs, {}, noise, several, _settings(plan))


def _plays(
    plan: Plan,
    models: Mapping[str, keras.Model],
    features: Mapping[str, Any],
    inputs: Mapping[str, Any],
    targets: Mapping[str, Any],
    noise: Mapping[str, Any],
    several: bool,
    settings: Mapping[str, Any],
) -> list[Play]:
    """Returns a batch as each objective sees it; what networks make of it is made once."""
    outputs = {name: tuple(network.body.outputs) for name, network in plan.networks.items()}
    made: dict[str, dict[str, Any]] = {}
    tensors = {name: keras.ops.convert_to_tensor(one) for name, one in inputs.items()}
    call = _compiled if several else _plain
    return [
        Play(task, models, outputs, features, tensors, targets, noise, settings=settings, call=call, made=made)
        for task in plan.train[-1].objectives
    ]


def _enough(objectives: Sequence[Objective], data: Data, split: str) -> int:
    """Returns how many batches of a split all objectives want to see."""
    wanted = max(one.enough or data.counts[split] for one in objectives)
    return min(math.ceil(wanted / data.plan.batch_size), data.steps(split))


def _compiled(model: keras.Model, inputs: Any, training: bool) -> Any:
    return _run(model.predict_on_batch, inputs)


def _plain(model: keras.Model, inputs: Any, training: bool) -> Any:
    return _run(partial(model, training=training), inputs)


def _run(call: Callable[[Any], Any], inputs: Any) -> Any:
    """Returns what a model makes of a batch; one example is put twice, for the sake of Keras' `add` on TensorFlow.

    There a tensor of which all axes but one have size 1 is taken for a bias, of the last axis where the size fits: so
    (1, n, n) + (1, n, 1) becomes (1, n, n) + (n,). With two examples no tensor of a batch looks like that.
    """
    if keras.backend.backend() != "tensorflow" or keras.tree.flatten(inputs)[0].shape[0] != 1:
        return call(inputs)
    twice = keras.tree.map_structure(lambda one: keras.ops.repeat(one, 2, axis=0), inputs)
    return keras.tree.map_structure(lambda one: one[:1], call(twice))


def _gather(
    objectives: Sequence[Objective],
    batches: Iterable[Sequence[Play]],
    ask: Callable[[Objective, Play], Sequence[Any]],
    follow: Callable[[Sequence[Play]], None] | None = None,
) -> Digests:
    parts: list[list[Sequence[Any]]] = [[] for _ in objectives]
    for plays in batches:
        if follow is not None:
            follow(plays)
        for objective, play, found in zip(objectives, plays, parts, strict=True):
            found.append(ask(objective, play))
    return [_join(found) for found in parts]


def _join(parts: Sequence[Sequence[Any]]) -> Any:
    if all(isinstance(part, np.ndarray) for part in parts) and len({part.shape[1:] for part in parts}) == 1:
        return np.concatenate(parts)
    return [one for part in parts for one in part]


def _draw(noise: Mapping[str, tuple[str, tuple[int, ...]]], seeds: Sequence[int]) -> dict[str, np.ndarray]:
    """Returns random numbers for each example, (examples, ...) float32, from a generator of its own."""
    generators = [np.random.default_rng(seed) for seed in seeds]
    return {
        name: np.stack(
            [one.standard_normal(shape) if kind == "normal" else one.random(shape) for one in generators]
        ).astype(np.float32)
        for name, (kind, shape) in noise.items()
    }


def _settings(plan: Plan) -> dict[str, Any]:
    return {name: make(value) if isinstance(value, Component) else value for name, value in plan.predict.items()}


def compared(task: Task) -> str | None:
    """Returns the feature whose tensors are the truth for an objective: its target, or an input that it compares."""
    return task.target or make(task.component).compares
