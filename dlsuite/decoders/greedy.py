"""The most probable token."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

import numpy as np

from dlsuite.decoders.decoder import Decoder, write_each
from dlsuite.registry import Range, register
from dlsuite.stepping import Steps


@register("decoder")
class Greedy(Decoder):
    """Writes the most probable token, one after another.

    Args:
        length: So many tokens at most; by default as many as the network's window has room for.

    Example:
        >>> [ids[0] for ids in Greedy(length=3).write(steps, {}, [[5]], end=None, seeds=[0])]
        [8, 8, 2]
    """

    def __init__(self, *, length: Annotated[int, Range(least=1)] | None = None):
        self.length = length

    def write(
        self,
        steps: Steps,
        inputs: Mapping[str, Any],
        prompts: Sequence[Sequence[int]],
        *,
        end: int | None,
        seeds: Sequence[int],
    ) -> Iterator[np.ndarray]:
        """Yields the ids of each example, as `Decoder.write` says."""
        choose = lambda logits, asked: logits.argmax(-1)  # noqa: E731
        return write_each(steps, inputs, prompts, choose, length=self.length, end=end)
