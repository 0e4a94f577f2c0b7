"""Training from a page in a real browser: begun, watched, found again after a reload, cancelled, gone on with."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import expect

from dlsuite.jobs import list_jobs, submit
from dlsuite.runs import list_runs
from tests.tiny_specs import DIGITS

pytestmark = pytest.mark.browser
PATIENCE = 90_000  # ms: libraries are loaded by each training, and other work goes on beside

EPOCH = re.compile(r"epoch \d+ of \d+ · loss")


def test_a_demo_is_trained_watched_cancelled_and_gone_on_with(page, bare_address, shelf, witness) -> None:
    page.goto(f"{bare_address}/vision")
    expect(page.get_by_text("Nothing of this domain is trained yet")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name=re.compile("Train now, about")).first.click()
    page.wait_for_url("**job=**", timeout=PATIENCE)
    (job,) = list_jobs(shelf)
    assert job.id in page.url
    expect(_progress(page)).to_contain_text(EPOCH, timeout=PATIENCE)
    page.reload()
    expect(_progress(page)).to_contain_text(EPOCH, timeout=PATIENCE)
    assert job.id in page.url and job.state == "running"
    _cancel(page)
    (run,) = list_runs(shelf)
    learned = len(run.history)
    assert job.state == "cancelled" and run.status["state"] == "interrupted"

    page.get_by_role("button", name="Go on with it").click()
    page.wait_for_url(lambda address: job.id not in address, timeout=PATIENCE)
    expect(_progress(page)).to_contain_text(EPOCH, timeout=PATIENCE)
    _cancel(page)
    assert [one.path for one in list_runs(shelf)] == [run.path] and len(run.history) >= learned
    assert not witness.outside and not witness.violations and not witness.errors


def test_a_training_that_ends_gives_its_run_with_samples(page, bare_address, shelf, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    spec = tmp_path / "spec.json"
    spec.write_text(json.dumps(DIGITS))
    job = submit(shelf, spec)
    page.goto(f"{bare_address}/vision?job={job.id}")
    expect(page.get_by_text("is trained and measured.")).to_be_visible(timeout=2 * PATIENCE)
    assert job.state == "done"
    expect(page.locator(".st-key-run input")).to_have_value(re.compile("^tiny_digits"))
    expect(page.get_by_alt_text("The picture that is asked about")).to_be_visible(timeout=PATIENCE)
    expect(page.locator(".st-key-sample-0 button")).to_be_visible()


def _cancel(page) -> None:
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("was cancelled; what it had learned is kept.")).to_be_visible(timeout=PATIENCE)


def _progress(page):
    return page.locator(".st-key-progress").get_by_test_id("stProgress")
