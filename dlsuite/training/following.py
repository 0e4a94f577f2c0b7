"""Workers beside the chief: a run of their own in a temporary folder, and an end when another worker is lost."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import tensorflow as tf

from dlsuite.distribution.cluster import Cluster
from dlsuite.runs import FOLDERS, Run, create_run, open_run
from dlsuite.spec import Spec
from dlsuite.spec.errors import TrainingError
from dlsuite.training.interrupting import Interrupted, Interruptions

LEFT_OUT = (".*", "lock", "models", "samples", "tensorboard", "*.jsonl", "*.html")
"""What a worker needs not to go on with a run."""
LOST = (tf.errors.UnavailableError, tf.errors.AbortedError, tf.errors.CancelledError, tf.errors.DeadlineExceededError)


@contextmanager
def follow(spec: Spec, runs: Path, resume: str | os.PathLike[str] | None) -> Iterator[Run]:
    """Gives a worker that is not the chief a run in a temporary folder, where its callbacks may write.

    All workers measure the same figures and keep the same weights, so that nothing has to be handed over while they
    train. Only a run that goes on is read from the chief's folder, which they share then.
    """
    with tempfile.TemporaryDirectory(prefix="dlsuite-worker-") as place:
        if resume is None:
            yield create_run(place, spec)
            return
        given = open_run(resume, runs).path.resolve()
        copy = Path(place) / given.parent.name / given.name
        shutil.copytree(given, copy, ignore=shutil.ignore_patterns(*LEFT_OUT))
        for name in FOLDERS:
            (copy / name).mkdir(exist_ok=True)
        yield Run(copy)


@contextmanager
def noticing_losses(cluster: Cluster | None, interruptions: Interruptions) -> Iterator[None]:
    """Turns the errors that a worker meets when another one is gone into a `TrainingError`.

    Where the workers were asked to stop, some do so before others, which is no fault.
    """
    try:
        yield
    except tf.errors.OpError as error:
        if cluster is None or not is_loss(error):
            raise
        if interruptions.asked:
            raise Interrupted from None
        reason = str(error).partition("aborted by:")[2] or error.message
        reason = " ".join(reason.partition("The error could")[0].partition("Additional GRPC")[0].split())[:200]
        message = f"Another worker of this training was lost, and it cannot go on without: {reason.rstrip('.')}."
        raise TrainingError(message) from None


def is_loss(error: Exception) -> bool:
    """Returns whether an error is what a worker meets when another one is gone."""
    return isinstance(error, LOST) or "Collective ops is aborted" in str(error)
