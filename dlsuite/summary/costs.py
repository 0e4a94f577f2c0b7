"""The time, energy and price of a training on a device."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from dlsuite.devices import DEVICES, UTILISATION
from dlsuite.summary.memory import Memory


@dataclass(frozen=True)
class Estimate:
    """What training on a device takes.

    Attributes:
        device: Its name.
        precision: Of the computation.
        utilisation: The share of the peak rate that is assumed.
        batch_size: Examples a step.
        step_seconds: The longer of computing and of moving every byte to memory and back once.
        bound: Which of the two that is: `compute` or `memory`.
        fits: How many such devices hold the memory of a step, were it shared evenly.
        steps: Of the whole training; `None` where that is not known.
        seconds: Of the whole training on one device.
        kilowatt_hours: At full load.
        dollars: At the price of the table.
    """

    device: str
    precision: str
    utilisation: float
    batch_size: int
    step_seconds: float
    bound: str
    fits: int
    steps: int | None = None
    seconds: float | None = field(init=False, default=None)
    kilowatt_hours: float | None = field(init=False, default=None)
    dollars: float | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        if self.steps is not None:
            device, seconds = DEVICES[self.device], self.steps * self.step_seconds
            object.__setattr__(self, "seconds", seconds)
            object.__setattr__(self, "kilowatt_hours", seconds * device.watts / 3.6e6)
            object.__setattr__(self, "dollars", seconds / 3600 * device.price)


def train_on(
    name: str,
    operations: int,
    memory: Memory,
    *,
    batch_size: int,
    precision: str = "float32",
    steps: int | None = None,
    utilisation: float = UTILISATION,
) -> Estimate:
    """Returns what a training takes on one device.

    Args:
        name: Of `DEVICES`.
        operations: Of one training step on the whole batch.
        memory: Of one training step.
        steps: Of the whole training.

    Example:
        >>> train_on("a100", 10**15, Memory(0, 0, 0, 0), batch_size=1).step_seconds
        16.025641025641026
    """
    device = DEVICES[name]
    computing = operations / (device.rates[precision] * utilisation)
    moving = 2 * memory.total / device.bandwidth
    bound, needed = ("compute" if computing >= moving else "memory"), math.ceil(memory.total / device.memory)
    seconds = max(computing, moving)
    return Estimate(name, precision, utilisation, batch_size, seconds, bound, max(1, needed), steps)
