"""Generator and verifier that nearly cancel: a flat triangle around mu, and class means far from the borders, against mpmath."""

import math
import random

import mpmath
import pytest

from lib.theory.beyond_collapse.mixture import population_classifier
from lib.theory.beyond_collapse.noiseless import noiseless_accuracy


def directions(theta_gen, theta_prune, theta):
    """The angles in full precision; theta moved to where three directions can have it, if rounding broke that."""
    g, v, t = map(mpmath.mpf, (theta_gen, theta_prune, theta))
    return g, v, min(max(t, abs(g - v)), g + v, 2 * mpmath.pi - g - v)


def reference_accuracy(mu_norm, dimension, *angles):
    g, v, t = directions(*angles)
    mu = mpmath.mpf(mu_norm)
    sigma = mpmath.sqrt((1 - mu) * (1 + mu) / dimension)
    m, m_g, m_v = mu / sigma, mu / sigma * mpmath.cos(g), mu / sigma * mpmath.cos(v)
    lower = m_v < 0  # lower tails, whose difference keeps its digits
    gap = mpmath.ncdf(m_v) - mpmath.ncdf(-m_g) if lower else mpmath.ncdf(m_g) - mpmath.ncdf(-m_v)
    by_g, by_v = sigma * mpmath.npdf(m_g), sigma * mpmath.npdf(m_v)
    along = mu * gap + by_g * mpmath.cos(g) + by_v * mpmath.cos(v)
    across = (by_g * mpmath.sin(g)) ** 2 + (by_v * mpmath.sin(v)) ** 2
    across += 2 * by_g * by_v * (mpmath.cos(t) - mpmath.cos(g) * mpmath.cos(v))
    return float(mpmath.ncdf(m * along / mpmath.sqrt(along**2 + max(across, 0))))


def flat(draws):
    v = draws.choice([math.pi / 2 - 10 ** draws.uniform(-9, -1), draws.uniform(0, math.pi), 10 ** draws.uniform(-9, 0)])
    g = min(math.pi, max(0.0, math.pi - v + draws.choice([-1, 1]) * 10 ** draws.uniform(-12, -0.5)))
    g, v = draws.choice([(g, v), (v, g)])
    low, high = abs(g - v), min(g + v, 2 * math.pi - g - v)
    return g, v, min(high, max(low, high - draws.choice([0, 10 ** draws.uniform(-16, -1)])))


def test_population_classifier():
    draws, done = random.Random(0), 0
    with mpmath.workdps(60):
        for _ in range(300):
            mu_norm = draws.choice(
                [draws.uniform(0.01, 0.99), 10 ** draws.uniform(-8, 0), 1 - 10 ** draws.uniform(-12, -1)]
            )
            setting = (mu_norm, int(10 ** draws.uniform(0.4, 9)), *flat(draws))
            try:
                found = population_classifier(*setting).accuracy
            except ValueError as error:
                assert "opposite parts cancel" in str(error)  # noqa: PT017 what is refused is counted below
                continue
            done += 1
            assert found == pytest.approx(reference_accuracy(*setting), abs=1e-9), setting
    assert done > 270


def test_a_setting_whose_digits_were_lost():
    setting = (0.2619846870196697, 157, 2.975596464666318, 0.1659961783993202, 3.1415926430656382)
    with mpmath.workdps(60):
        expected = reference_accuracy(*setting)
    assert population_classifier(*setting).accuracy == pytest.approx(expected, abs=1e-12)


def test_noiseless_accuracy():
    draws = random.Random(1)
    with mpmath.workdps(60):
        for _ in range(300):
            angles = flat(draws)
            if angles[2] >= math.pi - 1e-9:
                continue
            g, v, t = directions(*angles)
            cosine = (mpmath.cos(g) + mpmath.cos(v)) / (2 * mpmath.cos(t / 2))
            expected = float(1 - mpmath.acos(min(1, max(-1, cosine))) / mpmath.pi)
            assert noiseless_accuracy(*angles) == pytest.approx(expected, abs=1e-12), angles
