"""A token for each character."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from dlsuite.features.tokenizers.tokenizer import UNKNOWN, Tokenizer


class Characters(Tokenizer):
    """The Unicode characters of the training examples, in the order of their code points."""

    closed = True

    def __init__(self) -> None:
        self._take([])

    def fit(self, texts: Sequence[str], size: int | None) -> None:
        counts = Counter[str]()
        for text in texts:
            counts.update(text)
        often = sorted(counts, key=lambda character: (-counts[character], character))
        self._take(sorted(often[:size]))

    def state(self) -> dict[str, Any]:
        return {"tokens": "".join(self.tokens)}

    def restore(self, state: dict[str, Any]) -> None:
        self._take(list(state["tokens"]))

    def encode(self, text: str) -> np.ndarray:
        codes = np.frombuffer(text.encode("utf-32-le"), "<u4")
        if not self.tokens:
            return np.full(len(codes), UNKNOWN, np.int32)
        places = np.searchsorted(self._codes, codes).clip(max=len(self._codes) - 1)
        return np.where(self._codes[places] == codes, places, UNKNOWN).astype(np.int32)

    def decode(self, numbers: Sequence[int]) -> str:
        return "".join("\ufffd" if number == UNKNOWN else self.tokens[number] for number in numbers)

    def _take(self, tokens: list[str]) -> None:
        self.tokens = tokens
        self._codes = np.array([ord(token) for token in tokens], np.uint32)  # ascending
