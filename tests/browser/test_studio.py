"""Spec Studio in a real browser: what is typed is checked, a fault leads to its line, what is saved is open."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
PATIENCE = 60_000  # ms


@pytest.fixture(scope="module")
def studio_address(serve_apps, tmp_path_factory) -> str:
    """The address of apps without any run."""
    return serve_apps(tmp_path_factory.mktemp("runs"))


def test_from_a_fault_to_its_line_to_a_saved_spec(page, studio_address, idle, witness) -> None:
    page.goto(f"{studio_address}/studio?template=vision/digits_cnn")
    page.locator(".st-key-spec-text .ace_content").wait_for(timeout=PATIENCE)
    expect(page.get_by_text("No faults: 16 layer calls")).to_be_visible(timeout=PATIENCE)
    page.locator(".st-key-spec-text .ace_scroller").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Control+Home")
    for _ in range(2):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Home")
    page.keyboard.insert_text('"modl": 1, ')
    expect(page.get_by_text("1 fault", exact=False).first).to_be_visible(timeout=PATIENCE)
    idle(page)
    page.locator(".st-key-go-0 button").first.click()
    page.locator(".st-key-spec-text .ace_focus").first.wait_for(timeout=PATIENCE)
    for _ in range(len('"modl": 1, ')):
        page.keyboard.press("Delete")
    expect(page.get_by_text("No faults")).to_be_visible(timeout=PATIENCE)
    idle(page)
    page.locator(".st-key-save button").first.click()
    page.wait_for_url("**template=my*digits_cnn*", timeout=PATIENCE)
    page.get_by_role("tab", name="Graph").click()
    expect(page.locator("[data-testid=stGraphVizChart] svg")).to_be_visible(timeout=PATIENCE)
    assert "tab=Graph" in page.url
    assert (witness.outside, witness.violations, witness.errors) == ([], [], [])
