"""A text from what has been written of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np

from dlsuite.decoders.decoder import Decoder
from dlsuite.decoders.sample import Sample
from dlsuite.objectives import next_token
from dlsuite.objectives.objective import Objective
from dlsuite.objectives.play import Play
from dlsuite.objectives.writing import NOISE, collect, real, write
from dlsuite.registry import Input, register
from dlsuite.spec.errors import DataError


@register("objective")
class CausalLM(Objective):
    """Cross-entropy between the next token at each place of a text and logits; an answer continues a prompt.

    The target is the text shifted by one: `{"Text": {"field": "text", "like": "text", "shift": 1}}`. The decoder of
    `predict` writes answers; by default they are drawn at a temperature of 0.8, 200 tokens.

    Args:
        text: The input that holds the text so far.

    Example:
        >>> CausalLM().answer(np.array([17, 4, 9]), text)
        'men'
    """

    learns = ["Text"]
    takes = "logits"
    scored = ["perplexity", "loss", "accuracy", "bits_per_character"]
    rises = False

    def __init__(self, *, text: Input = "text"):
        self._text = text

    def loss(self, output: Any, feature: Any) -> keras.losses.Loss:
        """Returns cross-entropy from logits.

        Raises:
            ValueError: There is not a logit for each id of the vocabulary at each place.
        """
        check_logits(output, feature)
        return next_token.NextToken()

    def metrics(self, output: Any, feature: Any) -> list[keras.metrics.Metric]:
        """Returns cross-entropy and accuracy of a token."""
        return next_token.metrics()

    @property
    def needs(self) -> list[str]:
        """The text alone."""
        return [self._text]

    def noise(self, networks: Any) -> dict[str, tuple[str, tuple[int, ...]]]:
        """Returns what a continuation is drawn from."""
        return NOISE

    def respond(self, play: Play) -> list[np.ndarray]:
        """Returns the ids that continue each example."""
        return collect(self._continue(play), len(play.inputs[self._text]))

    def stream(self, play: Play) -> Iterator[str]:
        """Yields the text that continues the only example of a play, piece by piece as it is written."""
        feature, ids, told = play.features[self._text], [], 0
        for (token,) in self._continue(play):
            ids.append(int(token))
            text = feature.decode(ids).rstrip("\ufffd")  # a letter may be several tokens
            yield text[told:]
            told = max(told, len(text))

    def digest(self, play: Play) -> np.ndarray:
        """Returns (batch, 3): the sum of -log p in nats, hits, and tokens."""
        return next_token.tally(play)

    def answer(self, output: np.ndarray, feature: Any) -> str:
        """Returns the text that ids mean."""
        return feature.decode(output)

    def scores(self, outputs: np.ndarray, targets: np.ndarray, feature: Any) -> dict[str, float]:
        """Returns perplexity, cross-entropy in nats and accuracy of a token, and bits a character."""
        outputs, targets = np.asarray(outputs), np.asarray(targets)
        found = next_token.tally_logs(outputs, targets) if outputs.ndim == 3 else outputs
        nats, hits, tokens = found.astype(np.float64).sum(0)
        characters = sum(len(feature.decode(ids[ids > 0])) for ids in targets)
        return {
            "perplexity": float(np.exp(nats / tokens)),
            "loss": float(nats / tokens),
            "accuracy": float(hits / tokens),
            "bits_per_character": float(nats / np.log(2) / max(characters, 1)),
        }

    def _continue(self, play: Play) -> Iterator[np.ndarray]:
        decoder: Decoder = play.settings.get("decoder") or Sample(temperature=0.8, length=200)
        facts = play.features[self._text].facts_fitted()
        prompts = [self._open(ids, facts) for ids in real(play.inputs, self._text)]
        return write(play, self._text, prompts, decoder)

    def _open(self, ids: np.ndarray, facts: Any) -> list[int]:
        """Returns what to go on from: a text without its end."""
        prompt = [int(i) for i in ids if i != facts["end"]]
        if not prompt:
            raise DataError("There is no text to go on from; give at least a letter.")
        return prompt


def check_logits(output: Any, feature: Any) -> None:
    """Raises a `ValueError` unless an output is (batch, length, vocabulary)."""
    ids = feature.facts_fitted()["vocabulary"]
    if len(output.shape) != 3 or output.shape[-1] != ids:
        raise ValueError(
            f"the target has {ids} ids, so the output is (None, length, {ids}), of logits, not {tuple(output.shape)}"
        )
