"""Where a classifier goes wrong: by class, by pair of classes, by confidence, and its worst single mistakes.

Pure functions of probabilities and true classes; scikit-learn does the counting.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

BINS = 10


def by_class(truth: np.ndarray, probabilities: np.ndarray, names: Sequence[str]) -> list[dict[str, Any]]:
    """Returns precision, recall, F1 and support of each class.

    Args:
        truth: (examples,) class numbers.
        probabilities: (examples, classes).
        names: Of the classes, in order.
    """
    from sklearn.metrics import precision_recall_fscore_support

    labels = range(len(names))
    scores = precision_recall_fscore_support(truth, probabilities.argmax(-1), labels=labels, zero_division=0)
    rows = zip(names, *scores, strict=True)
    return [
        {"class": name, "precision": float(p), "recall": float(r), "f1": float(f), "support": int(n)}
        for name, p, r, f, n in rows
    ]


def confusion(truth: np.ndarray, probabilities: np.ndarray, names: Sequence[str]) -> dict[str, Any]:
    """Returns the names and, by true class, how often each class was the answer."""
    from sklearn.metrics import confusion_matrix

    counts = confusion_matrix(truth, probabilities.argmax(-1), labels=range(len(names)))
    return {"names": list(names), "counts": counts.tolist()}


def calibration(truth: np.ndarray, probabilities: np.ndarray, bins: int = BINS) -> dict[str, Any]:
    """Returns the reliability diagram and the expected calibration error.

    ECE = sum over bins of (share of examples) * |accuracy - mean confidence|, with bins of equal width.
    Guo et al., 2017, https://arxiv.org/abs/1706.04599, equation 3.
    """
    confidence = probabilities.max(-1)  # (examples,)
    right = probabilities.argmax(-1) == truth  # (examples,)
    place = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)  # bins are open below, closed above
    found = []
    for index in range(bins):
        inside = place == index
        if inside.any():
            found.append(
                {
                    "low": index / bins,
                    "high": (index + 1) / bins,
                    "confidence": float(confidence[inside].mean()),
                    "accuracy": float(right[inside].mean()),
                    "count": int(inside.sum()),
                }
            )
    gaps = [one["count"] * abs(one["accuracy"] - one["confidence"]) for one in found]
    return {"ece": float(sum(gaps) / max(len(truth), 1)), "bins": found}


def worst(truth: np.ndarray, probabilities: np.ndarray, names: Sequence[str], count: int = 24) -> list[dict[str, Any]]:
    """Returns the wrongly answered examples of highest cross-entropy, the worst first, by their `index`."""
    chosen = probabilities.argmax(-1)
    losses = -np.log(np.clip(probabilities[np.arange(len(truth)), truth], 1e-12, 1.0))
    order = [index for index in np.argsort(-losses, kind="stable") if chosen[index] != truth[index]]
    return [
        {
            "index": int(index),
            "truth": names[truth[index]],
            "answer": names[chosen[index]],
            "confidence": float(probabilities[index].max()),
            "loss": float(losses[index]),
        }
        for index in order[:count]
    ]


def worst_numbers(truth: np.ndarray, answers: np.ndarray, count: int = 24) -> list[dict[str, Any]]:
    """Returns the examples of highest squared error of a regression, the worst first, by their `index`."""
    truth, answers = truth.reshape(len(truth), -1), answers.reshape(len(answers), -1)
    with np.errstate(over="ignore"):  # squares of the largest numbers are infinite
        errors = ((truth - answers) ** 2).mean(-1)
    return [
        {
            "index": int(index),
            "truth": float(f"{truth[index].mean():.6g}"),
            "answer": float(f"{answers[index].mean():.6g}"),
            "confidence": None,
            "loss": float(errors[index]),
        }
        for index in np.argsort(-errors, kind="stable")[:count]
    ]
