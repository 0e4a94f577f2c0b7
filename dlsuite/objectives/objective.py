"""The interface of objectives."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np

from dlsuite.objectives.media import Media
from dlsuite.objectives.play import Play


class Objective(ABC):
    """What to learn, how to measure it, and how what the networks make becomes an answer.

    Attributes:
        rises: Whether a higher value of the metric that chooses the epoch to keep is better: the first of `metrics`, or
            `monitor` where there are players.
        monitor: The measure on validation that chooses; `None`: the last epoch is kept.
    """

    rises: bool = True
    monitor: str | None = "loss"

    # Training by a loss between one output and its target

    def loss(self, output: Any, feature: Any) -> keras.losses.Loss | None:
        """Returns the loss between the target and an output; `None` where there are `players`.

        Args:
            output: The symbolic output; its shape is known.
            feature: The fitted feature of the target.

        Raises:
            ValueError: The output does not suit the target; says what would.
        """
        return None

    def metrics(self, output: Any, feature: Any) -> list[keras.metrics.Metric]:
        """Returns the metrics to follow while training, the first one deciding which epoch is best."""
        return []

    def shown(self, output: Any, target: Any) -> Any:
        """Returns what of an output stands beside its target, for metrics of Keras; by default all of it."""
        return output

    # Training by losses over whole batches

    def players(self) -> Mapping[str, tuple[str, ...]]:
        """Returns the losses by name, and which networks each trains; none named means all of them.

        A step of training takes them one after the other, each with an optimizer of its own.
        """
        return {}

    def noise(self, networks: Mapping[str, keras.Model]) -> Mapping[str, tuple[str, tuple[int, ...]]]:
        """Returns the random numbers that an example needs: `normal` or `uniform`, and their shape, by name.

        They are drawn beside the data, by seed, step and the example's place in the batch, whatever the devices.
        """
        return {}

    def measure(self, play: Play, player: str) -> Mapping[str, Any]:
        """Returns measures of each example, (batch,), by name: `loss` is minimised, the others are followed.

        Args:
            play: The batch.
            player: One of `players`.
        """
        return {}

    # Answers

    @property
    def compares(self) -> str | None:
        """The input whose tensors `scores` gets as the truth, for an objective without target."""
        return None

    @property
    def needs(self) -> Sequence[str] | None:
        """The inputs that an answer needs; `None`: all of them. The others may be left out."""
        return None

    @property
    def continues(self) -> Sequence[str]:
        """The inputs that an answer goes on from: where one is too long, its end is read, not its beginning."""
        return ()

    @property
    def enough(self) -> int | None:
        """So many examples of a split are enough to be judged by, the first batches; `None`: all are looked at."""
        return None

    def respond(self, play: Play) -> Sequence[Any]:
        """Returns what the networks say of each example; by default the output that the task reads, float32."""
        return keras.ops.convert_to_numpy(keras.ops.cast(play.output, "float32"))

    def digest(self, play: Play) -> Sequence[Any]:
        """Returns what is kept of each example of a split until `scores`; by default what `respond` returns."""
        return self.respond(play)

    @abstractmethod
    def answer(self, output: Any, feature: Any) -> Any:
        """Returns the answer to one example, as JSON with `Media` in it, that one of `respond` means."""

    @abstractmethod
    def scores(self, outputs: Any, targets: np.ndarray, feature: Any) -> dict[str, float]:
        """Returns metrics of a whole split, computed at once and exactly.

        Args:
            outputs: What `digest` returned of each example, in an array where all have one shape, else a list.
            targets: (examples, ...) as encoded.
            feature: The fitted feature of the target.
        """

    def samples(self, outputs: Any, targets: np.ndarray, feature: Any) -> list[tuple[str, Media | str]]:
        """Returns a few examples for the report, each with its caption."""
        return []
