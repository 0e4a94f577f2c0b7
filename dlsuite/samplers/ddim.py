"""The reverse process in fewer steps, random or not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated

import numpy as np

from dlsuite.registry import Range, register
from dlsuite.samplers.noise_schedule import NoiseSchedule


@register("sampler")
class DDIM:
    """Goes back along the direction that the model takes for noise, and adds a share of new noise.

    Song, Meng, Ermon 2021, https://arxiv.org/abs/2010.02502, equations 12 and 16.

    Args:
        steps: So many, evenly spread over the times of training.
        eta: Share of new noise: 0 adds none, so that the first noise alone decides the picture; 1 is `DDPM`.
        guidance: How far to lead towards the class that is asked for: 1 is the model as it is, 0 the one without
            classes, more leads further away from that.
    """

    def __init__(
        self,
        *,
        steps: Annotated[int, Range(least=1)] = 50,
        eta: Annotated[float, Range(least=0, most=1)] = 0.0,
        guidance: Annotated[float, Range(least=0)] = 1.0,
    ):
        if not 0 <= eta <= 1:
            raise ValueError(f"eta is {eta}; it is a share, from 0 to 1")
        self.steps = steps
        self.guidance = guidance
        self.eta = eta

    def sample(
        self,
        x: np.ndarray,
        clean: Callable[[np.ndarray, int], np.ndarray],
        schedule: NoiseSchedule,
        draw: Callable[[], np.ndarray],
    ) -> Iterator[np.ndarray]:
        """Yields states (batch, ...), the last one clean, from noise `x` (batch, ...)."""
        for t, s in schedule.walk(self.steps):
            estimate = clean(x, t)
            noise = (x - schedule.signal(t) * estimate) / schedule.noise(t)
            kept = (schedule.signal(t) / schedule.signal(s)) ** 2  # of the variance, from s to t
            new = self.eta * schedule.noise(s) / schedule.noise(t) * np.sqrt(1 - kept)
            x = schedule.signal(s) * estimate + np.sqrt(schedule.noise(s) ** 2 - new**2) * noise
            x = (x + new * draw() if new > 0 else x).astype(np.float32)
            yield x
