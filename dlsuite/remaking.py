"""Pictures made again from the recipe that they carry; a recipe is a stranger's word until it is checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dlsuite.filming import conditions
from dlsuite.objectives.media import read_recipe
from dlsuite.prediction import SEED, change_plan
from dlsuite.runs import Run
from dlsuite.spec.errors import DataError

SETTINGS = ("sampler", SEED)
"""What a recipe may change of `predict`."""
SEEDS = 2**53
"""No seed is larger."""


@dataclass(frozen=True)
class Order:
    """What to ask which run, to get a picture again.

    Attributes:
        run: Which.
        asked: `seed`, and conditions by field.
        settings: Of `predict`.
    """

    run: Run
    asked: dict[str, Any]
    settings: dict[str, Any]


def read_order(data: bytes, runs: Sequence[Run]) -> Order:
    """Returns what a PNG says of its making, checked: nothing in it names a file, and its run is one of those given.

    Args:
        data: The file.
        runs: Which may be asked.

    Raises:
        DataError: It is no PNG, holds no recipe of ours, or its run is not here.
        SpecError: Its sampler is at fault.

    Example:
        >>> read_order(answer["image"].data, [run]).asked
        {'label': '7', 'seed': 3}
    """
    try:
        recipe = read_recipe(data)
    except ValueError as error:
        raise DataError(f"The file {error}.") from None
    if recipe is None:
        raise DataError("The picture holds no recipe: it was not made here, or was saved again by another program.")
    name, spec = recipe.get("run"), recipe.get("spec")
    if not (isinstance(name, str) and isinstance(spec, str)):
        raise DataError("The recipe of the picture is damaged: it names no `run` and no `spec`.")
    run = next((one for one in runs if (one.id, one.name) == (name, spec)), None)
    if run is None:
        raise DataError(f"The picture was made by the run {spec[:80]}/{name[:80]}, which is not here.")
    asked, predict = (_object(recipe, key) for key in ("inputs", "predict"))
    settings = {key: predict[key] for key in SETTINGS if key in predict}
    change_plan(run, settings)
    return Order(run, _check(run, asked), settings)


def _object(recipe: Mapping[str, Any], key: str) -> dict[str, Any]:
    found = recipe.get(key, {})
    if not isinstance(found, dict):
        raise DataError(f"The recipe of the picture is damaged: `{key}` is no object.")
    return found


def _check(run: Run, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Returns seed and conditions of a recipe; conditions are only such as the run knows."""
    seed, known = asked.get(SEED), conditions(run)
    if not isinstance(seed, int) or isinstance(seed, bool) or not 0 <= seed <= SEEDS:
        raise DataError("The recipe of the picture is damaged: it has no seed from 0 to 2**53.")
    for field, value in asked.items():
        if field != SEED and str(value) not in known.get(field, ()):
            raise DataError(f"The recipe of the picture asks for `{field[:40]}`, {str(value)[:40]!r}, unknown here.")
    return {**{field: str(value) for field, value in asked.items() if field != SEED}, SEED: seed}
