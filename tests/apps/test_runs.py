"""Runs: the table and its filters, one run with what can be done with it, several side by side, the queue."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from dlsuite.locking import hold, share
from dlsuite.tickets import QUEUE, STOP, TICKET

CANCER = {
    "name": "tiny_cancer",
    "about": "Rows of measurements.",
    "data": {"source": "BreastCancer", "inputs": {"measurements": "Number"}, "targets": {"diagnosis": "Category"}},
    "model": {"layers": [{"Dense": {"units": "=diagnosis.classes", "name": "diagnosis"}}]},
    "train": {"objective": "Classification", "optimizer": {"Adam": {"learning_rate": 0.01}}, "epochs": 2},
}
OTHER = "20250101-100000-bbbbbb"


@pytest.fixture(scope="module")
def cancer_run(train):
    return train(CANCER)


@pytest.fixture
def shelf(cancer_run, tmp_path, monkeypatch, visit) -> Path:
    """A folder with two runs, the second wider and older."""
    folder = tmp_path / "runs"
    for id in (cancer_run.id, OTHER):
        shutil.copytree(cancer_run.path, folder / "tiny_cancer" / id)
    spec = folder / "tiny_cancer" / OTHER / "spec.json"
    changed = json.loads(spec.read_text())
    changed["train"]["optimizer"]["Adam"]["learning_rate"] = 0.02
    spec.write_text(json.dumps(changed))
    monkeypatch.setenv("DLSUITE_RUNS", str(folder))
    return folder


def set_state(folder: Path, **status) -> None:
    path = folder / "tiny_cancer" / OTHER / "status.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **status}))


def told(app) -> str:
    return "\n".join(one.value for kind in (app.markdown, app.error, app.warning, app.caption) for one in kind)


def test_the_table_is_filtered_by_text_and_by_what_the_address_says(visit, shelf, cancer_run) -> None:
    set_state(shelf, state="failed", error="x")
    app = visit("runs")
    assert not app.exception and not app.error
    table = app.dataframe[0].value
    assert [*table["id"]] == [cancer_run.id, OTHER] and {*table["domain"]} == {"tabular"}
    assert [*table["state"]] == ["✅ done", "❌ failed"]
    app.text_input(key="find").set_value("BBBBBB tiny").run()
    assert [*app.dataframe[0].value["id"]] == [OTHER]
    app.text_input(key="find").set_value("(.*").run()
    assert "No run is like that." in told(app)
    app = visit("runs", **{"of-state": "done"})
    assert [*app.dataframe[0].value["id"]] == [cancer_run.id]


def test_an_empty_folder_says_what_to_do(visit, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("DLSUITE_RUNS", str(tmp_path / "nothing"))
    assert "There are no runs yet" in told(visit("runs"))


def test_names_from_the_address_are_looked_up_alone(visit, shelf) -> None:
    app = visit("runs", runs="../../etc,<b>")
    assert not app.exception and "Choose a row" in told(app) and "runs" not in app.query_params


def test_a_failed_run_tells_its_cause_letter_by_letter_and_is_resumed(visit, shelf, monkeypatch) -> None:
    set_state(shelf, state="failed", error="The loss <b>is</b> $nan$.")
    asked = []
    monkeypatch.setattr("dlsuite.jobs.submit", lambda *_, **how: asked.append(how["resume"].name))
    app = visit("runs", runs=OTHER)
    assert "The loss \\<b\\>is\\</b\\> \\$nan\\$" in app.warning[0].value
    app.button(key="resume-run").click().run()
    assert asked == [OTHER]


def test_a_finished_run_is_not_resumed_and_is_deleted_once_that_is_confirmed(visit, shelf) -> None:
    app = visit("runs", runs=OTHER)
    assert "resume-run" not in [one.key for one in app.button]
    assert (shelf / "tiny_cancer" / OTHER).is_dir()
    app.button(key="delete-run").click().run()
    assert not (shelf / "tiny_cancer" / OTHER).exists() and len(app.dataframe[0].value) == 1
    assert not app.exception


def test_a_run_that_is_being_measured_is_not_deleted(visit, shelf) -> None:
    app = visit("runs", runs=OTHER)
    with share(shelf / "tiny_cancer" / OTHER):
        app.button(key="delete-run").click().run()
    assert "is being measured by another process" in told(app) and not app.exception
    assert (shelf / "tiny_cancer" / OTHER / "spec.json").is_file() and len(app.dataframe[0].value) == 2


def test_a_damaged_run_is_shown_with_its_reason(visit, shelf) -> None:
    (shelf / "tiny_cancer" / OTHER / "status.json").write_text('{"state": ')
    app = visit("runs", runs=OTHER)
    assert not app.exception and "is damaged" in app.error[0].value
    assert "status.json" in app.dataframe[0].value["damage"].iloc[1]
    assert [tab.label for tab in app.tabs] == ["State"]


def test_several_runs_are_compared(visit, shelf, cancer_run) -> None:
    address = {"runs": f"{cancer_run.id},{OTHER}"}
    app = visit("runs", **address)
    assert app.selectbox(key="metric").options[0] == "loss"
    app = visit("runs", **address, **{"of-runs": "Specs"})
    rows = app.dataframe[1].value
    assert [*rows["where"]] == ["train.optimizer.Adam.learning_rate"]
    assert [*rows.iloc[0, 1:]] == ["0.01", "0.02"]
    app = visit("runs", **address, **{"of-runs": "Parallel coordinates"})
    assert not app.error and app.multiselect(key="axes").value == ["train.optimizer.Adam.learning_rate"]


def test_curves_that_are_never_above_0_have_no_logarithmic_axis(visit, shelf) -> None:
    (shelf / "tiny_cancer" / OTHER / "history.csv").write_text("epoch,loss,val_loss\n1,-1.0,-0.5\n2,-2.0,-1.5\n")
    for log in ("true", "false"):
        app = visit("runs", runs=OTHER, log=log, **{"of-run": "Curves"})
        assert not app.exception and not app.error
        assert ("Nothing of it is above 0" in told(app)) == (log == "true")


def test_a_row_is_answered_as_the_run_answers_it(visit, cancer_run) -> None:
    app = visit("runs", runs=cancer_run.id, **{"of-run": "Predict", "row": "3"})
    assert not app.error and not app.exception
    sample = cancer_run.data().examples("test")[2]
    said = cancer_run.predict({"measurements": sample["measurements"]})[0]["output"]["class"]
    assert any(said in one.value and "confidence" in one.value for one in app.markdown)
    assert len(app.number_input) == 30 and app.number_input[0].label == "mean radius"
    assert any("Why" in one.value for one in app.markdown)
    app.number_input[0].set_value(1e6).run()
    assert not app.error and not app.exception


def test_axes_are_those_of_the_address_as_far_as_runs_differ_there(visit, shelf, cancer_run) -> None:
    set_state(shelf, seconds=7e3)
    address = {"runs": f"{cancer_run.id},{OTHER}", "of-runs": "Parallel coordinates"}
    app = visit("runs", **address, axes="seconds")
    assert not app.error and app.multiselect(key="axes").value == ["seconds"]
    set_state(shelf, seconds=cancer_run.status["seconds"])
    app.run()
    assert not app.error and not app.exception
    assert app.multiselect(key="axes").options == ["train.optimizer.Adam.learning_rate"]
    app = visit("runs", **address, axes="<b>")
    assert not app.error and app.multiselect(key="axes").value == ["train.optimizer.Adam.learning_rate"]


def test_numbers_of_a_row_are_those_of_the_address(visit, cancer_run) -> None:
    address = {"runs": cancer_run.id, "of-run": "Predict", "row": "3"}
    app = visit("runs", **address, **{"blank-2-0": "17.5"})
    assert not app.error and app.number_input[0].value == 17.5
    for strange in ("nan", "inf", "1e999", "<b>"):
        app = visit("runs", **address, **{"blank-2-0": strange})
        assert not app.exception and "bug" not in told(app)


def test_what_waits_is_listed_with_its_place_and_cancelled(visit, shelf) -> None:
    ids = ("20250101-100000-000001-aaaaaa", "20250101-100000-000002-bbbbbb", "20250101-100000-000003-cccccc")
    for id, state in zip(ids, ("waiting", "waiting", "failed"), strict=True):
        folder = shelf / QUEUE / id
        folder.mkdir(parents=True)
        ticket = {
            "name": f"job_{id[-6:]}",
            "state": state,
            "created": "now",
            "settings": [],
            "error": "No <i>data</i>.",
        }
        (folder / TICKET).write_text(json.dumps(ticket))
    with hold(shelf / QUEUE / ids[0]), hold(shelf / QUEUE / ids[1]):
        app = visit("runs")
        assert "**job\\_aaaaaa** is next" in told(app) and "**job\\_bbbbbb** waits, 1 before it" in told(app)
        assert "never became a run: No \\<i\\>data\\</i\\>" in app.warning[0].value
        app.button(key=f"cancel-{ids[1]}").click().run()
        assert (shelf / QUEUE / ids[1] / STOP).exists() and not (shelf / QUEUE / ids[0] / STOP).exists()
        app.button(key=f"remove-{ids[2]}").click().run()
        assert not (shelf / QUEUE / ids[2]).exists()
