"""Learning rates scaled by the number of replicas, where a spec asks for it."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


def scale_learning_rate(optimizer: keras.optimizers.Optimizer, factor: float) -> None:
    """Multiplies the learning rate of an optimizer, or its schedule, by a number.

    The linear rule of Goyal et al., 2017, https://arxiv.org/abs/1706.02677, section 2.1, for those who give each
    replica as many examples as one device had, and so a `batch_size` that many times larger.
    """
    rate = optimizer._learning_rate
    if isinstance(rate, keras.optimizers.schedules.LearningRateSchedule):
        optimizer.learning_rate = Scaled(rate, factor)
    else:
        optimizer.learning_rate = float(ops.convert_to_numpy(rate)) * factor


class Scaled(keras.optimizers.schedules.LearningRateSchedule):
    """A schedule times a number."""

    def __init__(self, schedule: keras.optimizers.schedules.LearningRateSchedule, factor: float):
        self.schedule = schedule
        self.factor = factor

    def __call__(self, step: Any) -> Any:
        return self.schedule(step) * self.factor

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments."""
        return {"schedule": self.schedule, "factor": self.factor}
