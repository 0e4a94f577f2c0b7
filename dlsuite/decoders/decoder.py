"""The interface of decoders, and writing one token after another."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from dlsuite.stepping import Steps

Choose = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""Takes logits (examples, classes) and which examples are asked, bool (examples,); returns the ids, (examples,)."""


class Decoder(ABC):
    """Writes on from prompts.

    Attributes:
        length: So many tokens are written at most; `None`: as many as the network's window has room for.
        width: So many rows of a network's batch an example takes.
    """

    length: int | None = None
    width: int = 1

    @abstractmethod
    def write(
        self,
        steps: Steps,
        inputs: Mapping[str, Any],
        prompts: Sequence[Sequence[int]],
        *,
        end: int | None,
        seeds: Sequence[int],
    ) -> Iterator[np.ndarray]:
        """Yields what each example goes on with, (examples,) ids at a time; -1 where there is nothing new.

        Args:
            steps: The network, with room for `width` rows an example.
            inputs: The network's other inputs, (examples, ...) by name.
            prompts: Ids to go on from, at least one an example.
            end: The id that ends a text, if there is one; it is not written.
            seeds: Of each example, for what is drawn: the same seed gives the same text in any batch.
        """


def write_each(
    steps: Steps,
    inputs: Mapping[str, Any],
    prompts: Sequence[Sequence[int]],
    choose: Choose,
    *,
    length: int | None,
    end: int | None,
) -> Iterator[np.ndarray]:
    """Yields ids that are chosen one after another, as `Decoder.write` does.

    Where the network's window is full, it goes on from the later half of it.
    """
    steps.begin(inputs, len(prompts))
    sizes = np.array([len(prompt) for prompt in prompts])
    room = max(steps.length - sizes.max(), 1) if length is None else length
    texts = np.array([list(prompt[: sizes.min()]) for prompt in prompts])  # (examples, positions)
    written, over = np.zeros(len(prompts), int), np.zeros(len(prompts), bool)
    logits, position = _start(steps, texts)
    while True:
        asked = ~over & (sizes <= texts.shape[1])
        ids = np.where(over, 0, choose(hide_padding(logits), asked))
        for i in np.flatnonzero(sizes > texts.shape[1]):  # longer prompts go on while others are written
            ids[i] = prompts[i][texts.shape[1]]
        over |= asked & (ids == end)
        asked &= ~over
        yield np.where(asked, ids, -1)
        written += asked
        over |= written >= room
        if over.all():
            return
        texts = np.concatenate([texts, ids[:, None]], axis=1)
        if position == steps.length:
            logits, position = _start(steps, texts)
        else:
            logits, position = steps.step(ids, position), position + 1


def _start(steps: Steps, texts: np.ndarray) -> tuple[np.ndarray, int]:
    """Returns the logits after texts, or the end of them, and how many positions that takes."""
    if texts.shape[1] >= steps.length:
        texts = texts[:, -max(steps.length // 2, 1) :]
    return steps.start(texts), texts.shape[1]


def hide_padding(logits: np.ndarray) -> np.ndarray:
    """Returns logits, float64 (rows, classes), by which padding is never chosen."""
    logits = logits.astype(np.float64)
    logits[:, 0] = -np.inf
    return logits
