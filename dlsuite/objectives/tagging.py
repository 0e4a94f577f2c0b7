"""A class for each place of a sequence, from logits."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from dlsuite.objectives.objective import Objective
from dlsuite.objectives.play import Play
from dlsuite.registry import Input, register


@register("objective")
class Tagging(Objective):
    """Cross-entropy between the class of each place and its logits, (places, classes).

    An answer is a string with a letter a place, and how sure each is. Accuracy is that of all places together: of
    secondary structure Q3, with three letters, or Q8.

    Args:
        sequence: The input that is tagged, place by place.

    Example:
        >>> Tagging().answer(9 * np.eye(3)[[2, 0]], Letters(letters=["H", "E", "C"]))["letters"]
        'CH'
    """

    learns = ["Letters"]
    takes = "logits"
    follows = ["accuracy"]
    scored = ["accuracy", "loss", "f1"]
    rises = True

    def __init__(self, *, sequence: Input = "sequence"):
        self.sequence = sequence

    def loss(self, output: Any, feature: Any) -> keras.losses.Loss:
        """Returns cross-entropy from logits.

        Raises:
            ValueError: The output has not a logit for each class at each place.
        """
        classes = feature.facts_fitted()["classes"]
        if len(output.shape) != 3 or output.shape[-1] != classes:
            shape = tuple(output.shape)
            raise ValueError(f"each place has one of {classes} classes, so the output is (None, places, {classes}) "
                             f"of logits, and not {shape}")  # fmt: skip
        return keras.losses.SparseCategoricalCrossentropy(from_logits=True)

    def metrics(self, output: Any, feature: Any) -> list[keras.metrics.Metric]:
        """Returns the share of right places."""
        return [keras.metrics.SparseCategoricalAccuracy(name="accuracy")]

    def respond(self, play: Play) -> list[np.ndarray]:
        """Returns the logits of each sequence, (its places, classes)."""
        logits = ops.convert_to_numpy(ops.cast(play.output, "float32"))
        lengths = ops.convert_to_numpy(play.inputs[f"{self.sequence}.mask"]).sum(-1)
        return [one[:n] for one, n in zip(logits, lengths, strict=True)]

    def answer(self, output: np.ndarray, feature: Any) -> dict[str, Any]:
        """Returns a letter a place, and the probability of each."""
        return {"letters": feature.decode(output), "confidence": probabilities(output).max(-1).round(4).tolist()}

    def scores(self, outputs: Any, targets: np.ndarray, feature: Any) -> dict[str, float]:
        """Returns accuracy, cross-entropy and macro F1 over all places."""
        from sklearn.metrics import f1_score

        truth = np.concatenate([target[: len(one)] for one, target in zip(outputs, targets, strict=True)])
        found = probabilities(np.concatenate(list(outputs)))  # (places, classes)
        picked = found[np.arange(len(truth)), truth]
        return {
            "accuracy": float((found.argmax(-1) == truth).mean()),
            "loss": float(-np.log(np.clip(picked, 1e-12, 1.0)).mean()),
            "f1": float(f1_score(truth, found.argmax(-1), average="macro", zero_division=0)),
        }


def probabilities(logits: np.ndarray) -> np.ndarray:
    """Returns the probabilities of classes, (..., classes)."""
    powers = np.exp(np.float64(logits) - logits.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)
