"""A run and raw input to an answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from dlsuite.inputs import Raw, read_inputs
from dlsuite.making import make
from dlsuite.spec.errors import DataError

if TYPE_CHECKING:
    from dlsuite.runs import Run


def predict(run: Run, inputs: Any, batch_size: int | None = None) -> list[dict[str, Any]]:
    """Returns an answer for each input, as `{"input": its name, "output": the answer}`, in order.

    Args:
        run: A trained run; what it fitted on its training split (classes, normalisation) is used here.
        inputs: One or several of: a path of an image or of another file that the run's feature reads; a path of a table
            (CSV, TSV, JSONL, Parquet), an answer a row; an array; a dictionary of raw values by field.
        batch_size: Examples at a time; by default that of the spec.

    Raises:
        DataError: An input cannot be read, is too large, or lacks a field; says which.

    Example:
        >>> predict(open_run("runs/digits_cnn/20250101-120000-ab12cd"), "seven.png")[0]["output"]["class"]
        '7'
    """
    plan = run.plan.data
    fields = tuple(dict.fromkeys(field for feature in plan.inputs.values() for field in feature.fields))
    shape = tuple(run.facts[next(iter(plan.inputs))]["shape"]) if len(fields) == 1 else None
    raws = read_inputs(inputs, fields, shape, make(plan.source) if plan.source else None)
    answers: list[dict[str, Any]] = []
    size = batch_size or plan.batch_size
    while chunk := list(islice(raws, size)):
        outputs = forward(run, [encode(run, chunk)], several=len(chunk) == size)
        answers += [{"input": raw.name, "output": one} for raw, one in zip(chunk, read(run, outputs), strict=True)]
    return answers


def encode(run: Run, raws: list[Raw]) -> dict[str, np.ndarray]:
    """Returns the tensors of raw examples by input name, (examples, ...).

    Raises:
        DataError: A value cannot be encoded.
    """
    tensors = {}
    for name, plan in run.plan.data.inputs.items():
        feature, rows = run.features[name], []
        for raw in raws:
            values = [raw.fields[field] for field in plan.fields]
            try:
                rows.append(feature.encode(values[0] if len(values) == 1 else values))
            except ValueError as error:
                raise DataError(f"{raw.name}: `{name}` {error}.") from None
        tensors[name] = np.stack(rows)
    return tensors


def forward(run: Run, batches: Iterable[Mapping[str, Any]], *, several: bool) -> dict[str, np.ndarray]:
    """Returns the outputs that the run's objectives read, by name, (examples, ...).

    Args:
        run: A trained run.
        batches: Of tensors by input name.
        several: Whether there are many batches, so that compiling the model for them pays.
    """
    wanted = [task.inputs[0] for task in run.plan.train[-1].objectives if task.inputs]
    parts: dict[str, list[np.ndarray]] = {}
    for batch in batches:
        for name, network in run.plan.networks.items():
            if not any(output in network.body.outputs for output in wanted):
                continue
            model = run.models[name]
            tensors: Any = {key: keras.ops.convert_to_tensor(batch[key]) for key in network.inputs}
            tensors = next(iter(tensors.values())) if len(tensors) == 1 else tensors
            made = model.predict_on_batch(tensors) if several else model(tensors, training=False)
            for output, tensor in (
                made if isinstance(made, dict) else {next(iter(network.body.outputs)): made}
            ).items():
                values = keras.ops.convert_to_numpy(keras.ops.cast(tensor, "float32"))  # from mixed precision
                parts.setdefault(output, []).append(values)
    return {output: np.concatenate(arrays) for output, arrays in parts.items()}


def read(run: Run, outputs: Mapping[str, np.ndarray]) -> list[Any]:
    """Returns the answer of each example; by target where there are several."""
    answers: dict[str, list[Any]] = {}
    for task in run.plan.train[-1].objectives:
        if task.target is None:
            continue
        objective, feature = make(task.component), run.features[task.target]
        answers[task.target] = [objective.answer(one, feature) for one in outputs[task.inputs[0]]]
    if len(answers) == 1:
        return next(iter(answers.values()))
    return [dict(zip(answers, one, strict=True)) for one in zip(*answers.values(), strict=True)]
