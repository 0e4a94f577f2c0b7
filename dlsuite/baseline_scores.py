"""The baselines of a spec, measured as its model is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from dlsuite.building import build_models
from dlsuite.making import make
from dlsuite.playing import compared, digest
from dlsuite.registry import find
from dlsuite.spec.plan import Component
from dlsuite.whole_split import WholeSplit

if TYPE_CHECKING:
    from dlsuite.pipeline import Data
    from dlsuite.runs import Run


def score_baselines(
    run: Run, training: Data, data: Data, split: str, truths: Mapping[str, np.ndarray], whole: WholeSplit
) -> dict[str, dict[str, float]]:
    """Returns the metrics of each baseline by name: the scores of the objectives, and the metrics of whole splits.

    Args:
        run: Of the spec that names them.
        training: Its data: they are fitted on the training split that the model learned from.
        data: That is measured on.
        split: Of that.
        truths: The truth, (examples, ...) by name, of so many examples as are looked at.
        whole: The metrics of whole splits.
    """
    tasks = run.plan.train[-1].objectives
    inputs, targets = training.arrays("train")
    asked = {name: values[: len(next(iter(truths.values())))] for name, values in data.arrays(split)[0].items()}
    found: dict[str, dict[str, float]] = {}
    for component in run.plan.baselines:
        scores: dict[str, float] = {}
        untrained = digest(run.plan, build_models(run.plan), data, split) if _is_untrained(component) else None
        for i, task in enumerate(tasks):
            name = compared(task)
            if name is None:
                continue
            if untrained is not None:
                output = untrained[i]
            else:
                baseline, feature = make(component), {**training.plan.inputs, **training.plan.targets}[name].component
                if not _suits(baseline, feature):
                    continue
                baseline.fit(inputs, {**inputs, **targets}[name])
                output = _as_output(baseline.predict(asked), training.facts[name])
            prefix = f"{task.target}." if len(tasks) > 1 else ""
            measured = make(task.component).scores(output, truths[name], run.features[name])
            measured |= whole.score(task.target, output, truths[name], run.features[name])
            scores |= {f"{prefix}{key}": value for key, value in measured.items()}
        found[_named(component, found)] = scores
    return found


def _is_untrained(component: Component) -> bool:
    return getattr(find("baseline", component.name), "untrained", False)


def _suits(baseline: Any, feature: Component) -> bool:
    return feature.name in getattr(baseline, "learns", [feature.name])


def _as_output(answers: Any, facts: Mapping[str, Any]) -> Any:
    """Returns what a model would have put out for these answers: for probabilities their logarithms."""
    choices = facts.get("classes") or facts.get("vocabulary")
    if isinstance(answers, list):  # of varying length
        return [_as_output(one, facts) for one in answers]
    if choices is None or answers.dtype.kind == "i":
        return answers
    missing = choices - answers.shape[-1]  # the last classes or ids may not occur in the training split
    padded = np.pad(answers, [(0, 0)] * (answers.ndim - 1) + [(0, missing)])
    return np.log(np.clip(padded, 1e-12, 1.0))


def _named(component: Component, taken: Mapping[str, Any]) -> str:
    name, number = component.name, 2
    while name in taken:
        name, number = f"{component.name} {number}", number + 1
    return name
