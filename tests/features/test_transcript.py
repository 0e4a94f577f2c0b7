"""What is said, letter by letter."""

import json

import numpy as np
import pytest

from dlsuite.features.transcript import Transcript


def fitted(values, **arguments) -> Transcript:
    feature = Transcript(**arguments)
    feature.fit(values)
    return feature


def test_the_alphabet_is_that_of_the_training_transcripts():
    feature = fitted(["one two", "two"])
    assert feature.facts_fitted() == {"vocabulary": 7, "alphabet": " enotw", "mean_length": 5.0, "shape": [None]}
    assert feature.encode("two").tolist() == [5, 6, 4]
    assert feature.encode("two").dtype == np.int32


def test_blanks_vanish_and_the_rest_comes_back():
    feature = fitted(["one two"])
    assert feature.decode([0, *feature.encode("one two"), 0, 0]) == "one two"
    assert feature.decode([]) == ""


def test_white_space_and_case():
    feature = fitted(["  One\n TWO\t"], case="lower")
    assert feature.decode(feature.encode("ONE   two ")) == "one two"
    assert fitted(["one"], case="upper").facts_fitted()["alphabet"] == "ENO"


def test_a_given_alphabet_stays():
    feature = fitted(["ab"], alphabet=["c", "b", "a"])
    assert feature.encode("cab").tolist() == [1, 3, 2]


def test_what_was_fitted_outlives_json():
    feature = fitted(["eins zwei"])
    again = Transcript()
    again.restore(json.loads(json.dumps(feature.state())))
    assert again.facts_fitted() == feature.facts_fitted()
    np.testing.assert_array_equal(again.encode("zwei"), feature.encode("zwei"))


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        ("", "is empty"),
        ("  ", "is empty"),
        (None, "is no text"),
        (7, "is no text"),
        ("x", "'x'"),
        ("e" * 20_000, "20,000"),
    ],
)
def test_what_cannot_be_learned_is_refused(raw, why):
    with pytest.raises(ValueError, match=why):
        fitted(["one two"]).encode(raw)


@pytest.mark.parametrize("alphabet", [[], ["a", "a"], ["ab"], ["a", ""]])
def test_impossible_alphabets_are_refused(alphabet):
    with pytest.raises(ValueError, match="alphabet is"):
        Transcript(alphabet=alphabet)


def test_without_text_there_is_nothing_to_fit():
    with pytest.raises(ValueError, match="no text"):
        fitted([None, ""])
