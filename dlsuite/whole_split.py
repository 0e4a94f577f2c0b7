"""The metrics of ours that a spec names, which look at a whole split at once."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np

from dlsuite.judging import Judges
from dlsuite.making import make
from dlsuite.registry import find
from dlsuite.spec import catalogue
from dlsuite.spec.plan import Stage, Task

if TYPE_CHECKING:
    from dlsuite.pipeline import Data


class WholeSplit:
    """Metrics with a `score`, made once for a model and for the baselines beside it.

    Those with `open` look through a trained classifier; those with `fit` learn from the training split.

    Args:
        stage: That names them.
        judges: The classifiers.
        training: Reads the data that the model learned from.
    """

    def __init__(self, stage: Stage, judges: Judges, training: Callable[[], Data]):
        self._tasks = [task for task in stage.metrics if _is_own(task)]
        self._judges = judges
        self._training = training

    @cached_property
    def _metrics(self) -> list[tuple[Task, Any]]:
        made = [(task, make(task.component)) for task in self._tasks]
        for task, metric in made:
            if hasattr(metric, "open"):
                metric.open(partial(self._judges.find, metric=task.component))
            if hasattr(metric, "fit"):
                metric.fit(self._training().arrays("train")[0])
        return made

    def score(self, target: str | None, outputs: Any, truths: np.ndarray, feature: Any) -> dict[str, float]:
        """Returns the figures of all metrics of a target by name.

        Args:
            target: Theirs; `None` for an objective without one.
            outputs: What `Objective.digest` keeps of each example.
            truths: (examples, ...) as encoded.
            feature: The fitted feature of the truths.
        """
        found: dict[str, float] = {}
        for task, metric in self._metrics:
            if task.target == target:
                found |= {key: float(value) for key, value in metric.score(outputs, truths, feature).items()}
        return found


def _is_own(task: Task) -> bool:
    """Returns whether a metric is one of ours with a `score`, and none of Keras."""
    known = catalogue.load()
    return known.own("metric", task.component.name) and hasattr(find("metric", task.component.name), "score")
