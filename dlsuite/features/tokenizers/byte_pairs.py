"""Bytes, and what often stands together."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from dlsuite.features.tokenizers.tokenizer import Tokenizer


class BytePairs(Tokenizer):
    """Bytes of UTF-8, and the pairs of tokens that stood side by side most often, merged one after the other.

    Every text is made of them. Sennrich, Haddow and Birch 2016, https://arxiv.org/abs/1508.07909, algorithm 1; over
    bytes as in Radford et al. 2019, "Language models are unsupervised multitask learners", section 2.2. Trained and run
    by Hugging Face's `tokenizers`.
    """

    closed = False

    def fit(self, texts: Sequence[str], size: int | None) -> None:
        from tokenizers import pre_tokenizers, trainers

        if size is None or size < 256:
            raise ValueError(
                "the level `bpe` needs `vocabulary`, how many tokens there are to be: above the 256 bytes, padding, "
                "start and end, such as 4000"
            )
        self._take([], [])
        alphabet = pre_tokenizers.ByteLevel.alphabet()
        trainer = trainers.BpeTrainer(vocab_size=size, initial_alphabet=alphabet, show_progress=False)
        self._model.train_from_iterator(texts, trainer)
        self.restore(_pieces(self._model))

    def state(self) -> dict[str, Any]:
        return {"tokens": self.tokens, "merges": self._merges}

    def restore(self, state: dict[str, Any]) -> None:
        self._take(state["tokens"], state["merges"])

    def encode(self, text: str) -> np.ndarray:
        return np.array(self._model.encode(text).ids, np.int32)

    def decode(self, numbers: Sequence[int]) -> str:
        return self._model.decode(list(numbers))

    def _take(self, tokens: list[str], merges: list[list[str]]) -> None:
        from tokenizers import Tokenizer as Model
        from tokenizers import decoders, models, pre_tokenizers

        self.tokens, self._merges = tokens, merges
        numbers = {token: number for number, token in enumerate(tokens)}
        self._model = Model(models.BPE(numbers, [(left, right) for left, right in merges]))
        self._model.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        self._model.decoder = decoders.ByteLevel()


def _pieces(model: Any) -> dict[str, Any]:
    """Returns the tokens of a trained model by number, and its merges in order."""
    trained = json.loads(model.to_str())["model"]
    return {"tokens": sorted(trained["vocab"], key=trained["vocab"].__getitem__), "merges": trained["merges"]}
