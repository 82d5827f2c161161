"""The noiseless model against draws and orthant probabilities; only the sum of two angles decides."""

import math

import numpy as np
import pytest
from oracles import DRAWS, assert_share, directions, random_triplets

from lib.theory.beyond_collapse.breakdown import breakdown_point, theorem_accuracy
from lib.theory.beyond_collapse.mixture import mixture_breakdown_point, mixture_rates
from lib.theory.beyond_collapse.noiseless import (
    angles_theorem_accuracy,
    noiseless_accuracy,
    noiseless_breakdown_point,
    noiseless_rates,
)
from lib.theory.gaussian import orthant_probability

# (theta_gen, theta_prune, theta) as multiples of pi: interior, planar, obtuse
TRIPLETS = [(0.3, 0.2, 0.1), (0.3, 0.2, 0.25), (0.4, 0.7, 0.5), (0.6, 0.3, 0.8), (0.8, 0.7, 0.3), (0.1, 0.1, 0.2)]


@pytest.mark.parametrize("triplet", TRIPLETS)
def test_noiseless_rates_monte_carlo(triplet):
    angles = [math.pi * each for each in triplet]
    signs = np.random.default_rng(1).normal(size=(DRAWS, 3)) @ directions(*angles).T > 0
    wrong, kept = signs[:, 0] != signs[:, 1], signs[:, 1] == signs[:, 2]
    p, phi, psi = noiseless_rates(*angles)
    assert_share(wrong, p)
    assert_share(kept[~wrong], phi)
    assert_share(kept[wrong], psi)


def test_noiseless_rates_are_ratios_of_orthant_probabilities():
    for angles in random_triplets(2, 200):
        g, v, c = [math.cos(each) for each in angles]
        p, phi, psi = noiseless_rates(*angles)
        assert phi * (1 - p) == pytest.approx(2 * orthant_probability(g, v, c), abs=1e-9)
        assert psi * p == pytest.approx(2 * orthant_probability(-g, -v, c), abs=1e-9)


def test_only_the_sum_of_two_angles_decides():
    for angles in random_triplets(3, 300):
        p, phi, psi = noiseless_rates(*angles)
        gap = (1 - p) * phi - p * psi
        assert gap == pytest.approx(1 - (angles[0] + angles[1]) / math.pi, abs=1e-12)
        assert (p < breakdown_point(phi, psi)) == (angles[0] + angles[1] < math.pi)


def test_noiseless_rates_at_the_ends():
    assert noiseless_rates(0.0, 1.0, 1.0) == (0.0, pytest.approx(1 - 1 / math.pi), 0.5)
    assert noiseless_rates(math.pi, 1.0, math.pi - 1.0) == (1.0, 0.5, pytest.approx(1 / math.pi))
    # the value 1/2 is the limit at fixed theta_prune and theta, and the mean over directions of w_gen
    assert noiseless_rates(1e-6, 1.0, 1.0).psi == pytest.approx(0.5, abs=1e-9)
    around = [noiseless_rates(1e-6, 1.0, 1.0 + 1e-6 * math.cos(2 * math.pi * k / 8)).psi for k in range(8)]
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
    assert abs(noiseless_accuracy(*angles) - measured) < 4 * error + 20 * error**2 / sine


def test_noiseless_accuracy_in_a_plane():
    # w_gen and w_prune on one side of mu: their bisector
    assert noiseless_accuracy(0.3 * math.pi, 0.2 * math.pi, 0.1 * math.pi) == pytest.approx(0.75, abs=1e-12)
    # on opposite sides at equal angles they cancel their errors
    assert noiseless_accuracy(1.0, 1.0, 2.0) == pytest.approx(1.0, abs=1e-7)  # arccos near 1 doubles digits
    # a verifier that repeats the generator changes nothing
    assert noiseless_accuracy(0.7, 0.7, 0.0) == pytest.approx(1 - 0.7 / math.pi, abs=1e-12)


@pytest.mark.parametrize("function", [noiseless_rates, noiseless_accuracy])
@pytest.mark.parametrize("angles", [(0.3, 0.2, 0.6), (0.6, 0.2, 0.3), (0.2, 0.6, 0.3), (2.5, 2.5, 2.0)])
def test_impossible_triplets_name_the_triangle_inequality(function, angles):
    with pytest.raises(ValueError, match=r"theta = .* is outside \[.*\], the triangle inequality on the sphere"):
        function(*angles)


def test_triangle_inequalities_forgive_rounding():
    for k in range(1, 50):
        noiseless_rates(0.02 * k * math.pi, 0.2 * math.pi, abs(0.02 * k - 0.2) * math.pi)


@pytest.mark.parametrize("triplet", list(random_triplets(0, 60)))
def test_it_is_the_theorem_at_the_rates_of_both_models(triplet):
    expected = angles_theorem_accuracy(*triplet)
    assert theorem_accuracy(*noiseless_rates(*triplet)) == expected
    assert theorem_accuracy(*mixture_rates(0.2, 30, *triplet)) == expected


@pytest.mark.parametrize("triplet", list(random_triplets(1, 30)))
def test_breakdown_points_of_both_models(triplet):
    theta_gen, theta_prune, _ = triplet
    below = theta_gen + theta_prune < math.pi
    assert (theta_gen / math.pi < noiseless_breakdown_point(*triplet)) == below
    mixture = mixture_rates(0.2, 30, *triplet)
    assert (mixture.p < mixture_breakdown_point(0.2, 30, *triplet)) == below


def test_breakdown_point_of_self_verification_and_of_an_oracle():
    assert noiseless_breakdown_point(1.0, 1.0, 0.0) == 0.5  # keeps everything
    assert noiseless_breakdown_point(1.0, 0.0, 1.0) == 1.0  # keeps no wrong label
    assert mixture_breakdown_point(0.2, 30, 1.0, 1.0, 0.0) == 0.5
    with pytest.raises(ValueError, match="nothing is kept"):
        noiseless_breakdown_point(1.0, math.pi - 1.0, math.pi)


def test_border_and_bad_triplets():
    assert angles_theorem_accuracy(0.3 * math.pi, 0.7 * math.pi, 0.9 * math.pi) == 0.5
    with pytest.raises(ValueError, match="triangle inequality"):
        angles_theorem_accuracy(0.1, 0.1, 0.3)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: noiseless_rates(-0.1, 0.2, 0.3), r"theta_gen = -0.1 is outside \[0, pi\]"),
        (lambda: noiseless_accuracy(1.0, math.pi - 1.0, math.pi), r"theta = .* is outside \[0, pi\)"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
