"""Generation in a real browser: from a seed to a picture, to its file, and back."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
PATIENCE = 60_000  # ms: other work may go on beside


def test_from_a_seed_to_a_file_and_to_the_same_picture_again(page, apps_address, idle, witness) -> None:
    page.goto(f"{apps_address}/generation?pictures=2&seed=41")
    page.wait_for_selector("h1", timeout=60_000)
    idle(page)
    expect(page.get_by_alt_text("Picture 1 · seed 41")).to_be_visible(timeout=PATIENCE)
    page.locator(".st-key-dice button").first.click()
    expect(page.get_by_alt_text("Picture 1 · seed 41")).to_have_count(0, timeout=PATIENCE)
    idle(page)
    assert "seed=41" not in page.url and "seed=" in page.url
    page.locator(".st-key-picture").get_by_text("2", exact=True).click()
    idle(page)
    with page.expect_download() as download:
        page.get_by_text("Download picture 2").first.click()
    data = download.value.path().read_bytes()
    assert data.startswith(b"\x89PNG") and b"dlsuite" in data
    page.get_by_text("Make a picture again from its PNG").click()
    idle(page)
    files = page.get_by_test_id("stFileUploader").locator("input[type=file]")
    files.set_input_files({"name": "one.png", "mimeType": "image/png", "buffer": data})
    expect(page.get_by_text("The same, pixel by pixel.")).to_be_visible(timeout=PATIENCE)
    assert not witness.outside and not witness.violations and not witness.errors


def test_the_way_between_two_seeds_and_the_nearest_training_picture(page, apps_address, idle, witness) -> None:
    page.goto(f"{apps_address}/generation?tab=Explain&from_seed=3&to_seed=8")
    page.wait_for_selector("h1", timeout=60_000)
    idle(page)
    expect(page.get_by_alt_text("8 pictures on the way from seed 3 to seed 8")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_alt_text("The training picture that is nearest to it")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("of real test pictures").first).to_be_visible(timeout=PATIENCE)
    assert not witness.outside and not witness.violations and not witness.errors
