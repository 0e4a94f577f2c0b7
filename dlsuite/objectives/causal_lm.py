"""A text from what has been written of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

import keras
import numpy as np

from dlsuite.decoders.decoder import Decoder
from dlsuite.decoders.sample import Sample
from dlsuite.objectives import next_token
from dlsuite.objectives.objective import Objective
from dlsuite.objectives.play import Play
from dlsuite.objectives.writing import NOISE, collect, real, write
from dlsuite.registry import Input, Range, register
from dlsuite.spec.errors import DataError

SHOWN = 5
"""So many texts go into the report."""


@register("objective")
class CausalLM(Objective):
    """Cross-entropy between the next token at each place of a text and logits; an answer continues a prompt.

    The target is the text shifted by one: `{"Text": {"field": "text", "like": "text", "shift": 1}}`. The decoder of
    `predict` writes answers; by default they are drawn at a temperature of 0.8, 200 tokens.

    Args:
        text: The input that holds the text so far.
        writes: So many texts are written when a split is measured: for the report, and for metrics that read texts.
        prompt: What they begin with; by default as the first examples of the split do, with a quarter of their tokens.

    Example:
        >>> CausalLM().answer(np.array([17, 4, 9]), text)
        'men'
    """

    learns = ["Text"]
    takes = "logits"
    follows = ["cross_entropy", "accuracy"]
    scored = ["perplexity", "loss", "accuracy", "bits_per_character"]
    rises = False

    def __init__(self, *, text: Input = "text", writes: Annotated[int, Range(least=0)] = 0, prompt: str | None = None):
        if writes < 0:
            raise ValueError(f"writes is {writes}; it is 0 or more")
        self._text, self._writes, self._prompt = text, writes, prompt
        self._written = 0

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

    def shown(self, output: Any, target: Any) -> Any:
        """Returns the logits of the places that the target has."""
        return next_token.shown(output, target)

    @property
    def needs(self) -> list[str]:
        """The text alone."""
        return [self._text]

    @property
    def continues(self) -> list[str]:
        """The text."""
        return [self._text]

    def noise(self, networks: Any) -> dict[str, tuple[str, tuple[int, ...]]]:
        """Returns what a continuation is drawn from."""
        return NOISE

    def respond(self, play: Play) -> list[np.ndarray]:
        """Returns the ids that continue each example."""
        prompts = real(play.inputs, self._text)
        return collect(self._continue(play, prompts), len(prompts))

    def stream(self, play: Play) -> Iterator[str]:
        """Yields the text that continues the only example of a play, piece by piece as it is written."""
        feature, ids, told = play.features[self._text], [], 0
        for (token,) in self._continue(play, real(play.inputs, self._text)):
            ids.append(int(token))
            text = feature.decode(ids).rstrip("\ufffd")  # a letter may be several tokens
            yield text[told:]
            told = max(told, len(text))

    def digest(self, play: Play) -> list[dict[str, np.ndarray]]:
        """Returns of each example -log p in nats, hits and tokens, and of the first ones a text that was written."""
        found: list[dict[str, np.ndarray]] = [{"tally": one} for one in next_token.tally(play)]
        if count := min(self._writes - self._written, len(found)):
            self._written += count
            prompts = [ids[: len(ids) // 4 + 1] for ids in real(play.inputs, self._text)[:count]]
            if self._prompt is not None:
                prompts = [play.features[self._text].encode(self._prompt)] * count
            texts = collect(self._continue(play, prompts), count)
            for one, prompt, ids in zip(found, prompts, texts, strict=False):
                one |= {"prompt": prompt, "text": np.concatenate([prompt, ids])}
        return found

    def answer(self, output: np.ndarray, feature: Any) -> str:
        """Returns the text that ids mean."""
        return feature.decode(output)

    def scores(self, outputs: Any, targets: np.ndarray, feature: Any) -> dict[str, float]:
        """Returns perplexity, cross-entropy in nats and accuracy of a token, and bits a character.

        Baselines give logarithms of probabilities, (examples, length, ids).
        """
        if isinstance(outputs, np.ndarray):
            found = next_token.tally_logs(outputs, targets)
        else:
            found = np.array([one["tally"] for one in outputs])  # (examples, 3)
        nats, hits, tokens = found.astype(np.float64).sum(0)
        characters = sum(len(feature.decode(ids[ids > 0])) for ids in targets)
        return {
            "perplexity": float(np.exp(nats / tokens)),
            "loss": float(nats / tokens),
            "accuracy": float(hits / tokens),
            "bits_per_character": float(nats / np.log(2) / max(characters, 1)),
        }

    def samples(self, outputs: Any, targets: np.ndarray, feature: Any) -> list[tuple[str, str]]:
        """Returns a few of the texts that were written, each with its prompt."""
        texts = [one for one in outputs if "text" in one][:SHOWN]
        return [(f"After {feature.decode(one['prompt'])!r}", feature.decode(one["text"])) for one in texts]

    def _continue(self, play: Play, prompts: Sequence[np.ndarray]) -> Iterator[np.ndarray]:
        decoder: Decoder = play.settings.get("decoder") or Sample(temperature=0.8, length=200)
        facts = play.features[self._text].facts_fitted()
        return write(play, self._text, [self._open(ids, facts) for ids in prompts], decoder)

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
