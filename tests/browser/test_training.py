"""Training from a page in a real browser: begun, watched, found again after a reload, cancelled, gone on with."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from dlsuite.jobs import list_jobs
from dlsuite.runs import list_runs

pytestmark = pytest.mark.browser
PATIENCE = 90_000  # ms: libraries are loaded by each training, and other work goes on beside


@pytest.fixture(scope="module")
def shelf(tmp_path_factory):
    """A folder without any run."""
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def bare_address(serve_apps, shelf) -> str:
    """The address of apps on it."""
    return serve_apps(shelf)


def test_a_demo_is_trained_watched_cancelled_and_gone_on_with(page, bare_address, shelf, idle, witness) -> None:
    page.goto(f"{bare_address}/vision")
    expect(page.get_by_text("Nothing of this domain is trained yet")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name=re.compile("Train now, about")).first.click()
    page.wait_for_url("**job=**", timeout=PATIENCE)
    (job,) = list_jobs(shelf)
    assert job.id in page.url
    expect(_progress(page)).to_contain_text(re.compile(r"epoch \d+ of \d+ · loss"), timeout=PATIENCE)
    page.reload()
    expect(_progress(page)).to_contain_text(re.compile(r"epoch \d+ of \d+ · loss"), timeout=PATIENCE)
    assert job.id in page.url and job.state == "running"

    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("was cancelled; what it had learned is kept.")).to_be_visible(timeout=PATIENCE)
    (run,) = list_runs(shelf)
    learned = len(run.history)
    assert job.state == "cancelled" and run.status["state"] == "interrupted"
    idle(page)

    page.get_by_role("button", name="Go on with it").click()
    page.wait_for_url(lambda address: job.id not in address, timeout=PATIENCE)
    expect(page.get_by_text("is trained and measured.")).to_be_visible(timeout=2 * PATIENCE)
    assert len(run.history) > learned and run.status["state"] == "done" and list_jobs(shelf)[0].state == "done"
    expect(page.get_by_alt_text("The picture that is asked about")).to_be_visible(timeout=PATIENCE)
    expect(page.locator(".st-key-sample-0 button")).to_be_visible()
    assert not witness.outside and not witness.violations and not witness.errors


def _progress(page):
    return page.locator(".st-key-progress").get_by_test_id("stProgress")
