"""What the files of a run hold, read back; of one that is damaged, what would work."""

from __future__ import annotations

import csv
import shlex
from collections.abc import Mapping
from pathlib import Path
from types import NoneType
from typing import Any

import numpy as np

from dlsuite.reading import DamagedError, Kinds, read_arrays, read_object

TEXT, OBJECT, NUMBER, COUNT = (str, NoneType), (dict, NoneType), (float, int, NoneType), (int, NoneType)
KINDS: Mapping[str, Mapping[str, Kinds]] = {
    "spec.json": {"name": str},
    "environment.json": {"spec": {"root": TEXT, "folder": TEXT}, "data": {"counts": {"": int}}},
    "status.json": {"state": str, "seconds": NUMBER, "best_epoch": COUNT, "parameters": OBJECT, "started": TEXT},
    "features/facts.json": {"": (dict, int), "steps_per_epoch": int},
    "features/state.json": {"": dict},
    "metrics.json": {"split": str, "examples": int, "metrics": dict, "baselines": {"": dict}},
}
"""What the JSON files of a run hold; more may stand in them."""

ANEW = "a copy of the file from elsewhere, or to train anew"
REMEDIES = {
    "spec.json": "a copy of the file from elsewhere, or to train `source.json` beside it anew",
    "environment.json": (
        "a copy of the file from elsewhere, or to remove it: what the run has learned does not depend on it, and its "
        "data is then looked for in the folder of the run and under DLSUITE_DATA"
    ),
    "status.json": "`dlsuite train --resume {run}`, which goes on from the last checkpoint and writes the file anew",
    "features/facts.json": ANEW,
    "features/state.json": ANEW,
    "metrics.json": "`dlsuite evaluate {run}`, which measures anew",
    "history.csv": "to remove it; more epochs with `dlsuite train --resume {run}` write it anew, whole",
}


def read(run: Path, name: str) -> dict[str, Any] | None:
    """Returns what a JSON file of a run holds; `None` where there is none.

    Args:
        run: The folder of the run.
        name: One of `KINDS`.

    Raises:
        DamagedError: It is damaged; says what would work.
    """
    try:
        return read_object(run / name, KINDS[name])
    except DamagedError as error:
        raise _remedied(error, run, name) from None


def read_needed(run: Path, name: str) -> dict[str, Any]:
    """Returns what a JSON file of a run holds, as `read` does.

    Raises:
        DamagedError: It is damaged, or not there.
    """
    found = read(run, name)
    if found is None:
        raise _remedied(DamagedError(f"{run / name} is missing."), run, name)
    return found


def read_history(run: Path) -> list[dict[str, Any]]:
    """Returns the rows of `history.csv`, numbers as such; none where it is not there.

    Raises:
        DamagedError: It is damaged; says what would work.
    """
    path = run / "history.csv"
    try:
        with path.open(encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file, strict=True)
    except FileNotFoundError:
        return []
    except UnicodeDecodeError as error:
        what = f"is damaged: byte {error.object[error.start]:#04x} is no UTF-8 text"
    except csv.Error as error:
        what = f"is damaged: it is no CSV: {error}"
    except ValueError:
        what = "is damaged: it is empty"
    except OSError as error:
        what = f"cannot be read: {error.strerror}"
    else:
        odd = next((i for i, row in enumerate(rows, start=2) if len(row) != len(header)), None)
        begun = "epoch" in header or not (header or rows)  # until the first epoch ends there is but an empty line
        if begun and odd is None:
            return [dict(zip(header, map(_number, row), strict=True)) for row in rows]
        what = f"is damaged: {'its header names no `epoch`' if odd is None else f'line {odd} is no whole row'}"
    raise _remedied(DamagedError(f"{path} {what}."), run, "history.csv")


def read_weights(run: Path, network: str) -> dict[str, np.ndarray] | None:
    """Returns the kept weights of a network by path; `None` where none are kept.

    Raises:
        DamagedError: Their file is damaged; says what would work.
    """
    try:
        return read_arrays(run / "models" / f"{network}.npz")
    except DamagedError as error:
        raise tell_weights(error, run) from None


def check(run: Path) -> None:
    """Reads what a report shows of a run, so that a damaged file is told before anything is measured.

    Raises:
        DamagedError: One is damaged; says what would work.
    """
    read_needed(run, "spec.json")
    read(run, "environment.json")
    read_history(run)


def tell_weights(error: DamagedError, run: Path) -> DamagedError:
    """Returns the error of a file of weights, with what would work."""
    if not any((run / "checkpoints").glob("epoch-*")):
        return DamagedError(f"{error} What would work: {ANEW}; there are no checkpoints to take the weights from.")
    return DamagedError(
        f"{error} What would work: `dlsuite train --resume {shlex.quote(str(run))}`, which takes the weights from the "
        "checkpoints again, or a copy of the file from elsewhere."
    )


def _remedied(error: DamagedError, run: Path, name: str) -> DamagedError:
    return DamagedError(f"{error} What would work: {REMEDIES[name].format(run=shlex.quote(str(run)))}.")


def _number(text: str) -> Any:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text or None
