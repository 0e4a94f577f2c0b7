"""Everything that training needs to go on, in one folder that is whole or not there: after an epoch, and inside one."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import NoneType
from typing import Any

import numpy as np

from dlsuite.reading import DamagedError, Kinds, read_arrays, read_object
from dlsuite.spec.errors import TrainingError
from dlsuite.storage import new_folder, write_arrays, write_json

NAME = "epoch-{:05d}"
PART = "epoch-{:05d}-step-{:08d}"
KEPT = 2
"""The newest so many after an epoch are kept, and the best; of those inside an epoch the newest alone."""
STATE: Mapping[str, Kinds] = {
    "epoch": int,
    "step": (int, NoneType),
    "groups": list,
    "history": (list, NoneType),
    "best": (dict, NoneType),
    "callbacks": (list, NoneType),
}
"""What the state of a checkpoint holds, more aside."""
REMEMBERED = "state"
"""The group of arrays that stand in the state."""

Arrays = Mapping[str, Mapping[str, np.ndarray]]
Mark = tuple[int, int | None]
"""Epochs done, and steps of the next one; `None` where that has not begun."""


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint that was read.

    Attributes:
        epoch: Epochs done.
        step: Steps done of the next epoch; `None` where that has not begun.
        state: Values: stage, begin, best, history, callbacks.
        arrays: By group (`model`, `average`, `seeds`, `optimizer`, `scaling`, `metrics`), then by name.
    """

    epoch: int
    step: int | None
    state: dict[str, Any]
    arrays: dict[str, dict[str, np.ndarray]]


def save(folder: Path, mark: Mark, state: Mapping[str, Any], arrays: Arrays) -> None:
    """Writes a checkpoint and removes those that are no longer needed.

    Args:
        folder: Of the checkpoints.
        mark: Where the training stands.
        state: Plain values, with arrays among them; `best["epoch"]` names the epoch whose checkpoint is kept.
        arrays: By group, then by name.
    """
    remembered: dict[str, np.ndarray] = {}
    packed = _pack(dict(state), remembered)
    with new_folder(_path(folder, mark)) as made:
        groups = {group: values for group, values in {**arrays, REMEMBERED: remembered}.items() if values}
        for group, values in groups.items():
            write_arrays(made / f"{group}.npz", values)
        write_json(made / "state.json", {**packed, "epoch": mark[0], "step": mark[1], "groups": sorted(groups)})
    best = (state.get("best") or {}).get("epoch")
    for old in marks(folder):
        if old < _order(mark) and (old[1] >= 0 or (old[0] not in epochs(folder)[-KEPT:] and old[0] != best)):
            shutil.rmtree(_path(folder, _mark(old)), ignore_errors=True)


def load(folder: Path, say: Callable[[str], None] = lambda text: None) -> Checkpoint | None:
    """Returns the newest checkpoint that can be read; `None` where there is none.

    Args:
        folder: Of the checkpoints.
        say: Is told of those that cannot be read.

    Raises:
        TrainingError: There are some, and none can be read.
    """
    found = marks(folder)
    for place in reversed(found):
        path = _path(folder, _mark(place))
        try:
            return _read(path)
        except (DamagedError, ValueError, KeyError, TypeError) as error:
            reason = f"the checkpoint `{path}` cannot be read: {error}"
            say(f"warning: {reason}")
    if found:
        raise TrainingError(f"None of the checkpoints in `{folder}` can be read, so train anew. The oldest: {reason}")
    return None


def keep_to_readable(folder: Path, here: Checkpoint, say: Callable[[str], None]) -> Checkpoint:
    """Returns a checkpoint whose best epoch can be read: another one, where that of the best is damaged.

    Args:
        folder: Of the checkpoints.
        here: The newest of them.
        say: Is told where the best is lost.
    """
    best = here.state.get("best")
    if best is None or (best["epoch"], None) == (here.epoch, here.step):
        return here
    try:
        read_model(folder, best["epoch"])
        return here
    except DamagedError as error:
        stands_in = {"epoch": here.epoch, "value": None, "loss": None, "monitor": None} if here.step is None else None
        now = f"epoch {here.epoch}, or a later one that is better" if stands_in else "the best of those to come"
        say(f"warning: the weights of the best epoch so far, {best['epoch']}, are lost: {error} Kept is {now}.")
        return replace(here, state={**here.state, "best": stands_in})


def read_model(folder: Path, epoch: int) -> dict[str, np.ndarray]:
    """Returns the weights of a checkpoint after an epoch alone: their averages, where there are such.

    Raises:
        DamagedError: They are damaged, or not there.
    """
    place = folder / NAME.format(epoch)
    average = place / "average.npz"
    return _read_group(average if average.exists() else place / "model.npz")


def _read(path: Path) -> Checkpoint:
    state = read_object(path / "state.json", STATE)
    if state is None:
        raise DamagedError(f"{path / 'state.json'} is missing.")
    arrays = {group: _read_group(path / f"{group}.npz") for group in state.pop("groups")}
    state = _unpack(state, arrays.pop(REMEMBERED, {}))
    return Checkpoint(state["epoch"], state["step"], state, arrays)


def _read_group(path: Path) -> dict[str, np.ndarray]:
    arrays = read_arrays(path)
    if arrays is None:
        raise DamagedError(f"{path} is missing.")
    return arrays


def epochs(folder: Path) -> list[int]:
    """Returns the epochs after which there is a checkpoint, in order."""
    return [epoch for epoch, step in marks(folder) if step < 0]


def marks(folder: Path) -> list[tuple[int, int]]:
    """Returns the epochs and steps of all checkpoints, in order; the step is -1 after an epoch."""
    if not folder.is_dir():
        return []
    matches = (re.fullmatch(r"epoch-(\d+)(?:-step-(\d+))?", path.name) for path in folder.iterdir())
    return sorted((int(match[1]), -1 if match[2] is None else int(match[2])) for match in matches if match)


def describe(folder: Path) -> str:
    """Returns where the newest checkpoint stands, in words."""
    found = marks(folder)
    if not found:
        return "nothing yet"
    epoch, step = found[-1]
    if step < 0:
        return f"epoch {epoch}"
    return f"epoch {epoch + 1} up to step {step}" if step else f"the start of epoch {epoch + 1}"


def _path(folder: Path, mark: Mark) -> Path:
    epoch, step = mark
    return folder / (NAME.format(epoch) if step is None else PART.format(epoch, step))


def _order(mark: Mark) -> tuple[int, int]:
    return mark[0], -1 if mark[1] is None else mark[1]


def _mark(order: tuple[int, int]) -> Mark:
    return order[0], None if order[1] < 0 else order[1]


def _pack(value: Any, arrays: dict[str, np.ndarray]) -> Any:
    """Returns a value as JSON knows it, for `_unpack` to give back: arrays apart, numbers that JSON lacks by name."""
    if isinstance(value, np.ndarray):
        name = str(len(arrays))
        arrays[name] = value
        return {"$array": name}
    if isinstance(value, np.generic):
        return _pack(value.item(), arrays)
    if isinstance(value, float) and not np.isfinite(value):
        return {"$number": str(value)}
    if isinstance(value, Mapping):
        return {str(key): _pack(item, arrays) for key, item in value.items()}
    if isinstance(value, tuple):
        return {"$tuple": [_pack(item, arrays) for item in value]}
    return [_pack(item, arrays) for item in value] if isinstance(value, list) else value


def _unpack(value: Any, arrays: Mapping[str, np.ndarray]) -> Any:
    if isinstance(value, list):
        return [_unpack(item, arrays) for item in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"$array"}:
        return arrays[value["$array"]]
    if value.keys() == {"$number"}:
        return float(value["$number"])
    if value.keys() == {"$tuple"}:
        return tuple(_unpack(item, arrays) for item in value["$tuple"])
    return {key: _unpack(item, arrays) for key, item in value.items()}
