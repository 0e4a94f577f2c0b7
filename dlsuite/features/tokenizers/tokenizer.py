"""The interface of tokenizers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

UNKNOWN = -1
"""The number of what is no token."""


class Tokenizer(ABC):
    """Cuts text into tokens, each with its number from 0.

    Attributes:
        closed: Whether some texts hold what is no token; its number is `UNKNOWN`.
        tokens: The tokens by number, as text to show.
    """

    closed: ClassVar[bool]
    tokens: list[str]

    @abstractmethod
    def fit(self, texts: Sequence[str], size: int | None) -> None:
        """Finds the tokens.

        Args:
            texts: The training examples.
            size: The most tokens; `None` for as many as there are.

        Raises:
            ValueError: So many cannot be had; says what would work.
        """

    @abstractmethod
    def state(self) -> dict[str, Any]:
        """Returns what was fitted, as JSON."""

    @abstractmethod
    def restore(self, state: dict[str, Any]) -> None:
        """Takes over what `state` returned."""

    @abstractmethod
    def encode(self, text: str) -> np.ndarray:
        """Returns the numbers of the tokens of a text, int32 [n]."""

    @abstractmethod
    def decode(self, numbers: Sequence[int]) -> str:
        """Returns the text of numbers of tokens; U+FFFD stands for `UNKNOWN`."""
