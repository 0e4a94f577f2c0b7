"""What is chosen stands in the address: a reload, or a link that is sent, shows the same."""

from __future__ import annotations

import re
import urllib.parse

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
PATIENCE = 60_000  # ms


def test_a_class_an_opacity_and_a_walk_are_sent_with_a_link(page, browser, apps_address, idle) -> None:
    page.goto(f"{apps_address}/vision?tab=Explain")
    _choose(page, "class", "7", idle)
    page.locator(".st-key-opacity").get_by_role("slider").press("Home")
    page.wait_for_url("**opacity=0*", timeout=PATIENCE)
    sent = browser.new_page()
    sent.goto(page.url)
    idle(sent, PATIENCE)
    expect(sent.locator("img[alt^='Where the layer saw 7']")).to_be_visible(timeout=PATIENCE)
    expect(sent.locator(".st-key-opacity").get_by_role("slider")).to_have_value("0")
    sent.goto(f"{apps_address}/generation?tab=Explain")
    seed = sent.locator(".st-key-to_seed input")
    seed.fill("77")
    seed.press("Enter")
    sent.wait_for_url("**to_seed=77**", timeout=PATIENCE)
    sent.reload()
    expect(sent.get_by_alt_text("8 pictures on the way from seed 1 to seed 77")).to_be_visible(timeout=PATIENCE)
    sent.close()


def test_colours_and_the_mirror_stay_over_a_reload(page, apps_address, idle) -> None:
    page.goto(f"{apps_address}/protein")
    page.locator(".st-key-mirror label").first.click(timeout=PATIENCE)
    page.wait_for_url("**mirror=true**", timeout=PATIENCE)
    page.locator(".st-key-colours").get_by_text("For colour-blind eyes").click()
    page.wait_for_url("**colours=**", timeout=PATIENCE)
    page.reload()
    expect(page.get_by_text("lDDT stays at")).to_be_visible(timeout=PATIENCE)
    expect(page.locator(".dlsuite-stage")).to_have_attribute("aria-label", re.compile("Mirrored"), timeout=PATIENCE)
    chosen = page.locator(".st-key-colours").get_by_role("radio", name="For colour-blind eyes")
    expect(chosen).to_be_checked(timeout=PATIENCE)


def _choose(page, key: str, option: str, idle) -> None:
    idle(page, PATIENCE)
    page.locator(f".st-key-{key} input").click(timeout=PATIENCE)
    page.get_by_role("option", name=option, exact=True).click()
    page.wait_for_url(f"**{key}={urllib.parse.quote_plus(option)}**", timeout=PATIENCE)
    idle(page, PATIENCE)
