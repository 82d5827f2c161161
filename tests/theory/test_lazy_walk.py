"""lib.theory.lazy_walk, and the probability of perfect accuracy that rests on it, against sums of binomial terms."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from lib.theory.beyond_collapse.breakdown import breakdown_point, perfect_accuracy_probability
from lib.theory.lazy_walk import positive_probability

# The contour's own error is below e^-24 = 4e-11; the oracle's, a sum of up to 1e5 terms of scipy's, below 1e-10.
TOLERANCE = 2e-10


def binomial_sum(n, up, down):
    """P(S > 0) by the number of moves m ~ Bin(n, up + down), of which fewer than half go down."""
    moving = up + down
    if moving == 0.0:
        return 0.0
    spread = math.sqrt(n * moving * (1 - moving))
    low, high = max(1, int(n * moving - 12 * spread - 60)), min(n, int(n * moving + 12 * spread + 60))
    m = np.arange(low, high + 1)
    return float(np.sum(stats.binom.pmf(m, n, min(moving, 1.0)) * stats.binom.cdf((m + 1) // 2 - 1, m, down / moving)))


SELECTIONS = [(1.0, 1.0), (1.0, 0.0), (0.9, 0.5), (0.3, 0.8), (1e-3, 2e-3), (1 - 1e-7, 1 - 1e-6), (0.0, 0.4)]


@pytest.mark.parametrize(("phi", "psi"), SELECTIONS)
@pytest.mark.parametrize("n", [1, 2, 3, 16, 17, 1000, 12_345, 10**6, 10**7])
def test_perfect_accuracy_probability_against_binomial_sums(n, phi, psi):
    p_star = breakdown_point(phi, psi)
    moving = (1 - p_star) * phi + p_star * psi
    width = math.sqrt(p_star * (1 - p_star) / (n * moving)) if moving else 0.0  # of the crossover
    for shift in (-30.0, -2.0, -0.5, 0.0, 1.0, 3.0):
        p = min(1.0, max(0.0, p_star + shift * width))
        expected = binomial_sum(n, (1 - p) * phi, p * psi)
        assert perfect_accuracy_probability(n, p, phi, psi) == pytest.approx(expected, rel=0, abs=TOLERANCE)


def test_against_binomial_sums():
    rng = np.random.default_rng(0)
    between = 0
    for i in range(300):
        n = int(10 ** rng.uniform(0, 7))
        up = 10 ** rng.uniform(-5, 0) if i % 2 else 0.5
        down = min(1 - up, up * math.exp(rng.normal() / math.sqrt(n * up)))
        expected = binomial_sum(n, up, down)
        between += 1e-6 < expected < 1 - 1e-6
        assert positive_probability(n, up, down) == pytest.approx(expected, rel=0, abs=TOLERANCE)
    assert between > 150  # most settings are in the crossover, not saturated


@pytest.mark.parametrize("n", [10, 1001, 10**6, 10**9])
def test_breakdown_point_gives_half_without_the_tie(n):
    # phi = psi = 1 at p = 1/2: a tie only for even n, with probability binom(n, n/2) / 2^n
    tie = 0.0 if n % 2 else stats.binom.pmf(n // 2, n, 0.5)
    assert perfect_accuracy_probability(n, 0.5, 1, 1) == pytest.approx((1 - tie) / 2, rel=0, abs=TOLERANCE)


def test_certain_cases():
    assert perfect_accuracy_probability(100, 0.0, 1, 0.5) == 1.0
    assert perfect_accuracy_probability(100, 1.0, 1, 0.5) == 0.0
    assert perfect_accuracy_probability(100, 0.3, 0, 0) == 0.0  # nothing kept
    assert perfect_accuracy_probability(3, 0.5, 1, 0) == 1 - 0.5**3  # an oracle: at least one right label
    assert perfect_accuracy_probability(10**7, 0.4, 1, 1) == 1.0
    assert perfect_accuracy_probability(10**7, 0.6, 1, 1) == 0.0


@given(st.integers(1, 10**6), st.floats(0, 1), st.floats(0, 1))
def test_a_walk_and_its_mirror_image(n, up, share):
    down = (1 - up) * share
    tie = 1 - positive_probability(n, up, down) - positive_probability(n, down, up)
    assert -TOLERANCE < tie < 1 + TOLERANCE


def test_falls_with_the_label_error():
    values = [perfect_accuracy_probability(200, p, 0.9, 0.5) for p in np.linspace(0, 1, 101)]
    assert all(after <= before + TOLERANCE for before, after in itertools.pairwise(values))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0, 0.3, 0.9, 0.5), r"n = 0 is outside \[1, 1000000000\]"),
        ((10.5, 0.3, 0.9, 0.5), "n = 10.5 is not a whole number"),
        ((10, 1.2, 0.9, 0.5), r"p = 1.2 is outside \[0, 1\]"),
        ((10, 0.3, math.nan, 0.5), r"phi = nan is outside \[0, 1\]"),
        ((10, 0.3, 0.9, -0.5), r"psi = -0.5 is outside \[0, 1\]"),
    ],
)
def test_bad_input(arguments, message):
    with pytest.raises(ValueError, match=message):
        perfect_accuracy_probability(*arguments)


def test_steps_that_are_no_distribution():
    with pytest.raises(ValueError, match=r"up \+ down = 1.2 is outside \[0, 1\]"):
        positive_probability(10, 0.6, 0.6)
