"""Two networks against each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import keras
import numpy as np
from keras import ops

from dlsuite.objectives.generation import Generation
from dlsuite.objectives.latents import decode_walk, latent_of
from dlsuite.objectives.play import Play
from dlsuite.registry import Input, Network, register


@register("objective")
class GAN(Generation):
    """Pictures from random latents, by a generator that learns to fool a discriminator of made and real ones.

    The discriminator takes a step, then the generator; each has the optimizer of its own network. Other inputs of
    theirs, such as a class, are the data's, the same for both. As no figure tells when such a training is at its best,
    the last epoch is kept. A `film` walks to the answer's latent from another random one.

    Goodfellow et al. 2014, https://arxiv.org/abs/1406.2661, section 3.

    Args:
        generator: Network that makes a picture of a latent: its input that the discriminator has not.
        discriminator: Network that gives a logit of a picture's being real, (batch, 1).
        image: The real pictures.
        loss: `non_saturating`, or `hinge` (Lim, Ye 2017, https://arxiv.org/abs/1705.02894).

    Example:
        `{"GAN": {"loss": "hinge"}}` with `models` named `generator` and `discriminator`.
    """

    domain = "generation"
    learns: list[str] = []
    measures = ["discriminator_loss", "discriminator_real", "discriminator_fake", "generator_loss"]
    scored: list[str] = []
    monitor = None

    def __init__(
        self,
        *,
        generator: Network = "generator",
        discriminator: Network = "discriminator",
        image: Input = "image",
        loss: Literal["non_saturating", "hinge"] = "non_saturating",
    ):
        super().__init__(image)
        self.generator = generator
        self.discriminator = discriminator
        self.kind = loss

    def players(self) -> dict[str, tuple[str, ...]]:
        """Returns a loss for each network."""
        return {"discriminator": (self.discriminator,), "generator": (self.generator,)}

    def noise(self, networks: Mapping[str, keras.Model]) -> dict[str, tuple[str, tuple[int, ...]]]:
        """Returns the latent, and the one that a film begins with."""
        _, shape = latent_of(networks[self.generator], networks[self.discriminator])
        return {"latent": ("normal", shape), "start": ("normal", shape)}

    def measure(self, play: Play, player: str) -> dict[str, Any]:
        """Returns the loss of a player; of the discriminator also the share of pictures that it takes for real."""
        made = self._make(play, play.noise["latent"])
        if player == "generator":
            fake = self._judge(play, made)
            return {"loss": -fake if self.kind == "hinge" else ops.softplus(-fake)}
        real, fake = self._judge(play, play.inputs[self.image]), self._judge(play, ops.stop_gradient(made))
        if self.kind == "hinge":
            loss = ops.relu(1 - real) + ops.relu(1 + fake)
        else:
            loss = ops.softplus(-real) + ops.softplus(fake)
        return {"loss": loss, "real": ops.cast(real > 0, "float32"), "fake": ops.cast(fake > 0, "float32")}

    def film(self, play: Play, frames: int | None) -> Iterator[np.ndarray]:
        """Yields what is made of latents on the way to a random one."""
        return decode_walk(lambda latent: self._make(play, latent), play.noise, frames)

    def _make(self, play: Play, latent: Any) -> Any:
        """Returns pictures, (batch, height, width, channels)."""
        name, _ = latent_of(play.networks[self.generator], play.networks[self.discriminator])
        (made,) = play.run(self.generator, **{name: ops.convert_to_tensor(latent)}).values()
        return ops.cast(made, "float32")

    def _judge(self, play: Play, image: Any) -> Any:
        """Returns logits, (batch,)."""
        (made,) = play.run(self.discriminator, **{self.image: image}).values()
        return ops.reshape(ops.cast(made, "float32"), (-1,))
