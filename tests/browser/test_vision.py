"""Vision in a real browser: a sample, a file and a camera are answered and explained."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
PATIENCE = 60_000  # ms: other work may go on beside


def test_from_a_sample_to_its_answer_its_file_and_its_reasons(page, apps_address, idle, witness) -> None:
    page.goto(f"{apps_address}/vision")
    page.wait_for_selector("h1", timeout=60_000)
    idle(page)
    page.locator(".st-key-sample-2 button").click()
    page.wait_for_url("**sample=3**")
    idle(page)
    expect(page.get_by_alt_text("The picture that is asked about")).to_be_visible(timeout=PATIENCE)
    with page.expect_download() as download:
        page.get_by_text("Download the answer").click()
    answer = json.loads(download.value.path().read_text())
    assert answer["class"] == max(answer["scores"], key=answer["scores"].get)
    page.get_by_role("tab", name="Explain").click()
    idle(page)
    expect(page.get_by_alt_text("What each part adds")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("all parts add up")).to_be_visible(timeout=PATIENCE)
    before = _source(page)
    page.locator(".st-key-opacity").get_by_role("slider").press("Home")
    idle(page)
    page.wait_for_function("before => !document.body.innerHTML.includes(before)", arg=before)
    _clean(witness)


def test_a_file_is_answered_and_goes_along_to_be_explained(page, apps_address, idle, witness) -> None:
    page.goto(f"{apps_address}/vision?from=Upload")
    page.locator("input[type=file]").wait_for(state="attached", timeout=60_000)
    idle(page)
    page.locator("input[type=file]").set_input_files({"name": "x.png", "mimeType": "image/png", "buffer": b"<svg>"})
    expect(page.get_by_test_id("stAlert")).to_contain_text("is none of PNG", timeout=PATIENCE)
    page.locator("input[type=file]").set_input_files({"name": "y.png", "mimeType": "image/png", "buffer": _png()})
    expect(page.get_by_alt_text("Your picture")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("What the run sees")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("tab", name="Explain").click()
    expect(page.get_by_text("all parts add up")).to_be_visible(timeout=PATIENCE)
    _clean(witness)


def test_a_camera_is_asked(page, apps_address, idle, witness) -> None:
    page.goto(f"{apps_address}/vision?from=Camera")
    page.locator("video").wait_for(timeout=60_000)
    idle(page)
    page.wait_for_function(
        "document.querySelector('video')?.videoWidth > 0 && document.querySelector('video').readyState > 1"
    )
    page.get_by_text("Take Photo").click()
    expect(page.get_by_alt_text("Your picture")).to_be_visible(timeout=PATIENCE)
    _clean(witness)


def _source(page) -> str:
    return page.locator("img[alt^='Where the layer saw']").get_attribute("src").rpartition("/")[2]


def _png() -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (60, 80, 3), np.uint8)).save(file, "PNG")
    return file.getvalue()


def _clean(witness) -> None:
    assert not witness.outside and not witness.violations and not witness.errors
