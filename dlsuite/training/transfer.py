"""The weights of another run to start from: which were taken, which were left out, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keras
import numpy as np

from dlsuite.reading import DamagedError
from dlsuite.runs import Run, RunError, open_run
from dlsuite.spec import Spec
from dlsuite.spec.errors import Fault, SpecError, shorten
from dlsuite.spec.plan import Stage
from dlsuite.weights import by_path

SHOWN = 3
"""So many weights are named on the terminal; the run keeps all of them."""


@dataclass
class Transfer:
    """What came of `from`; weights are named by path, with their network where there are several.

    Attributes:
        run: Where the weights are from.
        taken: Weights that start with those of the run.
        left: Weights that start anew, and why.
        unused: Weights of the run that stand nowhere here.
    """

    run: Path
    taken: list[str] = field(default_factory=list)
    left: dict[str, str] = field(default_factory=dict)
    unused: list[str] = field(default_factory=list)

    def record(self) -> dict[str, Any]:
        """Returns it as a run keeps it."""
        return {"run": str(self.run), "taken": self.taken, "left": self.left, "unused": self.unused}

    def sentences(self) -> list[str]:
        """Returns it in words: how many weights were taken, and the first of those that were not."""
        said = [f"{len(self.taken)} of {len(self.taken) + len(self.left)} weights were taken from {self.run}"]
        if self.left:
            said.append(f"{len(self.left)} start anew: {_list([f'{path} {why}' for path, why in self.left.items()])}")
        if self.unused:
            said.append(f"{len(self.unused)} of that run are not used: {_list(self.unused)}")
        return said


def carry_weights(stage: Stage, models: Mapping[str, keras.Model], spec: Spec, runs: Path) -> Transfer:
    """Gives models the weights of another run by path and shape, and returns what came of it.

    Raises:
        SpecError: There is no such run, it is outside the folders of runs and specs, or no weight of it fits.
    """
    other = _find(stage, spec, runs)
    found = Transfer(other.path)
    for name, model in models.items():
        prefix = "" if len(models) == 1 else f"{name}:"
        if not (other.path / "models" / f"{name}.npz").is_file():
            found.left |= {f"{prefix}{path}": f"(the run has no network `{name}`)" for path in by_path(model.weights)}
            continue
        try:
            values = other.weights(name)
        except (RunError, DamagedError) as error:
            raise SpecError([Fault(f"`from` names no run with weights: {error}", stage.place)]) from None
        _carry(model, values, prefix, found)
    if not found.taken:
        message = f"`from`: no weight of {other.path} fits by path and shape. {_list(found.sentences()[1:])}"
        hint = "Name the layers to be carried over alike in both specs; those of other shapes start anew."
        raise SpecError([Fault(message.strip(), stage.place, hint)])
    return found


def _find(stage: Stage, spec: Spec, runs: Path) -> Run:
    given = stage.start_from or ""
    roots = [runs.resolve(), runs.resolve().parent, spec.root.resolve()]
    inside = [path for root in roots if (path := (root / given).resolve()).is_relative_to(root)]
    try:
        other = open_run(next((path for path in inside if (path / "spec.json").is_file()), Path(given).name), runs)
    except RunError as error:
        raise SpecError([Fault(f"`from` names no run with weights: {error}", stage.place)]) from None
    if not any((other.path / "models").glob("*.npz")):
        state = other.status.get("state", "empty")
        message = f"`from` names no run with weights: {other.path} has kept none yet; it is {state}."
        raise SpecError([Fault(message, stage.place)])
    return other


def _carry(model: keras.Model, values: Mapping[str, np.ndarray], prefix: str, found: Transfer) -> None:
    variables = by_path(model.weights)
    for path, variable in variables.items():
        if path not in values:
            found.left[f"{prefix}{path}"] = "(not in that run)"
        elif (theirs := tuple(values[path].shape)) != (ours := tuple(variable.shape)):
            found.left[f"{prefix}{path}"] = f"(shape {list(ours)}, there {list(theirs)})"
        else:
            variable.assign(values[path])
            found.taken.append(f"{prefix}{path}")
    found.unused += [f"{prefix}{path}" for path in values if path not in variables]


def _list(items: list[str]) -> str:
    return shorten(", ".join(items[:SHOWN])) + (f", and {len(items) - SHOWN} more" if len(items) > SHOWN else "")
