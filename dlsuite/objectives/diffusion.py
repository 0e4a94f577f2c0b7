"""Pictures out of noise, a little less of it at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

import keras
import numpy as np
from keras import ops

from dlsuite.objectives.generation import Generation
from dlsuite.objectives.play import Play
from dlsuite.registry import Input, Network, Range, register
from dlsuite.samplers.ddpm import DDPM
from dlsuite.samplers.noise_schedule import SCHEDULES

CLEAN = 1.0
"""Estimates of the clean picture are kept between minus this and this."""


@register("objective")
class Diffusion(Generation):
    """Learns which noise is in a picture, at every level of noise; answers by walking back from noise alone.

    Pictures go from -1 to 1 (`"range": [-1, 1]`). The network reads the noisy picture under the name of `image`, the
    number of the noise level, from 0 to `steps` - 1, as `time`, (batch,), and perhaps a class: under the name of
    `label`, 1 more than its number, with 0 for none. A share of the labels is dropped in training, so that one network
    knows both, and a sampler's `guidance` can lead away from the answer without a class (classifier-free guidance).
    `sampler` of `predict` says how the way back goes; by default `DDPM`, through every level. A `film` shows that way.

    Ho, Jain, Abbeel 2020, https://arxiv.org/abs/2006.11239, algorithm 1, equation 14; velocity: Salimans, Ho 2022,
    https://arxiv.org/abs/2202.00512, appendix D; guidance: Ho, Salimans 2022, https://arxiv.org/abs/2207.12598.

    Args:
        network: It has one output, of the shape of the picture.
        image: The real pictures.
        label: Their classes, if the network is to know them.
        predicts: What its output is: `noise`, or `velocity`, a mixture of noise and picture that is as large at every
            level.
        schedule: How fast noise grows: `cosine` or `linear`.
        steps: So many levels of noise.
        drop: Share of the labels that are left out in training.

    Example:
        `{"Diffusion": {"label": "label", "predicts": "velocity"}}`
    """

    domain = "generation"
    learns: list[str] = []
    measures: list[str] = []
    scored = ["loss"]

    def __init__(
        self,
        *,
        network: Network = "model",
        image: Input = "image",
        label: Input | None = None,
        predicts: Literal["noise", "velocity"] = "noise",
        schedule: Literal["cosine", "linear"] = "cosine",
        steps: Annotated[int, Range(least=2, most=100000)] = 1000,
        drop: Annotated[float, Range(least=0, below=1)] = 0.1,
    ):
        if steps < 2:
            raise ValueError(f"steps is {steps}; take 2 or more")
        if not 0 <= drop < 1:
            raise ValueError(f"drop is {drop}; it is a share, from 0 and below 1")
        super().__init__(image)
        self.network = network
        self.label = label
        self.predicts = predicts
        self.schedule = SCHEDULES[schedule](steps)
        self.drop = drop

    def players(self) -> dict[str, tuple[str, ...]]:
        """Returns the one loss."""
        return {"": (self.network,)}

    def noise(self, networks: Mapping[str, keras.Model]) -> dict[str, tuple[str, tuple[int, ...]]]:
        """Returns noise like a picture, which level of it, whether to drop the label, and the seed of further noise."""
        shape = next(tuple(one.shape[1:]) for one in networks[self.network].inputs if one.name == self.image)
        return {"noise": ("normal", shape), "level": ("uniform", ()), "drop": ("uniform", ()), "key": ("uniform", (4,))}

    def measure(self, play: Play, player: str) -> dict[str, Any]:
        """Returns the squared error of each picture's noise or velocity, the mean over its pixels."""
        image, noise = play.inputs[self.image], play.noise["noise"]  # (batch, height, width, channels)
        steps = self.schedule.steps
        time = ops.minimum(ops.cast(play.noise["level"] * steps, "int32"), steps - 1)  # (batch,)
        signals = np.array([self.schedule.signal(t) for t in range(steps)], np.float32)
        noises = np.array([self.schedule.noise(t) for t in range(steps)], np.float32)
        signal = ops.reshape(ops.take(signals, time), (-1, 1, 1, 1))
        share = ops.reshape(ops.take(noises, time), (-1, 1, 1, 1))
        label = None
        if self.label is not None:
            label = ops.cast(play.inputs[self.label], "int32") + 1
            label = ops.where(play.noise["drop"] < self.drop, ops.zeros_like(label), label)
        found = self._run(play, signal * image + share * noise, ops.cast(time, "float32"), label)
        wanted = noise if self.predicts == "noise" else signal * noise - share * image
        return {"loss": ops.mean(ops.square(found - wanted), axis=(1, 2, 3))}

    def film(self, play: Play, frames: int | None) -> Iterator[np.ndarray]:
        """Yields the states on the way from noise to pictures."""
        sampler = play.settings.get("sampler") or DDPM()
        start = ops.convert_to_numpy(play.noise["noise"])  # (batch, height, width, channels)
        keys = (ops.convert_to_numpy(play.noise["key"]).astype(np.float64) * 2**24).astype(np.uint32)
        streams = [np.random.default_rng(key) for key in keys]  # one an example: pictures do not depend on the batch

        def draw() -> np.ndarray:
            return np.stack([stream.standard_normal(start.shape[1:], np.float32) for stream in streams])

        return sampler.sample(start, lambda x, t: self.clean(play, x, t, sampler.guidance), self.schedule, draw)

    def clean(self, play: Play, x: np.ndarray, t: int, guidance: float) -> np.ndarray:
        """Returns the guided estimate of the clean pictures, (batch, height, width, channels), of states at level `t`.

        Classifier-free guidance, equation 6, with a weight of 1 + w.
        """
        signal, share = self.schedule.signal(t), self.schedule.noise(t)
        label = None
        if self.label is not None:
            given = play.inputs.get(self.label)
            label = np.zeros(len(x), np.int32) if given is None else ops.convert_to_numpy(given).astype(np.int32) + 1
        if label is None or guidance == 1 or not label.any():
            found = self._estimate(play, x, t, label)
        else:
            twice = self._estimate(play, np.concatenate([x, x]), t, np.concatenate([label, np.zeros_like(label)]))
            told, untold = np.split(twice, 2)
            found = untold + guidance * (told - untold)
        clean = (x - share * found) / signal if self.predicts == "noise" else signal * x - share * found
        return np.clip(clean, -CLEAN, CLEAN)

    def _estimate(self, play: Play, x: np.ndarray, t: int, label: np.ndarray | None) -> np.ndarray:
        return ops.convert_to_numpy(self._run(play, x, np.full(len(x), t, np.float32), label))

    def _run(self, play: Play, x: Any, time: Any, label: Any) -> Any:
        given = {self.image: x, "time": time} | ({self.label: label} if self.label is not None else {})
        (made,) = play.run(self.network, **{name: ops.convert_to_tensor(one) for name, one in given.items()}).values()
        return ops.cast(made, "float32")
