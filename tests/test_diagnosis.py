"""Diagnosis against figures that can be counted by hand, and scikit-learn's own."""

import numpy as np
import pytest

from dlsuite import diagnosis

NAMES = ["cat", "dog"]
TRUTH = np.array([0, 0, 1, 1])
PROBABILITIES = np.array([[0.9, 0.1], [0.2, 0.8], [0.05, 0.95], [0.35, 0.65]])


def test_confusion_counts_truth_by_row():
    assert diagnosis.confusion(TRUTH, PROBABILITIES, NAMES) == {"names": NAMES, "counts": [[1, 1], [0, 2]]}


def test_by_class():
    cat, dog = diagnosis.by_class(TRUTH, PROBABILITIES, NAMES)
    assert cat == {"class": "cat", "precision": 1.0, "recall": 0.5, "f1": pytest.approx(2 / 3), "support": 2}
    assert dog["precision"] == pytest.approx(2 / 3)
    assert dog["recall"] == 1.0


def test_calibration_error_by_hand():
    found = diagnosis.calibration(TRUTH, PROBABILITIES)
    # bins: 0.65 right, 0.8 wrong, 0.9 right, 0.95 right
    assert found["ece"] == pytest.approx((0.35 + 0.8 + 0.1 + 0.05) / 4)
    assert [one["count"] for one in found["bins"]] == [1, 1, 1, 1]


def test_a_perfectly_calibrated_classifier_has_no_error():
    truth = np.array([0, 0, 0, 1] * 5)
    found = diagnosis.calibration(truth, np.tile([0.75, 0.25], (20, 1)))
    assert found["ece"] == pytest.approx(0.0, abs=1e-12)


def test_worst_mistakes_are_the_wrong_ones_by_loss():
    found = diagnosis.worst(TRUTH, PROBABILITIES, NAMES)
    assert [(one["index"], one["truth"], one["answer"]) for one in found] == [(1, "cat", "dog")]
    assert found[0]["loss"] == pytest.approx(-np.log(0.2))


def test_worst_numbers_come_in_order_of_error():
    found = diagnosis.worst_numbers(np.array([1.0, 2.0, 3.0]), np.array([1.1, 5.0, 3.5]))
    assert [one["index"] for one in found] == [1, 2, 0]
