"""Where an input of a network is a tensor of numbers that can be changed little by little."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras import ops

from dlsuite.explanation.asking import ExplanationError, find_filled, watch
from dlsuite.explanation.walking import Call
from dlsuite.objectives.play import Play


@dataclass(frozen=True)
class Entry:
    """A tensor that holds an input in numbers.

    Attributes:
        name: Of the input.
        path: Of the call that makes the tensor: a spectrogram, an embedding, numbers of one kind each; `None` where it
            is the input itself.
        value: The tensor of one example, (1, ...).
        axis: Along which its places run, some of which may not be filled; `None` where all are.
        filled: Which are, (places,).
        rank: So many axes the input has for an example: numbers along further ones belong together.
    """

    name: str
    path: str | None
    value: Any
    axis: int | None
    filled: np.ndarray
    rank: int

    @property
    def key(self) -> str:
        """What tells entries apart."""
        return self.path or f"input {self.name}"

    @property
    def spectrogram(self) -> bool:
        """Whether it is the spectrogram of a sound, (1, bands, frames)."""
        return self.axis == 2

    def mask(self) -> np.ndarray:
        """Returns 1 where the value is filled and 0 elsewhere, in a shape to multiply it by."""
        shape = [1] * len(self.value.shape)
        if self.axis is not None:
            shape[self.axis] = -1
        return self.filled.astype(np.float32).reshape(shape)


def find_entries(play: Play) -> tuple[list[Entry], Any]:
    """Returns where each input enters in numbers, and the output.

    Sounds enter as the spectrogram that the network makes of them, if it makes one; numbers that stand for tokens,
    residues or classes as the first vectors made of them; everything else as it is.

    Raises:
        ExplanationError: Numbers of an input that stand for something are used in another way.
    """
    inner: list[Entry] = []
    whole = [name for name in play.inputs if name in play.features]
    sounds = [name for name in whole if getattr(play.features[name], "domain", None) == "speech"]

    def visit(call: Call) -> Any:
        made = call.run()
        if isinstance(call.operation, keras.layers.MelSpectrogram) and sounds:
            inner.append(_spectrogram(play, sounds.pop(0), call, made))
        for name in whole:
            if _embeds(play.inputs[name], call, made):
                inner.append(_embedding(play, name, call.path, made))
        return made

    output = watch(play, visit)
    direct = [name for name in whole if name not in [entry.name for entry in inner]]
    if discrete := [name for name in direct if not _is_float(play.inputs[name])]:
        raise ExplanationError(
            f"What `{discrete[0]}` adds cannot be told: the network makes no vectors of it, as Embedding or one_hot do."
        )
    return inner + [_itself(play, name) for name in direct], output


def _embeds(tensor: Any, call: Call, made: Any) -> bool:
    """Returns whether a call makes vectors of a tensor of whole numbers."""
    return (
        not _is_float(tensor)
        and call.reads(tensor)
        and ops.is_tensor(made)
        and _is_float(made)
        and len(made.shape) == len(tensor.shape) + 1
    )


def _is_float(tensor: Any) -> bool:
    return "float" in keras.backend.standardize_dtype(tensor.dtype)


def _embedding(play: Play, name: str, path: str, made: Any) -> Entry:
    rank = len(play.inputs[name].shape) - 1
    filled = find_filled(play, name, made.shape[1]) if rank else np.ones(1, bool)
    return Entry(name, path, made, 1 if rank else None, filled, rank)


def _itself(play: Play, name: str) -> Entry:
    tensor = play.inputs[name]
    varies = hasattr(play.features[name], "mask")
    filled = find_filled(play, name, tensor.shape[1]) if varies else np.ones(1, bool)
    return Entry(name, None, tensor, 1 if varies else None, filled, len(tensor.shape) - 1)


def _spectrogram(play: Play, name: str, call: Call, made: Any) -> Entry:
    """Returns a spectrogram, (1, bands, frames), as an entry; a frame is filled where a sample of its window is."""
    layer = call.operation
    samples = int(find_filled(play, name, play.inputs[name].shape[1]).sum())
    begins = np.arange(made.shape[2]) * layer.sequence_stride - layer.sequence_length // 2
    return Entry(name, call.path, made, 2, begins < samples, 2)
