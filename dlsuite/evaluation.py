"""How good a run is on a split: metrics beside baselines, where it goes wrong, and the report that shows it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from dlsuite import diagnosis
from dlsuite.making import make
from dlsuite.prediction import forward
from dlsuite.report import render
from dlsuite.spec.plan import Component, Task
from dlsuite.storage import write_json, write_text

if TYPE_CHECKING:
    from dlsuite.pipeline import Data
    from dlsuite.runs import Run

POINTS = 1000
"""So many points of a regression are drawn."""


def evaluate(run: Run, split: str = "test", data: Data | None = None) -> dict[str, Any]:
    """Returns how good a run is on a split, and writes it to the run: metrics.json, samples/ and report.html.

    Args:
        run: A trained run.
        split: `train`, `validation` or `test`.
        data: The run's data, where it is at hand; else it is read again.

    Returns:
        `split`, `examples`, `headline` (the name of the first metric), `metrics` by name, `baselines` (their metrics,
        fitted on the same training split), and by target, for classes: `per_class`, `confusion`, `calibration`; for
        numbers: `scatter`; for both `worst`, the worst mistakes with the pictures of them. Metrics bear the name of
        their target where there are several objectives.

    Raises:
        DataError: The data is missing, or has changed so that it cannot be read.

    Example:
        >>> evaluate(open_run("runs/digits_cnn/20250101-120000-ab12cd"))["metrics"]["accuracy"]
        0.9889
    """
    data = data or run.data()
    stage = run.plan.train[-1]
    outputs = forward(run, data.batches(split, targets=False), several=True)
    targets = {name: data.column(split, name) for name in data.plan.targets}
    found: dict[str, Any] = {"split": split, "examples": data.counts[split], "headline": None}
    found["metrics"] = _scores(run, stage.objectives, outputs, targets)
    found["headline"] = next(iter(found["metrics"]), None)
    found["metrics"] |= _keras_metrics(stage.metrics, outputs, targets)
    found["baselines"] = _baselines(run, data, split, targets)
    for part in ("per_class", "confusion", "calibration", "scatter", "worst"):
        found[part] = {}
    for task in stage.objectives:
        if task.target is not None:
            _diagnose(found, run, task, outputs[task.inputs[0]], targets[task.target])
    _picture(run, data, split, found["worst"])
    write_json(run.path / ("metrics.json" if split == "test" else f"metrics-{split}.json"), found)
    if split == "test":
        write_text(run.path / "report.html", render(_facts(run, data, found)))
    return found


def _scores(
    run: Run, tasks: tuple[Task, ...], outputs: Mapping[str, np.ndarray], targets: Mapping[str, np.ndarray]
) -> dict[str, float]:
    found: dict[str, float] = {}
    for task in tasks:
        if task.target is not None and task.inputs[0] in outputs:
            scores = make(task.component).scores(
                outputs[task.inputs[0]], targets[task.target], run.features[task.target]
            )
            prefix = f"{task.target}." if len(tasks) > 1 else ""
            found |= {f"{prefix}{name}": value for name, value in scores.items()}
    return found


def _keras_metrics(
    tasks: tuple[Task, ...], outputs: Mapping[str, np.ndarray], targets: Mapping[str, np.ndarray]
) -> dict[str, float]:
    found = {}
    for task in tasks:
        metric = make(task.component)
        if isinstance(metric, keras.metrics.Metric) and task.target is not None and task.inputs[0] in outputs:
            metric.update_state(targets[task.target], outputs[task.inputs[0]])
            result = np.asarray(keras.ops.convert_to_numpy(metric.result()))
            found[metric.name] = float(result) if result.ndim == 0 else float(result.mean())
    return found


def _baselines(run: Run, data: Data, split: str, targets: Mapping[str, np.ndarray]) -> dict[str, dict[str, float]]:
    """Returns the metrics of each baseline, fitted on the training split that the model learned from."""
    if not run.plan.baselines:
        return {}
    inputs, training = data.arrays("train")
    asked = inputs if split == "train" else data.arrays(split)[0]
    found: dict[str, dict[str, float]] = {}
    for component in run.plan.baselines:
        scores: dict[str, float] = {}
        for task in run.plan.train[-1].objectives:
            baseline = make(component)
            if task.target is None or not _suits(baseline, data.plan.targets[task.target].component):
                continue
            baseline.fit(inputs, training[task.target])
            output = _as_output(baseline.predict(asked), data.facts[task.target])
            prefix = f"{task.target}." if len(run.plan.train[-1].objectives) > 1 else ""
            measured = make(task.component).scores(output, targets[task.target], run.features[task.target])
            scores |= {f"{prefix}{name}": value for name, value in measured.items()}
        found[_named(component, found)] = scores
    return found


def _suits(baseline: Any, feature: Component) -> bool:
    return feature.name in getattr(baseline, "learns", [feature.name])


def _as_output(answers: np.ndarray, facts: Mapping[str, Any]) -> np.ndarray:
    """Returns what a model would have put out for these answers: for probabilities of classes their logarithms."""
    if "classes" not in facts:
        return answers
    missing = facts["classes"] - answers.shape[1]  # the last classes may not occur in the training split
    return np.log(np.clip(np.pad(answers, ((0, 0), (0, missing))), 1e-12, 1.0))


def _named(component: Component, taken: Mapping[str, Any]) -> str:
    name, number = component.name, 2
    while name in taken:
        name, number = f"{component.name} {number}", number + 1
    return name


def _diagnose(found: dict[str, Any], run: Run, task: Task, outputs: np.ndarray, truth: np.ndarray) -> None:
    assert task.target is not None
    objective, feature = make(task.component), run.features[task.target]
    names = feature.facts_fitted().get("names")
    if names and hasattr(objective, "probabilities") and truth.ndim == 1:
        probabilities = objective.probabilities(outputs)  # (examples, classes)
        found["per_class"][task.target] = diagnosis.by_class(truth, probabilities, names)
        found["confusion"][task.target] = diagnosis.confusion(truth, probabilities, names)
        found["calibration"][task.target] = diagnosis.calibration(truth, probabilities)
        found["worst"][task.target] = diagnosis.worst(truth, probabilities, names)
    elif not names and truth.shape == outputs.shape and truth[0].size == 1:
        answers = np.array([feature.decode(one) for one in outputs], np.float64)
        truths = np.array([feature.decode(one) for one in truth], np.float64)
        found["scatter"][task.target] = np.stack([truths, answers], axis=1)[:POINTS].tolist()
        found["worst"][task.target] = diagnosis.worst_numbers(truths, answers)


def _picture(run: Run, data: Data, split: str, worst: Mapping[str, list[dict[str, Any]]]) -> None:
    """Says where each of the worst mistakes stands, and saves its picture among the samples."""
    from PIL import Image

    examples = data.examples(split)
    pictured = next((name for name in data.plan.inputs if getattr(data.features[name], "augmented", False)), None)
    for target, mistakes in worst.items():
        for rank, mistake in enumerate(mistakes, start=1):
            mistake["where"] = examples.where(mistake["index"])
            if pictured is None:
                continue
            raw = examples[mistake["index"]][data.plan.inputs[pictured].fields[0]]
            pixels = data.features[pictured].load(raw)  # (height, width, channels)
            mistake["image"] = f"samples/{split}-{target}-{rank:02d}.png"
            (run.path / "samples").mkdir(exist_ok=True)
            Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels).save(run.path / mistake["image"])


def _facts(run: Run, data: Data, found: Mapping[str, Any]) -> dict[str, Any]:
    """Returns what the report shows."""
    shown = [mistake["image"] for mistakes in found["worst"].values() for mistake in mistakes if "image" in mistake]
    return {
        "name": run.name,
        "about": run.plan.about,
        "run": f"{run.name}/{run.id}",
        "evaluation": found,
        "history": run.history,
        "best_epoch": run.best_epoch,
        "data": data.record,
        "environment": {name: run.environment[name] for name in run.environment if name not in ("data", "spec")},
        "spec": run.resolved,
        "images": {path: Path(run.path, path).read_bytes() for path in shown},
    }
