"""Regression: scores on the scale of the data, and a loss by component."""

import keras
import numpy as np
import pytest
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error

from dlsuite.features.number import Number
from dlsuite.objectives.regression import Regression


@pytest.fixture
def price():
    feature = Number()
    feature.fit([[100.0], [300.0], [800.0]])
    return feature


def test_scores_are_scikit_learns_on_the_original_scale(price):
    truth, answers = np.array([100.0, 250.0, 700.0]), np.array([120.0, 200.0, 710.0])
    encode = lambda values: np.array([price.encode([value]) for value in values])  # noqa: E731
    found = Regression().scores(encode(answers), encode(truth), price)
    assert list(found) == Regression.scored
    assert found["rmse"] == pytest.approx(root_mean_squared_error(truth, answers), rel=1e-4)
    assert found["mae"] == pytest.approx(mean_absolute_error(truth, answers), rel=1e-4)
    assert found["r2"] == pytest.approx(r2_score(truth, answers), rel=1e-4)


def test_answer_is_on_the_original_scale(price):
    assert Regression().answer(price.encode([250.0]), price) == pytest.approx(250, rel=1e-5)


def test_the_loss_is_a_component(price):
    output = keras.KerasTensor((None, 1))
    assert isinstance(Regression().loss(output, price), keras.losses.MeanSquaredError)
    huber = keras.losses.Huber(delta=2.0)
    assert Regression(loss=huber).loss(output, price) is huber


def test_an_output_of_another_shape_is_refused(price):
    with pytest.raises(ValueError, match=r"the target has shape \(None, 1\)"):
        Regression().loss(keras.KerasTensor((None, 3)), price)


@pytest.mark.filterwarnings("error")
def test_the_largest_numbers_have_scores_without_a_warning():
    price = Number()
    price.fit([1e300, 3e300, 5e300])
    outputs = np.array([[0.0], [1.0], [2.0]], np.float32)
    found = Regression().scores(outputs, price.encode_many([1e300, 3e300, 5e300]), price)
    assert found["rmse"] == np.inf and found["mae"] > 1e300
