"""A text from another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import keras
import numpy as np

from dlsuite.decoders.beam import Beam
from dlsuite.decoders.decoder import Decoder
from dlsuite.objectives import next_token
from dlsuite.objectives.causal_lm import check_logits
from dlsuite.objectives.objective import Objective
from dlsuite.objectives.play import Play
from dlsuite.objectives.writing import NOISE, collect, write
from dlsuite.registry import Input, Range, register

SHOWN = 5
"""So many texts go into the report."""


@register("objective")
class Seq2Seq(Objective):
    """Cross-entropy between each token of a text and logits, from a source and the tokens before it; an answer is the
    text that a decoder writes for a source.

    The text has ids for its start and its end. Teacher forcing is an input that holds the text so far, and the target
    like it, shifted by one. Answers are written by the decoder of `predict`, by default `Beam`.

    Args:
        source: The input that is read.
        so_far: The input that holds the text so far.
        label_smoothing: The share of each target that is spread evenly over all ids. Szegedy et al., 2015,
            https://arxiv.org/abs/1512.00567, section 7.

    Example:
        >>> Seq2Seq().answer(np.array([17, 4, 9]), english)
        'two men'
    """

    learns = ["Text"]
    takes = "logits"
    follows = ["cross_entropy", "accuracy"]
    scored = ["bleu", "accuracy", "loss"]
    rises = False

    def __init__(
        self,
        *,
        source: Input = "source",
        so_far: Input = "so_far",
        label_smoothing: Annotated[float, Range(least=0, below=1)] = 0.0,
    ):
        if not 0 <= label_smoothing < 1:
            raise ValueError(f"label_smoothing is {label_smoothing}; it is a share, from 0 and below 1")
        self._source, self._so_far, self._label_smoothing = source, so_far, label_smoothing

    def loss(self, output: Any, feature: Any) -> keras.losses.Loss:
        """Returns cross-entropy from logits.

        Raises:
            ValueError: There is not a logit for each id at each place, or texts have no start or no end.
        """
        check_logits(output, feature)
        facts = feature.facts_fitted()
        if lacking := [name for name in ("start", "end") if facts[name] is None]:
            raise ValueError(f'texts to write need ids of their own for start and end: give "{lacking[0]}": true')
        return next_token.NextToken(self._label_smoothing)

    def metrics(self, output: Any, feature: Any) -> list[keras.metrics.Metric]:
        """Returns cross-entropy, without smoothing, and accuracy of a token."""
        return next_token.metrics()

    def shown(self, output: Any, target: Any) -> Any:
        """Returns the logits of the places that the target has."""
        return next_token.shown(output, target)

    @property
    def needs(self) -> list[str]:
        """The source alone."""
        return [self._source]

    def noise(self, networks: Any) -> dict[str, tuple[str, tuple[int, ...]]]:
        """Returns what a text is drawn from, by decoders that draw."""
        return NOISE

    def respond(self, play: Play) -> list[np.ndarray]:
        """Returns the ids written for each example."""
        decoder: Decoder = play.settings.get("decoder") or Beam()
        start = play.features[self._so_far].facts_fitted()["start"]
        prompts = [[start]] * len(play.inputs[self._source])
        return collect(write(play, self._so_far, prompts, decoder), len(prompts))

    def digest(self, play: Play) -> list[dict[str, np.ndarray]]:
        """Returns of each example the ids written, and what teacher forcing gives: -log p in nats, hits, tokens."""
        tallies = next_token.tally(play)
        return [{"ids": ids, "tally": one} for ids, one in zip(self.respond(play), tallies, strict=True)]

    def answer(self, output: np.ndarray, feature: Any) -> str:
        """Returns the text that ids mean."""
        return feature.decode(output)

    def scores(self, outputs: Sequence[Any], targets: np.ndarray, feature: Any) -> dict[str, float]:
        """Returns corpus BLEU of the texts written, and accuracy and cross-entropy of a token under teacher forcing.

        BLEU is sacrebleu's, of whole texts, from 0 to 100. Papineni et al. 2002; Post 2018, arXiv:1804.08771. Baselines
        give ids alone, (examples, length), and get BLEU alone.
        """
        if isinstance(outputs, np.ndarray):
            return {"bleu": _bleu(outputs, targets, feature)[0]}
        nats, hits, tokens = np.sum([one["tally"] for one in outputs], axis=0, dtype=np.float64)
        bleu, _ = _bleu([one["ids"] for one in outputs], targets, feature)
        return {"bleu": bleu, "accuracy": float(hits / tokens), "loss": float(nats / tokens)}

    def samples(self, outputs: Sequence[Any], targets: np.ndarray, feature: Any) -> list[tuple[str, str]]:
        """Returns a few texts beside the references, and how BLEU was measured."""
        written = [one["ids"] for one in outputs]
        pairs = [
            (feature.decode(truth), feature.decode(ids)) for truth, ids in zip(targets, written[:SHOWN], strict=False)
        ]
        return [*pairs, ("BLEU was measured so", _bleu(written[:SHOWN], targets[:SHOWN], feature)[1])]


def _bleu(written: Any, targets: np.ndarray, feature: Any) -> tuple[float, str]:
    """Returns corpus BLEU, and sacrebleu's signature."""
    from sacrebleu.metrics import BLEU

    measure = BLEU()
    score = measure.corpus_score([feature.decode(ids) for ids in written], [[feature.decode(ids) for ids in targets]])
    return float(score.score), str(measure.get_signature())
