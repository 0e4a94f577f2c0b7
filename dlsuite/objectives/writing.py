"""Text written by a network of a play."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import keras
import numpy as np

from dlsuite.decoders.decoder import Decoder
from dlsuite.objectives.play import Play
from dlsuite.stepping import Steps, open_steps

NOISE = {"draw": ("uniform", ())}
"""What an example needs to be drawn: a number from which its generator is seeded."""
LONGEST = 256
"""So many positions, for networks of any length where nothing says how many."""


def write(play: Play, stream: str, prompts: Sequence[Sequence[int]], decoder: Decoder) -> Iterator[np.ndarray]:
    """Yields what each example of a play goes on with, as `Decoder.write` does.

    Args:
        play: The batch.
        stream: The input that grows.
        prompts: Ids that it begins with, of the first examples or of all.
        decoder: What chooses.
    """
    steps = open_for(play, stream, max(map(len, prompts)), len(prompts) * decoder.width, decoder.length)
    draws = keras.ops.convert_to_numpy(play.noise["draw"]) if "draw" in play.noise else np.zeros(len(prompts))
    seeds = [int(draw * 2**32) for draw in draws[: len(prompts)].astype(float)]
    inputs = {name: value[: len(prompts)] for name, value in play.inputs.items()}
    return decoder.write(steps, inputs, prompts, end=play.features[stream].facts_fitted()["end"], seeds=seeds)


def open_for(play: Play, stream: str, prompt: int, rows: int, length: int | None) -> Steps:
    """Returns the network that makes the output of a play's task, to be asked for one position after another."""
    output = play.task.inputs[0]
    network = next(name for name, outputs in play.outputs.items() if output in outputs)
    longest = play.features[stream].facts_fitted()["length"] or 1 << (prompt + (length or LONGEST) - 1).bit_length()
    steps = open_steps(play.networks[network], stream, output, rows=rows, length=longest)
    if steps.reason:
        warnings.warn(f"The whole window is computed for each token: {steps.reason}.", stacklevel=2)
    return steps


def collect(columns: Iterable[np.ndarray], examples: int) -> list[np.ndarray]:
    """Returns the ids of each example, of what `write` yields."""
    table = np.array(list(columns), int).reshape(-1, examples)  # (tokens, examples)
    return [ids[ids >= 0] for ids in table.T]


def real(inputs: Mapping[str, Any], name: str) -> list[np.ndarray]:
    """Returns the ids of each example without padding."""
    ids, mask = (keras.ops.convert_to_numpy(inputs[key]) for key in (name, f"{name}.mask"))
    return [row[there.astype(bool)] for row, there in zip(ids, mask, strict=True)]
