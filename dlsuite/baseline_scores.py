"""The baselines of a spec, measured as its model is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from dlsuite.making import make
from dlsuite.spec.plan import Component

if TYPE_CHECKING:
    from dlsuite.pipeline import Data
    from dlsuite.runs import Run


def score_baselines(
    run: Run, training: Data, asked: Mapping[str, np.ndarray], targets: Mapping[str, np.ndarray]
) -> dict[str, dict[str, float]]:
    """Returns the metrics of each baseline by name.

    Args:
        run: Of the spec that names them.
        training: Its data: they are fitted on the training split that the model learned from.
        asked: Inputs of the examples to measure on, (examples, ...) by name.
        targets: The truth, (examples, ...) by name.
    """
    inputs, learned = training.arrays("train")
    found: dict[str, dict[str, float]] = {}
    for component in run.plan.baselines:
        scores: dict[str, float] = {}
        for task in run.plan.train[-1].objectives:
            baseline = make(component)
            if task.target is None or not _suits(baseline, training.plan.targets[task.target].component):
                continue
            baseline.fit(inputs, learned[task.target])
            output = _as_output(baseline.predict(asked), training.facts[task.target])
            prefix = f"{task.target}." if len(run.plan.train[-1].objectives) > 1 else ""
            measured = make(task.component).scores(output, targets[task.target], run.features[task.target])
            scores |= {f"{prefix}{name}": value for name, value in measured.items()}
        found[_named(component, found)] = scores
    return found


def _suits(baseline: Any, feature: Component) -> bool:
    return feature.name in getattr(baseline, "learns", [feature.name])


def _as_output(answers: Any, facts: Mapping[str, Any]) -> Any:
    """Returns what a model would have put out for these answers: for probabilities of classes their logarithms."""
    if "classes" not in facts:
        return answers
    if isinstance(answers, list):  # of varying length
        return [_as_output(one, facts) for one in answers]
    missing = facts["classes"] - answers.shape[-1]  # the last classes may not occur in the training split
    widths = [(0, 0)] * (answers.ndim - 1) + [(0, missing)]
    return np.log(np.clip(np.pad(answers, widths), 1e-12, 1.0))


def _named(component: Component, taken: Mapping[str, Any]) -> str:
    name, number = component.name, 2
    while name in taken:
        name, number = f"{component.name} {number}", number + 1
    return name
