"""What is said, letter by letter."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

import numpy as np

from dlsuite.registry import register

LONGEST = 10_000
"""Characters."""
LETTERS = 10_000
"""A larger alphabet is refused."""


@register("feature")
class Transcript:
    """What is said, as the numbers of its characters from 1, for alignment by CTC; 0 is CTC's blank and padding.

    White space is one space between words. Characters that no training transcript holds make an example count as
    corrupt, unless `alphabet` names them.

    Args:
        alphabet: The characters; by default those of the training transcripts, sorted.
        case: Whether letters are written as they come (`keep`), or all `upper` or `lower`.

    Example:
        >>> text = Transcript(case="lower")
        >>> text.fit(["One", "two"])
        >>> text.encode("TWO"), text.decode([4, 5, 3])
        (array([4, 5, 3], dtype=int32), 'two')
    """

    facts: dict[str, str] = {"vocabulary": "=len(alphabet) + 1 if alphabet != null else field.vocabulary"}
    tensor = {"shape": "=[null]", "dtype": "int32"}
    mask = {"shape": "=[null]", "dtype": "bool"}

    def __init__(self, *, alphabet: list[str] | None = None, case: Literal["keep", "upper", "lower"] = "keep"):
        if alphabet is not None and not (alphabet and len(set(alphabet)) == len(alphabet) == len("".join(alphabet))):
            raise ValueError(f"alphabet is {alphabet}; it lists characters, each once, and one at least")
        self._case = case
        self._mean_length = 1.0
        self._given = alphabet is not None
        self._set("".join(alphabet or []))

    def fit(self, values: Iterable[Any]) -> None:
        """Finds the characters of the training transcripts, unless they are given, and their mean length.

        Raises:
            ValueError: There is no transcript.
        """
        texts = [text for text in map(self._read, values) if text]
        if not texts:
            raise ValueError("the training examples hold no text here")
        if not self._given:
            self._set("".join(sorted(set().union(*texts))))
        self._mean_length = float(np.mean([len(text) for text in texts]))

    def state(self) -> dict[str, Any]:
        """Returns what was fitted, as JSON."""
        return {"alphabet": self._alphabet, "mean_length": self._mean_length}

    def restore(self, state: dict[str, Any]) -> None:
        """Takes over what `state` returned."""
        self._set(state["alphabet"])
        self._mean_length = state["mean_length"]

    def facts_fitted(self) -> dict[str, Any]:
        """Returns the number of characters with the blank, the characters, and how long transcripts are on average."""
        return {
            "vocabulary": len(self._alphabet) + 1,
            "alphabet": self._alphabet,
            "mean_length": self._mean_length,
            "shape": [None],
        }

    def encode(self, raw: Any) -> np.ndarray:
        """Returns the numbers of the characters, int32 [n].

        Raises:
            ValueError: It is no text, empty, or holds a character that is not in the alphabet.
        """
        text = self._read(raw)
        if not text:
            raise ValueError("is no text" if text is None else "is empty")
        if len(text) > LONGEST:
            raise ValueError(f"has {len(text):,} characters; at most {LONGEST:,} can be learned")
        strange = sorted(set(text) - set(self._alphabet))
        if strange:
            raise ValueError(f"holds {strange[0]!r}, which is none of the characters {self._alphabet!r}")
        return np.array([self._numbers[letter] for letter in text], np.int32)

    def decode(self, array: Any) -> str:
        """Returns the text of some numbers; blanks are left out."""
        return "".join(self._alphabet[number - 1] for number in np.asarray(array, np.int64).tolist() if number > 0)

    def _read(self, raw: Any) -> str | None:
        if not isinstance(raw, str):
            return None
        text = " ".join(raw.split())
        return text if self._case == "keep" else text.upper() if self._case == "upper" else text.lower()

    def _set(self, alphabet: str) -> None:
        if len(alphabet) > LETTERS:
            raise ValueError(f"the transcripts hold more than {LETTERS:,} different characters")
        self._alphabet = alphabet
        self._numbers = {letter: number for number, letter in enumerate(alphabet, start=1)}
