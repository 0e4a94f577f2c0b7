"""Losses and metrics of tokens that follow others, from logits."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from dlsuite.objectives.play import Play


class NextToken(keras.losses.Loss):
    """Cross-entropy of each token, (batch, length), from logits (batch, length or more, classes).

    An input of teacher forcing may be longer than its target, which lacks the first token: the last logits are of what
    nobody knows, and do not count.

    Args:
        label_smoothing: The share of each target that is spread evenly over all classes. Szegedy et al., 2015,
            https://arxiv.org/abs/1512.00567, section 7.
    """

    def __init__(self, label_smoothing: float = 0.0, name: str = "next_token"):
        super().__init__(name=name)
        self.label_smoothing = label_smoothing

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Returns the loss of each token, (batch, length)."""
        logits = shown(y_pred, y_true)
        loss = cross_entropy(y_true, logits)
        if not self.label_smoothing:
            return loss
        spread = ops.logsumexp(logits, axis=-1) - ops.mean(logits, axis=-1)  # cross-entropy to all classes alike
        return (1 - self.label_smoothing) * loss + self.label_smoothing * spread


def metrics() -> list[keras.metrics.Metric]:
    """Returns cross-entropy and accuracy of a token, on average over all of them."""
    return [
        keras.metrics.MeanMetricWrapper(lambda y, logits: cross_entropy(y, shown(logits, y)), name="cross_entropy"),
        keras.metrics.MeanMetricWrapper(lambda y, logits: hits(y, shown(logits, y)), name="accuracy"),
    ]


def shown(logits: Any, targets: Any) -> Any:
    """Returns the logits of the places that a target has."""
    return logits[:, : ops.shape(targets)[1]]


def cross_entropy(targets: Any, logits: Any) -> Any:
    """Returns -log p of each token, (batch, length), float32."""
    return ops.sparse_categorical_crossentropy(targets, ops.cast(logits, "float32"), from_logits=True)


def hits(targets: Any, logits: Any) -> Any:
    """Returns 1 where the most probable token is the right one, else 0, (batch, length)."""
    return ops.cast(ops.equal(ops.cast(targets, "int32"), ops.argmax(logits, axis=-1)), "float32")


def tally(play: Play) -> np.ndarray:
    """Returns what the network makes of each example, (batch, 3): the sum of -log p, hits, and tokens."""
    targets, mask = play.targets[play.task.target], play.targets[f"{play.task.target}.mask"]
    logits, mask = shown(play.output, targets), ops.cast(mask, "float32")
    sums = [ops.sum(one * mask, axis=1) for one in (cross_entropy(targets, logits), hits(targets, logits))]
    return ops.convert_to_numpy(ops.stack([*sums, ops.sum(mask, axis=1)], axis=1))


def tally_logs(logs: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Returns the same of logarithms of probabilities (examples, length, classes), as baselines give them."""
    real = targets > 0
    likely = np.take_along_axis(logs, targets[..., None].astype(int), -1)[..., 0]  # (examples, length)
    right = real & (logs.argmax(-1) == targets)
    return np.stack([-np.where(real, likely, 0).sum(1), right.sum(1), real.sum(1)], axis=1)
