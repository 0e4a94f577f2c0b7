"""Evaluation of a run: its figures against scikit-learn's own, its files, its report."""

import json

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, confusion_matrix, log_loss

import dlsuite
from dlsuite.playing import digest
from dlsuite.runs import delete_run


@pytest.fixture(scope="module")
def answers(digits_run):
    """Logits and truth of the test split."""
    data = digits_run.data()
    (logits,) = digest(digits_run.plan, digits_run.models, data, "test")
    return logits, data.column("test", "label")


def test_metrics_equal_those_of_scikit_learn(digits_run, answers):
    logits, truth = answers
    logits = logits.astype("float64")
    powers = np.exp(logits - logits.max(-1, keepdims=True))
    probabilities = powers / powers.sum(-1, keepdims=True)
    found = digits_run.evaluation
    assert found["metrics"]["accuracy"] == pytest.approx(accuracy_score(truth, logits.argmax(-1)))
    assert found["metrics"]["loss"] == pytest.approx(log_loss(truth, probabilities.astype("float64")), rel=1e-5)
    assert found["confusion"]["label"]["counts"] == confusion_matrix(truth, logits.argmax(-1)).tolist()
    assert found["examples"] == len(truth)


def test_keras_metrics_that_the_spec_names_bear_their_names(digits_run, answers):
    logits, truth = answers
    third = np.sort(logits, axis=-1)[:, -3]
    expected = (logits[np.arange(len(truth)), truth] >= third).mean()
    assert digits_run.metrics["sparse_top_k_categorical_accuracy"] == pytest.approx(expected, abs=1e-6)


def test_nobody_trains_or_removes_a_run_while_it_is_measured(digits_run, monkeypatch):
    def interfere(*_):
        delete_run(digits_run, digits_run.path.parents[1])

    monkeypatch.setattr("dlsuite.evaluation._measure", interfere)
    with pytest.raises(dlsuite.DLSuiteError, match="is being measured by another process"):
        digits_run.evaluate()
    assert digits_run.status["state"] == "done"


def test_baselines_are_measured_alike(digits_run):
    baselines = digits_run.evaluation["baselines"]
    assert set(baselines) == {"Majority", "NearestNeighbour"}
    assert 0.05 < baselines["Majority"]["accuracy"] < 0.2
    assert baselines["NearestNeighbour"]["accuracy"] > 0.95
    assert baselines["Majority"]["loss"] == pytest.approx(np.log(10), abs=0.05)


def test_worst_mistakes_have_their_pictures(digits_run):
    found = digits_run.evaluation
    wrong = found["examples"] - round(found["metrics"]["accuracy"] * found["examples"])
    mistakes = found["worst"]["label"]
    assert len(mistakes) == min(wrong, 24) > 0
    assert [one["loss"] for one in mistakes] == sorted((one["loss"] for one in mistakes), reverse=True)
    for one in mistakes:
        assert (digits_run.path / one["image"]).read_bytes().startswith(b"\x89PNG")
        assert one["truth"] != one["answer"] and one["where"]


def test_the_report_is_one_file_that_names_what_matters(digits_run):
    page = (digits_run.path / "report.html").read_text()
    for word in (digits_run.name, "Majority", "Confusion matrix", "Learning curves", "licence", "data:image/png"):
        assert word in page, word
    assert "<script" not in page and "http-equiv" in page


def test_metrics_json_is_what_evaluate_returned(digits_run):
    assert json.loads((digits_run.path / "metrics.json").read_text()) == json.loads(json.dumps(digits_run.evaluation))


def test_another_split_leaves_the_test_figures_alone(digits_run):
    before = (digits_run.path / "metrics.json").read_text()
    found = dlsuite.evaluate(digits_run, split="validation")
    assert found["split"] == "validation" and found["metrics"]["accuracy"] > 0.3
    assert (digits_run.path / "metrics.json").read_text() == before


def test_two_classes_by_one_logit(cancer_run):
    found = cancer_run.evaluation
    assert found["metrics"]["auc"] > 0.9
    assert len(found["confusion"]["diagnosis"]["counts"]) == 2
    assert found["worst"]["diagnosis"] == [] or "image" not in found["worst"]["diagnosis"][0]


def test_numbers_have_errors_and_a_scatter(number_run):
    found = number_run.evaluation
    assert set(found["metrics"]) >= {"rmse", "mae", "r2"}
    assert found["metrics"]["rmse"] < found["baselines"]["Mean"]["rmse"]
    assert len(found["scatter"]["price"]) == found["examples"]
    assert "Answer (up) by truth" in (number_run.path / "report.html").read_text()


def test_metrics_of_one_name_are_numbered_in_training_and_in_evaluation_alike(tmp_path):
    top = [{"SparseTopKCategoricalAccuracy": {"k": k}} for k in (1, 10)]
    spec = {
        "name": "digits",
        "data": {"source": "Digits", "inputs": {"image": "Image"}, "targets": {"label": "Category"}, "batch_size": 512},
        "model": {"layers": ["Flatten", {"Dense": {"units": 10, "name": "label"}}]},
        "train": {"objective": "Classification", "metrics": top, "optimizer": "SGD", "epochs": 1},
    }
    for _ in range(2):  # Keras would number the metrics of the second run on
        run = dlsuite.train(dlsuite.load(spec), runs=tmp_path)
        name = "sparse_top_k_categorical_accuracy"
        assert run.metrics[name] == pytest.approx(run.metrics["accuracy"])
        assert run.metrics[name] < run.metrics[f"{name}_2"] == 1.0
        assert run.history[0][f"val_{name}_2"] == 1.0
        assert not any(key.startswith(name) and key not in (name, f"{name}_2") for key in run.metrics)
