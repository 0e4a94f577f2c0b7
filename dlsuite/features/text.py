"""Text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np

from dlsuite.features.tokenizers.byte_pairs import BytePairs
from dlsuite.features.tokenizers.characters import Characters
from dlsuite.features.tokenizers.tokenizer import UNKNOWN, Tokenizer
from dlsuite.features.tokenizers.utf8 import Bytes
from dlsuite.features.tokenizers.word_pieces import WordPieces
from dlsuite.features.tokenizers.words import Words
from dlsuite.registry import Range, register

BYTES = 1 << 20
"""Longer texts are refused."""
LEVELS: dict[str, type[Tokenizer]] = {
    "word": Words,
    "character": Characters,
    "byte": Bytes,
    "wordpiece": WordPieces,
    "bpe": BytePairs,
}


@register("feature")
class Text:
    """Text as the ids of its tokens: words, characters, bytes of UTF-8, pieces of words, or byte pairs.

    Id 0 is padding; then come, where there are such, start, end and unknown, and then the tokens of the training
    examples. Sequences are of varying length: `x.mask` says where there is something. With `like` two features share
    one vocabulary, and `shift` leaves out so many ids at the start of a sequence: teacher forcing is an input, and a
    target like it with a shift of 1.

    Args:
        level: What a token is. `byte` and `bpe` can write every text; at the others what the training examples lack is
            unknown.
        length: The most ids of a sequence, the rest is cut off; by default all of a batch are as long as the longest.
        vocabulary: The most ids, padding and the like included; by default all words or characters have one.
        lower_case: Whether capitals count as small letters.
        start: Whether sequences begin with an id of its own.
        end: Whether sequences end with an id of its own.

    Example:
        >>> text = Text(level="character", start=True)
        >>> text.fit(["banana"])
        >>> text.encode("ban").tolist(), text.decode([1, 4, 3, 5])
        ([1, 4, 3, 5], 'ban')
    """

    domain = "text"
    facts = {
        "vocabulary": '=257 + (1 if start else 0) + (1 if end else 0) if level == "byte" else field.vocabulary',
        "length": "=length",
        "start": "=1 if start else null",
        "end": "=(2 if start else 1) if end else null",
        "unknown": "=field.unknown",
        "mean_length": "=field.mean_length",
    }
    tensor = {"shape": "=[length]", "dtype": "int32"}
    mask = {"shape": "=[length]", "dtype": "bool"}
    text = True

    def __init__(
        self,
        *,
        level: Literal["word", "character", "byte", "wordpiece", "bpe"] = "word",
        length: Annotated[int, Range(least=1)] | None = None,
        vocabulary: Annotated[int, Range(least=2)] | None = None,
        lower_case: bool = False,
        start: bool = False,
        end: bool = False,
    ):
        if length is not None and length < 1:
            raise ValueError(f"length is {length}, and a sequence has at least 1 id")
        self._length = length
        self._shift = 0
        self._use(level, lower_case, start, end)
        if vocabulary is not None and vocabulary <= self._first:
            raise ValueError(
                f"vocabulary is {vocabulary}, which leaves no id for tokens: ids below {self._first} are others'"
            )
        self._most = None if vocabulary is None else vocabulary - self._first
        self._lengths: Counter[int] = Counter()

    def _use(self, level: str, lower_case: bool, start: bool, end: bool) -> None:
        """Lays out the ids."""
        self._level, self._lower_case = level, lower_case
        self._tokenizer = LEVELS[level]()
        self._start = 1 if start else None
        self._end = 1 + start if end else None
        self._unknown = 1 + start + end if self._tokenizer.closed else None
        self._first = 1 + start + end + self._tokenizer.closed  # the id of the first token

    def shift(self, by: int) -> None:
        """Leaves out so many ids at the start of each sequence."""
        self._shift = by

    def fit(self, values: Iterable[Any]) -> None:
        """Finds the tokens of the training examples, and how long they are.

        Raises:
            ValueError: There is no text at all, or the vocabulary cannot be had.
        """
        texts = list(_readable(values, self._lower_case))
        if not any(texts):
            raise ValueError("the training examples hold no text here")
        self._tokenizer.fit(texts, self._most)
        self._lengths = Counter(len(self._ids(text)) for text in texts)

    def state(self) -> dict[str, Any]:
        """Returns what was fitted, as JSON."""
        return {
            "level": self._level,
            "lower_case": self._lower_case,
            "start": self._start is not None,
            "end": self._end is not None,
            "length": self._length,
            "lengths": sorted(self._lengths.items()),
            "tokenizer": self._tokenizer.state(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Takes over what `state` returned, but for the length where this feature has its own, and the shift."""
        self._use(state["level"], state["lower_case"], state["start"], state["end"])
        self._length = self._length or state["length"]
        self._lengths = Counter(dict(state["lengths"]))
        self._tokenizer.restore(state["tokenizer"])

    def facts_fitted(self) -> dict[str, Any]:
        """Returns the number of ids, those of start, end and unknown, the most ids of a sequence and their mean."""
        return {
            "vocabulary": self._first + len(self._tokenizer.tokens),
            "length": self._length,
            "start": self._start,
            "end": self._end,
            "unknown": self._unknown,
            "mean_length": self._mean_length(),
            "shape": [self._length],
        }

    def tokens(self) -> list[str]:
        """Returns what each id stands for, as text to show."""
        special = {0: "<padding>", self._start: "<start>", self._end: "<end>", self._unknown: "<unknown>"}
        return [special[i] for i in range(self._first)] + self._tokenizer.tokens

    def encode(self, raw: Any, *, last: bool = False) -> np.ndarray:
        """Returns the ids of a text, int32 [n], n up to `length`.

        Args:
            raw: A string, bytes of UTF-8, or a file.
            last: Whether the end of a longer text is kept, rather than its beginning.

        Raises:
            ValueError: It is no text, or too long a one; says why.
        """
        ids = self._ids(_read(raw, self._lower_case))[self._shift :]
        if self._length is None:
            return ids
        return ids[-self._length :] if last else ids[: self._length]

    def count(self, raw: Any) -> int:
        """Returns how many ids a text has, with those that `encode` cuts off; raises as it does."""
        return len(self._ids(_read(raw, self._lower_case))[self._shift :])

    def unread(self, raw: Any, *, last: bool = False) -> str:
        """Returns in words what `encode` leaves out of a text, and an empty string where it reads all."""
        read, whole = len(self.encode(raw, last=last)), self.count(raw)
        part = "last" if last else "first"
        return f"has {whole:,} tokens, of which the {part} {read:,} are read" if whole > read else ""

    def encode_many(self, raws: Sequence[Any]) -> list[np.ndarray]:
        """Returns the ids of each text."""
        return [self.encode(raw) for raw in raws]

    def decode(self, ids: Any) -> str:
        """Returns the text of ids up to the first end, without padding and start; U+FFFD stands for unknown."""
        ids = np.asarray(ids, np.int64)
        if self._end is not None and (ends := np.flatnonzero(ids == self._end)).size:
            ids = ids[: ends[0]]
        numbers = np.where(ids == self._unknown, UNKNOWN, ids - self._first) if self._unknown else ids - self._first
        return self._tokenizer.decode(numbers[(numbers >= 0) | (ids == self._unknown)].tolist())

    def _ids(self, text: str) -> np.ndarray:
        """Returns all ids of a text, those of start and end included."""
        numbers = self._tokenizer.encode(text)  # [n]
        ids = np.where(numbers == UNKNOWN, self._unknown or 0, numbers + self._first)
        before, after = ([one] if one is not None else [] for one in (self._start, self._end))
        return np.concatenate([before, ids, after]).astype(np.int32)

    def _mean_length(self) -> float:
        """Returns how many ids a training example has on average, after shift and cut."""
        most = np.inf if self._length is None else self._length
        total = sum(min(max(n - self._shift, 0), most) * count for n, count in self._lengths.items())
        return float(total / max(self._lengths.total(), 1))


def _read(raw: Any, lower_case: bool) -> str:
    """Returns the text of a string, of bytes of UTF-8, or of a file.

    Raises:
        ValueError: It is none, or too long.
    """
    if isinstance(raw, Path):
        raw = _contents(raw)
    if raw is None:
        raise ValueError("is missing")
    if not isinstance(raw, str | bytes):
        raise ValueError(f"a {type(raw).__name__} is no text: give a string, or bytes of UTF-8")
    try:
        content = raw.encode() if isinstance(raw, str) else raw
        text = raw if isinstance(raw, str) else raw.decode()
    except UnicodeEncodeError as error:
        raise ValueError(f"holds half of a pair of surrogates, U+{ord(raw[error.start]):X}, which is no text") from None
    except UnicodeDecodeError as error:
        found = f"the byte 0x{raw[error.start]:02X} at offset {error.start}"
        raise ValueError(f"is not UTF-8: {found}") from None
    if len(content) > BYTES:
        raise ValueError(f"has {len(content):,} bytes, more than {BYTES:,}")
    return text.lower() if lower_case else text


def _contents(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(BYTES + 1)
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror}") from None


def _readable(values: Iterable[Any], lower_case: bool) -> Iterable[str]:
    for value in values:
        try:
            yield _read(value, lower_case)
        except ValueError:
            continue
