"""The interface of objectives."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np


class Objective(ABC):
    """What to learn of a target, how to measure it, and how an output becomes an answer.

    Attributes:
        rises: Whether a higher value of the first metric is better. That metric, on validation, chooses the model that
            a run keeps.
    """

    rises: bool = True

    def loss(self, output: Any, feature: Any) -> keras.losses.Loss | None:
        """Returns the loss between the target and an output; `None` where `trainer` says how to train.

        Args:
            output: The symbolic output; its shape is known.
            feature: The fitted feature of the target.

        Raises:
            ValueError: The output does not suit the target; says what would.
        """
        return None

    def trainer(self, networks: Mapping[str, keras.Model], optimizers: Mapping[str, Any]) -> keras.Model | None:
        """Returns the compiled model that `fit` trains where a loss is not enough; it shares the networks' weights.

        Args:
            networks: Of the spec, by name.
            optimizers: By network; under the name `""` the one for all.
        """
        return None

    @abstractmethod
    def metrics(self, output: Any, feature: Any) -> list[keras.metrics.Metric]:
        """Returns the metrics to follow while training, the first one deciding which epoch is best."""

    @abstractmethod
    def answer(self, output: np.ndarray, feature: Any) -> Any:
        """Returns the answer, as JSON, that the output of one example means."""

    @abstractmethod
    def scores(self, outputs: np.ndarray, targets: np.ndarray, feature: Any) -> dict[str, float]:
        """Returns metrics of a whole split, computed at once and exactly.

        Args:
            outputs: (examples, ...) of the model.
            targets: (examples, ...) as encoded.
            feature: The fitted feature of the target.
        """
