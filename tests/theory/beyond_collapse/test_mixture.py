"""The Gaussian mixture of Appendix D.6: rates, their tails, the printed formulas, and the population classifier."""

import math

import mpmath
import numpy as np
import pytest
from oracles import DRAWS, assert_share, directions, random_triplets, reference_joint

from lib.theory import gaussian
from lib.theory.beyond_collapse.breakdown import breakdown_point
from lib.theory.beyond_collapse.mixture import mixture_rates, mixture_rates_as_printed, population_classifier

# mu_norm, dimension, and angles as multiples of pi
SETTINGS = [
    (0.3, 10, 0.3, 0.2, 0.1),
    (0.5, 3, 0.3, 0.2, 0.3),
    (0.2, 100, 0.45, 0.4, 0.5),
    (0.6, 5, 0.6, 0.3, 0.7),
    (0.4, 4, 0.7, 0.6, 0.3),
]


def radians(setting):
    mu_norm, dimension, *angles = setting
    return mu_norm, dimension, *[math.pi * each for each in angles]


def draw(setting, n=DRAWS, seed=0):
    """(scores on mu, w_gen, w_prune; x in the span of the three; y). The other dimensions matter to no score."""
    mu_norm, dimension, *angles = radians(setting)
    rng = np.random.default_rng(seed)
    vectors = directions(*angles)
    sigma = math.sqrt((1 - mu_norm**2) / dimension)
    y = rng.choice([-1, 1], size=n)
    x = y[:, None] * mu_norm * vectors[0] + sigma * rng.normal(size=(n, 3))
    return x @ vectors.T, x, y


@pytest.mark.parametrize("setting", SETTINGS)
def test_mixture_rates_monte_carlo(setting):
    scores, _, y = draw(setting)
    label = np.sign(scores[:, 1])
    wrong, kept = label != y, label * scores[:, 2] > 0
    p, phi, psi = mixture_rates(*radians(setting))
    assert_share(wrong, p)
    assert_share(kept[~wrong], phi)
    assert_share(kept[wrong], psi)


@pytest.mark.parametrize("mu_norm", [0.1, 0.7, 0.95])
@pytest.mark.parametrize("dimension", [10, 300, 10_000])
def test_psi_against_mpmath(mu_norm, dimension):
    compared = 0
    for angles in [*random_triplets(5, 3), (0.4, 0.3, 0.2), (0.4, 0.3, 0.69), (0.1, 0.1, 0.01)]:
        m = mu_norm * math.sqrt(dimension / (1 - mu_norm**2))
        with mpmath.workdps(40):
            m_g, m_v = m * math.cos(angles[0]), m * math.cos(angles[1])
            oracle = float(reference_joint(-m_g, -m_v, math.cos(angles[2])) / mpmath.ncdf(-m_g))
        psi = mixture_rates(mu_norm, dimension, *angles).psi
        assert 0.0 <= psi <= 1.0  # never nan
        if oracle > 1e-280:
            compared += 1
            assert psi == pytest.approx(oracle, rel=1e-8, abs=0)
        else:
            assert psi < 1e-279
    assert compared >= 1


def test_psi_where_p_underflows():
    p, phi, psi = mixture_rates(0.95, 10_000, 0.4, 0.4, 0.01)
    assert p == 0.0
    assert phi == pytest.approx(1.0, abs=1e-15)
    assert 0.0 < psi < 1.0


def test_only_the_sum_of_two_angles_decides():
    rng = np.random.default_rng(6)
    for angles in random_triplets(6, 200):
        mu_norm, dimension = rng.uniform(0.05, 0.95), int(10 ** rng.uniform(0.5, 4))
        p, phi, psi = mixture_rates(mu_norm, dimension, *angles)
        m = mu_norm * math.sqrt(dimension / (1 - mu_norm**2))
        gap = gaussian.cdf(m * math.cos(angles[0])) - gaussian.cdf(-m * math.cos(angles[1]))
        assert (1 - p) * phi - p * psi == pytest.approx(gap, abs=1e-10)
        learned = population_classifier(mu_norm, dimension, *angles)
        assert learned.along_mu == pytest.approx(gap, abs=1e-14)
        if abs(gap) > 1e-9:
            assert (learned.along_mu > 0) == (angles[0] + angles[1] < math.pi)
            assert (learned.along_mu > 0) == (p < breakdown_point(phi, psi))


def test_a_verifier_equal_or_opposite_to_the_generator():
    p, phi, psi = mixture_rates(0.3, 20, 0.8, 0.8, 0.0)
    assert (phi, psi) == (1.0, 1.0)
    assert 0.0 < p < 0.5
    # the two never agree; the angles' rounding leaves 1e-16 of that
    assert mixture_rates(0.3, 20, 0.8, math.pi - 0.8, math.pi)[1:] == pytest.approx((0.0, 0.0), abs=1e-14)


def test_printed_psi_is_at_least_one():
    rng = np.random.default_rng(7)
    for angles in random_triplets(7, 300):
        mu_norm, dimension = rng.uniform(0.05, 0.95), int(10 ** rng.uniform(0.5, 3))
        p, phi, psi = mixture_rates_as_printed(mu_norm, dimension, *angles)
        assert psi >= 1.0 - 1e-10
        assert 0.0 <= p <= 1.0
        assert 0.0 <= phi <= 1.0


def test_printed_scale_of_the_noise():
    # as printed the scores are -c = mu d (1 - mu^2) cos theta; with E|x|^2 = 1 they are mu sqrt(d / (1 - mu^2)) cos theta
    printed = mixture_rates_as_printed(0.2, 10, 0.3, 0.4, 0.5)
    assert printed.p == pytest.approx(gaussian.cdf(-0.2 * 10 * 0.96 * math.cos(0.3)), rel=1e-12)
    assert mixture_rates(0.2, 10, 0.3, 0.4, 0.5).p == pytest.approx(
        gaussian.cdf(-0.2 * math.sqrt(10 / 0.96) * math.cos(0.3)), rel=1e-12
    )
    assert mixture_rates_as_printed(0.5, 10**6, 0.3, 0.4, 0.5).psi == math.inf  # Phi(c2) underflows


@pytest.mark.parametrize("setting", SETTINGS)
def test_population_classifier_monte_carlo(setting):
    mu_norm, dimension, *angles = radians(setting)
    scores, x, y = draw(setting)
    vectors = directions(*angles)
    label = np.sign(scores[:, 1])
    terms = x * (label * (label * scores[:, 2] > 0))[:, None]  # q y' x
    learned = population_classifier(mu_norm, dimension, *angles)
    direction = [learned.along_mu * mu_norm, learned.along_generator, learned.along_verifier] @ vectors
    errors = terms.std(axis=0) / math.sqrt(len(terms))
    assert np.all(np.abs(terms.mean(axis=0) - direction) < 4 * errors)
    # the two rates of the direction itself, on the same draws
    decision = x @ direction > 0
    assert_share(decision == (y > 0), learned.accuracy)
    assert_share(decision == (scores[:, 0] > 0), learned.agreement)


def test_population_classifier_sharpens_with_dimension():
    # theta_gen + theta_prune = 0.95 pi and 1.05 pi: the step of the theorem in the limit
    def agreements(theta_prune):
        angles = 0.55 * math.pi, theta_prune, 0.3 * math.pi
        return [population_classifier(0.3, d, *angles).agreement for d in (10, 100, 1000, 10**5)]

    below, above = agreements(0.4 * math.pi), agreements(0.5 * math.pi)
    assert below[0] < below[1] < below[2]
    assert above[0] > above[1] > above[2]
    assert below[3] == pytest.approx(1, abs=1e-9)
    assert above[3] == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(("mu_norm", "dimension"), [(0.3, 100), (0.9, 10_000)])
def test_population_classifier_where_almost_nothing_is_kept(mu_norm, dimension):
    # a good generator and a hopeless verifier agree once in e^8 or in e^100000 draws: the same direction law in scaled terms
    angles = 0.3, math.pi - 0.5, math.pi - 0.4
    learned = population_classifier(mu_norm, dimension, *angles)
    with mpmath.workdps(30):
        m = mpmath.mpf(mu_norm) * mpmath.sqrt(dimension / (1 - mpmath.mpf(mu_norm) ** 2))
        m_g, m_v = m * mpmath.cos(angles[0]), m * mpmath.cos(angles[1])
        x = mu_norm * (mpmath.ncdf(m_v) - mpmath.ncdf(-m_g))
        g, v = (mu_norm / m * mpmath.npdf(each) for each in (m_g, m_v))
        parallel = x + g * mpmath.cos(angles[0]) + v * mpmath.cos(angles[1])
        cosines = [[1, math.cos(angles[0]), math.cos(angles[1])], [0, 1, math.cos(angles[2])], [0, 0, 1]]
        parts = [x, g, v]
        square = sum(parts[i] * parts[j] * cosines[i][j] * (1 if i == j else 2) for i in range(3) for j in range(i, 3))
        expected = float(mpmath.ncdf(m * parallel / mpmath.sqrt(square)))
    assert learned.accuracy == pytest.approx(expected, rel=1e-8, abs=1e-300)


def test_perfect_generator_and_verifier_teach_the_bayes_classifier():
    learned = population_classifier(0.4, 30, 0.0, 0.0, 0.0)
    assert learned.agreement == pytest.approx(1.0, abs=1e-10)
    assert learned.accuracy == pytest.approx(gaussian.cdf(0.4 * math.sqrt(30 / 0.84)), rel=1e-12)


@pytest.mark.parametrize("function", [mixture_rates, mixture_rates_as_printed, population_classifier])
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((1.2, 10, 0.3, 0.2, 0.1), r"mu_norm = 1.2 is outside \(0, 1\)"),
        ((0.0, 10, 0.3, 0.2, 0.1), r"mu_norm = 0.0 is outside \(0, 1\)"),
        ((0.5, 0, 0.3, 0.2, 0.1), "dimension = 0 is outside"),
        ((0.5, 10.5, 0.3, 0.2, 0.1), "dimension = 10.5 is not a whole number"),
        ((0.5, 10, 0.3, -0.2, 0.1), r"theta_prune = -0.2 is outside \[0, pi\]"),
        ((0.5, 10, 0.3, 0.2, 0.6), "triangle inequality"),
        ((0.5, 10, 0.3, 0.2, math.nan), "theta = nan is outside"),
    ],
)
def test_bad_input(function, arguments, message):
    with pytest.raises(ValueError, match=message):
        function(*arguments)


def test_a_vanishing_direction_is_an_error():
    with pytest.raises(ValueError, match="length of the learned direction"):
        population_classifier(0.5, 10, math.pi / 2, math.pi / 2, math.pi)
