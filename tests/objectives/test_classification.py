"""Classification: loss, answer and scores, against scikit-learn and closed forms."""

import keras
import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score, log_loss, roc_auc_score

from dlsuite.features.category import Category
from dlsuite.objectives.classification import Classification

THREE = Category(names=["ant", "bee", "cat"])
TWO = Category(names=["no", "yes"])


def test_scores_are_scikit_learns():
    random = np.random.default_rng(0)
    logits, truth = random.normal(size=(60, 3)), random.integers(0, 3, 60)
    probabilities = Classification().probabilities(logits)
    found = Classification().scores(logits, truth, THREE)
    assert list(found) == Classification.scored
    assert found["accuracy"] == pytest.approx(accuracy_score(truth, probabilities.argmax(-1)))
    assert found["loss"] == pytest.approx(log_loss(truth, probabilities))
    assert found["f1"] == pytest.approx(f1_score(truth, probabilities.argmax(-1), average="macro"))
    assert found["auc"] == pytest.approx(roc_auc_score(truth, probabilities, multi_class="ovr"))


def test_one_logit_stands_for_two_classes():
    logits, truth = np.array([[-2.0], [0.5], [3.0]]), np.array([0, 0, 1])
    two = np.concatenate([np.zeros((3, 1)), logits], axis=1)
    assert Classification().scores(logits, truth, TWO) == pytest.approx(Classification().scores(two, truth, TWO))
    answer = Classification().answer(np.array([2.0]), TWO)
    assert answer["class"] == "yes"
    assert answer["confidence"] == pytest.approx(1 / (1 + np.exp(-2)))


def test_answer_lists_the_best_classes_first():
    answer = Classification().answer(np.array([0.0, 2.0, 1.0]), THREE)
    assert answer["class"] == "bee"
    assert list(answer["scores"]) == ["bee", "cat", "ant"]
    assert sum(answer["scores"].values()) == pytest.approx(1)


def test_auc_is_left_out_where_a_class_does_not_occur():
    assert "auc" not in Classification().scores(np.eye(3)[:2], np.array([0, 1]), THREE)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_the_loss_is_cross_entropy_against_smoothed_targets(smoothing):
    logits, truth = np.array([[1.0, 2.0, 0.5], [0.0, 0.0, 3.0]], "float32"), np.array([1, 0])
    loss = Classification(label_smoothing=smoothing).loss(keras.KerasTensor((None, 3)), THREE)
    targets = np.eye(3)[truth] * (1 - smoothing) + smoothing / 3
    expected = -(targets * np.log(Classification().probabilities(logits))).sum(-1).mean()
    assert float(loss(truth, logits)) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(("feature", "units"), [(THREE, 1), (THREE, 4), (TWO, 3)])
def test_an_output_of_other_size_is_refused(feature, units):
    with pytest.raises(ValueError, match="classes, so the output is"):
        Classification().loss(keras.KerasTensor((None, units)), feature)


def test_smoothing_is_a_share():
    with pytest.raises(ValueError, match="label_smoothing is 1"):
        Classification(label_smoothing=1.0)


@pytest.mark.parametrize("units", [1, 2])
def test_accuracy_follows_the_larger_logit(units):
    (metric,) = Classification().metrics(keras.KerasTensor((None, units)), TWO)
    logits = np.array([[0.3], [-0.2], [0.7]], "float32")  # 0.3 is a logit, not a probability
    metric.update_state(np.array([1, 0, 0]), logits if units == 1 else np.concatenate([-logits, logits], 1))
    assert float(metric.result()) == pytest.approx(2 / 3)


@pytest.mark.parametrize("units, activation", [(2, "softmax"), (1, "sigmoid")])
@pytest.mark.parametrize("inside", [True, False])
def test_probabilities_where_logits_belong_are_refused(units, activation, inside):
    feature = Category(classes=2)
    x = keras.Input((3,))
    made = keras.layers.Dense(units, activation=activation if inside else None)(x)
    made = made if inside else keras.layers.Activation(activation)(made)
    with pytest.raises(ValueError, match=f"made by {activation}, and logits are expected: leave the {activation} out"):
        Classification().loss(made, feature)


def test_a_single_class_cannot_be_learned():
    with pytest.raises(ValueError, match="a single class, 'cat', so there is nothing to tell apart"):
        Classification().loss(keras.layers.Dense(1)(keras.Input((3,))), Category(names=["cat"]))
