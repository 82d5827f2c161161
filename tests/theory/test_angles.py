"""lib.theory.angles: triangles on the sphere, and one border for the formulas and the sampler."""

import math
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st
from oracles import directions, random_triplets

from lib.models.mixtures.two_classes import draw_triplet
from lib.theory.angles import TOLERANCE, corner, excess, third_angle, triangle
from lib.theory.beyond_collapse.mixture import mixture_rates
from lib.theory.beyond_collapse.noiseless import noiseless_rates

sides = st.floats(0.01, math.pi - 0.01)
corners = st.floats(0, math.pi)


@given(corners, corners, corners)
@example(1e-12, 1.0, 1.0)
@example(1.0, 1e-300, 1.0)
@example(3.0, 0.1, 3.1)
def test_excess(one, other, third):
    exact = float(Fraction(one) + Fraction(other) - Fraction(third))
    assert excess(one, other, third) == pytest.approx(exact, rel=1e-15, abs=1e-31)


def test_what_directions_can_have():
    for triplet in random_triplets(0, 200):
        assert triangle(*triplet) == triplet
    for triplet in [(0.3, 0.2, 0.6), (0.6, 0.2, 0.3), (0.2, 0.6, 0.3), (2.5, 2.5, 2.0)]:
        with pytest.raises(ValueError, match=r"theta = .* is outside \[.*\], the triangle inequality on the sphere"):
            triangle(*triplet)
    for name, triplet in [("theta_gen", (4.0, 1, 1)), ("theta_prune", (1, -1.0, 1)), ("theta", (1, 1, math.nan))]:
        with pytest.raises(ValueError, match=rf"{name} = .* is outside \[0, pi\]"):
            triangle(*triplet)


@given(sides, sides, corners)
def test_corner_and_third_angle_are_inverse(theta_gen, theta_prune, angle):
    theta = third_angle(theta_gen, theta_prune, angle)
    triangle(theta_gen, theta_prune, theta)
    again = third_angle(theta_gen, theta_prune, corner(theta_gen, theta_prune, theta))
    assert again == pytest.approx(theta, abs=1e-7)  # a flat triangle's corner is known to half the digits only


@given(sides, sides, corners)
def test_third_angle_is_that_of_directions(theta_gen, theta_prune, angle):
    generator = np.array([math.cos(theta_gen), math.sin(theta_gen), 0.0])
    across = math.sin(theta_prune)
    verifier = np.array([math.cos(theta_prune), across * math.cos(angle), across * math.sin(angle)])
    expected = 2 * math.atan2(np.linalg.norm(generator - verifier), np.linalg.norm(generator + verifier))
    assert third_angle(theta_gen, theta_prune, angle) == pytest.approx(expected, abs=1e-14)


def test_corner_of_random_directions():
    for triplet in random_triplets(1, 200):
        mu, generator, verifier = directions(*triplet)
        planes = np.cross(mu, generator), np.cross(mu, verifier)
        expected = math.acos(planes[0] @ planes[1] / (np.linalg.norm(planes[0]) * np.linalg.norm(planes[1])))
        assert corner(*triplet) == pytest.approx(expected, abs=1e-6)


def test_third_angle_in_a_plane_keeps_its_digits():
    assert third_angle(1e-9, 3e-9, 0.0) == pytest.approx(2e-9, rel=1e-6)
    assert third_angle(1e-9, 3e-9, math.pi) == pytest.approx(4e-9, rel=1e-6)
    assert math.pi - third_angle(1.5, math.pi - 1.5 - 1e-9, math.pi) == pytest.approx(1e-9, rel=1e-6)
    with pytest.raises(ValueError, match=r"corner = 4.0 is outside \[0, pi\]"):
        third_angle(1, 1, 4.0)


def accepts(function, *arguments, **more):
    """False for the one sentence of refusal; any other error is raised."""
    try:
        function(*arguments, **more)
    except ValueError as error:
        if "triangle inequality on the sphere" not in str(error):
            raise
        return False
    return True


def ends(theta_gen, theta_prune):
    """The smallest and the largest angle that the third side can have."""
    most = min(theta_gen + theta_prune, 2 * math.pi - theta_gen - theta_prune)
    return abs(theta_gen - theta_prune), most


@given(sides, sides, st.booleans(), st.floats(-3, 3))
@example(0.3, 0.2, True, 0.5)  # (0.3, 0.2, 0.5 + 5e-10), over which theory and sampler once differed
@example(0.3, 0.2, True, 1.0)
@example(0.3, 0.2, True, 1.0001)
@example(0.3, 0.2, False, -1.0)
@example(2.0, 2.0, True, 0.9999)
def test_theory_and_sampler_draw_one_border(theta_gen, theta_prune, upper, excess):
    """At the flat triangles, give or take a few TOLERANCE: both accept, or both refuse with one sentence."""
    theta = ends(theta_gen, theta_prune)[upper] + excess * TOLERANCE
    if not 0 <= theta <= math.pi:
        return
    triplet = theta_gen, theta_prune, theta
    accepted = accepts(triangle, *triplet)
    if abs(abs(excess) - 1) > 1e-5:
        outwards = excess if upper else -excess
        assert accepted == (outwards < 1 or ends(theta_gen, theta_prune)[0] <= theta <= ends(theta_gen, theta_prune)[1])
    assert accepts(noiseless_rates, *triplet) == accepted
    assert accepts(mixture_rates, 0.3, 20, *triplet) == accepted
    assert accepts(draw_triplet, *triplet, 4, generator=torch.Generator().manual_seed(0)) == accepted


def test_a_forgiven_triplet_is_drawn_flat():
    vectors = draw_triplet(0.3, 0.2, 0.5 + 5e-10, 6, generator=torch.Generator().manual_seed(0))
    cosines = (vectors @ vectors.T)[(0, 0, 1), (1, 2, 2)]
    assert cosines.arccos().tolist() == pytest.approx([0.3, 0.2, 0.5], abs=2 * TOLERANCE)
    assert torch.linalg.matrix_rank(vectors, rtol=1e-7) == 2
