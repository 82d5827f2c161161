"""The elementary formulas of lib.theory.beyond_collapse, and the noiseless model against draws."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import DRAWS, assert_share, directions, random_triplets

from lib.theory import beyond_collapse as theory
from lib.theory.gaussian import orthant_probability

rates = st.floats(0.001, 1)
# (theta_gen, theta_prune, theta) as multiples of pi: interior, planar, obtuse
TRIPLETS = [(0.3, 0.2, 0.1), (0.3, 0.2, 0.25), (0.4, 0.7, 0.5), (0.6, 0.3, 0.8), (0.8, 0.7, 0.3), (0.1, 0.1, 0.2)]


def test_breakdown_point():
    assert theory.breakdown_point(1, 1) == 0.5  # no pruning
    assert theory.breakdown_point(1, 0) == theory.breakdown_point(0.2, 0) == 1.0  # an oracle
    assert theory.breakdown_point(0, 0.3) == 0.0
    assert theory.breakdown_point(0.9, 0.5) == pytest.approx(1 / (1 + 0.5 / 0.9), rel=1e-15)


@given(rates, rates)
def test_breakdown_point_balances_right_and_wrong(phi, psi):
    p = theory.breakdown_point(phi, psi)
    n00, n01, n10, n11 = theory.kept_counts(1000, p, phi, psi)
    assert n00 + n11 == pytest.approx(n01 + n10, rel=1e-12)


@given(rates, rates, st.floats(0, 0.999))
def test_breakdown_bounds(phi, psi, t):
    low, high = theory.breakdown_bounds(phi, psi, t)
    assert low <= theory.breakdown_point(phi, psi) * (1 + 1e-15)
    assert high >= theory.breakdown_point(phi, psi) * (1 - 1e-15)
    assert low == pytest.approx((1 - t) / (1 - t + (1 + t) * psi / phi), rel=1e-12)  # eq. 19 as printed
    assert high == pytest.approx((1 + t) / (1 + t + (1 - t) * psi / phi), rel=1e-12)
    # eq. 55: at p_minus the odds of wrong to right labels are (1-t)/(1+t)
    assert low * psi * (1 + t) == pytest.approx((1 - low) * phi * (1 - t), rel=1e-9, abs=1e-15)


def test_breakdown_bounds_without_slack_and_without_pruning():
    assert theory.breakdown_bounds(0.8, 0.3, 0) == (theory.breakdown_point(0.8, 0.3),) * 2
    assert theory.breakdown_bounds(1, 1, 0.1).p_minus == pytest.approx(0.5 - 0.1 / 2, rel=1e-15)  # D.6


def test_theorem_accuracy():
    assert [theory.theorem_accuracy(p, 1, 1) for p in (0.0, 0.49, 0.5, 0.51, 1.0)] == [1, 1, 0.5, 0, 0]
    assert theory.theorem_accuracy(0.99, 1, 0) == 1.0


def test_kept_counts_monte_carlo():
    n, p, phi, psi = DRAWS, 0.3, 0.8, 0.4
    rng = np.random.default_rng(0)
    true, wrong = rng.random(n) < 0.5, rng.random(n) < p
    kept = rng.random(n) < np.where(wrong, psi, phi)
    expected = theory.kept_counts(n, p, phi, psi)
    assert_share(kept & ~true & ~wrong, expected.n00 / n)
    assert_share(kept & ~true & wrong, expected.n01 / n)
    assert_share(kept & true & wrong, expected.n10 / n)
    assert_share(kept & true & ~wrong, expected.n11 / n)


@pytest.mark.parametrize("triplet", TRIPLETS)
def test_noiseless_rates_monte_carlo(triplet):
    angles = [math.pi * each for each in triplet]
    signs = np.random.default_rng(1).normal(size=(DRAWS, 3)) @ directions(*angles).T > 0
    wrong, kept = signs[:, 0] != signs[:, 1], signs[:, 1] == signs[:, 2]
    p, phi, psi = theory.noiseless_rates(*angles)
    assert_share(wrong, p)
    assert_share(kept[~wrong], phi)
    assert_share(kept[wrong], psi)


def test_noiseless_rates_are_ratios_of_orthant_probabilities():
    for angles in random_triplets(2, 200):
        g, v, c = [math.cos(each) for each in angles]
        p, phi, psi = theory.noiseless_rates(*angles)
        assert phi * (1 - p) == pytest.approx(2 * orthant_probability(g, v, c), abs=1e-9)
        assert psi * p == pytest.approx(2 * orthant_probability(-g, -v, c), abs=1e-9)


def test_only_the_sum_of_two_angles_decides():
    for angles in random_triplets(3, 300):
        p, phi, psi = theory.noiseless_rates(*angles)
        gap = (1 - p) * phi - p * psi
        assert gap == pytest.approx(1 - (angles[0] + angles[1]) / math.pi, abs=1e-12)
        assert (p < theory.breakdown_point(phi, psi)) == (angles[0] + angles[1] < math.pi)


def test_noiseless_rates_at_the_ends():
    assert theory.noiseless_rates(0.0, 1.0, 1.0) == (0.0, pytest.approx(1 - 1 / math.pi), 0.5)
    assert theory.noiseless_rates(math.pi, 1.0, math.pi - 1.0) == (1.0, 0.5, pytest.approx(1 / math.pi))
    # the value 1/2 is the limit at fixed theta_prune and theta, and the mean over directions of w_gen
    assert theory.noiseless_rates(1e-6, 1.0, 1.0).psi == pytest.approx(0.5, abs=1e-9)
    around = [theory.noiseless_rates(1e-6, 1.0, 1.0 + 1e-6 * math.cos(2 * math.pi * k / 8)).psi for k in range(8)]
    assert np.mean(around) == pytest.approx(0.5, abs=1e-6)


@pytest.mark.parametrize("triplet", TRIPLETS)
def test_noiseless_accuracy_monte_carlo(triplet):
    angles = [math.pi * each for each in triplet]
    vectors = directions(*angles)
    x = np.random.default_rng(4).normal(size=(DRAWS, 3))
    signs = np.sign(x @ vectors.T)
    kept = signs[:, 1] == signs[:, 2]
    terms = x[kept] * signs[kept, 1:2]  # q y' x: its mean is the direction learned
    mean = terms.mean(axis=0)
    sine = np.linalg.norm(np.cross(mean, vectors[0])) / np.linalg.norm(mean)
    # by the delta method the angle to mu errs by the standard error across it, projected on the plane of both
    across = vectors[0] - mean * (mean @ vectors[0]) / (mean @ mean)
    error = np.std(terms @ across) / np.linalg.norm(across) / np.linalg.norm(mean) / math.sqrt(kept.sum()) / math.pi
    measured = 1 - math.atan2(sine, mean @ vectors[0] / np.linalg.norm(mean)) / math.pi
    # a planar triplet has noise out of its plane too, of second order: its square, over the sine
    assert abs(theory.noiseless_accuracy(*angles) - measured) < 4 * error + 20 * error**2 / sine


def test_noiseless_accuracy_in_a_plane():
    # w_gen and w_prune on one side of mu: their bisector
    assert theory.noiseless_accuracy(0.3 * math.pi, 0.2 * math.pi, 0.1 * math.pi) == pytest.approx(0.75, abs=1e-12)
    # on opposite sides at equal angles they cancel their errors
    assert theory.noiseless_accuracy(1.0, 1.0, 2.0) == pytest.approx(1.0, abs=1e-7)  # arccos near 1 doubles digits
    # a verifier that repeats the generator changes nothing
    assert theory.noiseless_accuracy(0.7, 0.7, 0.0) == pytest.approx(1 - 0.7 / math.pi, abs=1e-12)


@pytest.mark.parametrize("function", [theory.noiseless_rates, theory.noiseless_accuracy])
@pytest.mark.parametrize("angles", [(0.3, 0.2, 0.6), (0.6, 0.2, 0.3), (0.2, 0.6, 0.3), (2.5, 2.5, 2.0)])
def test_impossible_triplets_name_the_triangle_inequality(function, angles):
    with pytest.raises(ValueError, match=r"theta = .* is outside \[.*\], the triangle inequality on the sphere"):
        function(*angles)


def test_triangle_inequalities_forgive_rounding():
    for k in range(1, 50):
        theory.noiseless_rates(0.02 * k * math.pi, 0.2 * math.pi, abs(0.02 * k - 0.2) * math.pi)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: theory.breakdown_point(1.2, 0.5), r"phi = 1.2 is outside \[0, 1\]"),
        (lambda: theory.breakdown_point(0, 0), r"phi \+ psi = 0.0 is outside \(0, 2\]"),
        (lambda: theory.breakdown_bounds(0.5, 0.5, 1), r"t = 1.0 is outside \[0, 1\)"),
        (lambda: theory.theorem_accuracy(math.nan, 1, 1), r"p = nan is outside \[0, 1\]"),
        (lambda: theory.kept_counts(0, 0.1, 1, 1), "n = 0 is outside"),
        (lambda: theory.noiseless_rates(-0.1, 0.2, 0.3), r"theta_gen = -0.1 is outside \[0, pi\]"),
        (lambda: theory.noiseless_accuracy(1.0, math.pi - 1.0, math.pi), r"theta = .* is outside \[0, pi\)"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
