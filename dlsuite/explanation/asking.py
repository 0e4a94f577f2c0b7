"""One input put to a run, so that its networks can be looked into."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import keras
import numpy as np

from dlsuite.explanation.walking import Visit, walk
from dlsuite.objectives.play import Play
from dlsuite.pipeline import MASK
from dlsuite.playing import ask
from dlsuite.prediction import encode, read_raws
from dlsuite.runs import Run, check_run
from dlsuite.spec.errors import DLSuiteError, suggest


class ExplanationError(DLSuiteError):
    """Something that cannot be explained; says why."""

    exit_code = 2


def put(run: Run, inputs: Any, answer: str | None, verb: str) -> Play:
    """Returns one input as the objective of an answer sees it.

    Args:
        run: A trained run.
        inputs: One, as `predict` takes it.
        answer: The target that is answered; by default the first.
        verb: The function that asks, for messages.

    Raises:
        DataError: The input cannot be read.
        ExplanationError: There are several inputs; or see `put_rows`.
    """
    play = put_rows(run, inputs, answer, verb)
    if (count := count_rows(play)) != 1:
        raise ExplanationError(f"One input is explained at a time, and there are {count}.")
    return play


def put_rows(run: Run, inputs: Any, answer: str | None, verb: str) -> Play:
    """Returns inputs as the objective of an answer sees them; arguments as of `put`.

    Raises:
        DataError: An input cannot be read.
        ExplanationError: The run gives no such answer, or none of classes or numbers; or an input is missing.
    """
    check_run(run, f"explanation.{verb}")
    number = find_task(run, answer)
    raws = list(read_raws(run, run.plan, inputs))
    if not raws:
        raise ExplanationError("There is no input to explain.")
    tensors = encode(run, raws)
    play = ask(run.plan, run.models, run.features, tensors, [0] * len(raws))[number]
    read = {tensor.name for tensor in find_network(play).inputs}
    if missing := sorted(name for name in read - set(tensors) if not name.endswith(MASK)):
        fields = ", ".join(f"`{field}`" for name in missing for field in run.plan.data.inputs[name].fields)
        raise ExplanationError(f"The network reads more than was given: give the fields {fields} as well.")
    kept = {name: tensor for name, tensor in play.inputs.items() if name.removesuffix(MASK) in read}
    return replace(play, inputs=kept)


def find_task(run: Run, answer: str | None) -> int:
    """Returns the number of the objective that gives an answer, by default the first.

    Raises:
        ExplanationError: None gives an answer of that name, or one that is compared with a target.
    """
    tasks = run.plan.train[-1].objectives
    known = {task.target: number for number, task in enumerate(tasks) if task.target}
    if not known:
        kinds = ", ".join(task.component.name for task in tasks)
        raise ExplanationError(
            f"Answers of {run.name} are made by {kinds}, which learns no target: there is no class or number whose "
            "score could be explained."
        )
    if answer is not None and answer not in known:
        raise ExplanationError(f"{run.name} gives no answer `{answer}`. {suggest(answer, known, what='answers')}")
    return known[answer or next(iter(known))]


def find_network(play: Play) -> Any:
    """Returns the network that makes the output of a play."""
    return next(play.networks[name] for name, made in play.outputs.items() if play.task.inputs[0] in made)


def count_rows(play: Play) -> int:
    """Returns how many examples a play has."""
    return int(next(iter(play.inputs.values())).shape[0])


def find_filled(play: Play, name: str, places: int) -> np.ndarray:
    """Returns which places of the first example of an input are filled, (places,)."""
    mask = play.inputs.get(name + MASK)
    return np.ones(places, bool) if mask is None else keras.ops.convert_to_numpy(mask)[0]


def watch(play: Play, visit: Visit, inputs: Mapping[str, Any] | None = None) -> Any:
    """Returns the output of a play, each call of its network run by a visit.

    Args:
        play: The batch.
        visit: As of `walk`.
        inputs: Tensors in the place of its own.
    """
    call = lambda network, given, training: walk(network, given, visit)  # noqa: E731
    return replace(play, inputs={**play.inputs, **(inputs or {})}, call=call, made={}).output
