"""lib.theory.gaussian against scipy, mpmath, identities and Monte Carlo."""

import itertools
import math

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import reference_joint
from scipy import integrate, special, stats

from lib.theory import gaussian

CORRELATIONS = [-1.0, -1 + 1e-9, -0.99999, -0.99, -0.7, -0.2, 0.0, 0.3, 0.8, 0.95, 0.999, 1 - 1e-6, 1 - 1e-12, 1.0]
limits = st.floats(-9, 9)
correlations = st.floats(-1, 1)


@pytest.mark.parametrize("x", [-math.inf, -38.0, -20.0, -5.0, -1.0, 0.0, 0.3, 2.0, 9.0, math.inf])
def test_pdf_and_cdf_against_scipy(x):
    assert gaussian.pdf(x) == pytest.approx(stats.norm.pdf(x), rel=1e-13, abs=0)
    # erfc of the C library loses digits where it nears the smallest normal number
    assert gaussian.cdf(x) == pytest.approx(stats.norm.cdf(x), rel=1e-12, abs=1e-305)


@pytest.mark.parametrize("x", [0.0, 0.1, 3.0, 24.9, 25.0, 25.1, 40.0, 1e4])
def test_mills_ratio_against_scipy(x):
    oracle = math.sqrt(math.pi / 2) * special.erfcx(x / math.sqrt(2))
    assert gaussian.mills_ratio(x) == pytest.approx(oracle, rel=1e-12, abs=0)


@pytest.mark.parametrize("rho", CORRELATIONS)
def test_bivariate_cdf_against_scipy(rho):
    rng = np.random.default_rng(3)
    for x, y in [*rng.normal(size=(12, 2)) * 2, (0.0, 0.0), (1.0, 1.0), (1.0, -1.0), (-2.0, -2.001), (0.5, -0.4999)]:
        # one dimension of quadrature, split where the inner cdf steps; the limits +-1 are exact
        if abs(rho) == 1.0:
            oracle = stats.norm.cdf(min(x, y)) if rho > 0 else max(0.0, stats.norm.cdf(x) - stats.norm.cdf(-y))
        else:
            width = math.sqrt((1 - rho) * (1 + rho))

            def inner(u, y=y, width=width):
                return stats.norm.pdf(u) * stats.norm.cdf((y - rho * u) / width)

            steps = [(y + m * width) / rho for m in (-8, -4, -2, -1, 0, 1, 2, 4, 8)] if rho else []
            points = sorted({-12.0, x} | {p for p in steps if -12 < p < x})
            oracle = sum(
                integrate.quad(inner, a, b, epsabs=1e-14, epsrel=1e-12)[0] for a, b in itertools.pairwise(points)
            )
        assert gaussian.bivariate_cdf(x, y, rho) == pytest.approx(oracle, rel=0, abs=1e-10)


def test_bivariate_cdf_against_scipy_multivariate():
    rng = np.random.default_rng(4)
    for _ in range(60):
        x, y, rho = *rng.normal(size=2) * 2, rng.uniform(-0.99, 0.99)
        oracle = stats.multivariate_normal([0, 0], [[1, rho], [rho, 1]]).cdf([x, y])
        assert gaussian.bivariate_cdf(x, y, rho) == pytest.approx(oracle, rel=0, abs=1e-10)


def test_conditional_cdf_in_the_tails_against_mpmath():
    rng = np.random.default_rng(5)
    compared = 0
    for i in range(40):
        x, y = rng.normal(size=2) * (1, 4, 8, 15)[i % 4]
        if i % 3 == 0:  # almost the same, almost opposite: the hard cases near correlation +-1
            y = rng.choice([-1, 1]) * x + rng.normal() * 10.0 ** rng.uniform(-6, 0)
        rho = rng.uniform(-1, 1) if i % 2 else rng.choice([-1, 1]) * (1 - 10.0 ** rng.uniform(-8, -1))
        with mpmath.workdps(40):
            oracle = float(reference_joint(x, y, rho) / mpmath.ncdf(x))
        if oracle > 1e-280:
            compared += 1
            assert gaussian.conditional_cdf(y, x, rho) == pytest.approx(oracle, rel=1e-9, abs=0)
    assert compared >= 25


def test_conditional_cdf_where_both_limits_underflow():
    # given X <= -60, X is -60 - u with u nearly exponential of mean 1/60: at rho = 0.6 the other is N(-36, 0.64), nearly
    value = gaussian.conditional_cdf(-36.0, -60.0, 0.6)
    with mpmath.workdps(30):
        oracle = float(
            mpmath.quad(
                lambda u: mpmath.exp(-60 * u - u * u / 2) * mpmath.ncdf((mpmath.mpf("0.6") * u) / mpmath.mpf("0.8")),
                [0, 0.02, 0.1, 0.5, 2],
            )
            / mpmath.quad(lambda u: mpmath.exp(-60 * u - u * u / 2), [0, 0.02, 0.1, 0.5, 2])
        )
    assert value == pytest.approx(oracle, rel=1e-9)
    assert gaussian.conditional_cdf(-60.0, -36.0, 0.6) == pytest.approx(
        math.exp((36.0**2 - 60.0**2) / 2) * gaussian.mills_ratio(60.0) / gaussian.mills_ratio(36.0) * value,
        rel=1e-9,
        abs=0,
    )


@given(limits, limits, correlations)
def test_bivariate_cdf_identities(x, y, rho):
    joint = gaussian.bivariate_cdf(x, y, rho)
    assert 0.0 <= joint <= min(gaussian.cdf(x), gaussian.cdf(y)) + 1e-11
    assert joint == pytest.approx(gaussian.bivariate_cdf(y, x, rho), abs=2e-11)
    assert joint + gaussian.bivariate_cdf(x, -y, -rho) == pytest.approx(gaussian.cdf(x), abs=2e-11)


@given(correlations)
def test_bivariate_cdf_at_the_origin(rho):
    # Sheppard
    expected = 0.25 + math.asin(rho) / (2 * math.pi)
    assert gaussian.bivariate_cdf(0.0, 0.0, rho) == pytest.approx(expected, abs=1e-10)


def test_infinite_limits():
    inf = math.inf
    assert gaussian.bivariate_cdf(inf, 0.7, 0.4) == pytest.approx(gaussian.cdf(0.7), abs=1e-15)
    assert gaussian.bivariate_cdf(0.7, inf, 0.4) == pytest.approx(gaussian.cdf(0.7), abs=1e-15)
    assert gaussian.bivariate_cdf(-inf, 0.7, 0.4) == gaussian.bivariate_cdf(0.7, -inf, -1.0) == 0.0
    assert gaussian.bivariate_cdf(inf, inf, -1.0) == 1.0
    assert [gaussian.conditional_cdf(0.7, -inf, rho) for rho in (-0.3, 0.0, 0.3)] == [0.0, gaussian.cdf(0.7), 1.0]


def test_orthant_probability_monte_carlo():
    rng = np.random.default_rng(6)
    for _ in range(5):
        directions = rng.normal(size=(3, 3))
        directions /= np.linalg.norm(directions, axis=1, keepdims=True)
        gram = directions @ directions.T
        expected = gaussian.orthant_probability(gram[0, 1], gram[0, 2], gram[1, 2])
        draws = np.mean(np.all(rng.normal(size=(200_000, 3)) @ directions.T > 0, axis=1))
        error = math.sqrt(expected * (1 - expected) / 200_000)
        assert abs(draws - expected) < 4 * error


def test_orthant_probability_special_cases():
    assert gaussian.orthant_probability(0, 0, 0) == 0.125
    assert gaussian.orthant_probability(1, 1, 1) == pytest.approx(0.5, abs=1e-15)
    assert gaussian.orthant_probability(-0.5, -0.5, -0.5) == pytest.approx(0.0, abs=1e-15)


@pytest.mark.parametrize("triple", [(0.9, 0.9, -0.9), (-0.6, -0.6, -0.6), (1.0, -1.0, 1.0)])
def test_orthant_probability_names_the_smallest_eigenvalue(triple):
    r12, r13, r23 = triple
    smallest = np.linalg.eigvalsh([[1, r12, r13], [r12, 1, r23], [r13, r23, 1]])[0]
    with pytest.raises(ValueError, match=rf"smallest eigenvalue {smallest:.3g} is outside \[0, 1\]"):
        gaussian.orthant_probability(*triple)


@pytest.mark.parametrize(
    ("function", "arguments", "message"),
    [
        (gaussian.bivariate_cdf, (0, 0, 1.2), r"rho = 1.2 is outside \[-1, 1\]"),
        (gaussian.bivariate_cdf, (math.nan, 0, 0.2), "x = nan is outside"),
        (gaussian.conditional_cdf, (math.nan, 0, 0.2), "y = nan is outside"),
        (gaussian.mills_ratio, (-1.0,), r"x = -1.0 is outside \[0, inf\]"),
        (gaussian.orthant_probability, (0, -1.5, 0), r"rho13 = -1.5 is outside \[-1, 1\]"),
    ],
)
def test_bad_input(function, arguments, message):
    with pytest.raises(ValueError, match=message):
        function(*arguments)
