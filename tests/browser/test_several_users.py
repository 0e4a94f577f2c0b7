"""Two people at one server, in turn and at once: neither sees what the other brings or is answered."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
PATIENCE = 60_000  # ms


@pytest.fixture
def two(browser, witness):
    """Pages of two people, each in a context of its own."""
    contexts = [browser.new_context(viewport={"width": 1280, "height": 900}) for _ in range(2)]
    opened = []
    for context in contexts:
        context.route("**/*", witness.allow)
        opened.append(context.new_page())
        opened[-1].set_default_timeout(PATIENCE)
    yield opened
    for context in contexts:
        context.close()


def test_texts_of_one_are_not_those_of_the_other(two, apps_address, idle) -> None:
    for page in two:
        page.goto(f"{apps_address}/text?length=20")
    boxes = [page.locator(".st-key-text textarea") for page in two]
    prompts = ["abab secret of the first", "cegh secret of the second"]
    for box, prompt in zip(boxes, prompts, strict=True):
        box.fill(prompt)
    for page, box in zip(two, boxes, strict=True):
        box.press("Control+Enter")
        page.wait_for_url("**secret**")
        idle(page)
    for page in two:
        page.locator(".st-key-write button").first.click()
    for page, own, other in zip(two, prompts, reversed(prompts), strict=True):
        expect(page.get_by_test_id("stCode").first).to_contain_text(own)
        idle(page)
        assert other not in page.content() and other not in page.url


def test_files_of_one_are_not_those_of_the_other(two, apps_address, idle) -> None:
    for page in two:
        page.goto(f"{apps_address}/vision?from=Upload")
    files = [page.locator("input[type=file]") for page in two]
    files[0].set_input_files({"name": "first.png", "mimeType": "image/png", "buffer": _png(30)})
    expect(two[0].get_by_alt_text("Your picture")).to_be_visible()
    idle(two[1])
    assert two[1].get_by_alt_text("Your picture").count() == 0
    files[1].set_input_files({"name": "second.png", "mimeType": "image/png", "buffer": _png(220)})
    for page, own, other, shade in zip(two, ("first", "second"), ("second", "first"), (30, 220), strict=True):
        expect(page.get_by_alt_text("Your picture")).to_be_visible()
        idle(page)
        assert f"{own}.png" in page.content() and f"{other}.png" not in page.content()
        assert abs(_shade(page) - shade) < 3
    stranger = two[0].context.browser.new_page()
    stranger.goto(two[0].url)
    idle(stranger)
    assert stranger.get_by_alt_text("Your picture").count() == 0, "an address carries no file"
    stranger.close()


def _png(shade: int) -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.full((60, 80, 3), shade, np.uint8)).save(file, "PNG")
    return file.getvalue()


def _shade(page) -> float:
    """Returns the mean shade of the picture that a page shows as the user's own."""
    address = page.get_by_alt_text("Your picture").get_attribute("src")
    answer = page.request.get(address if "://" in address else f"http://{page.url.split('/')[2]}{address}")
    return float(np.asarray(Image.open(io.BytesIO(answer.body())).convert("L")).mean())
