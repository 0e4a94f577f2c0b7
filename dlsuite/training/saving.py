"""The models of a run: kept, and measured on validation."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np

from dlsuite.building import build_models, precision
from dlsuite.making import make
from dlsuite.pipeline import Data
from dlsuite.runs import Run
from dlsuite.spec.plan import Plan
from dlsuite.storage import full_disk, put_in_place, write_arrays
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
        with full_disk(folder), tempfile.TemporaryDirectory(dir=folder, prefix=".") as place:
            arrays, whole = Path(place) / f"{name}.npz", Path(place) / f"{name}.keras"
            write_arrays(arrays, weights)
            with precision(plan.train[0].precision):
                fresh[name].save(whole)
            put_in_place(arrays, folder / arrays.name)
            put_in_place(whole, folder / whole.name)
    return fresh


def score(plan: Plan, models: Mapping[str, keras.Model], data: Data) -> dict[str, Any] | None:
    """Returns the metrics of models on the validation split, as `metrics.json` holds them."""
    stage = plan.train[-1]
    tasks = [task for task in stage.objectives if task.target is not None and task.inputs]
    metrics: dict[str, float] = {}
    for name, network in plan.networks.items():
        here = [task for task in tasks if task.inputs[0] in network.body.outputs]
        tasks = [task for task in tasks if task not in here]
        if not here:
            continue
        model = models[name]
        taken = list(model.input) if isinstance(model.input, dict) else [model.inputs[0].name]
        batches = data.batches("validation", targets=False)
        batches = batches.map(lambda x, taken=taken: x[taken[0]] if len(taken) == 1 else {key: x[key] for key in taken})
        outputs = model.predict(batches, verbose=0)
        for task in here:
            output = outputs[task.inputs[0]] if isinstance(outputs, dict) else outputs
            found = make(task.component).scores(
                np.asarray(output, np.float32), data.column("validation", task.target), data.features[task.target]
            )
            prefix = f"{task.target}." if len(stage.objectives) > 1 else ""
            metrics |= {f"{prefix}{key}": value for key, value in found.items()}
    if not metrics:
        return None
    headline = next(iter(metrics))
    return {"split": "validation", "examples": data.counts["validation"], "headline": headline, "metrics": metrics,
            "baselines": {}}  # fmt: skip
