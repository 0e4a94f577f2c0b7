"""How much of a picture is left, and how much noise is in it, at each time of a diffusion."""

from __future__ import annotations

import numpy as np

from dlsuite.spec.errors import Fault, SpecError


class NoiseSchedule:
    """The forward process q(x_t | x_0) = N(signal(t) x_0, noise(t)^2 I) for t = 0 (nearly clean) to `steps` - 1.

    Time -1 stands for the clean picture: its signal is 1 and its noise 0.

    Args:
        kept: What is left of the signal's variance at each time ("alpha bar"), (steps,), falling.

    Example:
        >>> schedule = cosine(1000)
        >>> schedule.signal(-1), round(schedule.signal(999), 3)
        (1.0, 0.0)
    """

    def __init__(self, kept: np.ndarray):
        self.kept = np.asarray(kept, np.float64)
        self.steps = len(self.kept)

    def signal(self, t: int) -> float:
        """Returns by what the clean picture is multiplied at time `t`."""
        return float(np.sqrt(self.kept[t])) if t >= 0 else 1.0

    def noise(self, t: int) -> float:
        """Returns the standard deviation of the noise at time `t`."""
        return float(np.sqrt(1 - self.kept[t])) if t >= 0 else 0.0

    def log_ratio(self, t: int) -> float:
        """Returns the logarithm of the ratio of signal and noise at time `t`, not the clean one."""
        return float(np.log(self.signal(t) / self.noise(t)))

    def walk(self, steps: int | None = None, *, evenly_in: str = "time") -> list[tuple[int, int]]:
        """Returns pairs of a time and the next, from the noisiest to the clean one, which is -1.

        Args:
            steps: So many; by default every time is visited.
            evenly_in: What lies evenly between them: `time` or `log_ratio`; of the latter, steps that would fall on
                one time are taken once.

        Raises:
            SpecError: There are fewer times than steps.
        """
        steps = steps or self.steps
        if steps > self.steps:
            message = f"The sampler of `predict` takes {steps} steps, but the model was trained on {self.steps}."
            raise SpecError([Fault(message, hint=f"At most {self.steps} `steps` are there to take.")])
        last, ends = self.steps - 1, np.linspace(1, 0, steps)
        times = ends * last
        if evenly_in == "log_ratio":
            ratios = np.array([self.log_ratio(t) for t in range(self.steps)])  # falling
            times = np.interp(ratios[0] + ends * (ratios[-1] - ratios[0]), ratios[::-1], np.arange(last, -1, -1))
        visited = list(dict.fromkeys(times.round().astype(int).tolist()))
        return list(zip(visited, [*visited[1:], -1], strict=True))


def linear(steps: int) -> NoiseSchedule:
    """Returns the schedule whose added variances grow evenly, from 0.0001 to 0.02 for 1,000 steps; for other numbers of
    steps they are scaled so that as much noise is added in all.

    Ho, Jain, Abbeel 2020, https://arxiv.org/abs/2006.11239, section 4.
    """
    added = np.clip(np.linspace(1e-4, 0.02, steps) * 1000 / steps, 0, 0.999)
    return NoiseSchedule(np.cumprod(1 - added))


def cosine(steps: int) -> NoiseSchedule:
    """Returns the schedule whose signal falls as a squared cosine.

    Nichol, Dhariwal 2021, https://arxiv.org/abs/2102.09672, equation 17.
    """
    offset = 0.008
    level = np.cos((np.arange(steps + 1) / steps + offset) / (1 + offset) * np.pi / 2) ** 2
    added = np.clip(1 - level[1:] / level[:-1], 0, 0.999)
    return NoiseSchedule(np.cumprod(1 - added))


SCHEDULES = {"linear": linear, "cosine": cosine}
