"""A spec trained: strategy, compile, fit, and going on after anything."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path

from dlsuite.building import deterministic
from dlsuite.runs import Run, create_run, open_run
from dlsuite.spec import Spec
from dlsuite.spec.errors import DLSuiteError, Fault, SpecError
from dlsuite.training import checkpoints
from dlsuite.training.progress import make_progress
from dlsuite.training.recording import Recorder
from dlsuite.training.stages import Training


def train(
    spec: Spec,
    *,
    runs: str | os.PathLike[str] = "runs",
    resume: str | os.PathLike[str] | None = None,
    progress: bool = True,
) -> Run:
    """Returns the run of a spec, trained; the weights of its best epoch on validation are kept.

    Args:
        spec: With `data`, `model` and `train`.
        runs: The folder that the run's own folder goes to.
        resume: An interrupted run to go on with, by folder or id. Its history becomes what it would have been.
        progress: Whether to show progress on standard error.

    Raises:
        SpecError: The spec does not suit its data, or the run to go on with.
        DataError: The data is missing or corrupt.
        TrainingError: The training failed; what was learned before is kept.
        KeyboardInterrupt: It was interrupted; says how to go on.

    Example:
        >>> run = train(dlsuite.spec.load("specs/vision/digits_cnn.json"))
        >>> run.best_epoch, run.metrics["accuracy"]
    """
    plan = spec.plan()
    if not plan.train:
        raise SpecError([Fault(f"`{spec.name}` cannot be trained: it has no `train`.", hint="Add a `train` section.")])
    run = create_run(runs, spec) if resume is None else _reopen(resume, runs, spec)
    if run.status.get("state") == "done":
        return run
    shown = make_progress(progress)
    recorder = Recorder(run, shown, plan.data.batch_size, 0, 0)
    try:
        recorder.state("running", started=run.status.get("started") or time.strftime("%Y-%m-%dT%H:%M:%S"))
        with deterministic(any(stage.deterministic for stage in plan.train)):
            Training(spec, run, recorder, Path(runs)).go()
    except KeyboardInterrupt:
        recorder.state("stopped")
        saved = checkpoints.epochs(run.path / "checkpoints")
        kept = f"Epoch {saved[-1]} is saved." if saved else "No epoch was complete."
        raise KeyboardInterrupt(f"Interrupted. {kept} Go on with: --resume {run.path}") from None
    except Exception as error:
        with suppress(DLSuiteError, OSError):
            recorder.state("failed", error=str(error))
        raise
    finally:
        recorder.close()
    return run


def _reopen(resume: str | os.PathLike[str], runs: str | os.PathLike[str], spec: Spec) -> Run:
    run = open_run(resume, runs)
    ours, theirs = spec.resolved, run.resolved
    ignored = {"about", "expect", "$schema", "baselines", "predict"}
    changed = sorted(key for key in {*ours, *theirs} - ignored if ours.get(key) != theirs.get(key))
    if changed:
        keys = ", ".join(f"`{key}`" for key in changed)
        hint = "Train the changed spec anew, or start it from this run's weights with `from` in `train`."
        raise SpecError([Fault(f"The run {run.path} was started from another spec: {keys} differ.", hint=hint)])
    return run
