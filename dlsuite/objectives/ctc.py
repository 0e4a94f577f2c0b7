"""Transcripts of sequences whose alignment nobody wrote down."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import numpy as np
from keras import ops

from dlsuite.objectives.alignment import align
from dlsuite.objectives.objective import Objective
from dlsuite.objectives.play import Play
from dlsuite.registry import Output, Range, register

SHOWN = 8
"""So many transcripts are shown in a report."""
ALARM = "Nothing but blanks came out: no word was found."


@register("objective")
class CTC(Objective):
    """Connectionist temporal classification: the negative log-probability of a transcript, over all its alignments.

    The output is (batch, frames, vocabulary) of logits, the first for the blank. What stands in frames of padding, and
    how long transcripts are padded, changes neither loss nor answer. An example with fewer frames than its transcript
    needs cannot be learned from: it adds nothing, and the measure `unalignable` tells the share of them. Graves et al.
    2006, "Connectionist temporal classification", equations 3 and 8.

    Args:
        frames: The output that says which frames are of sound, (batch, frames) of booleans, those first; by default all
            are.
        beam_width: So many transcripts are followed in parallel (prefix beam search); by default the most probable
            label of each frame counts.

    Example:
        `{"CTC": {"frames": "frames"}}`
    """

    learns = ["Transcript"]
    takes = "logits"
    measures = ["unalignable"]
    scored = ["wer", "cer", "empty"]
    rises = False
    monitor = "loss"

    def __init__(
        self, *, frames: Output | None = None, beam_width: Annotated[int, Range(least=1, most=1000)] | None = None
    ):
        if beam_width is not None and not 1 <= beam_width <= 1000:
            raise ValueError(f"beam_width is {beam_width}; it is from 1 to 1000")
        self._frames = frames
        self._beam_width = beam_width

    def players(self) -> dict[str, tuple[str, ...]]:
        """Returns one loss over all networks."""
        return {"": ()}

    def measure(self, play: Play, player: str) -> dict[str, Any]:
        """Returns the loss of each example, and whether its transcript needs more frames than there are, (batch,)."""
        logits = play.output  # (batch, frames, vocabulary)
        target = play.task.target
        labels, mask = play.targets[target], play.targets[f"{target}.mask"]  # (batch, labels)
        mask = ops.cast(mask, "int32")
        labels = ops.cast(labels, "int32") * mask
        label_lengths = ops.sum(mask, axis=1)
        repeats = ops.sum(ops.cast(labels[:, 1:] == labels[:, :-1], "int32") * mask[:, 1:], axis=1)
        lengths = self._lengths(play, logits)
        possible = lengths >= label_lengths + repeats  # a blank stands between equal labels
        # An impossible example is given one label to learn instead, and then no weight: no infinite loss, no gradient.
        loss = ops.ctc_loss(labels, logits, ops.where(possible, label_lengths, 1), ops.maximum(lengths, 1))
        return {"loss": ops.where(possible, loss, 0.0), "unalignable": ops.cast(~possible, "float32")}

    def respond(self, play: Play) -> Sequence[dict[str, Any]]:
        """Returns the transcript of each example as `labels`, where each label stands, and how probable it is there."""
        logits = ops.cast(play.output, "float32")
        lengths = self._lengths(play, logits)
        found = self._decode(logits, lengths)
        log_probabilities = ops.convert_to_numpy(ops.log_softmax(logits, axis=-1))  # (batch, frames, vocabulary)
        counts = ops.convert_to_numpy(lengths)
        frame_seconds = _frame_seconds(play, log_probabilities.shape[1])
        return [
            {**_explain(one[:count], labels), "frame_seconds": frame_seconds}
            for one, count, labels in zip(log_probabilities, counts, found, strict=True)
        ]

    def digest(self, play: Play) -> Sequence[np.ndarray]:
        """Returns the labels of each example."""
        logits = ops.cast(play.output, "float32")
        return self._decode(logits, self._lengths(play, logits))

    def answer(self, one: dict[str, Any], feature: Any) -> dict[str, Any]:
        """Returns the text, how sure it is, and its words with their times in seconds; a warning where there are none.

        Times are known where the input is a sound. The confidence of a word, and of the whole, is the geometric mean of
        the probabilities of its characters where the most probable alignment puts them; of an empty text, that of the
        blanks.
        """
        text = feature.decode(one["labels"])
        answer: dict[str, Any] = {"text": text, "confidence": _mean(one["confidence"]), "words": []}
        place = 0
        for word in text.split(" ") if text.strip() else []:
            letters = slice(place, place + len(word))
            place += len(word) + 1  # the space behind it
            if word:
                found: dict[str, Any] = {"word": word, "confidence": _mean(one["confidence"][letters])}
                if seconds := one["frame_seconds"]:
                    first, last = one["frames"][letters][0, 0], one["frames"][letters][-1, 1]
                    found |= {"start": round(float(first * seconds), 3), "end": round(float((last + 1) * seconds), 3)}
                answer["words"].append(found)
        if not answer["words"]:
            answer["warning"] = ALARM
        return answer

    def scores(self, digests: Sequence[Any], truths: np.ndarray, feature: Any) -> dict[str, float]:
        """Returns word and character error rate over all transcripts, and the share of empty answers."""
        import jiwer

        said = [feature.decode(one) for one in truths]
        heard = [feature.decode(one) for one in digests]
        return {
            "wer": float(jiwer.wer(said, heard)),
            "cer": float(jiwer.cer(said, heard)),
            "empty": float(np.mean([not one.strip() for one in heard])),
        }

    def samples(self, digests: Sequence[Any], truths: np.ndarray, feature: Any) -> list[tuple[str, str]]:
        """Returns what was said, and what was heard, of the first few examples."""
        pairs = list(zip(truths, digests, strict=True))[:SHOWN]
        return [(feature.decode(truth), feature.decode(one) or ALARM) for truth, one in pairs]

    def _lengths(self, play: Play, logits: Any) -> Any:
        """Returns the number of frames of each example, (batch,)."""
        if self._frames is None:
            return ops.full(ops.shape(logits)[:1], ops.shape(logits)[1], "int32")
        return ops.sum(ops.cast(play.read(self._frames), "int32"), axis=1)

    def _decode(self, logits: Any, lengths: Any) -> list[np.ndarray]:
        how = {"strategy": "greedy"}
        if self._beam_width is not None:
            how = {"strategy": "beam_search", "beam_width": self._beam_width}
        paths, _ = ops.ctc_decode(logits, lengths, mask_index=0, **how)  # (1, batch, labels), -1 behind the last
        return [labels[labels > 0] for labels in ops.convert_to_numpy(paths[0])]


def _frame_seconds(play: Play, frames: int) -> float | None:
    """Returns how long a frame is, where one of the inputs is a sound."""
    facts = (play.features[name].facts_fitted() for name in play.inputs if name in play.features)
    seconds = next((one["seconds"] for one in facts if "seconds" in one), None)
    return None if seconds is None else seconds / frames


def _explain(log_probabilities: np.ndarray, labels: np.ndarray) -> dict[str, Any]:
    """Returns labels with the first and last frame of each, and how probable each is there at its best."""
    frames = align(log_probabilities, labels)
    if not len(labels):
        return {"labels": labels, "frames": frames, "confidence": log_probabilities[:, 0]}
    spans = zip(frames, labels, strict=True)
    confidence = np.array([log_probabilities[first : last + 1, label].max() for (first, last), label in spans])
    return {"labels": labels, "frames": frames, "confidence": confidence}


def _mean(log_probabilities: np.ndarray) -> float:
    return float(np.exp(np.mean(log_probabilities))) if len(log_probabilities) else 0.0
