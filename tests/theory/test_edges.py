"""Values at the edges of the ranges, where terms underflow, overflow or cancel, against mpmath and closed forms."""

import math
import random

import mpmath
import pytest

from lib.theory import usable_information
from lib.theory.angles import corner, third_angle
from lib.theory.beyond_collapse.breakdown import breakdown_bounds, breakdown_point
from lib.theory.beyond_collapse.noiseless import noiseless_rates
from lib.theory.gaussian import orthant_probability
from lib.theory.logistic import tolerated_wrong_labels
from lib.theory.random_matrices.marchenko_pastur import (
    marchenko_pastur_atom,
    marchenko_pastur_density,
    marchenko_pastur_edges,
)
from lib.theory.reverse_bottleneck import gaussian_chain
from lib.theory.reverse_bottleneck.bounds import generalization_bound
from lib.theory.reverse_bottleneck.finite_learner import generalization
from lib.theory.reverse_bottleneck.statements import GROUPS

TINY = (5e-324, 1e-310, 1e-300, 1e-110, 1e-16)


@pytest.mark.parametrize("tiny", TINY)
def test_tiny_correlations_and_rates(tiny):
    assert orthant_probability(tiny, 0, 0) == pytest.approx(1 / 8, rel=1e-15)
    assert orthant_probability(tiny, -tiny, tiny) == pytest.approx(1 / 8, rel=1e-15)
    assert breakdown_bounds(tiny, 0, 0.999) == (1.0, 1.0)
    assert breakdown_bounds(tiny, tiny, 0.999) == pytest.approx((0.0005, 0.9995), rel=1e-12)
    assert breakdown_point(tiny, tiny) == 0.5


@pytest.mark.parametrize("p", [1e-305, 1e-300, 1e-17, 1e-9, 9.99e-6, 1.01e-5, 0.3, 1 - 2.0**-53])
def test_binary_entropy(p):
    with mpmath.workdps(340):
        x = mpmath.mpf(p)
        expected = float(-(x * mpmath.log(x, 2) + (1 - x) * mpmath.log(1 - x, 2)))
    assert usable_information.binary_entropy(p) == pytest.approx(expected, rel=1e-12)
    assert usable_information.binary_entropy(1e-320) == pytest.approx(1.063005172e-317, rel=1e-6)


@pytest.mark.parametrize("m", [1e-150, 1e-8, 1e-4, 0.00999, 0.0101, 0.3])
def test_faint_mixtures(m):
    """Where 1 less an entropy of nearly 1 would leave rounding alone."""
    with mpmath.workdps(40):
        x = mpmath.mpf(m)
        expected = (
            x * x / (2 * mpmath.log(2))
            if m < 1e-20
            else 1
            - mpmath.quad(
                lambda z: mpmath.npdf(z) * mpmath.log(1 + mpmath.exp(-2 * x * x - 2 * x * z), 2), [-14, -5, 0, 5, 14]
            )
        )
        half = mpmath.erf(x / mpmath.sqrt(2)) / 2
        decided = (
            2 * half**2 / mpmath.log(2)
            if m < 1e-20
            else 1 + sum(each * mpmath.log(each, 2) for each in (mpmath.mpf(0.5) + half, mpmath.mpf(0.5) - half))
        )
    assert usable_information.mixture_shannon_information(2 * m, 1) == pytest.approx(float(expected), rel=1e-10)
    assert usable_information.mixture_decision_information(2 * m, 1, 4, 4) == pytest.approx(float(decided), rel=1e-10)


def test_cross_entropy_of_a_margin_that_hardly_varies():
    assert usable_information.margin_cross_entropy(50, 1e-310) == pytest.approx(0.0, abs=1e-11)
    assert usable_information.margin_cross_entropy(0, 5e-324) == pytest.approx(1.0, abs=1e-11)


def test_spread_of_tiny_losses():
    found = usable_information.v_information([0.0, 2e-200], [1e-200, 1e-200])
    assert found == pytest.approx((0.0, 1e-200 / math.log(2)), rel=1e-12)


@pytest.mark.parametrize("ratio", [1e-300, 1e-20, 1e-8, 1 - 1e-10, 1 + 1e-10, 4.0, 1e20, 1e299])
def test_marchenko_pastur(ratio):
    with mpmath.workdps(700):
        root = mpmath.sqrt(mpmath.mpf(ratio))
        low, high = (1 - root) ** 2, (1 + root) ** 2
        t = 1.0 if ratio <= 1 else ratio
        expected = float(mpmath.sqrt((high - t) * (t - low)) / (2 * mpmath.pi * ratio * t))
        atom = float(max(0, 1 - 1 / mpmath.mpf(ratio)))
        edges = float(low), float(high)
    assert marchenko_pastur_density(t, ratio) == pytest.approx(expected, rel=1e-12)
    assert marchenko_pastur_edges(ratio) == pytest.approx(edges, rel=1e-12)
    assert marchenko_pastur_atom(ratio) == pytest.approx(atom, rel=1e-12)


@pytest.mark.parametrize(
    ("t", "ratio"),
    [(1e-300, 1.0), (1e-20, 1.0), (1e-14, 1.0), (2e-16, 1 + 1e-9), (1e-10, 1 - 1e-7), (0.3, 0.7), (1e290, 1e290 * 4)],
)
def test_marchenko_pastur_at_a_small_lower_edge(t, ratio):
    with mpmath.workdps(700):
        root = mpmath.sqrt(mpmath.mpf(ratio))
        square = ((1 + root) ** 2 - t) * (t - (1 - root) ** 2)
        expected = float(mpmath.sqrt(max(square, 0)) / (2 * mpmath.pi * ratio * t))
    assert marchenko_pastur_density(t, ratio) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    "sides", [(1e-12, 1.0, 1.0), (1e-12, 1.0, 1.0 + 5e-13), (math.pi - 1e-12, 1.0, math.pi - 1.0), (1e-8, 1e-8, 1e-12)]
)
def test_rates_of_a_triangle_with_a_tiny_side(sides):
    with mpmath.workdps(60):
        g, v, t = map(mpmath.mpf, sides)
        straight = mpmath.mpf(math.pi)  # the largest angle that a caller can write
        expected = float((2 * straight - g - v - t) / (2 * (straight - g))), float((g + v - t) / (2 * g))
    assert noiseless_rates(*sides)[1:] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    "sides", [(1e-200, 1e-200, 1e-200), (1e-12, 1.0, 1.0 + 5e-13), (3e-170, 4e-170, 5e-170), (1e-300, 1.0, 1.0)]
)
def test_corner_and_third_angle_of_tiny_sides(sides):
    with mpmath.workdps(700):
        a, b, c = map(mpmath.mpf, sides)
        expected = float(mpmath.acos((mpmath.cos(c) - mpmath.cos(a) * mpmath.cos(b)) / (mpmath.sin(a) * mpmath.sin(b))))
    assert corner(*sides) == pytest.approx(expected, rel=1e-9)
    assert third_angle(sides[0], sides[1], expected) == pytest.approx(sides[2], rel=1e-12)


@pytest.mark.parametrize("gamma", [1e-100, 1e-3, 1.0, 1e100])
@pytest.mark.parametrize("a", [1e-300, 1e-16, 0.5, 1 - 2.0**-53])
def test_tolerated_wrong_labels(a, gamma):
    with mpmath.workdps(450):
        a_, own = mpmath.mpf(a), (1 - mpmath.mpf(a)) / mpmath.mpf(gamma)
        low, high = mpmath.mpf(0), mpmath.mpf(0.5)  # of A0 = sigmoid(-own (1/2 + A0))
        for _ in range(400):
            middle = (low + high) / 2
            value = 1 / (1 + mpmath.exp(own * (mpmath.mpf(0.5) + middle))) if own < 1e5 else 0
            low, high = (middle, high) if value > middle else (low, middle)
        exact = 10 * 2 * low - (1 - a_) / a_
        size = 10 + (1 - a_) / a_
    assert tolerated_wrong_labels(10, a, gamma) == pytest.approx(float(exact), abs=float(1e-13 * size))


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((1, 1, 0, 2, 1e308), 0.0),
        ((1, 1, 1, 2, 1e308), 1e154),
        ((10**6, 0.5, 1, 2, 1), 0.0),
        ((2200, 0.5, 1e300, 2, 4), mpmath.mpf(0.5) ** 1100 * 1e300 * 2),
        ((1, 1, 1, 10**15, 1e-312), mpmath.sqrt(2 * mpmath.mpf(1e-312) / 10**15)),
        ((1860, 0.5, 1e-50, 2, 1e300), mpmath.mpf(0.5) ** 930 * 1e-50 * 1e150),
    ],
)
def test_generalization_bound(arguments, expected):
    assert generalization_bound(*arguments) == pytest.approx(float(expected), rel=1e-10)


def test_a_bound_beyond_floats_says_so():
    with pytest.raises(ArithmeticError, match=r"beyond 1\.8e308"):
        generalization_bound(1, 1, 1e300, 1, 1e300)


def test_too_many_kinds_of_sets():
    with pytest.raises(ValueError, match=r"n = 60 of 10 kinds makes \d+ kinds of sets; allowed: at most 1e6"):
        generalization([0.1] * 10, [0.1] * 10, [[0.0] * 10], [[0.0] * 10], 60, 1.0)


def chain_reference(anchor, prompt_noise, model_noise, curation_noise, learner_noise, h, g, correlation):
    """All entropies as log determinants of the covariance, in 400 digits."""
    with mpmath.workdps(400):
        given = (anchor, prompt_noise, model_noise, curation_noise, learner_noise, h, g, correlation)
        a, u, q, e, w, h, g, r = map(mpmath.mpf, given)
        follow, own = q * r / mpmath.sqrt(a * a + u * u), q * mpmath.sqrt(1 - r * r)
        rows = {"A": [a, 0, 0, 0, 0, 0], "P": [a, u, 0, 0, 0, 0], "Q": [follow * a, follow * u, own, 0, 0, 0]}
        rows["H"], rows["G"] = [h * x for x in rows["P"]], [g * x for x in rows["Q"]]
        rows["M"] = [x + y for x, y in zip(rows["H"], rows["G"], strict=True)]
        rows["S"] = [*rows["M"][:3], e, 0, 0]
        rows["W"] = [*rows["S"][:4], w, 0]
        rows["V"] = [a, 0, 0, 0, 0, w]
        found = {}
        for group in GROUPS:
            loadings = mpmath.matrix([rows[letter] for letter in group])
            volume = mpmath.det(loadings * loadings.T)
            found[group] = float((mpmath.log(volume) + len(group) * mpmath.log(2 * mpmath.pi * mpmath.e)) / 2)
        return found


def test_gaussian_chains_of_all_scales():
    draws = random.Random(0)
    names = ("anchor", "prompt_noise", "model_noise", "curation_noise", "learner_noise", "h", "g")
    for reach in (1, 8, 30, 69.9):
        for _ in range(12):
            world = {name: 10 ** draws.uniform(-reach, reach) for name in names}
            world["correlation"] = draws.choice(
                [0, draws.uniform(-1, 1), 1 - 10 ** draws.uniform(-12, -1), -(1 - 1e-6)]
            )
            found, expected = gaussian_chain.entropies(**world), chain_reference(**world)
            assert max(abs(found[group] - expected[group]) for group in GROUPS) < 1e-10, world


@pytest.mark.parametrize("changed", [{"g": 1e8}, {"model_noise": 1e8}, {"prompt_noise": 1e8}, {"learner_noise": 1e-8}])
def test_information_of_a_chain_with_scales_far_apart(changed):
    world = {"anchor": 1.0, "prompt_noise": 0.5, "model_noise": 1.0, "curation_noise": 0.5, "learner_noise": 1.0}
    world |= {"h": 1.0, "g": 1.0, "correlation": 0.0} | changed
    exact = chain_reference(**world)
    information = exact["S"] + exact["W"] - exact["SW"]
    assert gaussian_chain.account(**world).information == pytest.approx(information, rel=1e-12)
