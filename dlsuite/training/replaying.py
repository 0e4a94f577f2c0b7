"""The steps before a loss broke, taken once more with an eye on their gradients, which costs nothing until then."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import tensorflow as tf

from dlsuite.training.checkpoints import Checkpoint
from dlsuite.training.compiling import Compiled
from dlsuite.training.snapshots import Snapshots, optimizers
from dlsuite.training.watching import as_numbers, broken_loss, learning_rate


@dataclass(frozen=True)
class Breakdown:
    """The step at which a loss broke.

    Attributes:
        rate: The learning rate.
        norm: Of the gradients of all weights; the largest where several optimizers have gradients of their own.
        before: The norm at the step before; `None` for the first.
    """

    rate: float
    norm: float
    before: float | None


def replay(
    compiled: Compiled, snapshots: Snapshots, here: Checkpoint, batches: tf.data.Dataset, steps: int
) -> Breakdown | None:
    """Returns what broke a loss, or `None` where it does not break again.

    The weights are left as they are after that step: for nothing.

    Args:
        compiled: What was trained.
        snapshots: Give back the state of the checkpoint.
        here: The checkpoint before the loss broke.
        batches: From there on.
        steps: How many until the loss broke.
    """
    model = compiled.model
    snapshots.restore_learned(here)
    model.reset_metrics()
    before = None
    with _watched(compiled) as norms:
        model.make_train_function(force=True)
        iterator = iter(batches)
        for _ in range(steps):
            rate = learning_rate(model)
            logs = model.train_function(iterator)
            norm = max((float(one) for one in norms), default=float("nan"))
            if broken_loss(as_numbers(logs)):
                return Breakdown(rate, norm, before)
            before = norm
    return None


@contextmanager
def _watched(compiled: Compiled) -> Iterator[list[tf.Variable]]:
    """Gives variables that hold the norm of the gradients that each optimizer was last given."""
    watched = list(optimizers(compiled).values())
    norms = [tf.Variable(float("nan"), trainable=False) for _ in watched]
    for optimizer, norm in zip(watched, norms, strict=True):
        optimizer.apply = _noting(optimizer, norm)
    try:
        yield norms
    finally:
        for optimizer in watched:
            del optimizer.apply


def _noting(optimizer: Any, norm: tf.Variable) -> Any:
    apply = optimizer.apply

    def note(gradients: Any, trainable_variables: Any = None) -> Any:
        scale = getattr(optimizer, "dynamic_scale", 1.0)  # of the loss, for float16
        given = [tf.cast(tf.convert_to_tensor(one), tf.float32) for one in gradients if one is not None]
        norm.assign(tf.linalg.global_norm(given) / tf.convert_to_tensor(scale))
        return apply(gradients, trainable_variables)

    return note
