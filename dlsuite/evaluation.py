"""How good a run is on a split: metrics beside baselines, where it goes wrong, and the report that shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from dlsuite import diagnosis, run_files
from dlsuite.baseline_scores import score_baselines
from dlsuite.judging import Judges
from dlsuite.locking import share
from dlsuite.making import make
from dlsuite.objectives.media import Media
from dlsuite.other_data import Given, read_other
from dlsuite.pipeline import Data, naming_files
from dlsuite.pipeline.splitting import PARTS
from dlsuite.playing import Digests, compared, digest
from dlsuite.report import render
from dlsuite.runs import Run, check_run
from dlsuite.spec.errors import ArgumentError, DataError, check_argument, suggest
from dlsuite.spec.plan import Stage, Task
from dlsuite.storage import check_writable, write_json, write_text, writing
from dlsuite.training.batch_metrics import Follower
from dlsuite.whole_split import WholeSplit

POINTS = 1000
"""So many points of a regression are drawn."""


def evaluate(run: Run, split: str | None = None, data: Given | None = None) -> dict[str, Any]:
    """Returns how good a run is, and writes it to the run: metrics.json, samples/ and report.html for its test split;
    others have files of their own beside these.

    Args:
        run: A trained run.
        split: `train`, `validation` or `test`, the default. Of other data: one of its own splits, by default all of it.
        data: Other data than the run's: a path in place of that of its source, or a component as a spec writes it.

    Returns:
        `split`, `examples` (how many were looked at), `headline` (the name of the first metric), `metrics` by name,
        `baselines` (their metrics, fitted on the run's training split), `judges` (the runs that metrics looked through,
        by the paths of their specs), and by target, for classes: `per_class`, `confusion`, `calibration`; for
        numbers: `scatter`; for both `worst`, the worst mistakes with the pictures of them. Metrics bear the name of
        their target where there are several objectives. For other data also `data`, where it came from, `warnings`, and
        `report`, the file that shows all this.

    Raises:
        DataError: The data is missing, or has changed so that it cannot be read.
        SpecError: Other data is given by a component that is at fault.
        UnwritableError: Nothing may be written to the run.

    Example:
        >>> evaluate(open_run("runs/digits_cnn/20250101-120000-ab12cd"))["metrics"]["accuracy"]
        0.9889
        >>> evaluate(run, data={"ImageFolder": {"path": "new"}})["examples"]
        120
    """
    check_run(run, "evaluate")
    if split is not None:
        check_argument(split, str, "`split`", "`train`, `validation` or `test`")
    check_writable(run.path)
    run_files.check(run.path)
    with share(run.path):
        return _evaluate(run, split, data)


def _evaluate(run: Run, split: str | None, data: Given | None) -> dict[str, Any]:
    if data is not None:
        other = read_other(run, data, split)
        found = _measure(run, other.data, "test", other.tag, None) | {"split": other.title}
        found |= {"data": other.data.record, "warnings": [*other.data.warnings, *found["warnings"]]}
        found["report"] = f"report-{other.tag}.html"
        return _write(run, other.data, found, f"metrics-{other.tag}.json", found["report"])
    split = split or "test"
    if split not in PARTS:
        raise ArgumentError(f"A run has no split `{split}`. {suggest(split, PARTS, what='splits')}")
    own = run.data()
    found = _measure(run, own, split, split, own)
    del found["warnings"]
    if split == "test":
        return _write(run, own, found, "metrics.json", "report.html")
    return _write(run, own, found, f"metrics-{split}.json", None)


def _measure(run: Run, data: Data, split: str, tag: str, training: Data | None) -> dict[str, Any]:
    """Returns the figures of a run on a split of some data.

    Args:
        run: A trained run.
        data: To measure on.
        split: Of it.
        tag: What pictures of mistakes are called.
        training: The run's own data; by default read again if there are baselines to fit.
    """
    stage = run.plan.train[-1]
    follower = Follower(stage)
    with naming_files():
        digests = digest(run.plan, run.models, data, split, follower.update)
    read = [name for name in map(compared, stage.objectives) if name]
    count = max(map(len, digests), default=data.counts[split])
    truths = {name: data.column(split, name)[:count] for name in data.with_masks([*data.plan.targets, *read])}
    found: dict[str, Any] = {"split": split, "examples": count, "headline": None, "warnings": []}
    found["metrics"] = _scores(run, stage.objectives, digests, truths)
    judges = Judges(run)
    whole = WholeSplit(stage, judges, lambda: training or run.data())
    _add_metrics(found["metrics"], run, stage, digests, truths, follower, whole)
    found["headline"] = next(iter(found["metrics"]), None)
    found["judges"] = judges.taken
    found["baselines"] = {}
    if run.plan.baselines:
        try:
            found["baselines"] = score_baselines(run, training or run.data(), data, split, truths, whole)
        except DataError as error:
            if training is not None:
                raise
            found["warnings"].append(f"no baselines: they are fitted on the data of the run, and {error}")
    for part in ("per_class", "confusion", "calibration", "scatter", "worst"):
        found[part] = {}
    for task, outputs in zip(stage.objectives, digests, strict=True):
        if task.target is not None and isinstance(outputs, np.ndarray):
            _diagnose(found, run, task, outputs, truths[task.target])
    _show(run, data, split, tag, found["worst"])
    found["samples"] = _samples(run, stage.objectives, digests, truths, tag)
    return found


def _write(run: Run, data: Data, found: dict[str, Any], metrics: str, report: str | None) -> dict[str, Any]:
    """Writes figures, and the report that shows them, into the run; returns the figures."""
    write_json(run.path / metrics, found)
    if report is not None:
        write_text(run.path / report, render(_facts(run, data, found)))
    return found


def _scores(run: Run, tasks: tuple[Task, ...], digests: Digests, truths: Mapping[str, np.ndarray]) -> dict[str, float]:
    found: dict[str, float] = {}
    for task, outputs in zip(tasks, digests, strict=True):
        if name := compared(task):
            scores = make(task.component).scores(outputs, truths[name], run.features[name])
            found |= {f"{_prefix(task, tasks)}{key}": value for key, value in scores.items()}
    return found


def _add_metrics(
    found: dict[str, float],
    run: Run,
    stage: Stage,
    digests: Digests,
    truths: Mapping[str, np.ndarray],
    follower: Follower,
    whole: WholeSplit,
) -> None:
    """Adds the metrics that the spec names behind the scores of the objectives: those of Keras, then ours."""
    for number, (objective, outputs) in enumerate(zip(stage.objectives, digests, strict=True)):
        if not (name := compared(objective)):
            continue
        prefix = _prefix(objective, stage.objectives)
        taken = {key.removeprefix(prefix) for key in found if key.startswith(prefix)}
        scores = follower.results(number, taken)
        scores |= whole.score(objective.target, outputs, truths[name], run.features[name])
        found |= {f"{prefix}{key}": value for key, value in scores.items()}


def _samples(
    run: Run, tasks: tuple[Task, ...], digests: Digests, truths: Mapping[str, np.ndarray], tag: str
) -> list[dict[str, str]]:
    """Returns what objectives show of a split, files among it saved: `caption`, and `text` or `file`."""
    found: list[dict[str, str]] = []
    for task, outputs in zip(tasks, digests, strict=True):
        if not (name := compared(task)):
            continue
        for caption, what in make(task.component).samples(outputs, truths[name], run.features[name]):
            if isinstance(what, Media):
                path = f"samples/{tag}-sample-{len(found) + 1:02d}{what.suffix}"
                _save(run, path, what)
                found.append({"caption": caption, "file": path})
            else:
                found.append({"caption": caption, "text": what})
    return found


def _prefix(task: Task, objectives: Sequence[Task]) -> str:
    """Returns what stands before the names of metrics: their target, where several are learned."""
    return f"{task.target}." if len(objectives) > 1 else ""


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


def _show(run: Run, data: Data, split: str, tag: str, worst: Mapping[str, list[dict[str, Any]]]) -> None:
    """Says where each of the worst mistakes stands, and saves its picture or sound among the samples."""
    examples = data.examples(split)
    shown = next((name for name in data.plan.inputs if hasattr(data.features[name], "show")), None)
    for target, mistakes in worst.items():
        for rank, mistake in enumerate(mistakes, start=1):
            mistake["where"] = examples.where(mistake["index"])
            if shown is None:
                continue
            media = data.features[shown].show(examples[mistake["index"]][data.plan.inputs[shown].fields[0]])
            path = f"samples/{tag}-{target}-{rank:02d}{media.suffix}"
            mistake["image" if media.suffix == ".png" else "file"] = path
            _save(run, path, media)


def _save(run: Run, path: str, media: Media) -> None:
    """Writes a file of the samples."""
    with writing(run.path / path):
        (run.path / "samples").mkdir(exist_ok=True)
        (run.path / path).write_bytes(media.data)


def _facts(run: Run, data: Data, found: Mapping[str, Any]) -> dict[str, Any]:
    """Returns what the report shows."""
    cards = [*found["samples"], *(mistake for mistakes in found["worst"].values() for mistake in mistakes)]
    paths = [one[key] for one in cards for key in ("image", "file") if key in one]
    shown = [path for path in paths if path.endswith((".png", ".wav"))]
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
