"""The run directory: the one hand-over between training and everything after.

runs/<spec name>/<time>-<id>/
  spec.json source.json environment.json     resolved spec; as written; versions, devices, commit, command, data
  status.json events.jsonl history.csv       state, progress, time left; log; a row an epoch
  checkpoints/ models/ features/             to go on from; the kept weights; what the features have fitted
  metrics.json samples/ tensorboard/
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dlsuite import run_files
from dlsuite.locking import hold, is_alive, is_held
from dlsuite.reading import DamagedError
from dlsuite.spec import Spec, load
from dlsuite.spec.errors import DataError, DLSuiteError, check_argument, nearest
from dlsuite.spec.loading import is_name
from dlsuite.spec.plan import Plan
from dlsuite.storage import new_folder, write_json, write_text, writing

if TYPE_CHECKING:
    import keras

    from dlsuite.pipeline import Data

FOLDERS = ("checkpoints", "models", "features", "samples", "tensorboard")
LAST = 3
"""So many runs are named where the one asked for is not there."""
DELETED = ".deleted"
"""The end of the name of a run that is being removed."""


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
        except DamagedError:
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
            DamagedError: The file of the spec, or the record of its folders, is damaged.
        """
        run_files.read_needed(self.path, "spec.json")  # of a damaged file it is said what would work
        spec = load(self.path / "spec.json", overrides, paths=False)
        places = self.environment.get("spec", {})
        root, folder = Path(places.get("root") or spec.root), Path(places.get("folder") or spec.folder)
        return replace(spec, root=root, folder=folder)

    @cached_property
    def resolved(self) -> dict[str, Any]:
        """The spec as JSON, with every default."""
        return run_files.read_needed(self.path, "spec.json")

    @cached_property
    def facts(self) -> dict[str, Any]:
        """What the data told: facts by feature, and `steps_per_epoch`."""
        return self._read_fitted("features/facts.json")

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
        return self._read_fitted("features/state.json")

    @cached_property
    def environment(self) -> dict[str, Any]:
        """Versions, devices, commit, command, the folders of the spec, and the record of the data."""
        return run_files.read(self.path, "environment.json") or {}

    @property
    def status(self) -> dict[str, Any]:
        """Where the run stands.

        `state` is running, done, interrupted, failed, killed (run by nobody any more), or damaged, where that cannot be
        read and `error` says why.
        """
        try:
            status = run_files.read_needed(self.path, "status.json")
            if self._is_left(status):
                status = run_files.read_needed(self.path, "status.json")  # it may have ended between the two looks
                status["state"] = "killed" if status["state"] == "running" else status["state"]
        except DamagedError as error:
            return {"state": "damaged", "error": str(error)}
        return status

    @property
    def history(self) -> list[dict[str, Any]]:
        """A row an epoch: `epoch`, losses and metrics, `learning_rate`, `seconds`."""
        return run_files.read_history(self.path)

    @property
    def evaluation(self) -> dict[str, Any]:
        """How good the run is: on the test split once it has been evaluated, on validation until then."""
        return run_files.read(self.path, "metrics.json") or {}

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
            DamagedError: Their file is damaged, or holds those of another model.
        """
        from dlsuite.building import build_models
        from dlsuite.weights import write_weights

        models = build_models(self.plan)
        for name, model in models.items():
            try:
                write_weights(model, self.weights(name))
            except (TypeError, ValueError) as error:
                path = self.path / "models" / f"{name}.npz"
                raise run_files.tell_weights(
                    DamagedError(f"{path} does not fit the spec: {error}."), self.path
                ) from None
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
        """Returns the kept weights of a network by path, as arrays.

        Raises:
            RunError: The run has kept none yet.
            DamagedError: Their file is damaged.
        """
        found = run_files.read_weights(self.path, network)
        if found is not None:
            return found
        state = self.status["state"]
        if state == "done":
            raise run_files.tell_weights(DamagedError(f"{self.path / 'models' / network}.npz is missing."), self.path)
        works = "wait for its end, or stop it with Ctrl-C" if state == "running" else "train on"
        hint = f"Weights to use are kept at the end of a training: {works}, `dlsuite train --resume {self.path}`."
        raise RunError(f"{self.path}: has kept no weights of `{network}` yet; the run is {state}. {hint}")

    def data(self) -> Data:
        """Returns the data of the run, read again, with the features as they were fitted.

        Raises:
            DataError: The data is missing, or is no longer what the run was trained on.
        """
        from dlsuite.pipeline import read

        try:
            data = read(self.spec, self.fitted)
        except DataError as error:
            if self.environment:
                raise
            lost = self.path / "environment.json"
            raise DataError(f"{error} {lost} is missing, which says where the paths of the spec begin.") from None
        before = self.environment.get("data", {}).get("counts", {})
        if before and dict(data.counts) != before:
            raise DataError(
                f"{self.path}: the data has changed: there were {before} examples, now {dict(data.counts)}."
            )
        return data

    @property
    def has_learned(self) -> bool:
        """Whether there are weights of the run, kept ones or in checkpoints."""
        return any((self.path / "models").glob("*.npz")) or any((self.path / "checkpoints").glob("epoch-*"))

    def _is_left(self, status: Mapping[str, Any]) -> bool:
        """Returns whether a run that says it is running is run by nobody."""
        if status["state"] != "running":
            return False
        held = is_held(self.path)
        return not (is_alive(status.get("pid"), status.get("host")) if held is None else held)

    def _read_fitted(self, name: str) -> dict[str, Any]:
        """Returns what a file of `features` holds, which is written before anything is learned."""
        if self.has_learned:
            return run_files.read_needed(self.path, name)
        return run_files.read(self.path, name) or {}

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
    if text.endswith(".json") and Path(path).is_file():
        raise RunError(f"`{text}` is no run but a file. A spec becomes a run by `dlsuite train {text}`.")
    known = list_runs(runs)
    fitting = [
        run for run in known if run.id == text or (re.fullmatch(r"[0-9a-f]{3,}", text) and run.id.endswith(text))
    ]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise RunError(f"`{text}` fits several runs: {', '.join(str(run.path) for run in fitting)}.")
    raise RunError(f"There is no run `{text}`. {_hint(text, known) or f'There are no runs in `{runs}`.'}")


def delete_run(run: Run, runs: str | os.PathLike[str] = "runs") -> None:
    """Removes a run and all that it holds, for good; what links lead to stays.

    Args:
        run: One that stands in `runs` itself, not a link to one elsewhere.
        runs: The folder of runs.

    Raises:
        RunError: There is no such run in that folder.
        LockedError: It is being trained or measured.
        UnwritableError: Nothing may be written there.
    """
    whole, place = Path(runs).resolve(), run.path.resolve()
    if place not in {whole / one.path.parent.name / one.path.name for one in list_runs(whole)}:
        raise RunError(f"{run.path}: is no run of the folder `{runs}`, and stays.")
    with hold(place), writing(place):
        os.replace(place, place.with_name(f".{place.name}{DELETED}"))  # at once it is no run any more
    for left in place.parent.glob(f".*{DELETED}"):  # those too at which an earlier removal was killed
        shutil.rmtree(left, ignore_errors=True)
    with suppress(OSError):  # others may lie beside it
        place.parent.rmdir()


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
    """Returns whether a folder is a run, be it one that has lost its spec or its status."""
    whole = (path / "spec.json").is_file() and (path / "status.json").is_file()
    return whole or all((path / name).is_dir() for name in ("checkpoints", "models"))
