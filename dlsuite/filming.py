"""Pictures while they are made, and pictures on the way between two seeds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from keras import ops

from dlsuite.inputs import Raw
from dlsuite.making import make
from dlsuite.objectives.diffusion import Diffusion
from dlsuite.objectives.generation import Generation
from dlsuite.objectives.latents import walk as walk_between
from dlsuite.objectives.media import Media
from dlsuite.objectives.play import Play
from dlsuite.playing import ask
from dlsuite.prediction import SEED, change_plan, encode, make_recipe
from dlsuite.runs import Run
from dlsuite.spec.errors import DataError
from dlsuite.spec.plan import Plan

Settings = Mapping[str, Any] | None


def film(run: Run, asked: Sequence[Mapping[str, Any]], settings: Settings = None) -> Iterator[np.ndarray]:
    """Yields pictures after each step of their making, uint8 (examples, height, width, channels); the last are done.

    Whoever asks may stop at any time. The last pictures are those that `predict` answers, but for the rounding where a
    network is called often: it is compiled first.

    Args:
        run: One that makes pictures.
        asked: Of each picture its `seed`, and raw values of its conditions by field.
        settings: As of `predict`.

    Raises:
        DataError: The run makes no pictures, or a condition cannot be read.
        SpecError: The settings are at fault.

    Example:
        >>> for pictures in film(run, [{"seed": 3, "label": "7"}]):
        ...     show(pictures[0])
    """
    plan = change_plan(run, settings)
    yield from _roll(run, _play(run, plan, asked))


def walk(
    run: Run,
    seeds: tuple[int, int],
    frames: int,
    conditions: Mapping[str, Any] | None = None,
    settings: Settings = None,
) -> Iterator[np.ndarray]:
    """Yields pictures on the way between those of two seeds, uint8 (frames, height, width, channels), as `film` does.

    What is drawn from a normal distribution goes over from one to the other on a great circle; what a sampler draws on
    its way is that of the first seed. So the first picture is that of the first seed, and the last that of the second
    where nothing is drawn on the way.

    Args:
        run: One that makes pictures.
        seeds: Where the way begins and where it ends.
        frames: 2 or more.
        conditions: Raw values by field, the same for all.
        settings: As of `predict`.
    """
    plan, fields = change_plan(run, settings), dict(conditions or {})
    ends = _play(run, plan, [{**fields, SEED: seed} for seed in seeds])
    kinds = _objective(run, plan).noise(run.models)
    noise = {name: _between(ops.convert_to_numpy(value), kinds[name][0], frames) for name, value in ends.noise.items()}
    play = _play(run, plan, [{**fields, SEED: seeds[0]}] * frames)
    yield from _roll(run, replace(play, noise=noise))


def sign(run: Run, pictures: np.ndarray, asked: Sequence[Mapping[str, Any]], settings: Settings = None) -> list[Media]:
    """Returns finished pictures of `film` as PNG files with their recipes; arguments as given to it."""
    plan = change_plan(run, settings)
    recipes = [make_recipe(run, plan, Raw("", one), int(one[SEED])) for one in asked]
    return [Media.picture(one).sign(recipe) for one, recipe in zip(pictures, recipes, strict=True)]


def conditions(run: Run) -> dict[str, list[str]]:
    """Returns the classes that a picture may be asked of, by field."""
    image = _objective(run, run.plan).image
    others = {name: plan for name, plan in run.plan.data.inputs.items() if name != image}
    return {
        plan.fields[0]: list(run.facts[name]["names"]) for name, plan in others.items() if "names" in run.facts[name]
    }


def _objective(run: Run, plan: Plan) -> Generation:
    """Returns what makes the pictures of a run."""
    made = make(plan.train[-1].objectives[0].component)
    if not isinstance(made, Generation):
        raise DataError(f"{run.name} makes no pictures.")
    return made


def _play(run: Run, plan: Plan, asked: Sequence[Mapping[str, Any]]) -> Play:
    objective = _objective(run, plan)
    raws = [
        Raw(f"picture {i + 1}", {name: value for name, value in one.items() if name != SEED})
        for i, one in enumerate(asked)
    ]
    seeds, often = [int(one[SEED]) for one in asked], isinstance(objective, Diffusion)  # then compiling pays
    return ask(plan, run.models, run.features, encode(run, raws), seeds, several=often)[0]


def _roll(run: Run, play: Play) -> Iterator[np.ndarray]:
    objective: Generation = make(play.task.component)
    feature = run.features[objective.image]
    for states in objective.film(play, None):
        yield np.stack([feature.decode(one) for one in states])


def _between(ends: np.ndarray, kind: str, frames: int) -> np.ndarray:
    """Returns noise on the way between two, (frames, ...)."""
    if kind == "normal":
        return walk_between(ends[:1], ends[1:], frames)[:, 0]
    return np.repeat(ends[:1], frames, axis=0)
