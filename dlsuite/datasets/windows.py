"""Long text in pieces that overlap."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from dlsuite.datasets.examples import Examples


def check_window(window: int, stride: int | None) -> int:
    """Returns the stride; by default one less than the window, so that as input and as target shifted by one every
    character but the first is predicted once.

    Raises:
        ValueError: A window has fewer than 2 characters, or the stride would leave some out.
    """
    if window < 2:
        raise ValueError(f"window is {window}, and a window has at least 2 characters: something and what follows it")
    if stride is not None and not 0 < stride < window:
        raise ValueError(f"stride is {stride}; windows of {window} overlap with a stride from 1 to {window - 1}")
    return stride or window - 1


def cut_windows(texts: Iterable[tuple[str, str]], window: int, stride: int) -> Examples:
    """Returns pieces of texts as the field `text`; none crosses from one text into another, the last may be shorter.

    Args:
        texts: Names, for messages, and texts.
        window: Characters in a piece.
        stride: Characters from the start of a piece to that of the next.

    Example:
        >>> cut_windows([("a.txt", "abcdefg")], 4, 3).column("text")
        ['abcd', 'defg']
    """
    pieces: list[str] = []
    names, firsts, starts = [], [], []
    for name, text in texts:
        names.append(name)
        firsts.append(len(pieces))
        new = range(0, max(len(text) - window, 0) + stride, stride) if text else range(0)
        starts += new
        pieces += [text[start : start + window] for start in new]

    def where(i: int) -> str:
        return f"{names[int(np.searchsorted(firsts, i, side='right')) - 1]}, character {starts[i]}"

    return Examples({"text": pieces}, where)


def cut_text(text: str, shares: dict[str, float]) -> dict[str, str]:
    """Returns consecutive parts of a text by name, as large as their shares, which add up to 1."""
    ends = (np.cumsum([0.0, *shares.values()]) + 1e-9) * len(text)
    return {name: text[int(start) : int(end)] for name, start, end in zip(shares, ends[:-1], ends[1:], strict=True)}
