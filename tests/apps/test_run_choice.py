"""Which run a page is about: the address says, damaged ones stand beside the others, and computed data is called so."""

from __future__ import annotations

import json
import shutil

import pytest

from apps.widgets.runs import COMPUTED, day
from dlsuite.runs import Run


@pytest.fixture
def two(digits_run, tmp_path, monkeypatch, visit) -> tuple[Run, Run]:
    """The pages show two runs alike, the newer one first."""
    found = []
    for stamp in ("20260101-120000-aaaaaa", "20260102-120000-bbbbbb"):
        shutil.copytree(digits_run.path, tmp_path / digits_run.name / stamp)
        found.append(Run(tmp_path / digits_run.name / stamp))
    monkeypatch.setenv("DLSUITE_RUNS", str(tmp_path))
    return found[1], found[0]


def name(run: Run) -> str:
    return f"{run.name}/{run.id}"


@pytest.mark.parametrize("text", ['{"metrics": {"acc', "[]", "{}", '{"metrics": 3}'])
def test_a_damaged_run_leaves_the_others_to_be_used(visit, two, text) -> None:
    newer, older = two
    (newer.path / "metrics.json").write_text(text)
    for app in (visit("vision"), visit("vision", older)):
        assert not app.exception and not app.error
        assert app.selectbox(key="run").value == name(older)
        assert any("damaged" in option for option in app.selectbox(key="run").options)
    home = visit("start")
    assert not home.error and any(day(older) in one.value.replace("\\", "") for one in home.markdown)


def test_a_run_whose_record_is_damaged_leaves_the_others_to_be_used(visit, two) -> None:
    newer, older = two
    (newer.path / "environment.json").write_text("[")
    app = visit("vision")
    assert not app.exception and not app.error
    assert app.selectbox(key="run").value == name(older)


def test_runs_of_one_minute_are_told_apart(visit, two) -> None:
    newer, older = two
    twin = newer.path.with_name("20260102-120030-cccccc")
    shutil.copytree(newer.path, twin)
    app = visit("vision")
    assert len(set(app.selectbox(key="run").options)) == 3
    for run in (newer, older, Run(twin)):
        app.selectbox(key="run").set_value(name(run)).run()
        assert app.query_params["run"] == name(run) and not app.error


def test_the_address_names_the_run_from_the_first_visit_on(visit, two) -> None:
    newer, older = two
    assert visit("vision").query_params["run"] == name(newer)
    assert visit("vision", older).query_params["run"] == name(older)


@pytest.mark.parametrize("wanted", ["../../etc", "digits/20250101-120000-cccccc", "<b>", "\0"])
def test_a_run_that_is_not_there_is_told(visit, two, wanted) -> None:
    app = visit("vision", run=wanted)
    assert not app.exception and len(app.warning) == 1
    said = app.warning[0].value.replace("\\", "")
    assert "none that is measured is called that" in said and two[0].id in said
    assert app.query_params["run"] == name(two[0])


def test_computed_data_is_called_so_on_the_page_and_on_the_card_of_home(visit, two) -> None:
    def badges(app) -> list[str]:
        return [one.value for one in app.markdown if COMPUTED in one.value]

    assert not badges(visit("vision")) and not badges(visit("start"))
    path = two[0].path / "environment.json"
    environment = json.loads(path.read_text())
    environment["data"]["note"] = "synthetic digits, drawn by a formula"
    path.write_text(json.dumps(environment))
    assert badges(visit("vision")) and badges(visit("start"))
