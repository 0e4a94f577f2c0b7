"""Everything that training needs to go on, in one folder an epoch that is whole or not there."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dlsuite.spec.errors import TrainingError
from dlsuite.storage import new_folder, read_arrays, read_json, write_arrays, write_json

NAME = "epoch-{:05d}"
KEPT = 2
"""The newest so many are kept, and the best."""


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint that was read.

    Attributes:
        epoch: Epochs done.
        state: Plain values: stage, best, history, callbacks.
        arrays: By group (`model`, `seeds`, `optimizer`, `callbacks`), then by name.
    """

    epoch: int
    state: dict[str, Any]
    arrays: dict[str, dict[str, np.ndarray]]


def save(folder: Path, epoch: int, state: Mapping[str, Any], arrays: Mapping[str, Mapping[str, np.ndarray]]) -> None:
    """Writes a checkpoint and removes those that are no longer needed.

    Args:
        folder: Of the checkpoints.
        epoch: Epochs done.
        state: Plain values; `best["epoch"]` names the epoch whose checkpoint is kept.
        arrays: By group, then by name.
    """
    with new_folder(folder / NAME.format(epoch)) as made:
        for group, values in arrays.items():
            if values:
                write_arrays(made / f"{group}.npz", values)
        write_json(made / "state.json", {**state, "epoch": epoch})
    best = (state.get("best") or {}).get("epoch")
    for old in epochs(folder)[:-KEPT]:
        if old != best:
            shutil.rmtree(folder / NAME.format(old), ignore_errors=True)


def load(folder: Path, epoch: int | None = None) -> Checkpoint | None:
    """Returns the checkpoint of an epoch, by default the newest; `None` where there is none.

    Raises:
        TrainingError: It cannot be read.
    """
    found = epochs(folder)
    if not found or (epoch is not None and epoch not in found):
        return None
    path = folder / NAME.format(found[-1] if epoch is None else epoch)
    try:
        state = read_json(path / "state.json")
        arrays = {one.stem: read_arrays(one) for one in sorted(path.glob("*.npz"))}
        return Checkpoint(state["epoch"], state, arrays)
    except (ValueError, KeyError, TypeError, OSError) as error:
        raise TrainingError(f"The checkpoint `{path}` cannot be read: {error}") from None


def tidy(folder: Path) -> None:
    """Removes what a killed process left half written."""
    for left in folder.glob(".epoch-*"):
        shutil.rmtree(left, ignore_errors=True)


def read_model(folder: Path, epoch: int) -> dict[str, np.ndarray]:
    """Returns the weights of a checkpoint alone."""
    return read_arrays(folder / NAME.format(epoch) / "model.npz")


def epochs(folder: Path) -> list[int]:
    """Returns the epochs that have a checkpoint, in order."""
    if not folder.is_dir():
        return []
    matches = (re.fullmatch(r"epoch-(\d+)", path.name) for path in folder.iterdir())
    return sorted(int(match[1]) for match in matches if match)


def callback_state(callbacks: list[Any]) -> tuple[list[dict[str, Any]], dict[str, np.ndarray]]:
    """Returns what callbacks remember: plain values of each, and arrays by `number/attribute/number`."""
    plain: list[dict[str, Any]] = []
    arrays: dict[str, np.ndarray] = {}
    for number, callback in enumerate(callbacks):
        values = {}
        for name, value in vars(callback).items():
            if name in ("params", "_model") or name.startswith("__"):
                continue
            if value is None or isinstance(value, bool | int | float | str):
                values[name] = value
            elif isinstance(value, np.generic):
                values[name] = value.item()
            elif isinstance(value, list) and value and all(isinstance(one, np.ndarray) for one in value):
                arrays |= {f"{number}/{name}/{i}": one for i, one in enumerate(value)}
        plain.append(values)
    return plain, arrays


def restore_callbacks(callbacks: list[Any], plain: list[dict[str, Any]], arrays: Mapping[str, np.ndarray]) -> None:
    """Gives callbacks back what `callback_state` read."""
    for callback, values in zip(callbacks, plain, strict=True):
        vars(callback).update(values)
    lists: dict[tuple[int, str], list[np.ndarray]] = {}
    for key in sorted(arrays, key=lambda key: (key.rpartition("/")[0], int(key.rpartition("/")[2]))):
        number, name, _ = key.split("/")
        lists.setdefault((int(number), name), []).append(arrays[key])
    for (number, name), values in lists.items():
        setattr(callbacks[number], name, values)
