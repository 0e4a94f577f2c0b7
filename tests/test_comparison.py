"""Runs side by side."""

import pytest

from dlsuite.comparison import MISSING, TableError, compare, difference, settings, sparkline, table
from dlsuite.report import render_sides

OLD, NEW = "20250101-100000-aaaaaa", "20250102-100000-bbbbbb"


class FakeRun:
    """A run as the comparison reads it."""

    def __init__(self, name, id, **facts):
        self.name, self.id = name, id
        self.status = {"state": "done", "seconds": 9.5}
        self.metrics = facts.get("metrics", {})
        self.history = facts.get("history", [])
        self.resolved = facts.get("resolved", {})
        self.parameters = {"total": 110, "trainable": 100}


LEFT = FakeRun(
    "digits", OLD, metrics={"accuracy": 0.9, "loss": 0.4},
    history=[{"epoch": 1, "loss": 0.9}, {"epoch": 2, "loss": 0.4}],
    resolved={"params": {"width": 16}, "train": {"optimizer": {"Adam": {"learning_rate": 0.1}}}},
)  # fmt: skip
RIGHT = FakeRun(
    "digits", NEW, metrics={"accuracy": 0.95, "loss": 0.2}, history=[{"epoch": 1, "loss": 0.7}],
    resolved={"params": {"width": 32}, "train": {"optimizer": {"SGD": {"learning_rate": 0.1}}}},
)  # fmt: skip


@pytest.fixture(autouse=True)
def runs(monkeypatch):
    monkeypatch.setattr("dlsuite.runs.list_runs", lambda folder: [LEFT, RIGHT] if folder == "runs" else [])


def test_a_component_of_another_name_is_one_difference():
    assert difference(LEFT.resolved, RIGHT.resolved) == [
        ("params.width", 16, 32),
        ("train.optimizer", {"Adam": {"learning_rate": 0.1}}, {"SGD": {"learning_rate": 0.1}}),
    ]


def test_differences_inside_lists_have_their_number():
    left = {"layers": ["ReLU", {"Dense": {"units": 8}}], "size": [1, 2]}
    right = {"layers": ["ReLU", {"Dense": {"units": 9}}, "ReLU"], "size": [1, 3]}
    assert difference(left, right) == [
        ("layers[1].Dense.units", 8, 9),
        ("layers[2]", "(not there)", "ReLU"),
        ("size", [1, 2], [1, 3]),
    ]


def test_equal_specs_do_not_differ():
    assert difference(LEFT.resolved, LEFT.resolved) == []


def test_sparkline_goes_from_lowest_to_highest():
    assert sparkline([0, 1, 2, 3, 4, 5, 6, 7]) == "▁▂▃▄▅▆▇█"
    assert sparkline([5, float("nan"), None, 5]) == "▁▁"
    assert len(sparkline(list(range(1000)), width=20)) == 20
    assert sparkline([]) == ""


def test_table_sorts_the_best_first():
    assert list(table("runs")["id"]) == [NEW, OLD]
    assert list(table("runs", sort="accuracy")["id"]) == [NEW, OLD]
    assert list(table("runs", sort="loss")["id"]) == [NEW, OLD]
    assert list(table("runs", sort="parameters")["id"]) == [OLD, NEW]
    assert list(table("runs")["date"]) == ["2025-01-02 10:00", "2025-01-01 10:00"]
    assert list(table("runs").columns) == [
        "spec", "id", "date", "state", "epochs", "accuracy", "loss", "parameters", "seconds",
    ]  # fmt: skip


def test_table_filters_and_may_be_empty():
    assert list(table("runs", where="DIGITS")["id"]) == [NEW, OLD]
    assert table("runs", where="fashion").empty
    assert table("elsewhere").empty


def test_an_unknown_column_names_the_nearest():
    with pytest.raises(TableError, match="no column `acuracy`. Did you mean `accuracy`"):
        table("runs", sort="acuracy")


def test_two_runs_compared_by_spec_metrics_and_curves():
    found = compare(LEFT, RIGHT)
    assert found["metrics"] == {"accuracy": [0.9, 0.95], "loss": [0.4, 0.2]}
    assert found["curves"] == {"loss": [[0.9, 0.4], [0.7]]}
    page = render_sides(found)
    assert "params.width" in page and "<svg" in page and "<script" not in page


def test_metrics_that_no_run_shown_has_are_left_out(monkeypatch):
    other = FakeRun("prices", NEW, metrics={"rmse": 3.0})
    monkeypatch.setattr("dlsuite.runs.list_runs", lambda folder: [LEFT, other])
    assert "rmse" in table("runs").columns and "accuracy" in table("runs").columns
    assert "rmse" not in table("runs", where="digits").columns


def test_settings_of_several_specs_stand_side_by_side():
    adam = {"optimizer": {"Adam": {"learning_rate": 0.1}}, "width": 8}
    slow = {"optimizer": {"Adam": {"learning_rate": 0.01}}, "width": 8}
    plain = {"optimizer": "SGD", "width": 16, "name": "plain"}
    assert settings([adam, slow, plain]) == {
        "optimizer": [{"Adam": {"learning_rate": 0.1}}, {"Adam": {"learning_rate": 0.01}}, "SGD"],
        "width": [8, 8, 16],
        "name": [MISSING, MISSING, "plain"],
    }
    assert settings([adam, slow]) == {"optimizer.Adam.learning_rate": [0.1, 0.01]}
    assert settings([adam, adam]) == {} == settings([adam])
