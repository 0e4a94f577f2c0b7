"""Inputs as their explanations are shown on them."""

from __future__ import annotations

from typing import Any

import numpy as np
from keras import ops

from dlsuite.explanation.entries import Entry
from dlsuite.objectives.play import Play

CANNOT = "\ufffd"


def show(play: Play, entry: Entry) -> Any:
    """Returns what an explanation of an input is shown on.

    Returns:
        A picture as uint8 (height, width, channels), a spectrogram as float32 (frames, bands), the texts of tokens or
        residues, or an array of numbers, each as the data has it.
    """
    if entry.spectrogram:
        return ops.convert_to_numpy(entry.value)[0].T
    feature = play.features[entry.name]
    values = ops.convert_to_numpy(play.inputs[entry.name])[0]
    if values.dtype.kind == "i":
        return spell(feature, values[entry.filled] if values.ndim else values[None])
    decoded = np.asarray(feature.decode(values))
    return decoded[entry.filled] if entry.axis else decoded.reshape(values.shape)


def spell(feature: Any, ids: np.ndarray) -> list[str]:
    """Returns the text of each token, residue or class, as a reader sees it: spaces of byte pairs are spaces.

    What has no text of its own, such as the start, an unknown word or part of a letter, is named as `tokens` of the
    feature names it.
    """
    names = feature.tokens() if hasattr(feature, "tokens") else None
    if names is None:
        return [str(feature.decode(ids[i : i + 1] if hasattr(feature, "mask") else ids[i])) for i in range(len(ids))]
    texts = [feature.decode(ids[i : i + 1]) for i in range(len(ids))]
    return [names[i] if not text or CANNOT in text else text for i, text in zip(ids, texts, strict=True)]
