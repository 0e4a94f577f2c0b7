"""Tokens drawn by their probabilities."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

import numpy as np

from dlsuite.decoders.decoder import Decoder, write_each
from dlsuite.registry import Range, register
from dlsuite.stepping import Steps


@register("decoder")
class Sample(Decoder):
    """Draws each token by its probability; an example's draws depend on its seed alone.

    Args:
        temperature: Logits are divided by it: below 1 the probable becomes more so. 0 always takes the most probable.
        top_k: Only so many of the most probable tokens are drawn from.
        top_p: Only the most probable tokens that together have this probability are drawn from (nucleus sampling).
            Holtzman et al., 2020, arXiv:1904.09751, section 3.1.
        length: So many tokens at most; by default as many as the network's window has room for.

    Example:
        >>> [ids[0] for ids in Sample(top_k=3, length=3).write(steps, {}, [[5]], end=None, seeds=[7])]
        [8, 2, 9]
    """

    def __init__(
        self,
        *,
        temperature: Annotated[float, Range(least=0)] = 1.0,
        top_k: Annotated[int, Range(least=1)] | None = None,
        top_p: Annotated[float, Range(above=0, most=1)] = 1.0,
        length: Annotated[int, Range(least=1)] | None = None,
    ):
        if temperature < 0:
            raise ValueError(f"temperature is {temperature}; it is 0 or more")
        if top_k is not None and top_k < 1:
            raise ValueError(f"top_k is {top_k}; it is 1 or more")
        if not 0 < top_p <= 1:
            raise ValueError(f"top_p is {top_p}; it is a probability above 0")
        self._temperature, self._top_k, self._top_p = temperature, top_k, top_p
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
        generators = [np.random.default_rng(seed) for seed in seeds]

        def choose(logits: np.ndarray, asked: np.ndarray) -> np.ndarray:
            order = np.argsort(-logits, axis=-1, kind="stable")  # (examples, classes), the most probable first
            totals = self.probabilities(np.take_along_axis(logits, order, -1)).cumsum(-1)
            drawn = np.array([one.random() if yes else 0.0 for one, yes in zip(generators, asked, strict=True)])
            places = (totals <= drawn[:, None] * totals[:, -1:]).sum(-1)  # (examples,)
            return np.take_along_axis(order, places[:, None], -1)[:, 0]

        return write_each(steps, inputs, prompts, choose, length=self.length, end=end)

    def probabilities(self, logits: np.ndarray) -> np.ndarray:
        """Returns what tokens are drawn by, (examples, classes), of logits in falling order; some sum below 1."""
        if self._temperature == 0:
            return np.eye(1, logits.shape[-1]).repeat(len(logits), axis=0)
        powers = np.exp((logits - logits[:, :1]) / self._temperature)
        if self._top_k is not None:
            powers[:, self._top_k :] = 0
        found = powers / powers.sum(-1, keepdims=True)
        before = found.cumsum(-1) - found
        return np.where(before < self._top_p, found, 0)
