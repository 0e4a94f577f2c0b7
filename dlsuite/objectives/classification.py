"""One of several classes, from logits."""

from __future__ import annotations

from typing import Annotated, Any

import keras
import numpy as np
from keras import ops

from dlsuite.objectives.objective import Objective
from dlsuite.registry import Range, register

SHOWN = 5
"""So many classes of an answer come with their scores."""


@register("objective")
class Classification(Objective):
    """Cross-entropy between the classes and logits: one for each class, or a single one for two classes.

    Args:
        label_smoothing: The share of each target that is spread evenly over all classes. Szegedy et al., 2015,
            https://arxiv.org/abs/1512.00567, section 7.

    Example:
        >>> digits = Category(classes=10)
        >>> Classification().answer(np.eye(10)[7] * 9, digits)["class"]
        '7'
    """

    learns = ["Category"]
    takes = "logits"
    follows = ["accuracy"]
    scored = ["accuracy", "loss", "f1", "auc"]
    rises = True

    def __init__(self, *, label_smoothing: Annotated[float, Range(least=0, below=1)] = 0.0):
        if not 0 <= label_smoothing < 1:
            raise ValueError(f"label_smoothing is {label_smoothing}; it is a share, from 0 and below 1")
        self.label_smoothing = label_smoothing

    def loss(self, output: Any, feature: Any) -> keras.losses.Loss:
        """Returns cross-entropy from logits.

        Raises:
            ValueError: There is one class, or the output has not a logit for each, or is of probabilities.
        """
        single = self._single(output, feature)
        if squashed := _squashed(output):
            raise ValueError(f"the output is made by {squashed}, and logits are expected: leave the {squashed} out")
        if single:
            return keras.losses.BinaryCrossentropy(from_logits=True, label_smoothing=self.label_smoothing)
        if self.label_smoothing:
            return SmoothedCrossentropy(self.label_smoothing)
        return keras.losses.SparseCategoricalCrossentropy(from_logits=True)

    def metrics(self, output: Any, feature: Any) -> list[keras.metrics.Metric]:
        """Returns accuracy."""
        if self._single(output, feature):
            return [keras.metrics.BinaryAccuracy(name="accuracy", threshold=0.0)]  # a logit above 0 is p > 1/2
        return [keras.metrics.SparseCategoricalAccuracy(name="accuracy")]

    def answer(self, output: np.ndarray, feature: Any) -> dict[str, Any]:
        """Returns the most probable class, its probability, and the probabilities of the few best."""
        names = feature.facts_fitted()["names"]
        probabilities = self.probabilities(output[None])[0]  # (classes,)
        best = np.argsort(-probabilities, kind="stable")[:SHOWN]
        return {
            "class": names[best[0]],
            "confidence": float(probabilities[best[0]]),
            "scores": {names[i]: float(probabilities[i]) for i in best},
        }

    def probabilities(self, outputs: np.ndarray) -> np.ndarray:
        """Returns (examples, classes) of logits (examples, classes), or (examples, 1) for two classes."""
        logits = np.asarray(outputs, np.float64)
        if logits.shape[-1] == 1:
            logits = np.concatenate([np.zeros_like(logits), logits], axis=-1)
        powers = np.exp(logits - logits.max(-1, keepdims=True))
        return powers / powers.sum(-1, keepdims=True)

    def scores(self, outputs: np.ndarray, targets: np.ndarray, feature: Any) -> dict[str, float]:
        """Returns accuracy, cross-entropy, macro F1 and, where every class occurs, AUC (one against the rest)."""
        from sklearn.metrics import f1_score, roc_auc_score

        truth = np.asarray(targets).reshape(len(targets))
        probabilities = self.probabilities(np.asarray(outputs).reshape(len(truth), -1))
        classes = probabilities.shape[1]
        picked = probabilities[np.arange(len(truth)), truth]
        found = {
            "accuracy": float((probabilities.argmax(-1) == truth).mean()),
            "loss": float(-np.log(np.clip(picked, 1e-12, 1.0)).mean()),
            "f1": float(f1_score(truth, probabilities.argmax(-1), average="macro", zero_division=0)),
        }
        if len(np.unique(truth)) == classes > 1:
            if classes == 2:
                found["auc"] = float(roc_auc_score(truth, probabilities[:, 1]))
            else:
                found["auc"] = float(roc_auc_score(truth, probabilities, multi_class="ovr", average="macro"))
        return found

    def _single(self, output: Any, feature: Any) -> bool:
        """Returns whether one logit stands for two classes."""
        facts = feature.facts_fitted()
        classes = facts["classes"]
        if classes == 1:
            raise ValueError(f"the target has a single class, {facts['names'][0]!r}, so there is nothing to tell apart")
        units = output.shape[-1] if len(output.shape) == 2 else None
        if units == 1 and classes == 2:
            return True
        if units != classes:
            also = ", or 1" if classes == 2 else ""
            raise ValueError(f"the target has {classes} classes, so the output is (None, {classes}){also}, of logits")
        return False


def _squashed(output: Any) -> str:
    """Returns `softmax` or `sigmoid` where an output is made by one, else an empty string."""
    operation = getattr(getattr(output, "_keras_history", None), "operation", None)
    if isinstance(operation, keras.layers.Activation | keras.layers.Dense):
        name = getattr(operation.activation, "__name__", "")
    else:
        name = type(operation).__name__.lower()
    return name if name in ("softmax", "sigmoid") else ""


class SmoothedCrossentropy(keras.losses.Loss):
    """Cross-entropy from logits against targets of which a share is spread over all classes."""

    def __init__(self, label_smoothing: float, name: str = "smoothed_crossentropy"):
        super().__init__(name=name)
        self.label_smoothing = label_smoothing

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Returns the loss of each example, (batch,)."""
        targets = ops.one_hot(ops.cast(ops.reshape(y_true, (-1,)), "int32"), y_pred.shape[-1])  # (batch, classes)
        return keras.losses.categorical_crossentropy(
            targets, y_pred, from_logits=True, label_smoothing=self.label_smoothing
        )
