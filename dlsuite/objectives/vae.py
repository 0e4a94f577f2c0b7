"""A variational autoencoder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

import keras
import numpy as np
from keras import ops

from dlsuite.objectives.generation import Generation
from dlsuite.objectives.latents import decode_walk, latent_of
from dlsuite.objectives.play import Play
from dlsuite.registry import Input, Network, Range, register


@register("objective")
class VAE(Generation):
    """Pictures from normal latents, learned by encoding and decoding real ones.

    The loss of a picture, in nats, is its reconstruction error, added up over the pixels, and `beta` times the
    divergence between its latent's distribution and the standard normal one. Asked with a picture, it answers what is
    decoded of it; asked without, what is decoded of a random latent. A `film` walks to the answer's latent from another
    random one.

    Kingma, Welling 2014, https://arxiv.org/abs/1312.6114, equation 10; beta: Higgins et al. 2017.

    Args:
        encoder: Network with the outputs `mean` and `log_variance`, (batch, size).
        decoder: Network that makes a picture of a latent; its input that the encoder has not is the latent.
        image: The real pictures.
        reconstruction: `binary_crossentropy`, for pictures and outputs from 0 to 1, or `squared_error`.
        beta: Weight of the divergence.
        warm_up: The weight grows evenly from 0 in so many steps of training.

    Example:
        `{"VAE": {"warm_up": 500}}` with `models` named `encoder` and `decoder`.
    """

    domain = "generation"
    learns: list[str] = []
    measures = ["reconstruction", "kl"]
    scored = ["loss", "reconstruction", "kl"]

    def __init__(
        self,
        *,
        encoder: Network = "encoder",
        decoder: Network = "decoder",
        image: Input = "image",
        reconstruction: Literal["binary_crossentropy", "squared_error"] = "binary_crossentropy",
        beta: Annotated[float, Range(least=0)] = 1.0,
        warm_up: Annotated[int, Range(least=0)] = 0,
    ):
        if beta < 0 or warm_up < 0:
            raise ValueError(f"beta is {beta} and warm_up {warm_up}; both are 0 or more")
        super().__init__(image)
        self.encoder = encoder
        self.decoder = decoder
        self.reconstruction = reconstruction
        self.beta = beta
        self.warm_up = warm_up

    def players(self) -> dict[str, tuple[str, ...]]:
        """Returns one loss for both networks."""
        return {"": (self.encoder, self.decoder)}

    def noise(self, networks: Mapping[str, keras.Model]) -> dict[str, tuple[str, tuple[int, ...]]]:
        """Returns the latent, and the one that a film begins with."""
        _, shape = latent_of(networks[self.decoder], networks[self.encoder])
        return {"latent": ("normal", shape), "start": ("normal", shape)}

    def measure(self, play: Play, player: str) -> dict[str, Any]:
        """Returns the loss, the reconstruction error and the divergence of each picture, in nats."""
        mean, log_variance = self._encode(play)  # (batch, size)
        decoded = self._decode(play, mean + ops.exp(0.5 * log_variance) * play.noise["latent"])
        wrong = self._wrong(play.inputs[self.image], decoded)
        divergence = 0.5 * ops.sum(ops.square(mean) + ops.exp(log_variance) - 1 - log_variance, axis=-1)
        beta = self.beta
        if self.warm_up and play.training:
            beta = beta * ops.minimum(play.step / self.warm_up, 1.0)
        return {"loss": wrong + beta * divergence, "reconstruction": wrong, "kl": divergence}

    def film(self, play: Play, frames: int | None) -> Iterator[np.ndarray]:
        """Yields what is decoded of latents on the way to a random one."""
        return decode_walk(lambda latent: self._decode(play, latent), play.noise, frames)

    def respond(self, play: Play) -> Any:
        """Returns what is decoded of each picture's mean latent; of a random one where there is no picture."""
        if self.image not in play.inputs:
            return super().respond(play)
        return [{"image": one} for one in ops.convert_to_numpy(self._decode(play, self._encode(play)[0]))]

    def _encode(self, play: Play) -> tuple[Any, Any]:
        made = play.run(self.encoder)
        return ops.cast(made["mean"], "float32"), ops.cast(made["log_variance"], "float32")

    def _decode(self, play: Play, latent: Any) -> Any:
        name, _ = latent_of(play.networks[self.decoder], play.networks[self.encoder])
        (made,) = play.run(self.decoder, **{name: ops.convert_to_tensor(latent)}).values()
        return ops.cast(made, "float32")

    def _wrong(self, image: Any, decoded: Any) -> Any:
        """Returns the reconstruction error of each picture, (batch,)."""
        image, decoded = (ops.reshape(one, (ops.shape(one)[0], -1)) for one in (image, decoded))  # (batch, pixels)
        if self.reconstruction == "squared_error":
            return ops.sum(ops.square(image - decoded), axis=-1)
        return ops.sum(ops.binary_crossentropy(image, decoded), axis=-1)
