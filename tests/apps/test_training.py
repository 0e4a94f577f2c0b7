"""Training from a page: what is on offer, what the address may name, how a training stands and how it ended."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dlsuite.locking import hold
from dlsuite.tickets import QUEUE, STOP, TICKET

FIRST, SECOND = "20250101-100000-000001-aaaaaa", "20250101-100000-000002-bbbbbb"


@pytest.fixture
def shelf(visit, tmp_path, monkeypatch) -> Path:
    """A folder without runs."""
    monkeypatch.setenv("DLSUITE_RUNS", str(tmp_path))
    return tmp_path


def write_job(shelf: Path, id: str, state: str, **told: str) -> Path:
    """Returns the folder of a job that stands so."""
    folder = shelf / QUEUE / id
    folder.mkdir(parents=True)
    (folder / TICKET).write_text(json.dumps({"name": "a_job", "state": state, "created": "", "settings": [], **told}))
    return folder


def told(app) -> str:
    return "\n".join(one.value for kind in (app.markdown, app.warning, app.success, app.error) for one in kind)


@pytest.mark.parametrize("job", ["", "../../etc", FIRST, "<b>"])
def test_what_can_be_trained_is_on_offer_whatever_the_address_names(visit, shelf, job, monkeypatch) -> None:
    asked = []
    monkeypatch.setattr("dlsuite.jobs.submit", lambda runs, spec: asked.append((runs, spec.name)) or SubmittedJob)
    app = visit("vision", job=job)
    assert not app.exception and "Nothing of this domain is trained yet" in told(app)
    app.button(key="train-vision/digits_cnn").click().run()
    assert asked == [(shelf, "digits_cnn.json")] and app.query_params["job"] in (FIRST, [FIRST])


class SubmittedJob:
    id = FIRST


def test_a_training_that_waits_tells_its_place_and_is_cancelled(visit, shelf) -> None:
    first, second = write_job(shelf, FIRST, "waiting"), write_job(shelf, SECOND, "waiting")
    with hold(first), hold(second):
        app = visit("vision", job=SECOND)
        assert not app.exception and "**Training a\\_job**" in told(app)
        assert [one for one in app.button if one.key.startswith("train-")] == [], "one at a time is followed"
        app.button(key="cancel").click().run()
    assert (second / STOP).exists() and not (first / STOP).exists()


def test_how_it_ended_is_told_letter_by_letter_and_there_is_nothing_to_go_on_with(visit, shelf) -> None:
    write_job(shelf, FIRST, "failed", error="No <b>data</b> $x$.")
    app = visit("vision", job=FIRST)
    assert "failed: No \\<b\\>data\\</b\\> \\$x\\$" in app.warning[0].value
    assert "resume" not in [one.key for one in app.button] and "train-vision/digits_cnn" in [
        one.key for one in app.button
    ]
