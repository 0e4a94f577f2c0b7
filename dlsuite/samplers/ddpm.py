"""The reverse process, a random step at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated

import numpy as np

from dlsuite.registry import Range, register
from dlsuite.samplers.noise_schedule import NoiseSchedule


@register("sampler")
class DDPM:
    """Draws each state from q(x_s | x_t, x_0), with the model's estimate for x_0 (ancestral sampling).

    Ho, Jain, Abbeel 2020, https://arxiv.org/abs/2006.11239, algorithm 2, equations 6 and 7.

    Args:
        steps: So many, evenly spread over the times of training; by default every one.
        guidance: How far to lead towards the class that is asked for: 1 is the model as it is, 0 the one without
            classes, more leads further away from that.
    """

    def __init__(
        self, *, steps: Annotated[int, Range(least=1)] | None = None, guidance: Annotated[float, Range(least=0)] = 1.0
    ):
        self.steps = steps
        self.guidance = guidance

    def sample(
        self,
        x: np.ndarray,
        clean: Callable[[np.ndarray, int], np.ndarray],
        schedule: NoiseSchedule,
        draw: Callable[[], np.ndarray],
    ) -> Iterator[np.ndarray]:
        """Yields states (batch, ...), the last one clean, from noise `x` (batch, ...)."""
        for t, s in schedule.walk(self.steps):
            kept = (schedule.signal(t) / schedule.signal(s)) ** 2  # of the variance, from s to t
            before, after = schedule.noise(t) ** 2, schedule.noise(s) ** 2
            mean = (
                schedule.signal(s) * (1 - kept) / before * clean(x, t)  #
                + np.sqrt(kept) * after / before * x
            )
            deviation = np.sqrt((1 - kept) * after / before)
            x = (mean + deviation * draw()).astype(np.float32) if s >= 0 else mean.astype(np.float32)
            yield x
