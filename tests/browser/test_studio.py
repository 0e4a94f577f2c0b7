"""Spec Studio in a real browser, from a fault to a trained run; what is typed outlives a reload."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import expect

from dlsuite.jobs import list_jobs
from dlsuite.runs import list_runs

pytestmark = pytest.mark.browser
PATIENCE = 60_000  # ms
WRONG = '"modl": 1, '
TINY = {
    "name": "tiny_digits",
    "data": {
        "source": "Digits",
        "inputs": {"image": {"Image": {"size": [8, 8], "channels": 1}}},
        "targets": {"label": "Category"},
    },
    "model": {"layers": ["Flatten", {"Dense": {"units": "=label.classes", "name": "label"}}]},
    "train": {"objective": "Classification", "optimizer": "Adam", "epochs": 1},
}
DRAFTS = "Object.keys(sessionStorage).filter((key) => key.startsWith('dlsuite-draft:'))"


def test_from_a_fault_to_a_trained_run(page, bare_address, shelf, idle, witness) -> None:
    _open(page, bare_address)
    _write(page, json.dumps(TINY, indent=1).replace('"name"', f'{WRONG}"name"', 1))
    expect(page.get_by_text("1 fault · unsaved draft")).to_be_visible(timeout=PATIENCE)
    idle(page)
    page.reload()
    expect(page.get_by_text("1 fault · unsaved draft")).to_be_visible(timeout=PATIENCE)
    idle(page)
    page.locator(".st-key-go-0 button").first.click()
    page.locator(".st-key-spec-text .ace_focus").first.wait_for(timeout=PATIENCE)
    for _ in WRONG:
        page.keyboard.press("Delete")
    expect(page.get_by_text("No faults: 2 layer calls")).to_be_visible(timeout=PATIENCE)
    idle(page)

    page.locator(".st-key-save button").first.click()
    page.wait_for_url("**template=my*tiny_digits*", timeout=PATIENCE)
    expect(page.get_by_text("unsaved draft")).to_have_count(0, timeout=PATIENCE)
    idle(page)
    assert page.evaluate(DRAFTS) == []
    page.get_by_role("tab", name="Graph").click()
    expect(page.locator("[data-testid=stGraphVizChart] svg")).to_be_visible(timeout=PATIENCE)
    assert "tab=Graph" in page.url

    page.locator(".st-key-train button").first.click()
    page.wait_for_url("**job=**", timeout=PATIENCE)
    expect(page.locator(".st-key-progress")).to_contain_text("Training tiny_digits", timeout=PATIENCE)
    expect(page.get_by_text("tiny_digits is trained and measured.")).to_be_visible(timeout=3 * PATIENCE)
    (run,), (job,) = list_runs(shelf), list_jobs(shelf)
    assert (run.name, run.status["state"], job.state) == ("tiny_digits", "done", "done")
    assert json.loads((run.path / "source.json").read_text()) == TINY and run.metrics["accuracy"] > 0
    assert (witness.outside, witness.violations, witness.errors) == ([], [], [])


def test_a_draft_is_of_its_tab_and_can_be_dropped(page, bare_address, idle, witness) -> None:
    _open(page, bare_address)
    _write(page, "{")
    expect(page.get_by_text(re.compile("fault.* · unsaved draft"))).to_be_visible(timeout=PATIENCE)
    other = page.context.new_page()
    _open(other, bare_address)
    expect(other.get_by_text("unsaved draft")).to_have_count(0)
    other.close()
    page.locator(".st-key-drop button").first.click()
    expect(page.get_by_text("No faults: 16 layer calls")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("unsaved draft")).to_have_count(0)
    assert page.evaluate(DRAFTS) == []
    assert (witness.outside, witness.violations, witness.errors) == ([], [], [])


def _open(page, address: str) -> None:
    page.goto(f"{address}/studio?template=vision/digits_cnn")
    page.locator(".st-key-spec-text .ace_content").wait_for(timeout=PATIENCE)
    expect(page.get_by_text("No faults: 16 layer calls")).to_be_visible(timeout=PATIENCE)


def _write(page, text: str) -> None:
    """Have a text typed over what is in the editor."""
    page.locator(".st-key-spec-text .ace_scroller").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text)
