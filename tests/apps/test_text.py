"""Text: classified with its reasons, and written on until it ends or is stopped."""

from __future__ import annotations

import numpy as np
import pytest

from apps.widgets.faults import plain
from apps.widgets.token_reasons import _coloured
from apps.widgets.writing import WRITTEN
from tests.apps.tiny_runs import opinions, writer


@pytest.fixture(scope="module")
def opinions_run(train, tmp_path_factory):
    """A run that tells praise from blame in sentences of a few words."""
    folder = tmp_path_factory.mktemp("opinions")
    return train(opinions(folder), folder)


@pytest.fixture(scope="module")
def writer_run(train, tmp_path_factory):
    """A run that writes letters, badly."""
    folder = tmp_path_factory.mktemp("letters")
    return train(writer(folder), folder)


def test_a_sample_is_classified_beside_its_truth(visit, opinions_run) -> None:
    app = visit("text", opinions_run)
    assert not app.error and not app.exception
    sample = opinions_run.data().examples("test")[0]
    assert sample["sentence"] in [one.value for one in app.code]
    assert any(one.value.startswith("## ") and ("right" in one.value or "it is" in one.value) for one in app.markdown)


def test_tokens_of_an_own_text_are_coloured_by_what_they_add(visit, opinions_run) -> None:
    app = visit("text", opinions_run, tab="Explain", text="a fine film", **{"from": "Your own"})
    assert not app.error and not app.exception
    assert any("-background[" in one.value and "fine" in one.value for one in app.markdown)
    assert any("all tokens add up to" in one.value for one in app.caption)


@pytest.mark.parametrize("text", ["<b>fine</b> $x$ [a](b) :red[c]", "\u202eelif\u202c", "a" * 50_000])
def test_any_text_is_shown_letter_by_letter(visit, opinions_run, text) -> None:
    app = visit("text", opinions_run, text=text, **{"from": "Your own"})
    assert not app.exception and text in [one.value for one in app.code]


def test_what_is_written_goes_on_from_the_prompt_and_stays(visit, writer_run) -> None:
    app = visit("text", writer_run, text="ab", length="5", temperature="0.5")
    assert not app.exception and not app.error
    assert [one.value for one in app.code] == []
    app.button(key="write").click().run()
    kept = app.session_state[WRITTEN]
    assert kept["prompt"] == "ab" and 1 <= len(kept["text"]) <= 5
    assert app.code[0].value == "ab" + kept["text"]
    first = kept["text"]
    app.button(key="stop").click().run()
    assert app.code[0].value == "ab" + first, "what stands there stays"
    app.button(key="write").click().run()
    assert app.session_state[WRITTEN]["text"] == first, "the same seed writes the same"


def test_markup_in_tokens_is_no_markup() -> None:
    shown = _coloured(["<b>", "]", "fine"], np.array([1.0, 0.5, 0.01]))
    assert shown == f":orange-background[{plain('<b>')}] :orange-background[{plain(']')}] fine"
