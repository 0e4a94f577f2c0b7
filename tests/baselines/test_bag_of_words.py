"""Bags of words."""

import numpy as np
import pytest

from dlsuite.baselines.bag_of_words import BagOfWords
from dlsuite.features.text import Text
from dlsuite.spec.errors import DataError

TEXTS = ["good film", "not good", "bad film", "not bad at all", "a good film", "a bad film", "not good", "not bad"]
OPINIONS = np.array([1, 0, 0, 1, 1, 0, 0, 1])


def tensors(texts, feature, width=None):
    ids = feature.encode_many(texts)
    width = width or max(map(len, ids))
    padded = np.stack([np.pad(one, (0, width - len(one))) for one in ids])
    mask = np.arange(width) < np.array([len(one) for one in ids])[:, None]
    return {"text": padded, "text.mask": mask}


@pytest.fixture
def feature():
    feature = Text(level="word")
    feature.fit(TEXTS)
    return feature


def test_pairs_tell_what_words_alone_do_not(feature):
    for grams, fits in ((2, True), (1, False)):
        baseline = BagOfWords(grams=grams, C=1000.0)
        baseline.fit(tensors(TEXTS, feature), OPINIONS)
        assert bool((baseline.predict(tensors(TEXTS, feature)).argmax(1) == OPINIONS).all()) is fits


def test_padding_changes_nothing(feature):
    baseline = BagOfWords()
    baseline.fit(tensors(TEXTS, feature), OPINIONS)
    probabilities = baseline.predict(tensors(["good", ""], feature, 3))
    np.testing.assert_allclose(probabilities.sum(1), 1, atol=1e-6)
    np.testing.assert_array_equal(baseline.predict(tensors(["good", ""], feature, 50)), probabilities)


def test_inputs_without_a_mask_are_refused():
    with pytest.raises(DataError, match="sequences with a mask, such as Text; the inputs are size"):
        BagOfWords().fit({"size": np.zeros((3, 1))}, np.array([0, 1, 0]))
