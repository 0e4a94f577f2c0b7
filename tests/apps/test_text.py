"""Text: classified with its reasons, and written on until it ends or is stopped."""

from __future__ import annotations

import re

import numpy as np
import pytest

from apps.widgets import token_reasons
from apps.widgets.faults import plain
from apps.widgets.models import Loaded
from apps.widgets.token_reasons import _coloured
from apps.widgets.writing import WRITTEN
from tests.tiny_specs import opinions, translator, writer


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


@pytest.fixture(scope="module")
def translator_run(train, tmp_path_factory):
    """A run that translates sentences of three words."""
    folder = tmp_path_factory.mktemp("pairs")
    return train(translator(folder), folder)


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


@pytest.mark.parametrize(
    ("reading", "expected"),
    [
        ({"level": "word"}, ["a", "<unknown>", "film"]),
        ({"level": "bpe", "vocabulary": 300}, ["a", " ", "b", "Ã", "¤", "d", " film"]),
        ({"level": "byte"}, [*"a b", "<C3>", "<A4>", *"d film"]),
    ],
    ids=["words", "byte pairs", "bytes"],
)
def test_tokens_of_any_kind_are_coloured_and_padding_is_left_out(
    visit, train, tmp_path, reading, expected, monkeypatch
) -> None:
    shown = []
    monkeypatch.setattr(token_reasons, "_coloured", lambda *found: shown.append(found) or "")
    run = train(opinions(tmp_path, **reading), tmp_path)
    app = visit("text", run, tab="Explain", text="a bäd film", **{"from": "Your own"})
    assert not app.error and not app.exception
    ((tokens, values),) = shown
    assert tokens == expected and len(values) == len(tokens) < 16
    (said,) = [re.search(r"add up to (\S+)\.$", one.value) for one in app.caption if "add up" in one.value]
    assert float(said[1].replace("−", "-")) == pytest.approx(sum(values), rel=0.05)


def test_the_class_that_is_explained_is_that_of_the_address(visit, opinions_run) -> None:
    for name in ("good", "poor"):
        app = visit("text", opinions_run, tab="Explain", text="fine", **{"from": "Your own", "class": name})
        assert app.selectbox(key="class").value == name
        assert any(f"speaks for **{name}**" in one.value for one in app.caption)


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


def test_every_token_of_a_translation_in_byte_pairs_is_explained(visit, train, tmp_path) -> None:
    spec = translator(tmp_path)
    spec["data"]["inputs"]["so_far"]["Text"] |= {"level": "bpe", "vocabulary": 270}
    app = visit("text", train(spec, tmp_path), tab="Explain")
    tokens = app.selectbox(key="token").options
    assert any(" " in token.split(": ", 1)[1] for token in tokens), "there is none that a reader sees otherwise"
    for number in range(len(tokens)):
        app.selectbox(key="token").set_value(number).run()
        assert not app.error and not app.exception


def test_markup_in_tokens_is_no_markup() -> None:
    shown = _coloured(["<b>", "]", "fine"], np.array([1.0, 0.5, 0.01]))
    assert shown == f":orange-background[{plain('<b>')}] :orange-background[{plain(']')}] fine"


def test_a_prompt_is_a_text_even_where_it_names_a_file(visit, writer_run, tmp_path, monkeypatch) -> None:
    asked = []
    monkeypatch.setattr(Loaded, "stream", lambda self, inputs, settings: asked.append(inputs) or iter(["x"]))
    for prompt in (str(tmp_path), "/etc/passwd", '{"text": "ab"}'):
        visit("text", writer_run, text=prompt).button(key="write").click().run()
        assert asked.pop() == {"text": prompt}


def test_what_of_a_long_text_is_not_read_is_told(visit, writer_run, opinions_run) -> None:
    told = [one.value for one in visit("text", writer_run, text="ab" * 50).caption]
    assert "Of its 100 tokens the last 16 are read." in told
    for tab in ("Result", "Explain"):
        app = visit("text", opinions_run, text="fine " * 30, tab=tab, **{"from": "Your own"})
        assert [one.value for one in app.caption].count("Of its 30 tokens the first 16 are read.") == 1
    assert not any("are read" in one.value for one in visit("text", writer_run, text="ab").caption)


def test_what_a_decoder_has_can_be_set(visit, writer_run, monkeypatch) -> None:
    asked = []
    monkeypatch.setattr(Loaded, "stream", lambda self, inputs, settings: asked.append(settings) or iter(["x"]))
    address = {"text": "ab", "length": "7", "temperature": "0.5", "top_k": "3", "top_p": "0.9", "seed": "11"}
    visit("text", writer_run, **address).button(key="write").click().run()
    assert asked.pop() == {
        "decoder": {"Sample": {"temperature": 0.5, "length": 7, "top_p": 0.9, "top_k": 3}},
        "seed": 11,
    }
    strange = {"length": "1e99", "temperature": "nan", "top_k": "<b>", "top_p": "-4", "seed": "none"}
    app = visit("text", writer_run, text="ab", **strange)
    assert not app.error and not app.exception
    app.button(key="write").click().run()
    sample = asked.pop()["decoder"]["Sample"]
    assert 1 <= sample["length"] <= 2000 and 0 <= sample["temperature"] <= 2 and 0 < sample["top_p"] <= 1
    assert "top_k" not in sample


def test_a_translation_stands_beside_that_of_a_person(visit, translator_run) -> None:
    app = visit("text", translator_run, beam="3", penalty="1.0")
    assert not app.error and not app.exception
    sample = translator_run.data().examples("test")[0]
    settings = {"decoder": {"Beam": {"width": 3, "length_penalty": 1.0, "length": 6}}}
    found = translator_run.predict({"source": sample["source"]}, **settings)[0]["output"]
    shown = [one.value for one in app.markdown]
    assert f"## {plain(found)}" in shown and f"A person's translation: {plain(sample['target'])}" in shown


def test_a_token_of_a_translation_is_explained_by_the_source_and_what_stands_before(visit, translator_run) -> None:
    app = visit("text", translator_run, tab="Explain")
    assert not app.error and not app.exception
    sample = translator_run.data().examples("test")[0]
    found = translator_run.predict({"source": sample["source"]})[0]["output"]
    choice = app.selectbox(key="token")
    assert [one.partition(": ")[2] for one in choice.options] == [*found.split(), "<end>"]
    choice.set_value(len(found.split())).run()
    assert not app.error and any("speaks for **\\<end\\>**" in one.value for one in app.caption)
    assert app.selectbox(key="layer").options == ["look"]
    second = choice.options[1]
    assert visit("text", translator_run, tab="Explain", token=second).selectbox(key="token").value == 1
    app = visit("text", translator_run, tab="Explain", token="9: <b>")
    assert not app.error and app.selectbox(key="token").value == 0


def test_texts_that_are_too_long_are_refused_in_a_sentence(visit, opinions_run, monkeypatch) -> None:
    app = visit("text", opinions_run, text="word " * 30_000, **{"from": "Your own"})
    assert "150,000 characters" in app.error[0].value and not app.exception
    assert "text" not in app.query_params, "of long texts the whole address would be lost"
    monkeypatch.setattr(token_reasons, "MOST", 3)
    app = visit("text", opinions_run, tab="Explain", text="a fine film of old", **{"from": "Your own"})
    assert "5 tokens; at most 3" in app.error[0].value and not app.exception
