"""What Keras or TensorFlow refuse in the middle of a training, told as a fault of the spec or of the training."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import tensorflow as tf

from dlsuite import graph
from dlsuite.spec.errors import Fault, SpecError, TrainingError
from dlsuite.spec.plan import Plan
from dlsuite.training.following import is_loss
from dlsuite.training.recording import Recorder

REFUSALS = (ValueError, TypeError, NotImplementedError, tf.errors.OpError)


@contextmanager
def telling_refusals(plan: Plan, recorder: Recorder) -> Iterator[None]:
    """Turns what Keras or TensorFlow raise into a `SpecError` before the first step is done, else a `TrainingError`."""
    try:
        yield
    except REFUSALS as error:
        if is_loss(error):
            raise
        reason, hint = _reason(error), ""
        if isinstance(error, tf.errors.ResourceExhaustedError):
            hint = 'What would work: a smaller `batch_size`, a smaller network, or "precision": "mixed_bfloat16".'
        if recorder.moved:
            message = f"Training broke in epoch {len(recorder.history) + 1}: {reason}"
            raise TrainingError(f"{message.rstrip('.')}. {hint}".rstrip()) from error
        stage = plan.train[recorder.stage[0] - 1]
        task = stage.objectives[0].component
        message = f"The first step of training cannot be made: {reason}"
        hint = hint or f"{task.name}, the network and the data do not go together; DLSUITE_DEBUG=1 shows where."
        raise SpecError([Fault(message, task.place, hint)]) from error


def _reason(error: Exception) -> str:
    """Returns what was raised in one line; of a graph that broke while it ran, what broke it."""
    if not isinstance(error, tf.errors.OpError):
        return graph.reason(error)
    lines = [line.strip() for line in error.message.partition("[[{{node")[0].splitlines() if line.strip()]
    return lines[-1][:400] if lines else type(error).__name__
