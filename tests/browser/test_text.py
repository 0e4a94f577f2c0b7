"""Text in a real browser: it is written while one looks on, can be stopped, and stays."""

from __future__ import annotations

import json
import urllib.parse

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
PATIENCE = 60_000  # ms: other work may go on beside
HOSTILE = 'def <script>alert(1)</script> $x$ [a](javascript:alert(1)) :red[c] {"text": 1}'


def test_what_was_written_stays_when_it_is_stopped(page, apps_address, idle, witness) -> None:
    page.goto(f"{apps_address}/text?length=2000&temperature=1&text=" + urllib.parse.quote(HOSTILE))
    page.wait_for_selector("h1", timeout=60_000)
    idle(page)
    page.locator(".st-key-write button").first.click()
    text = page.get_by_test_id("stCode").first
    expect(text).to_contain_text(HOSTILE, timeout=PATIENCE)
    _wait_for_more(page, text, len(HOSTILE) + 20)
    page.locator(".st-key-stop button").first.click()
    expect(page.get_by_text("Download the text").first).to_be_visible(timeout=PATIENCE)
    idle(page)
    stopped = text.inner_text()
    assert len(HOSTILE) + 20 <= len(stopped) < len(HOSTILE) + 2000
    page.wait_for_timeout(700)
    assert text.inner_text() == stopped
    with page.expect_download() as download:
        page.get_by_text("Download the answer").first.click()
    answer = json.loads(download.value.path().read_text())
    assert answer["prompt"] == HOSTILE and answer["seed"] == 0 and answer["decoder"]["Sample"]["length"] == 2000
    assert not witness.outside and not witness.violations and not witness.errors


def test_the_next_token_is_explained(page, apps_address, idle, witness) -> None:
    page.goto(f"{apps_address}/text?tab=Explain&text=def%20")
    page.wait_for_selector("h1", timeout=60_000)
    idle(page)
    expect(page.get_by_text("all tokens add up to")).to_be_visible(timeout=PATIENCE)
    assert not witness.outside and not witness.violations and not witness.errors


def _wait_for_more(page, text, letters: int) -> None:
    for _ in range(PATIENCE // 200):
        if len(text.inner_text()) > letters:
            return
        page.wait_for_timeout(200)
    pytest.fail("nothing was written")
