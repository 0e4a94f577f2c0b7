"""Text to ids and back."""

import json
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlsuite.features.text import BYTES, LEVELS, Text

TEXTS = [
    "the cat sat on the mat , and the dog did n't .",
    "Straße, naïve café — 日本語 🙂 हिन्दी",
    "to be, or not to be: that is the question",
]
SIZES = {"word": 30, "character": None, "byte": None, "wordpiece": 120, "bpe": 300}
unicode = st.text()  # any characters but surrogates


def fitted(values=TEXTS, **arguments) -> Text:
    feature = Text(**arguments)
    feature.fit(values)
    return feature


@pytest.fixture(scope="module", params=SIZES)
def feature(request) -> Text:
    return fitted(level=request.param, vocabulary=SIZES[request.param], start=True, end=True)


@given(text=unicode)
def test_every_text_has_ids_of_the_vocabulary_between_start_and_end(feature, text):
    ids, facts = feature.encode(text), feature.facts_fitted()
    assert ids.dtype == np.int32 and ids.ndim == 1
    assert (ids > 0).all() and (ids < facts["vocabulary"]).all()
    assert ids[0] == facts["start"] == 1 and ids[-1] == facts["end"] == 2
    assert not set(ids[1:-1].tolist()) & {facts["start"], facts["end"]}
    assert isinstance(feature.decode(ids), str)


@pytest.mark.parametrize("level", ["byte", "bpe"])
@given(text=unicode)
def test_every_text_comes_back_from_bytes_and_byte_pairs(level, text):
    feature = BY_LEVEL[level]
    assert feature.decode(feature.encode(text)) == text
    assert feature.facts_fitted()["unknown"] is None


BY_LEVEL = {level: fitted(level=level, vocabulary=SIZES[level]) for level in ("byte", "bpe")}


@given(seen=st.text(min_size=1), text=unicode)
def test_characters_that_were_seen_come_back_and_others_are_unknown(seen, text):
    feature = fitted([seen], level="character")
    unknown = feature.facts_fitted()["unknown"]
    assert feature.decode(feature.encode(seen)) == seen
    known = [character in seen for character in text]
    np.testing.assert_array_equal(feature.encode(text) != unknown, known)
    assert feature.decode(feature.encode(text)) == "".join(c if c in seen else "\ufffd" for c in text)


@given(data=st.binary())
def test_any_ids_decode(data):
    for feature in BY_LEVEL.values():
        assert isinstance(feature.decode(np.frombuffer(data, np.uint8)), str)


@given(text=unicode, shift=st.integers(0, 3), length=st.integers(1, 9))
def test_shift_and_length_are_a_window_of_the_sequence(text, shift, length):
    whole = BY_LEVEL["byte"].encode(text)
    feature = Text(level="byte", length=length)
    feature.shift(shift)
    feature.fit(["ab"])
    np.testing.assert_array_equal(feature.encode(text), whole[shift : shift + length])
    assert feature.count(text) == len(whole[shift:])
    assert bool(feature.unread(text)) == (len(whole[shift:]) > length)


@pytest.mark.parametrize("level", SIZES)
def test_what_was_fitted_outlives_json(level):
    feature = fitted(level=level, vocabulary=SIZES[level], length=20, lower_case=True, end=True)
    again = Text(level=level, vocabulary=SIZES[level], length=20, lower_case=True, end=True)
    again.restore(json.loads(json.dumps(feature.state())))
    assert again.facts_fitted() == feature.facts_fitted() and again.tokens() == feature.tokens()
    for text in TEXTS:
        np.testing.assert_array_equal(again.encode(text), feature.encode(text))


@pytest.mark.parametrize("level", ["word", "character", "wordpiece", "bpe"])
def test_one_training_set_gives_one_vocabulary_in_any_process(level):
    program = (
        "import json; from dlsuite.features.text import Text; "
        f"text = Text(level={level!r}, vocabulary=280); text.fit({TEXTS * 9!r}); print(json.dumps(text.state()))"
    )
    run = [sys.executable, "-c", program]
    states = {subprocess.run(run, capture_output=True, text=True, check=True).stdout for _ in range(2)}
    assert len(states) == 1


def test_teacher_forcing_reads_one_sequence_twice():
    source = fitted(level="character", length=8, start=True, end=True)
    target = Text(length=8)
    target.shift(1)
    target.restore(source.state())
    assert source.decode(source.encode("cat")) == target.decode(target.encode("cat")) == "cat"
    np.testing.assert_array_equal(source.encode("cat")[1:], target.encode("cat"))
    assert target.encode("cat")[-1] == target.facts_fitted()["end"] and source.encode("cat")[0] == 1
    assert len(target.encode("a cat on a mat")) == 8
    assert target.facts_fitted()["vocabulary"] == source.facts_fitted()["vocabulary"]


def test_the_mean_length_is_that_of_the_encoded_training_examples():
    feature = Text(level="byte", length=5, end=True)
    feature.shift(1)
    feature.fit(["", "a", "abc", "abcdefgh"])
    lengths = [len(feature.encode(text)) for text in ("", "a", "abc", "abcdefgh")]
    assert lengths == [0, 1, 3, 5]
    assert feature.facts_fitted()["mean_length"] == np.mean(lengths)


def test_the_vocabulary_is_that_of_the_most_frequent_words_and_counts_all_ids():
    feature = fitted(["a a a b b c"], level="word", vocabulary=4, start=True)
    assert feature.tokens() == ["<padding>", "<start>", "<unknown>", "a"]
    assert feature.facts_fitted()["vocabulary"] == 4
    assert feature.encode("b a c").tolist() == [1, 2, 3, 2]
    assert feature.decode([1, 2, 3, 0, 0]) == "\ufffd a"
    assert fitted(["a b"]).facts_fitted()["vocabulary"] == 4


def test_words_are_cut_at_spaces_and_signs():
    feature = fitted(["it does n't cost $1,000.50 (well-known), don't ask..."])
    assert feature.decode(feature.encode("it does n't cost $1,000.50 (well-known), don't ask...")) == (
        "it does n't cost $ 1 , 000.50 ( well-known ) , don't ask . . ."
    )


def test_pieces_of_words_are_joined_again():
    feature = fitted(["low lower lowest newer newest wide wider widest"] * 5, level="wordpiece", vocabulary=60)
    ids = feature.encode("newest lowest wide")
    assert feature.decode(ids) == "newest lowest wide"
    assert feature.decode(feature.encode("wid nower")) == "wid nower"
    assert feature.decode(feature.encode("low 日")) == "low \ufffd"


def test_capitals_are_small_letters_where_asked():
    feature = fitted(["The THE the"], lower_case=True)
    assert len(set(feature.encode("tHe THe").tolist())) == 1 and feature.facts_fitted()["vocabulary"] == 3


def test_what_follows_the_end_is_not_decoded():
    feature = fitted(level="byte", start=True, end=True)
    assert feature.decode([1, *feature.encode("hi")[1:-1], 2, 50, 50, 0]) == "hi"


def test_strings_bytes_and_files_are_one(tmp_path):
    feature, path = BY_LEVEL["byte"], tmp_path / "a.txt"
    path.write_text("naïve", encoding="utf-8")
    for raw in ("naïve", "naïve".encode(), path):
        assert feature.decode(feature.encode(raw)) == "naïve"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (None, "is missing"),
        (7, "a int is no text"),
        (["a"], "a list is no text"),
        (b"abc\xff", "is not UTF-8: the byte 0xFF at offset 3"),
        ("a\ud800", r"half of a pair of surrogates, U\+D800"),
        ("a" * (BYTES + 1), "1,048,577 bytes, more than 1,048,576"),
    ],
    ids=["None", "int", "list", "bytes", "surrogate", "long"],
)
def test_what_is_no_text_says_why(raw, reason):
    for feature in BY_LEVEL.values():
        with pytest.raises(ValueError, match=reason):
            feature.encode(raw)


def test_a_file_that_is_not_there_says_so(tmp_path):
    with pytest.raises(ValueError, match="cannot be read: No such file"):
        BY_LEVEL["byte"].encode(tmp_path / "none.txt")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"length": 0}, "a sequence has at least 1 id"),
        ({"vocabulary": 3, "start": True, "end": True}, "leaves no id for tokens"),
        ({"level": "byte", "vocabulary": 100}, "there are 256 bytes"),
        ({"level": "bpe"}, "needs `vocabulary`.*such as 4000"),
        ({"level": "bpe", "vocabulary": 200}, "needs `vocabulary`.*above the 256 bytes"),
        ({"level": "wordpiece"}, "needs `vocabulary`.*such as 8000"),
        ({"level": "wordpiece", "vocabulary": 10}, "characters, more than `vocabulary` allows"),
    ],
    ids=str,
)
def test_arguments_that_make_no_sense_are_refused(arguments, reason):
    with pytest.raises(ValueError, match=reason):
        fitted(**arguments)


@pytest.mark.parametrize("values", [[], [""], [None, 3]])
def test_nothing_to_fit_on_is_a_fault(values):
    with pytest.raises(ValueError, match="hold no text"):
        fitted(values)


def test_every_level_of_the_signature_has_its_tokenizer():
    from typing import get_args, get_type_hints

    assert set(get_args(get_type_hints(Text.__init__)["level"])) == set(LEVELS)
