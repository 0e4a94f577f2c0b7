"""Pieces of words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dlsuite.features.tokenizers.tokenizer import UNKNOWN, Tokenizer

LEFT_OVER = "[UNK]"


class WordPieces(Tokenizer):
    """Frequent words whole, others in the longest pieces that there are, those inside a word marked with `##`.

    Words with a character that the training examples lack are unknown. Schuster and Nakajima 2012, "Japanese and Korean
    voice search"; words are cut and pieces chosen as in BERT. Trained and run by Hugging Face's `tokenizers`.
    """

    closed = True

    def fit(self, texts: Sequence[str], size: int | None) -> None:
        from tokenizers import trainers

        if size is None:
            raise ValueError("the level `wordpiece` needs `vocabulary`, how many tokens there are to be, such as 8000")
        self._take([])
        cut = self._model.pre_tokenizer.pre_tokenize_str
        inside = sorted({character for text in texts for word, _ in cut(text) for character in word[1:]})
        first = [f"##{character}" for character in inside]  # else their numbers, and with them ties, go by chance
        trainer = trainers.WordPieceTrainer(vocab_size=size, special_tokens=first, show_progress=False)
        self._model.train_from_iterator(texts, trainer)
        numbers = self._model.get_vocab()
        self._take(sorted(numbers, key=numbers.__getitem__))
        if len(self.tokens) > size:
            raise ValueError(f"the training examples hold {len(self.tokens)} characters, more than `vocabulary` allows")

    def state(self) -> dict[str, Any]:
        return {"tokens": self.tokens}

    def restore(self, state: dict[str, Any]) -> None:
        self._take(state["tokens"])

    def encode(self, text: str) -> np.ndarray:
        numbers = np.array(self._model.encode(text).ids, np.int32)
        return np.where(numbers < len(self.tokens), numbers, UNKNOWN).astype(np.int32)

    def decode(self, numbers: Sequence[int]) -> str:
        pieces = ["\ufffd" if number == UNKNOWN else self.tokens[number] for number in numbers]
        return " ".join(pieces).replace(" ##", "")

    def _take(self, tokens: list[str]) -> None:
        from tokenizers import Tokenizer as Model
        from tokenizers import models, pre_tokenizers

        self.tokens = list(tokens)
        numbers = {token: number for number, token in enumerate([*self.tokens, LEFT_OVER])}
        self._model = Model(models.WordPiece(numbers, unk_token=LEFT_OVER))
        self._model.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
