"""The models of a run: kept, and measured on validation."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras

from dlsuite.building import build_models, precision
from dlsuite.making import make
from dlsuite.pipeline import Data
from dlsuite.playing import compared, digest
from dlsuite.runs import Run
from dlsuite.spec.plan import Plan
from dlsuite.storage import put_in_place, write_arrays, writing
from dlsuite.weights import read_weights, write_weights


def save_models(run: Run, plan: Plan, models: Mapping[str, keras.Model]) -> dict[str, keras.Model]:
    """Writes each model as `models/<name>.keras`, plain Keras without optimizer, and its weights as `<name>.npz`.

    Returns what was saved: models of one device, whichever strategy the given ones were trained under.
    """
    folder = run.path / "models"
    fresh = build_models(plan)
    for name, model in models.items():
        weights = read_weights(model)
        write_weights(fresh[name], weights)
        with writing(folder), tempfile.TemporaryDirectory(dir=folder, prefix=".") as place:
            arrays, whole = Path(place) / f"{name}.npz", Path(place) / f"{name}.keras"
            write_arrays(arrays, weights)
            with precision(plan.train[0].precision):
                fresh[name].save(whole)
            put_in_place(arrays, folder / arrays.name)
            put_in_place(whole, folder / whole.name)
    return fresh


def score(plan: Plan, models: Mapping[str, keras.Model], data: Data) -> dict[str, Any] | None:
    """Returns the metrics of models on the validation split, as `metrics.json` holds them."""
    tasks = plan.train[-1].objectives
    metrics: dict[str, float] = {}
    for task, found in zip(tasks, digest(plan, models, data, "validation"), strict=True):
        if (name := compared(task)) is None:
            continue
        scores = make(task.component).scores(found, data.column("validation", name), data.features[name])
        prefix = f"{task.target}." if len(tasks) > 1 else ""
        metrics |= {f"{prefix}{key}": value for key, value in scores.items()}
    if not metrics:
        return None
    headline = next(iter(metrics))
    return {"split": "validation", "examples": data.counts["validation"], "headline": headline, "metrics": metrics,
            "baselines": {}}  # fmt: skip
