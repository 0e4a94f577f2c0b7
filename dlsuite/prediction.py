"""A run and raw input to an answer."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby, islice
from typing import Any

import numpy as np

from dlsuite.inputs import Raw, Refuse, raise_fault, read_inputs
from dlsuite.making import make
from dlsuite.objectives.media import Media
from dlsuite.pipeline import MASK
from dlsuite.pipeline.encoding import pad_arrays
from dlsuite.playing import ask, compared, respond
from dlsuite.runs import Run, check_run
from dlsuite.spec.document import describe
from dlsuite.spec.errors import DataError, check_argument
from dlsuite.spec.plan import Component, Plan
from dlsuite.spec.values import Argument

SEED = "seed"
"""The field of an example that chooses what is drawn for it."""


def predict(
    run: Run,
    inputs: Any,
    batch_size: int | None = None,
    settings: Mapping[str, Any] | None = None,
    refuse: Refuse = raise_fault,
) -> list[dict[str, Any]]:
    """Returns an answer for each input, as `{"input": its name, "output": the answer}`, in order.

    Args:
        run: A trained run; what it fitted on its training split (classes, normalisation) is used here.
        inputs: One or several of: a path of an image or of another file that the run's feature reads; a text, where a
            run reads that alone; a path of a table (CSV, TSV, JSONL, Parquet), an answer a row; an array; a dictionary
            of raw values by field, with `seed` for what is drawn (by default that of `predict`, counted on).
        batch_size: Examples at a time; by default that of the spec.
        settings: Changes of the `predict` section, as `{"seed": 7}`.
        refuse: What is told of an input at fault, which then has no answer; by default its fault is raised.

    Raises:
        DataError: An input cannot be read, is too large, or lacks a field; says which.
        SpecError: The settings are at fault.

    Example:
        >>> predict(open_run("runs/digits_cnn/20250101-120000-ab12cd"), "seven.png")[0]["output"]["class"]
        '7'
    """
    check_run(run, "predict")
    plan = change_plan(run, settings)
    raws = read_raws(run, plan, inputs, refuse)
    answers: list[dict[str, Any]] = []
    size = batch_size or plan.data.batch_size
    first = plan.predict.get(SEED, 0)
    for asked in _chunks(raws, size):
        chunk, tensors = _encode_sound(run, asked, refuse)
        if chunk:
            answers += _answer(run, plan, chunk, tensors, first + len(answers), size, refuse)
    return answers


def _answer(
    run: Run,
    plan: Plan,
    chunk: Sequence[Raw],
    tensors: Mapping[str, np.ndarray],
    first: int,
    size: int,
    refuse: Refuse,
) -> list[dict[str, Any]]:
    """Returns the answers to a chunk of examples; those whose inputs do not go together have none.

    Args:
        run: That answers.
        plan: Of its spec, changed.
        chunk: Alike in their fields.
        tensors: Of the chunk, by input.
        first: The seed of the first, where it has none of its own.
        size: Of a whole chunk.
        refuse: What is told of an input at fault.
    """
    seeds = [_seed(raw, first + i) for i, raw in enumerate(chunk)]
    try:
        found = respond(plan, run.models, run.features, tensors, seeds, several=len(chunk) == size)
    except DataError as error:
        if len(chunk) == 1:
            refuse(DataError(f"{chunk[0].label}: {error}"))
            return []
        answers: list[dict[str, Any]] = []
        for raw in chunk:
            answers += _answer(run, plan, [raw], encode(run, [raw]), first + len(answers), size, refuse)
        return answers
    recipes = [make_recipe(run, plan, raw, seed) for raw, seed in zip(chunk, seeds, strict=True)]
    outputs = read(run, plan, found, recipes)
    return [{"input": raw.name, "output": one} for raw, one in zip(chunk, outputs, strict=True)]


def streams(run: Run) -> bool:
    """Returns whether answers of a run are text that can be had while it is written."""
    tasks = run.plan.train[-1].objectives
    return len(tasks) == 1 and hasattr(make(tasks[0].component), "stream")


def stream(run: Run, inputs: Any, settings: Mapping[str, Any] | None = None) -> Iterator[str]:
    """Yields the answer to one input piece by piece, as it is written; whoever asks may stop at any time.

    Args:
        run: One that `streams`.
        inputs: One input, as of `predict`.
        settings: As of `predict`.

    Raises:
        DataError: The run's answers are no text, or there are several inputs; and as `predict` does.

    Example:
        >>> for piece in stream(open_run("runs/shakespeare_gpt/20250101-120000-ab12cd"), "ROMEO:"):
        ...     print(piece, end="", flush=True)
    """
    if not streams(run):
        raise DataError(f"Answers of {run.name} come whole: its objective writes no text. `predict` gives them.")
    plan = change_plan(run, settings)
    raws = list(islice(read_raws(run, plan, inputs), 2))
    if len(raws) != 1:
        raise DataError(f"One input can be streamed at a time, and {'several are' if raws else 'none is'} given.")
    seeds = [_seed(raws[0], plan.predict.get(SEED, 0))]
    (play,) = ask(plan, run.models, run.features, encode(run, raws), seeds)
    yield from make(play.task.component).stream(play)


def prompt(run: Run, inputs: Any) -> str:
    """Returns the text that a stream goes on from; an empty one where a file holds it."""
    raw = next(read_raws(run, run.plan, inputs))
    return next((value for value in raw.fields.values() if isinstance(value, str)), "")


def read_raws(run: Run, plan: Plan, inputs: Any, refuse: Refuse = raise_fault) -> Iterator[Raw]:
    """Yields raw examples of some input, with the fields that an answer needs."""
    needed = _needed(plan)
    fields = _fields(plan, needed)
    shape = tuple(run.facts[needed[0]]["shape"]) if len(fields) == 1 else None
    known = (*_fields(plan, list(plan.data.inputs)), SEED)
    text = len(fields) == 1 and getattr(run.features[needed[0]], "text", False)
    source = make(plan.data.source) if plan.data.source else None
    return read_inputs(inputs, fields, shape, source, known=known, text=text, refuse=refuse)


def _encode_sound(run: Run, raws: list[Raw], refuse: Refuse) -> tuple[list[Raw], dict[str, np.ndarray]]:
    """Returns those of some raw examples that can be answered, and their tensors."""
    try:
        for raw in raws:
            _seed(raw, 0)
        return raws, encode(run, raws)
    except DataError as error:
        if len(raws) == 1:
            refuse(error)
            return [], {}
    sound = [raw for raw in raws if _encode_sound(run, [raw], refuse)[0]]
    return sound, encode(run, sound) if sound else {}


def encode(run: Run, raws: Sequence[Raw]) -> dict[str, np.ndarray]:
    """Returns the tensors of raw examples by input name, (examples, ...), of those inputs that all of them have.

    Raises:
        DataError: A value cannot be encoded.
    """
    tensors = {}
    continued = {name for task in run.plan.train[-1].objectives for name in make(task.component).continues}
    for name, plan in run.plan.data.inputs.items():
        if any(field not in raw.fields for raw in raws for field in plan.fields):
            continue
        feature, rows = run.features[name], []
        encode_one = partial(feature.encode, last=True) if name in continued else feature.encode
        full = feature.facts_fitted()["shape"][0] if hasattr(feature, "unread") else None
        for raw in raws:
            values = [raw.fields[field] for field in plan.fields]
            value = values[0] if len(values) == 1 else values
            try:
                rows.append(encode_one(value))
            except ValueError as error:
                raise DataError(f"{raw.label}: `{name}` {error}.") from None
            blank = name not in continued and isinstance(values[0], str) and not values[0].strip()
            if hasattr(feature, "mask") and (blank or not len(rows[-1])):
                raise DataError(f"{raw.label}: `{name}` is empty: there is nothing to read.")
            if full is not None and len(rows[-1]) == full:
                _warn_of_unread(feature, raw, name, value, last=name in continued)
        if not hasattr(feature, "mask"):
            tensors[name] = np.stack(rows)
            continue
        values, sizes = pad_arrays(rows)
        places = feature.facts_fitted()["shape"][0] or values.shape[1]
        tensors[name] = np.pad(values, ((0, 0), (0, places - values.shape[1]), *((0, 0),) * (values.ndim - 2)))
        tensors[name + MASK] = np.arange(places) < sizes[:, None]
    return tensors


def _warn_of_unread(feature: Any, raw: Raw, name: str, value: Any, *, last: bool) -> None:
    """Warns where a feature is full and leaves out the rest of a value."""
    if told := feature.unread(value, last=True) if last else feature.unread(value):
        warnings.warn(f"{raw.label}: `{name}` {told}.", stacklevel=2)


def read(run: Run, plan: Plan, responses: Sequence[Sequence[Any]], recipes: Sequence[Mapping[str, Any]]) -> list[Any]:
    """Returns the answer to each example; by target where there are several. Files in answers get their recipes."""
    answers: dict[str, list[Any]] = {}
    for task, found in zip(plan.train[-1].objectives, responses, strict=True):
        name = compared(task)
        objective, feature = make(task.component), run.features[name] if name else None
        made = [objective.answer(one, feature) for one in found]
        answers[name or task.component.name] = [_signed(*pair) for pair in zip(made, recipes, strict=True)]
    if len(answers) == 1:
        return next(iter(answers.values()))
    return [dict(zip(answers, one, strict=True)) for one in zip(*answers.values(), strict=True)]


def _chunks(raws: Iterable[Raw], size: int) -> Iterator[list[Raw]]:
    """Yields examples in order, at most so many at a time, with the same fields: none lacks what another leaves out."""
    for _, alike in groupby(raws, key=lambda raw: frozenset(raw.fields)):
        while chunk := list(islice(alike, size)):
            yield chunk


def change_plan(run: Run, settings: Mapping[str, Any] | None) -> Plan:
    """Returns the plan of a run, `predict` of its spec changed by settings.

    Raises:
        SpecError: The settings are at fault.
    """
    if settings is not None:
        check_argument(settings, Mapping, "`settings`", "values of `predict`, such as {'seed': 7}")
    if not settings:
        return run.plan
    named = {f"predict.{name}": Argument.of(value, f'settings["{name}"]') for name, value in settings.items()}
    return run.changed(named).plan(run.facts)


def _needed(plan: Plan) -> list[str]:
    """Returns the inputs that an answer needs."""
    needs = [make(task.component).needs for task in plan.train[-1].objectives]
    if any(one is None for one in needs):
        return list(plan.data.inputs)
    return list(dict.fromkeys(name for one in needs for name in one))


def _fields(plan: Plan, names: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(field for name in names for field in plan.data.inputs[name].fields))


def _seed(raw: Raw, default: int) -> int:
    seed = raw.fields.get(SEED, default)
    try:
        if isinstance(seed, bool) or int(seed) != float(seed) or not 0 <= int(seed) <= 2**53:
            raise ValueError
    except (TypeError, ValueError, OverflowError):
        raise DataError(f"{raw.label}: `{SEED}` is {describe(seed)}; it is a whole number from 0 to 2**53.") from None
    return int(seed)


def make_recipe(run: Run, plan: Plan, raw: Raw, seed: int) -> dict[str, Any]:
    """Returns what an answer was made of, as JSON: spec, run, plain inputs with the seed, and the `predict` section."""
    told = {name: value for name, value in raw.fields.items() if isinstance(value, str | int | float | bool)}
    asked = {name: _write(value) for name, value in plan.predict.items() if value is not None}
    return {"spec": run.name, "run": run.id, "inputs": {**told, SEED: seed}, "predict": asked}


def _write(value: Any) -> Any:
    """Returns a value of a plan as a spec writes it."""
    if isinstance(value, Component):
        return {value.name: {name: _write(one) for name, one in value.arguments.items()}}
    return [_write(one) for one in value] if isinstance(value, list | tuple) else value


def _signed(answer: Any, recipe: Mapping[str, Any]) -> Any:
    """Returns an answer with the recipe in each file that can hold it."""
    if isinstance(answer, Media):
        return answer.sign(recipe)
    if isinstance(answer, Mapping):
        return {name: _signed(value, recipe) for name, value in answer.items()}
    return [_signed(one, recipe) for one in answer] if isinstance(answer, list) else answer
