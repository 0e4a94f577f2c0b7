"""The reverse process as a differential equation, solved to second order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated

import numpy as np

from dlsuite.registry import Range, register
from dlsuite.samplers.noise_schedule import NoiseSchedule


@register("sampler")
class DPMSolver:
    """DPM-Solver++(2M): extrapolates from this estimate of the clean picture and the one before; adds no noise.

    Lu, Zhou, Bao, Chen, Li, Zhu 2022, https://arxiv.org/abs/2211.01095, algorithm 2.

    Args:
        steps: So many, evenly spread over the logarithm of the ratio of signal and noise.
        guidance: How far to lead towards the class that is asked for: 1 is the model as it is, 0 the one without
            classes, more leads further away from that.
    """

    def __init__(self, *, steps: Annotated[int, Range(least=1)] = 20, guidance: Annotated[float, Range(least=0)] = 1.0):
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
        earlier, last = None, 0.0  # the estimate before, and the step in log signal-to-noise that led here
        for t, s in schedule.walk(self.steps, evenly_in="log_ratio"):
            estimate = clean(x, t)
            if s < 0:  # the last step is of first order, and ends in the estimate
                yield estimate.astype(np.float32)
                return
            step = schedule.log_ratio(s) - schedule.log_ratio(t)
            ahead = estimate if earlier is None else estimate + step / (2 * last) * (estimate - earlier)
            x = schedule.noise(s) / schedule.noise(t) * x - schedule.signal(s) * np.expm1(-step) * ahead
            x, earlier, last = x.astype(np.float32), estimate, step
            yield x
