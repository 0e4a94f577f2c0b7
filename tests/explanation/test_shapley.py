"""Shapley values: the linear closed form, the definition, efficiency, the names of numbers."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from dlsuite import explanation
from dlsuite.explanation.shapley import _draw_orders, _exact, _sampled


def worth_of(game):
    """Returns the worths of coalitions in a game of sets."""
    return lambda coalitions: np.array([game(frozenset(np.flatnonzero(one))) for one in coalitions], float)


def by_definition(game, players):
    """Returns the mean of what each player adds, over all orders in which they come."""
    values = np.zeros(players)
    orders = list(permutations(range(players)))
    for order in orders:
        for i, player in enumerate(order):
            values[player] += game(frozenset(order[: i + 1])) - game(frozenset(order[:i]))
    return values / len(orders)


def game(coalition):
    return len(coalition) ** 2 + 3 * (0 in coalition and 2 in coalition) - 2 * (1 in coalition)


def test_exact_values_are_those_of_the_definition():
    values, none, every = _exact(worth_of(game), 5)
    np.testing.assert_allclose(values, by_definition(game, 5))
    assert none == game(frozenset()) and every == game(frozenset(range(5))) == pytest.approx(values.sum() + none)


def test_sampled_values_come_near_and_add_up():
    values, none, every = _sampled(200, 0)(worth_of(game), 5)
    np.testing.assert_allclose(values, by_definition(game, 5), atol=0.4)
    assert values.sum() == pytest.approx(every - none)


def test_orders_come_with_their_reverses():
    orders = list(_draw_orders(3, 6, 0))
    assert len(orders) == 6 and all((orders[i] == orders[i + 1][::-1]).all() for i in (0, 2, 4))


def test_a_linear_network(cancer_run):
    examples = cancer_run.data().examples("test")
    rows, background = [examples[i] for i in range(3)], [examples[i] for i in range(3, 20)]
    fields = cancer_run.plan.data.inputs["size"].fields
    encode = cancer_run.features["size"].encode
    x, b = (np.stack([encode([row[name] for name in fields]) for row in some]) for some in (rows, background))
    weights, bias = cancer_run.model.get_weights()
    names = cancer_run.features["diagnosis"].facts_fitted()["names"]
    found = explanation.shap_values(cancer_run, rows, background, names[1])
    np.testing.assert_allclose(found.values, weights[:, 0] * (x - b.mean(0)), atol=1e-4)
    np.testing.assert_allclose(found.scores, x @ weights[:, 0] + bias[0], atol=1e-4)
    assert found.names == list(fields) and found.start == pytest.approx((b @ weights + bias).mean(), abs=1e-4)
    assert found.shown[0] == pytest.approx([rows[0][name] for name in fields], rel=1e-5)


def test_thirty_numbers_add_up(biopsies):
    examples = biopsies.data().examples("test")
    found = explanation.shap_values(biopsies, [examples[i] for i in range(2)])
    assert found.values.shape == (2, 30) and found.names[0] == "mean_radius"
    np.testing.assert_allclose(found.values.sum(1) + found.start, found.scores, atol=1e-4)
    (answer,) = biopsies.predict(examples[0])
    assert found.target == answer["output"]["class"]
    again = explanation.shap_values(biopsies, examples[1], target=found.target, orders=64, seed=1).values[0]
    assert np.corrcoef(again, found.values[1])[0, 1] > 0.98


def test_numbers_and_classes_of_a_table(rents):
    rows = [{"size": 70, "floor": 3, "place": "land"}, {"size": 30, "floor": 1, "place": "town"}]
    others = [{"size": 50, "floor": 0, "place": "town"}]
    found = explanation.shap_values(rents, rows, others)
    assert found.names == ["size", "floor", "place"] and found.shown[0] == [pytest.approx(70), pytest.approx(3), "land"]
    answers = [answer["output"] for answer in rents.predict(rows)]
    np.testing.assert_allclose(found.scores, answers, rtol=1e-4)
    np.testing.assert_allclose(found.values.sum(1) + found.start, answers, rtol=1e-4)
    assert found.values[1, 2] == pytest.approx(0, abs=1e-2)  # the same place as in the background


def test_what_is_no_table_is_refused(pictures, opinions):
    with pytest.raises(explanation.ExplanationError, match="numbers and classes of a table, and `image` is neither"):
        explanation.shap_values(pictures, np.zeros((8, 8, 1), np.uint8), np.zeros((8, 8, 1), np.uint8))
