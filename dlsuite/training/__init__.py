"""A spec trained: strategy, compile, fit, and going on after anything."""

from __future__ import annotations

import os
import shlex
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import tensorflow as tf

from dlsuite import run_files
from dlsuite.building import deterministic
from dlsuite.distribution.agreement import tell
from dlsuite.distribution.cluster import Cluster, find_cluster, launched
from dlsuite.distribution.strategies import make_strategy
from dlsuite.locking import hold
from dlsuite.reading import DamagedError
from dlsuite.runs import Run, create_run, open_run
from dlsuite.spec import Spec
from dlsuite.spec.errors import DataError, DLSuiteError, Fault, SpecError, TrainingError
from dlsuite.spec.replicas import check_stages
from dlsuite.storage import full_disk, tidy, write_json, write_text
from dlsuite.training import checkpoints
from dlsuite.training.continuing import Changes, find_changes, soften
from dlsuite.training.following import follow, noticing_losses
from dlsuite.training.interrupting import Interrupted, Interruptions
from dlsuite.training.progress import make_progress
from dlsuite.training.recording import Recorder
from dlsuite.training.stages import Training
from dlsuite.training.watching import DivergedError


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
        resume: A run to go on with, by folder or id: one that was interrupted or killed, whose history becomes what it
            would have been, or one that is to go on otherwise, as far as `training.continuing` allows.
        progress: Whether to show progress on standard error.

    Raises:
        SpecError: The spec does not suit its data, or the run to go on with.
        LockedError: Another process trains this run.
        DataError: The data is missing or corrupt.
        TrainingError: The training failed; what was learned before is kept.
        KeyboardInterrupt: It was interrupted; says how to go on.

    Example:
        >>> run = train(dlsuite.spec.load("specs/vision/digits_cnn.json"))
        >>> run.best_epoch, run.metrics["accuracy"]
    """
    stages = spec.plan().train
    if not stages:
        raise SpecError([Fault(f"`{spec.name}` cannot be trained: it has no `train`.", hint="Add a `train` section.")])
    cluster = find_cluster()
    strategy = make_strategy(stages[0].strategy, cluster)
    check_stages(stages, strategy.num_replicas_in_sync)
    shown = progress and (cluster is None or cluster.chief)
    with (
        Interruptions(shown=shown and cluster is None) as interruptions,
        _opened(spec, Path(runs), resume, cluster) as run,
        hold(run.path) as sign,
        noticing_losses(cluster, interruptions),
    ):
        kept = Path(tell(strategy, str(run.path.resolve()))) if cluster else run.path
        _train(run, spec, Path(runs), strategy, cluster, interruptions, sign, resumed=resume is not None, shown=shown)
    return Run(kept)


@contextmanager
def _opened(spec: Spec, runs: Path, resume: str | os.PathLike[str] | None, cluster: Cluster | None) -> Iterator[Run]:
    if cluster is not None and not cluster.chief:
        with follow(spec, runs, resume) as run:
            yield run
    elif resume is not None:
        yield open_run(resume, runs)
    else:
        run = create_run(runs, spec)
        try:
            yield run
        except (SpecError, DataError):
            if all(mark == (0, 0) for mark in checkpoints.marks(run.path / "checkpoints")):  # nothing to go on with
                shutil.rmtree(run.path)
                with suppress(OSError):  # others may lie beside it
                    run.path.parent.rmdir()
            raise


def _train(
    run: Run,
    spec: Spec,
    runs: Path,
    strategy: tf.distribute.Strategy,
    cluster: Cluster | None,
    interruptions: Interruptions,
    sign: Callable[[], None],
    *,
    resumed: bool,
    shown: bool,
) -> None:
    said = make_progress(shown)
    folder = run.path / "checkpoints"
    changes = find_changes(run, spec, checkpoints.load(folder)) if resumed else Changes()
    status = run.status
    if status["state"] == "damaged":
        said.say(f"warning: {status['error']}")
    if status["state"] == "done" and not changes and not _has_lost_weights(run):
        tidy(run.path)  # what was killed may be the evaluation that follows
        said.say(_describe_end(run))
        return
    # Workers would save inside an epoch at different steps, and what metrics hold is put together by all of them.
    recorder = Recorder(run, said, spec.plan().data.batch_size, 0, 0, inside=cluster is None)
    begun = False

    def begin() -> None:
        nonlocal begun
        if not begun:
            begun = True
            sign()
            tidy(run.path)
            if changes:
                _accept(run, spec, recorder, changes)
            recorder.state("running", started=status.get("started") or time.strftime("%Y-%m-%dT%H:%M:%S"))

    try:
        with full_disk(run.path):
            if not changes:  # a run that changes is left as it is until nothing can be refused any more
                begin()
            with (
                deterministic(any(stage.deterministic for stage in spec.plan().train)),
                noticing_losses(cluster, interruptions),
            ):
                training = Training(spec, run, recorder, runs, strategy, interruptions, begin, changes.reopened)
                training.go(ends=cluster is None or cluster.chief)
    except KeyboardInterrupt:
        if begun:
            recorder.state("interrupted")
        if cluster is not None and not cluster.chief:
            raise
        message = f"Interrupted. Saved: {checkpoints.describe(folder)}. Go on with: {_command(run)}"
        raise Interrupted(message) from None
    except Exception as error:
        with suppress(DLSuiteError, OSError):
            if begun:
                recorder.state("failed", error=str(error))
        if isinstance(error, TrainingError) and (cluster is None or cluster.chief):
            message = f"{error} Saved: {checkpoints.describe(folder)}."
            command = _command(run)
            if isinstance(error, DivergedError):
                message += " Gone on with as it is, it would meet the same."
                command += f" {soften(spec, run.facts, recorder.stage[0])}"
            raise TrainingError(f"{message} Go on with: {command}") from None
        raise
    finally:
        recorder.close()


def _accept(run: Run, spec: Spec, recorder: Recorder, changes: Changes) -> None:
    """Makes a changed spec the run's own, and says and logs what changed."""
    write_json(run.path / "spec.json", spec.resolved)
    write_text(run.path / "source.json", spec.source)
    recorder.say(f"going on with changes: {'; '.join(changes.training + changes.beside)}")


def _has_lost_weights(run: Run) -> bool:
    """Returns whether the weights that a finished run keeps are damaged, and there are checkpoints that hold them."""
    try:
        kept = [run_files.read_weights(run.path, name) for name in run.plan.networks]
    except DamagedError:
        kept = [None]
    return any(weights is None for weights in kept) and bool(checkpoints.marks(run.path / "checkpoints"))


def _describe_end(run: Run) -> str:
    epochs = len(run.history)
    return (
        f"{run.path} is finished after {epochs} epoch{'s' * (epochs != 1)}: there is nothing to go on with. What would "
        f"work: {_command(run)} --set train.epochs={2 * max(epochs, 1)}, or `dlsuite evaluate {run.path}`."
    )


def _command(run: Run) -> str:
    return f"dlsuite {launched()}train --resume {shlex.quote(str(run.path))}"
