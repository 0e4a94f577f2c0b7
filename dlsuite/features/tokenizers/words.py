"""A token for each frequent word."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from dlsuite.features.tokenizers.tokenizer import UNKNOWN, Tokenizer

WORD = re.compile(r"\w+(?:['’.-]\w+)*|[^\w\s]")
"""Letters and digits, with an apostrophe, a hyphen or a dot between them; or any other sign, alone."""


class Words(Tokenizer):
    """The most frequent words and signs of the training examples; between them there is one space in decoded text."""

    closed = True

    def __init__(self) -> None:
        self._take([])

    def fit(self, texts: Sequence[str], size: int | None) -> None:
        counts = Counter[str]()
        for text in texts:
            counts.update(WORD.findall(text))
        self._take(sorted(counts, key=lambda word: (-counts[word], word))[:size])

    def state(self) -> dict[str, Any]:
        return {"tokens": self.tokens}

    def restore(self, state: dict[str, Any]) -> None:
        self._take(state["tokens"])

    def encode(self, text: str) -> np.ndarray:
        return np.array([self._numbers.get(word, UNKNOWN) for word in WORD.findall(text)], np.int32)

    def decode(self, numbers: Sequence[int]) -> str:
        return " ".join("\ufffd" if number == UNKNOWN else self.tokens[number] for number in numbers)

    def _take(self, tokens: list[str]) -> None:
        self.tokens = list(tokens)
        self._numbers = {token: number for number, token in enumerate(self.tokens)}
