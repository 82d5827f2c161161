"""The breakdown point, its bounds, and the counts that are kept."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import DRAWS, assert_share

from lib.theory.beyond_collapse.breakdown import breakdown_bounds, breakdown_point, kept_counts, theorem_accuracy

rates = st.floats(0.001, 1)


def test_breakdown_point():
    assert breakdown_point(1, 1) == 0.5  # no pruning
    assert breakdown_point(1, 0) == breakdown_point(0.2, 0) == 1.0  # an oracle
    assert breakdown_point(0, 0.3) == 0.0
    assert breakdown_point(0.9, 0.5) == pytest.approx(1 / (1 + 0.5 / 0.9), rel=1e-15)


@given(rates, rates)
def test_breakdown_point_balances_right_and_wrong(phi, psi):
    p = breakdown_point(phi, psi)
    n00, n01, n10, n11 = kept_counts(1000, p, phi, psi)
    assert n00 + n11 == pytest.approx(n01 + n10, rel=1e-12)


@given(rates, rates, st.floats(0, 0.999))
def test_breakdown_bounds(phi, psi, t):
    low, high = breakdown_bounds(phi, psi, t)
    assert low <= breakdown_point(phi, psi) * (1 + 1e-15)
    assert high >= breakdown_point(phi, psi) * (1 - 1e-15)
    assert low == pytest.approx((1 - t) / (1 - t + (1 + t) * psi / phi), rel=1e-12)  # eq. 19 as printed
    assert high == pytest.approx((1 + t) / (1 + t + (1 - t) * psi / phi), rel=1e-12)
    # eq. 55: at p_minus the odds of wrong to right labels are (1-t)/(1+t)
    assert low * psi * (1 + t) == pytest.approx((1 - low) * phi * (1 - t), rel=1e-9, abs=1e-15)


def test_breakdown_bounds_without_slack_and_without_pruning():
    assert breakdown_bounds(0.8, 0.3, 0) == (breakdown_point(0.8, 0.3),) * 2
    assert breakdown_bounds(1, 1, 0.1).p_minus == pytest.approx(0.5 - 0.1 / 2, rel=1e-15)  # D.6


def test_theorem_accuracy():
    assert [theorem_accuracy(p, 1, 1) for p in (0.0, 0.49, 0.5, 0.51, 1.0)] == [1, 1, 0.5, 0, 0]
    assert theorem_accuracy(0.99, 1, 0) == 1.0


def test_kept_counts_monte_carlo():
    n, p, phi, psi = DRAWS, 0.3, 0.8, 0.4
    rng = np.random.default_rng(0)
    true, wrong = rng.random(n) < 0.5, rng.random(n) < p
    kept = rng.random(n) < np.where(wrong, psi, phi)
    expected = kept_counts(n, p, phi, psi)
    assert_share(kept & ~true & ~wrong, expected.n00 / n)
    assert_share(kept & ~true & wrong, expected.n01 / n)
    assert_share(kept & true & wrong, expected.n10 / n)
    assert_share(kept & true & ~wrong, expected.n11 / n)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: breakdown_point(1.2, 0.5), r"phi = 1.2 is outside \[0, 1\]"),
        (lambda: breakdown_point(0, 0), r"phi \+ psi = 0.0 is outside \(0, 2\]"),
        (lambda: breakdown_bounds(0.5, 0.5, 1), r"t = 1.0 is outside \[0, 1\)"),
        (lambda: theorem_accuracy(math.nan, 1, 1), r"p = nan is outside \[0, 1\]"),
        (lambda: kept_counts(0, 0.1, 1, 1), "n = 0 is outside"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
