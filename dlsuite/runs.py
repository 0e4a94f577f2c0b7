"""The run directory: the one hand-over between training and everything after.

runs/<spec name>/<time>-<id>/
  spec.json source.json environment.json     resolved spec; as written; versions, devices, commit, command, data
  status.json events.jsonl history.csv       state, progress, time left; log; a row an epoch
  checkpoints/ models/ features/             to go on from; the kept weights; what the features have fitted
  metrics.json samples/ tensorboard/
"""

from __future__ import annotations

import csv
import os
import re
import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dlsuite.locking import is_held
from dlsuite.spec import Spec, load
from dlsuite.spec.errors import DataError, DLSuiteError, check_argument, nearest
from dlsuite.spec.loading import is_name
from dlsuite.spec.plan import Plan
from dlsuite.storage import new_folder, read_arrays, read_json, write_json, write_text, writing

if TYPE_CHECKING:
    import keras

    from dlsuite.pipeline import Data

FOLDERS = ("checkpoints", "models", "features", "samples", "tensorboard")
LAST = 3
"""So many runs are named where the one asked for is not there."""


class RunError(DLSuiteError):
    """A run that is not there, or not whole."""

    exit_code = 2


class Run:
    """A run on disk. Nothing is read before it is asked for; models are built from the spec and given the kept weights.

    Attributes:
        path: Its folder.

    Example:
        >>> run = open_run("runs/digits_cnn/20250101-120000-ab12cd")
        >>> run.metrics["accuracy"], run.best_epoch, run.model.summary()
    """

    def __init__(self, path: str | os.PathLike[str]):
        self.path = Path(path)

    def __repr__(self) -> str:
        return f"Run({str(self.path)!r})"

    @property
    def name(self) -> str:
        """Name of the spec, wherever the folder is moved to; that of the folder above where the spec cannot be read."""
        try:
            name = self.resolved["name"]
        except (OSError, ValueError, KeyError, TypeError):
            name = None
        return name if is_name(name) else self.path.resolve().parent.name

    @property
    def id(self) -> str:
        """Time and id, unique among the runs of a spec."""
        return self.path.resolve().name

    @cached_property
    def spec(self) -> Spec:
        """The spec, as it was trained."""
        return self.changed({})

    def changed(self, overrides: Mapping[str, Any]) -> Spec:
        """Returns the spec with some values changed.

        Args:
            overrides: Values by dotted path, as `--set` gives them.

        Raises:
            SpecError: With these values the spec has faults.
        """
        spec = load(self.path / "spec.json", overrides, paths=False)
        places = self.environment.get("spec", {})
        root, folder = Path(places.get("root", spec.root)), Path(places.get("folder", spec.folder))
        return replace(spec, root=root, folder=folder)

    @cached_property
    def resolved(self) -> dict[str, Any]:
        """The spec as JSON, with every default."""
        return read_json(self.path / "spec.json")

    @cached_property
    def facts(self) -> dict[str, Any]:
        """What the data told: facts by feature, and `steps_per_epoch`."""
        return read_json(self.path / "features" / "facts.json") or {}

    @cached_property
    def plan(self) -> Plan:
        """The spec with the facts of its data."""
        return self.spec.plan(self.facts)

    @cached_property
    def features(self) -> dict[str, Any]:
        """The features by name, as fitted on the training split."""
        from dlsuite.pipeline.fitting import make_features

        return make_features(self.plan.data, None, {}, self.fitted)

    @property
    def fitted(self) -> dict[str, Any]:
        """The fitted state of each feature."""
        return read_json(self.path / "features" / "state.json") or {}

    @cached_property
    def environment(self) -> dict[str, Any]:
        """Versions, devices, commit, command, the folders of the spec, and the record of the data."""
        return read_json(self.path / "environment.json") or {}

    @property
    def status(self) -> dict[str, Any]:
        """Where the run stands: `state` is running, done, interrupted, failed, or killed (run by nobody any more)."""
        status = read_json(self.path / "status.json") or {}
        if status.get("state") == "running":
            held = is_held(self.path)
            if not (_alive(status.get("pid"), status.get("host")) if held is None else held):
                status["state"] = "killed"
        return status

    @property
    def history(self) -> list[dict[str, Any]]:
        """A row an epoch: `epoch`, losses and metrics, `learning_rate`, `seconds`."""
        try:
            with (self.path / "history.csv").open(encoding="utf-8", newline="") as file:
                return [{name: _number(value) for name, value in row.items()} for row in csv.DictReader(file)]
        except FileNotFoundError:
            return []

    @property
    def evaluation(self) -> dict[str, Any]:
        """How good the run is: on the test split once it has been evaluated, on validation until then."""
        return read_json(self.path / "metrics.json") or {}

    @property
    def metrics(self) -> dict[str, float]:
        """The metrics of `evaluation`, by name."""
        return self.evaluation.get("metrics", {})

    @property
    def best_epoch(self) -> int | None:
        """The epoch whose weights were kept, counted from 1."""
        return self.status.get("best_epoch")

    @property
    def parameters(self) -> dict[str, Any]:
        """Number of parameters, `total` and `trainable`; by network where there are several."""
        return self.status.get("parameters") or {}

    @cached_property
    def models(self) -> dict[str, keras.Model]:
        """The models by name, built from the spec, with the weights that were kept.

        Raises:
            RunError: The run has kept no weights yet.
        """
        from dlsuite.building import build_models
        from dlsuite.weights import write_weights

        models = build_models(self.plan)
        for name, model in models.items():
            write_weights(model, self.weights(name))
        return models

    @property
    def model(self) -> keras.Model:
        """The model of a spec with one.

        Raises:
            RunError: The spec has several, or the run has kept no weights yet.
        """
        if not self.plan.single:
            raise RunError(f"{self.path}: has several models: {', '.join(self.models)}. Take `run.models`.")
        return self.models["model"]

    def weights(self, network: str = "model") -> dict[str, Any]:
        """Returns the kept weights of a network by path, as arrays."""
        path = self.path / "models" / f"{network}.npz"
        try:
            return read_arrays(path)
        except FileNotFoundError:
            state = self.status.get("state", "empty")
            raise RunError(f"{self.path}: has kept no weights of `{network}` yet; the run is {state}.") from None
        except (ValueError, OSError) as error:
            raise RunError(f"{path}: cannot be read: {error}") from None

    def data(self) -> Data:
        """Returns the data of the run, read again, with the features as they were fitted.

        Raises:
            DataError: The data is missing, or is no longer what the run was trained on.
        """
        from dlsuite.pipeline import read

        data = read(self.spec, self.fitted)
        before = self.environment.get("data", {}).get("counts", {})
        if before and dict(data.counts) != before:
            raise DataError(
                f"{self.path}: the data has changed: there were {before} examples, now {dict(data.counts)}."
            )
        return data

    def write(self, name: str, value: Any, *, durable: bool = True) -> None:
        """Replaces one of the run's JSON files atomically."""
        write_json(self.path / name, value, durable=durable)


def create_run(folder: str | os.PathLike[str], spec: Spec) -> Run:
    """Returns a new, empty run of a spec, in a folder of its own."""
    for _ in range(100):
        stamp = time.strftime("%Y%m%d-%H%M%S")
        path = Path(folder) / spec.name / f"{stamp}-{secrets.token_hex(3)}"
        if path.exists():
            continue
        with writing(path.parent):
            path.parent.mkdir(parents=True, exist_ok=True)
        with new_folder(path) as made:
            for name in FOLDERS:
                (made / name).mkdir()
            write_json(made / "spec.json", spec.resolved)
            write_text(made / "source.json", spec.source)
            write_json(made / "status.json", {"state": "running", "pid": os.getpid(), "host": os.uname().nodename})
        return Run(path)
    raise RunError(f"{folder}: no name for a new run is free.")


def check_run(run: object, verb: str) -> None:
    """Checks that a run is one.

    Raises:
        ArgumentError: It is something else.
    """
    written = repr(os.fspath(run)) if isinstance(run, str | os.PathLike) else '"runs/..."'
    works = f"a run as `dlsuite.open_run` gives it: dlsuite.{verb}(dlsuite.open_run({written}), ...)"
    check_argument(run, Run, f"`run` of `dlsuite.{verb}`", works)


def list_runs(folder: str | os.PathLike[str] = "runs") -> list[Run]:
    """Returns the runs in a folder, the oldest first."""
    return sorted(_found(Path(folder)), key=lambda run: (run.id, run.name))


def open_run(path: str | os.PathLike[str], runs: str | os.PathLike[str] = "runs") -> Run:
    """Returns a run by its folder, or by the end of its id.

    Args:
        path: As in `runs/digits_cnn/20250101-120000-ab12cd`, or `ab12cd`.
        runs: The folder that ids are looked up in.

    Raises:
        RunError: There is no such run.
    """
    check_argument(path, (str, os.PathLike), "A run to open", "its folder, or the end of its id")
    check_argument(runs, (str, os.PathLike), "`runs`", "the folder of runs")
    if _is_run(Path(path)):
        return Run(path)
    text = str(path)
    known = list_runs(runs)
    fitting = [
        run for run in known if run.id == text or (re.fullmatch(r"[0-9a-f]{3,}", text) and run.id.endswith(text))
    ]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise RunError(f"`{text}` fits several runs: {', '.join(str(run.path) for run in fitting)}.")
    raise RunError(f"There is no run `{text}`. {_hint(text, known) or f'There are no runs in `{runs}`.'}")


def _hint(text: str, known: Sequence[Run]) -> str:
    """Returns which run may be meant, by its path, id or spec, and which are the last; nothing where there are none."""
    called = {name: run for run in known for name in (run.name, run.id, str(run.path))}
    near = nearest(text, called)
    meant = f"Did you mean `{called[near].path}`? " if near else ""
    last = ", ".join(f"`{run.path}`" for run in known[: -LAST - 1 : -1])
    return f"{meant}The last run{'s are' if len(known) > 1 else ' is'} {last}." if known else ""


def _found(folder: Path) -> Iterator[Run]:
    for path in folder.glob("*/*"):
        if not path.name.startswith(".") and _is_run(path):
            yield Run(path)


def _is_run(path: Path) -> bool:
    return (path / "spec.json").is_file() and (path / "status.json").is_file()


def _alive(pid: Any, host: Any) -> bool:
    """Returns whether the process that wrote a status still runs; assumed where that was on another machine."""
    if host != os.uname().nodename or not isinstance(pid, int):
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _number(text: str | None) -> Any:
    if not text:
        return None
    try:
        return int(text)
    except ValueError:
        try:
            return float(text)
        except ValueError:
            return text
