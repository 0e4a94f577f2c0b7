"""Metrics of Keras that a stage names, followed batch by batch: in training beside the loss, and over a whole split."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import Any

import keras
import numpy as np

from dlsuite.making import make
from dlsuite.objectives.play import Play
from dlsuite.pipeline import MASK
from dlsuite.spec.history import free_name
from dlsuite.spec.plan import Component, Stage


def make_metric(component: Component, taken: Collection[str] = ()) -> Any:
    """Returns a metric; one of Keras under its own name, numbered only where that is taken: `auc`, `auc_2`.

    Keras numbers the names that it makes up through all that a process makes.
    """
    made = make(component)
    if not isinstance(made, keras.metrics.Metric):
        return made
    own = made.name if make(component).name == made.name else re.sub(r"_\d+$", "", made.name)
    name = free_name(own, taken)
    if name == made.name:
        return made
    return make(replace(component, arguments={**component.arguments, "name": name}))


class Shown(keras.metrics.Metric):
    """A metric of what of an output stands beside its target.

    Args:
        metric: That compares them.
        show: `Objective.shown`.
    """

    def __init__(self, metric: keras.metrics.Metric, show: Callable[[Any, Any], Any]):
        super().__init__(name=metric.name)
        self._metric, self._show = metric, show

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """Adds a batch."""
        return self._metric.update_state(y_true, self._show(y_pred, y_true), sample_weight=sample_weight)

    def result(self) -> Any:
        """Returns the figure so far."""
        return self._metric.result()

    def reset_state(self) -> None:
        """Begins anew."""
        self._metric.reset_state()


class Follower:
    """The metrics of Keras of a stage over a split; places that are not filled weigh nothing.

    Args:
        stage: That names them.
    """

    def __init__(self, stage: Stage):
        self._made: list[tuple[int, str, str | None, Shown]] = []
        for number, objective in enumerate(stage.objectives):
            shown = make(objective.component).shown
            for task in stage.metrics:
                metric = make_metric(task.component)
                if task.target is not None and task.target == objective.target and _is_keras(metric):
                    output = task.inputs[0] if task.inputs else None
                    self._made.append((number, task.target, output, Shown(metric, shown)))

    def update(self, plays: Sequence[Play]) -> None:
        """Adds a batch, as each objective of the stage sees it."""
        for number, target, output, metric in self._made:
            play = plays[number]
            mask = play.targets.get(target + MASK)
            weights = None if mask is None else keras.ops.cast(mask, "float32")
            made = play.output if output is None else play.read(output)
            metric.update_state(play.targets[target], made, sample_weight=weights)

    def results(self, number: int, taken: Collection[str]) -> dict[str, float]:
        """Returns the figures by name beside an objective; those of several values by their mean.

        Args:
            number: Of the objective in the stage.
            taken: Names that other figures bear.
        """
        found: dict[str, float] = {}
        for one, _, _, metric in self._made:
            if one == number:
                value = keras.ops.convert_to_numpy(metric.result())
                found[free_name(metric.name, {*taken, *found})] = float(np.mean(value))
        return found


def _is_keras(metric: Any) -> bool:
    return isinstance(metric, keras.metrics.Metric)
