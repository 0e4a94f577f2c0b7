"""Noise schedules against closed forms."""

import numpy as np
import pytest

from dlsuite.samplers.noise_schedule import SCHEDULES, cosine, linear
from dlsuite.spec.errors import SpecError


@pytest.mark.parametrize("schedule", SCHEDULES.values())
@pytest.mark.parametrize("steps", [4, 50, 1000])
def test_variance_is_preserved_and_signal_falls(schedule, steps):
    made = schedule(steps)
    signals = [made.signal(t) for t in range(-1, steps)]
    assert signals[0] == 1
    assert np.all(np.diff(signals) < 0)
    assert all(made.signal(t) ** 2 + made.noise(t) ** 2 == pytest.approx(1) for t in range(-1, steps))


def test_linear_adds_the_variances_of_the_paper():
    kept = np.array([1.0, *linear(1000).kept])
    np.testing.assert_allclose(1 - kept[1:] / kept[:-1], np.linspace(1e-4, 0.02, 1000), rtol=1e-9)


def test_linear_adds_as_much_noise_in_fewer_steps():
    assert np.log(linear(250).kept[-1]) == pytest.approx(np.log(linear(1000).kept[-1]), rel=0.05)


def test_cosine_is_a_squared_cosine():
    kept, t = cosine(1000).kept, np.arange(1, 999)  # the last step alone is clipped
    expected = np.cos((t / 1000 + 0.008) / 1.008 * np.pi / 2) ** 2 / np.cos(0.008 / 1.008 * np.pi / 2) ** 2
    np.testing.assert_allclose(kept[:998], expected, rtol=1e-6)


def test_walks_begin_in_noise_and_end_clean():
    schedule = cosine(1000)
    assert [pair[0] for pair in schedule.walk()] == list(range(999, -1, -1))
    short = schedule.walk(25)
    assert (short[0][0], short[-1], len(short)) == (999, (0, -1), 25)
    assert all(one[1] == two[0] for one, two in zip(short, short[1:], strict=False))
    assert schedule.walk(1) == [(999, -1)]


def test_steps_lie_evenly_in_the_log_ratio():
    schedule = linear(1000)
    ratios = np.array([schedule.log_ratio(t) for t, _ in schedule.walk(15, evenly_in="log_ratio")])
    np.testing.assert_allclose(np.diff(ratios)[:10], np.diff(ratios)[:10].mean(), rtol=0.05)
    assert len({t for t, _ in schedule.walk(500, evenly_in="log_ratio")}) < 500


def test_more_steps_than_levels_are_refused():
    with pytest.raises(SpecError, match="trained on 10"):
        cosine(10).walk(11)
