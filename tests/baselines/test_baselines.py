"""Baselines on scikit-learn's own data."""

import numpy as np
import pytest
from sklearn.datasets import load_diabetes, load_digits

from dlsuite.baselines.linear_regression import LinearRegression
from dlsuite.baselines.logistic_regression import LogisticRegression
from dlsuite.baselines.majority import Majority
from dlsuite.baselines.mean import Mean
from dlsuite.baselines.nearest_neighbour import NearestNeighbour


@pytest.fixture(scope="module")
def digits():
    data = load_digits()
    images, labels = data.images[..., None].astype(np.float32) / 16, data.target.astype(np.int32)
    return {"image": images[:1400]}, labels[:1400], {"image": images[1400:]}, labels[1400:]


@pytest.mark.parametrize(
    ("baseline", "least", "most"),
    [(Majority(), 0.05, 0.15), (NearestNeighbour(), 0.95, 1.0), (LogisticRegression(), 0.88, 0.97)],
    ids=lambda value: type(value).__name__,
)
def test_classifiers_give_probabilities(digits, baseline, least, most):
    inputs, target, test_inputs, test_target = digits
    baseline.fit(inputs, target)
    probabilities = baseline.predict(test_inputs)
    assert probabilities.shape == (397, 10)
    np.testing.assert_allclose(probabilities.sum(1), 1, atol=1e-5)
    assert least <= np.mean(probabilities.argmax(1) == test_target) <= most
    np.testing.assert_array_equal(probabilities, baseline.predict(test_inputs))


def test_regressors_give_values():
    x, y = load_diabetes(return_X_y=True)
    inputs, target = {"x": x[:300].astype(np.float32)}, y[:300, None].astype(np.float32)
    errors = {}
    for baseline in (Mean(), LinearRegression(), NearestNeighbour(k=15)):
        baseline.fit(inputs, target)
        values = baseline.predict({"x": x[300:].astype(np.float32)})
        assert values.shape == (142, 1)
        errors[type(baseline).__name__] = float(np.abs(values - y[300:, None]).mean())
    assert errors["LinearRegression"] < 50 < 60 < errors["Mean"]
    assert errors["NearestNeighbour"] < errors["Mean"]


def test_a_limit_is_stated(digits):
    inputs, target, test_inputs, test_target = digits
    for baseline in (NearestNeighbour(limit=300), LogisticRegression(limit=300, max_iter=3)):
        baseline.fit(inputs, target)
        assert baseline.note.startswith("fitted on 300 of 1400 training examples")
        assert np.mean(baseline.predict(test_inputs).argmax(1) == test_target) > 0.6
    assert baseline.note.endswith("stopped after 3 steps")


def test_whole_numbers_are_classes_and_not_amounts():
    inputs = {"colour": np.array([0, 1, 2] * 20, np.int32)}
    target = np.array([0, 1, 0] * 20, np.int32)  # no line through 0, 1, 2 tells these apart
    baseline = LogisticRegression()
    baseline.fit(inputs, target)
    assert baseline.predict({"colour": np.array([0, 1, 2], np.int32)}).argmax(1).tolist() == [0, 1, 0]
    assert baseline.predict({"colour": np.array([7], np.int32)}).shape == (1, 2)


def test_classes_without_examples_have_probability_0():
    baseline = NearestNeighbour()
    baseline.fit({"x": np.array([[0.0], [1.0]])}, np.array([1, 3], np.int32))
    assert baseline.predict({"x": np.array([[0.9]])}).tolist() == [[0.0, 0.0, 0.0, 1.0]]
