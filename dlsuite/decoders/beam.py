"""The most probable text, searched for along several at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

import numpy as np

from dlsuite.decoders.decoder import Decoder, hide_padding
from dlsuite.registry import Range, register
from dlsuite.stepping import Steps


@register("decoder")
class Beam(Decoder):
    """Writes the most probable of the texts that are found by going on from several at a time.

    An example is done when as many texts as the beam is wide have ended, so that a width of 1 is `Greedy`.

    Args:
        width: So many texts at a time.
        length_penalty: The logarithm of a text's probability is divided by ((5 + its length) / 6) to the power of this;
            0 prefers short texts. Wu et al., 2016, arXiv:1609.08144, equation 14.
        length: So many tokens at most; by default as many as the network's window has room for.

    Example:
        >>> [ids[0] for ids in Beam(width=4, length=3).write(steps, {}, [[5]], end=2, seeds=[0])]
        [8, 9]
    """

    def __init__(
        self,
        *,
        width: Annotated[int, Range(least=1, most=1000)] = 4,
        length_penalty: Annotated[float, Range(least=0)] = 0.6,
        length: Annotated[int, Range(least=1)] | None = None,
    ):
        if width < 1:
            raise ValueError(f"width is {width}; it is 1 or more")
        self.width, self._penalty, self.length = width, length_penalty, length

    def write(
        self,
        steps: Steps,
        inputs: Mapping[str, Any],
        prompts: Sequence[Sequence[int]],
        *,
        end: int | None,
        seeds: Sequence[int],
    ) -> Iterator[np.ndarray]:
        """Yields the ids of each example, as `Decoder.write` says, when all of them are found."""
        best = self._search(steps, inputs, prompts, end)
        for column in range(max(map(len, best))):
            yield np.array([text[column] if column < len(text) else -1 for text in best])

    def _search(
        self, steps: Steps, inputs: Mapping[str, Any], prompts: Sequence[Sequence[int]], end: int | None
    ) -> list[list[int]]:
        """Returns the best text of each example."""
        width, sizes = self.width, [len(prompt) for prompt in prompts]
        steps.begin(inputs, len(prompts), width)
        room = steps.length - max(sizes)
        room = room if self.length is None else min(self.length, room)
        beams = [_Beams(prompt, width, room, self._penalty, end) for prompt in prompts]
        position = min(sizes)
        first = np.array([prompt[:position] for prompt in prompts])  # (examples, positions)
        logits = steps.start(np.repeat(first, width, axis=0))  # (examples * width, classes)
        while True:
            scores = hide_padding(logits).reshape(len(prompts), width, -1)
            moves = [beam.advance(one, position) for beam, one in zip(beams, scores, strict=True)]
            if all(beam.done for beam in beams):
                return [beam.best() for beam in beams]
            order = np.concatenate([rows + i * width for i, (rows, _) in enumerate(moves)])
            ids = np.concatenate([ids for _, ids in moves])
            logits, position = steps.step(ids, position, order), position + 1


class _Beams:
    """The texts of one example."""

    def __init__(self, prompt: Sequence[int], width: int, room: int, penalty: float, end: int | None):
        self.prompt, self.width, self.room, self.penalty, self.end = prompt, width, room, penalty, end
        self.scores = np.array([0.0] + [-np.inf] * (width - 1))  # all rows are the prompt at first
        self.texts: list[list[int]] = [[] for _ in range(width)]
        self.ended: list[tuple[float, list[int]]] = []
        self.done = room < 1

    def advance(self, logits: np.ndarray, position: int) -> tuple[np.ndarray, np.ndarray]:
        """Returns which rows the next texts go on from, and with which ids; (width,) both.

        Args:
            logits: (width, classes).
            position: Of the token to come.
        """
        stay = np.arange(self.width)
        if position < len(self.prompt):
            return stay, np.full(self.width, self.prompt[position])
        if self.done:
            return stay, np.zeros(self.width, int)
        totals = self.scores[:, None] + log_softmax(logits)  # (width, classes)
        rows, ids = np.unravel_index(largest(totals, 2 * self.width), totals.shape)  # at most one ends in each row
        ends = ids == self.end
        for row, number in zip(rows[: self.width], ids[: self.width], strict=True):
            if number == self.end and np.isfinite(totals[row, number]):
                self.ended.append((self.worth(totals[row, number], len(self.texts[row]) + 1), self.texts[row]))
        rows, ids = rows[~ends][: self.width], ids[~ends][: self.width]
        self.scores = totals[rows, ids]
        self.texts = [[*self.texts[row], int(number)] for row, number in zip(rows, ids, strict=True)]
        self.done = len(self.ended) >= self.width or len(self.texts[0]) >= self.room
        return rows, ids

    def best(self) -> list[int]:
        """Returns the best text; texts that have not ended count where too few have."""
        open_ones = [(self.worth(total, len(text)), text) for total, text in zip(self.scores, self.texts, strict=True)]
        known = self.ended if len(self.ended) >= self.width else [*self.ended, *open_ones]
        return max(known, key=lambda one: one[0])[1]

    def worth(self, total: float, length: int) -> float:
        """Returns the logarithm of a probability, with the length penalty."""
        return float(total) / ((5 + length) / 6) ** self.penalty


def largest(values: np.ndarray, count: int) -> np.ndarray:
    """Returns the places of the largest of some values, by size; of equal ones the first goes first."""
    flat = values.ravel()
    best = np.argpartition(-flat, min(count, flat.size) - 1)[:count]
    return best[np.lexsort((best, -flat[best]))]


def log_softmax(logits: np.ndarray) -> np.ndarray:
    """Returns logarithms of probabilities, (..., classes)."""
    moved = logits - logits.max(-1, keepdims=True)
    return moved - np.log(np.exp(moved).sum(-1, keepdims=True))
