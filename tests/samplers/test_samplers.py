"""Samplers, with a model that is right by construction."""

import numpy as np
import pytest
from scipy import stats

from dlsuite.samplers.ddim import DDIM
from dlsuite.samplers.ddpm import DDPM
from dlsuite.samplers.dpm_solver import DPMSolver
from dlsuite.samplers.noise_schedule import cosine, linear

SCHEDULE = cosine(1000)
CENTRES, SHARES, WIDTH = np.array([-2.0, 1.0]), np.array([0.3, 0.7]), 0.3
ALL = [DDPM(steps=250), DDIM(steps=100), DDIM(steps=250, eta=1.0), DPMSolver(steps=40)]


def mixture(x, t):
    """Returns E[x_0 | x_t] where x_0 is a mixture of two normal distributions, in closed form."""
    signal, noise = SCHEDULE.signal(t), SCHEDULE.noise(t)
    variance = (signal * WIDTH) ** 2 + noise**2
    powers = np.log(SHARES) - (x - signal * CENTRES) ** 2 / (2 * variance)  # (batch, 2)
    weights = np.exp(powers - powers.max(-1, keepdims=True))
    weights /= weights.sum(-1, keepdims=True)
    inner = CENTRES + signal * WIDTH**2 / variance * (x - signal * CENTRES)  # of each of the two
    return (weights * inner).sum(-1, keepdims=True)


def run(sampler, clean, start, schedule=SCHEDULE, seed=1):
    random = np.random.default_rng(seed)
    return list(sampler.sample(start, clean, schedule, lambda: random.standard_normal(start.shape)))


@pytest.mark.parametrize("sampler", ALL, ids=lambda one: f"{type(one).__name__}{vars(one)}")
def test_a_mixture_is_recovered(sampler):
    start = np.random.default_rng(0).standard_normal((8000, 1)).astype(np.float32)
    *_, drawn = run(sampler, mixture, start)
    assert (drawn < -0.5).mean() == pytest.approx(0.3, abs=0.015)
    for centre, side in zip(CENTRES, (drawn < -0.5, drawn >= -0.5), strict=True):
        assert drawn[side].mean() == pytest.approx(centre, abs=0.02)
        assert drawn[side].std() == pytest.approx(WIDTH, abs=0.02)
    exact = stats.norm(CENTRES, WIDTH)
    reach = stats.kstest(drawn[:, 0], lambda x: (SHARES * exact.cdf(np.asarray(x)[:, None])).sum(-1)).statistic
    assert reach < 0.025  # the largest distance between the two distribution functions


def test_a_step_of_ddpm_is_drawn_from_the_posterior():
    """Against the product of the two normal densities q(x_t | x_s) and q(x_s | x_0), of which it is made."""
    schedule, x0, xt = linear(100), 0.7, np.full((200000, 1), -0.4, np.float32)
    t, s = schedule.walk()[40]
    kept = (schedule.signal(t) / schedule.signal(s)) ** 2
    precision = kept / (1 - kept) + 1 / schedule.noise(s) ** 2
    mean = (np.sqrt(kept) * xt[0, 0] / (1 - kept) + schedule.signal(s) * x0 / schedule.noise(s) ** 2) / precision
    schedule.walk = lambda steps: [(t, s)]
    (drawn,) = run(DDPM(), lambda x, t: np.full_like(x, x0), xt, schedule)
    deviation = precision**-0.5
    assert drawn.mean() == pytest.approx(mean, abs=5 * deviation / np.sqrt(len(drawn)))
    assert drawn.std() == pytest.approx(deviation, rel=0.01)


def test_ddim_with_all_noise_is_ddpm():
    start = np.random.default_rng(0).standard_normal((50, 1)).astype(np.float32)
    one, two = (run(sampler, mixture, start) for sampler in (DDPM(steps=40), DDIM(steps=40, eta=1.0)))
    np.testing.assert_allclose(one, two, atol=1e-4)


def test_errors_fall_with_the_order_of_the_solver():
    """Against the closed solution of the differential equation where the data is normal."""
    start, end = np.ones((1, 1), np.float32), WIDTH / np.hypot(SCHEDULE.signal(999) * WIDTH, SCHEDULE.noise(999))

    def clean(x, t):
        signal, noise = SCHEDULE.signal(t), SCHEDULE.noise(t)
        return signal * WIDTH**2 / ((signal * WIDTH) ** 2 + noise**2) * x

    def error(sampler):
        return abs(run(sampler, clean, start)[-1][0, 0] - end)

    assert error(DDIM(steps=80)) == pytest.approx(error(DDIM(steps=40)) / 2, rel=0.1)
    assert error(DPMSolver(steps=80)) == pytest.approx(error(DPMSolver(steps=40)) / 4, rel=0.25)
    assert error(DPMSolver(steps=20)) < error(DDIM(steps=20)) / 3


def test_without_new_noise_the_first_decides():
    start = np.random.default_rng(0).standard_normal((5, 1)).astype(np.float32)
    for sampler in (DDIM(steps=10), DPMSolver(steps=10)):
        np.testing.assert_array_equal(run(sampler, mixture, start, seed=1), run(sampler, mixture, start, seed=2))


@pytest.mark.parametrize("sampler", [DDPM(steps=7), DDIM(steps=7), DPMSolver(steps=7)])
def test_every_step_is_yielded(sampler):
    states = run(sampler, mixture, np.ones((3, 1), np.float32))
    assert [state.shape for state in states] == [(3, 1)] * 7
    assert all(state.dtype == np.float32 for state in states)


def test_eta_is_a_share():
    with pytest.raises(ValueError, match="from 0 to 1"):
        DDIM(eta=2.0)
