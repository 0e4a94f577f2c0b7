"""A token for each byte."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dlsuite.features.tokenizers.tokenizer import Tokenizer


class Bytes(Tokenizer):
    """The bytes of UTF-8: 256 tokens that every text is made of, without fitting."""

    closed = False
    tokens = [chr(byte) if 32 < byte < 127 else f"<{byte:02X}>" for byte in range(256)]

    def fit(self, texts: Sequence[str], size: int | None) -> None:
        if size is not None and size != 256:
            raise ValueError("there are 256 bytes, so the level `byte` needs no `vocabulary`")

    def state(self) -> dict[str, Any]:
        return {}

    def restore(self, state: dict[str, Any]) -> None:
        pass

    def encode(self, text: str) -> np.ndarray:
        return np.frombuffer(text.encode(), np.uint8).astype(np.int32)

    def decode(self, numbers: Sequence[int]) -> str:
        return bytes(numbers).decode(errors="replace")
