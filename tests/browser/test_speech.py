"""Speech in a real browser: a sample is heard, words can be jumped to, a microphone is asked."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
PATIENCE = 60_000  # ms: other work may go on beside

PLAYER = """
import numpy as np
import streamlit as st

from apps.components.sound_player import player
from apps.widgets.sounds import _png
from dlsuite.hearing import outline, spectrogram
from dlsuite.objectives.media import Media

samples = (8000 * np.sin(np.arange(16000) / 5)).astype(np.int16)
words = [
    {"word": "<b>one</b>", "start": 0.25, "end": 0.5, "confidence": 0.9},
    {"word": "two", "start": 1.5, "end": 1.75, "confidence": 0.4},
    {"word": "lost"},
]
st.button("Again")
player(
    Media.sound(samples, 8000).data, key="player", seconds=2.0, outline=outline(samples).tolist(),
    spectrogram=_png(spectrogram(samples, 8000)), label="Two words", words=words,
)
"""


@pytest.fixture(scope="module")
def player_address(serve, tmp_path_factory) -> str:
    """The address of a page with nothing but a player."""
    script = tmp_path_factory.mktemp("player") / "player.py"
    script.write_text(PLAYER)
    return serve(script)


@pytest.fixture
def playing(page, player_address, idle, witness):
    """That page."""
    page.goto(player_address)
    idle(page)
    page.locator(".dlsuite-player button").first.wait_for()
    yield page
    assert not witness.outside and not witness.violations and not witness.errors


def test_a_click_on_a_word_or_on_the_picture_plays_from_there(playing) -> None:
    playing.wait_for_function("document.querySelector('.dlsuite-player audio').readyState >= 2")
    for name, begins in (("two", 1.5), ("<b>one</b>", 0.25)):
        playing.get_by_role("button", name=name).click()
        assert begins <= _time(playing) < begins + 0.7
    expect(playing.get_by_role("button", name="<b>one</b>")).to_have_class("now")
    _pause(playing)
    stage = playing.locator(".dlsuite-player .stage")
    box = stage.bounding_box()
    stage.click(position={"x": 0.75 * box["width"], "y": 20})
    assert 1.4 < _time(playing) < 2
    _pause(playing)
    before = _time(playing)
    playing.get_by_role("button", name="Again").click()
    playing.wait_for_timeout(500)
    assert _time(playing) == before, "a rerun leaves the player alone"


def test_what_is_drawn_has_words_for_it(playing) -> None:
    assert playing.locator(".dlsuite-player img").get_attribute("alt") == "Spectrogram: Two words"
    assert playing.locator(".dlsuite-player audio").get_attribute("aria-label") == "Two words"
    assert playing.locator(".dlsuite-player .words > *").count() == 3
    assert playing.locator(".dlsuite-player .words button").count() == 2, "a word without a time is text"
    assert playing.locator(".dlsuite-player .words b").count() == 0, "words are text, never HTML"


def test_from_a_sample_to_its_answer_and_its_file(page, apps_address, idle, witness) -> None:
    page.goto(f"{apps_address}/speech")
    page.wait_for_selector("h1", timeout=60_000)
    idle(page)
    page.locator(".dlsuite-player audio").wait_for()
    page.locator(".st-key-sample-1 button").click()
    page.wait_for_url("**sample=2**")
    idle(page)
    with page.expect_download() as download:
        page.get_by_text("Download the answer").click()
    answer = json.loads(download.value.path().read_text())
    assert answer.keys() & {"class", "text"}
    page.get_by_text("Microphone", exact=True).click()
    idle(page)
    record = page.get_by_test_id("stAudioInput").get_by_role("button").first
    record.click()
    page.wait_for_timeout(800)
    record.click()
    page.locator(".dlsuite-player audio").wait_for()
    expect(page.get_by_text("confidence").first).to_be_visible(timeout=PATIENCE)
    assert not witness.outside and not witness.violations and not witness.errors


def _time(page) -> float:
    return page.locator(".dlsuite-player audio").evaluate("audio => audio.currentTime")


def _pause(page) -> None:
    page.locator(".dlsuite-player audio").evaluate("audio => audio.pause()")
