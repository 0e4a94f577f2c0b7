"""Tokens as a reader sees them."""

from __future__ import annotations

import numpy as np
import pytest

from dlsuite.explanation.showing import spell
from dlsuite.features.category import Category
from dlsuite.features.residues import Residues
from dlsuite.features.text import Text

TEXTS = ["the cat sat on the mat", "the dog sat on the cat"] * 20


def spelled(text, **arguments):
    feature = Text(**arguments)
    feature.fit(TEXTS)
    return spell(feature, feature.encode(text))


def test_each_token_has_its_text():
    assert spelled("the cow sat", start=True, end=True) == ["<start>", "the", "<unknown>", "sat", "<end>"]
    assert spelled("cat", level="character") == ["c", "a", "t"]
    assert spelled("hé", level="byte") == ["h", "<C3>", "<A9>"]


@pytest.mark.parametrize("text", ["the cat sat", "a dog"])
def test_byte_pairs_put_together_are_the_text(text):
    tokens = spelled(text, level="bpe", vocabulary=290)
    assert "".join(tokens) == text and len(tokens) < len(text)


def test_residues_and_classes():
    feature = Residues()
    assert spell(feature, feature.encode("MKX")) == ["M", "K", "X"]
    assert spell(Category(classes=3, names=["a", "b", "c"]), np.array([2])) == ["c"]
