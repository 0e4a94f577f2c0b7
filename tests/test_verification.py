"""Claims of `expect` against what was measured."""

import json

import pytest

from dlsuite.verification import Claim, falls, judge, machine


@pytest.mark.parametrize(
    "metric",
    ["loss", "mean_absolute_error", "rmse", "label.loss", "sparse_categorical_crossentropy", "rmsd", "clashes"],
)
def test_errors_fall(metric):
    assert falls(metric)


@pytest.mark.parametrize("metric", ["accuracy", "auc", "f1", "r2", "label.accuracy", "tm_score", "evenness"])
def test_scores_rise(metric):
    assert not falls(metric)


def test_metrics_reach_or_better_in_their_own_direction():
    expect = {"metrics": {"accuracy": 0.93, "validation.loss": 1.5, "auc": 0.99}}
    measured = {"test": {"accuracy": 0.93, "auc": 0.98}, "validation": {"loss": 1.6}}
    assert judge(expect, {}, measured) == [
        Claim("test.accuracy", 0.93, 0.93, True),
        Claim("validation.loss", 1.5, 1.6, False),
        Claim("test.auc", 0.99, 0.98, False),
    ]


def test_what_was_not_measured_does_not_hold():
    assert judge({"metrics": {"bleu": 30}}, {}, {"test": {}}) == [Claim("test.bleu", 30, None, False)]


def test_a_number_of_parameters_means_trainable_and_is_exact():
    measured = {"total": 110, "trainable": 100}
    assert judge({"parameters": 100}, measured, {}) == [Claim("parameters", 100, 100, True)]
    assert not judge({"parameters": 110}, measured, {})[0].holds


def test_parameters_by_key_with_their_source():
    claims = judge({"parameters": {"total": 110, "source": "the paper, table 1"}}, {"total": 110, "trainable": 100}, {})
    assert claims == [Claim("parameters.total", 110, 110, True)]


def test_parameters_by_network():
    measured = {"encoder": {"total": 5, "trainable": 4}, "decoder": {"total": 7, "trainable": 7}}
    claims = judge({"parameters": {"encoder": 4, "decoder": {"total": 8}}}, measured, {})
    assert [(claim.name, claim.holds) for claim in claims] == [
        ("parameters.encoder", True),
        ("parameters.decoder.total", False),
    ]


def test_the_machine_is_described():
    facts = machine()
    assert facts["cores"] >= 1 and facts["processor"]
    json.dumps(facts)
