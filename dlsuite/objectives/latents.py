"""The latent input of a network that makes pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import keras
import numpy as np
from keras import ops


def latent_of(maker: keras.Model, other: keras.Model) -> tuple[str, tuple[int, ...]]:
    """Returns name and shape, without the batch, of the one input that `maker` has and `other` has not.

    Raises:
        ValueError: There is none, or more than one.
    """
    known = {tensor.name for tensor in other.inputs}
    found = {tensor.name: tuple(tensor.shape[1:]) for tensor in maker.inputs if tensor.name not in known}
    if len(found) != 1:
        named = ", ".join(f"`{name}`" for name in found) or "none"
        message = f"the latent is the one input of `{maker.name}` that `{other.name}` has not; there is {named}"
        raise ValueError(message)
    return next(iter(found.items()))


def walk(start: np.ndarray, goal: np.ndarray, frames: int) -> np.ndarray:
    """Returns latents on the way between two, (frames, batch, ...), `start` first and `goal` last.

    The way is the great circle, lengths going evenly over: on the straight line between two normal latents lie shorter
    ones than a decoder ever saw. White 2016, https://arxiv.org/abs/1609.04468, section 2.1.

    Args:
        start: (batch, ...).
        goal: (batch, ...).
        frames: 2 or more.
    """
    shape = start.shape
    start, goal = start.reshape(len(start), -1), goal.reshape(len(goal), -1)
    lengths = [np.linalg.norm(one, axis=1, keepdims=True) + 1e-12 for one in (start, goal)]  # (batch, 1)
    ends = start / lengths[0], goal / lengths[1]
    angle = np.arccos(np.clip((ends[0] * ends[1]).sum(1, keepdims=True), -1 + 1e-6, 1 - 1e-6))
    way = []
    for share in np.linspace(0, 1, frames):
        direction = (np.sin((1 - share) * angle) * ends[0] + np.sin(share * angle) * ends[1]) / np.sin(angle)
        way.append(direction * ((1 - share) * lengths[0] + share * lengths[1]))
    return np.stack(way).reshape(frames, *shape).astype(np.float32)


def decode_walk(
    decode: Callable[[np.ndarray], Any], noise: Mapping[str, Any], frames: int | None
) -> Iterator[np.ndarray]:
    """Yields what is decoded, (batch, ...), on the way from the latents `start` of some noise to the latents `latent`.

    Args:
        decode: Makes pictures of latents.
        noise: Of a batch, by name.
        frames: So many; `None` for the last alone.
    """
    latent = ops.convert_to_numpy(noise["latent"])
    for one in walk(ops.convert_to_numpy(noise["start"]), latent, frames) if frames else [latent]:
        yield ops.convert_to_numpy(decode(one))
