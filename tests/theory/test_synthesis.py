"""lib.theory.synthesis and majority against binomial sums, scipy's quadrature, tables of probabilities, and other chapters."""

import math

import numpy as np
import pytest
from scipy import integrate, optimize, stats

from lib.theory import majority, synthesis
from lib.theory.beyond_collapse.breakdown import breakdown_point, perfect_accuracy_probability
from lib.theory.usable_information import binary_entropy, plugin_information

RATES = {"phi": 0.8, "psi": 0.3}


def by_sum(p, phi, psi, n, m):
    """P(n + right - wrong > 0), over the number of kept rows that are right."""
    up, down = (1 - p) * phi, p * psi
    right = np.arange(m + 1)
    # given ``right`` right ones, the others are wrong with this probability; n + right - wrong > 0
    wrong = stats.binom(m - right, min(1.0, down / (1 - up)) if up < 1 else 0.0)
    return float(stats.binom.pmf(right, m, up) @ wrong.cdf(n + right - 1))


@pytest.mark.parametrize("n", [0, 1, 3, 17, 40, 60])
@pytest.mark.parametrize("m", [1, 5, 40, 301])
@pytest.mark.parametrize("p", [0.0, 0.2, 0.6, 0.75, 0.9, 1.0])
def test_majority_against_binomial_sums(n, m, p):
    for phi, psi in ((0.8, 0.3), (1.0, 1.0), (0.05, 0.9), (1.0, 0.0)):
        assert majority.majority(p, phi, psi, n, m) == pytest.approx(by_sum(p, phi, psi, n, m), abs=1e-9)


def test_majority_without_real_rows_is_the_other_chapters():
    for m in (10, 10**3, 10**6):
        for p in (0.5, 0.72, 0.727, 0.73, 0.8):
            expected = perfect_accuracy_probability(m, p, 0.8, 0.3)
            assert majority.majority(p, **RATES, n=0, m=m) == pytest.approx(expected, abs=1e-9)


def test_border_is_where_ridge_guesses():
    star = synthesis.border_error(**RATES, n=30, m=200)
    assert star == pytest.approx((0.8 + 30 / 200) / 1.1)
    assert synthesis.border_error(**RATES, n=0, m=7) == breakdown_point(0.8, 0.3)
    for gamma in (0.01, 1.0, 100.0):
        more = {"n": 30, "m": 200, "dimension": 50, "gamma": gamma, "mu_norm": 1.5}
        assert synthesis.accuracy(star, **RATES, **more) == pytest.approx(0.5, abs=1e-12)
        assert synthesis.accuracy(star - 0.02, **RATES, **more) > 0.5 > synthesis.accuracy(star + 0.02, **RATES, **more)
    assert [synthesis.border(p, **RATES, n=30, m=200) for p in (star - 1e-6, star + 1e-6)] == [1.0, 0.0]


@pytest.mark.parametrize(("p", "n", "m"), [(0.1, 0, 300), (0.5, 40, 200), (0.85, 10, 400), (0.95, 0, 50)])
def test_signal_of_a_strong_ridge(p, n, m):
    worth = synthesis.effective_rows(p, **RATES, n=n, m=m)
    expected = math.copysign(1.7**2 / math.sqrt(1.7**2 + 90 / abs(worth)), worth)
    found = synthesis.signal(p, **RATES, n=n, m=m, dimension=90, gamma=1e9, mu_norm=1.7)
    assert found == pytest.approx(expected, rel=1e-6)
    right = synthesis.accuracy(p, **RATES, n=n, m=m, dimension=90, gamma=1e9, mu_norm=1.7)
    assert right == pytest.approx(stats.norm.cdf(expected), rel=1e-6)


def test_rows_that_help():
    assert synthesis.rows_that_help(0.2, 1.0, 1.0, 50) == 0.0  # a fifth of the labels wrong
    assert synthesis.rows_that_help(0.6, 1.0, 1.0, 50) == math.inf
    least = synthesis.rows_that_help(0.4, 1.0, 1.0, 50)
    assert least == pytest.approx(50 * (1 - 0.4) / 0.04)
    for m, helps in ((1, False), (int(least) - 2, False), (int(least) + 3, True)):
        assert (synthesis.effective_rows(0.4, 1.0, 1.0, 50, m) > 50) is helps
    assert synthesis.effective_rows(0.2, 1.0, 1.0, 50, 1) > 50


def own_word(r, q):
    """Bits by scipy: the scale that maximizes the likelihood with a share q of wrong labels, and its loss on clean rows."""

    def loss(c, wrong):
        def of(u):
            return np.logaddexp(0, -c * u) * (1 - wrong) + np.logaddexp(0, c * u) * wrong

        return integrate.quad(lambda u: of(u) * stats.norm.pdf(u - r), r - 12, r + 12, epsabs=1e-12, limit=200)[0]

    found = optimize.minimize_scalar(lambda c: loss(c, q), bounds=(0, 20), method="bounded", options={"xatol": 1e-9})
    return 1 - loss(found.x, 0.0) / math.log(2)


@pytest.mark.parametrize(("p", "n"), [(0.05, 0), (0.5, 20), (0.7, 0), (0.85, 0), (1.0, 5)])
def test_bits_against_scipy(p, n):
    more = {"n": n, "m": 150, "dimension": 40, "gamma": 1.0, "mu_norm": 1.5}
    r = synthesis.signal(p, **RATES, **more)
    wrong = 150 * p * 0.3
    q = wrong / (n + 150 * (1 - p) * 0.8 + wrong)
    # a minimum is flat: an error of 1e-8 of the scale moves the bits of other rows than those it fits by about as much
    assert synthesis.bits_at_its_word(p, **RATES, **more) == pytest.approx(own_word(r, q), abs=1e-6)
    turned = synthesis.bits_if_turned(p, **RATES, **more)
    assert turned == pytest.approx(own_word(abs(r), 0.0), abs=1e-9)
    assert turned >= synthesis.bits_at_its_word(p, **RATES, **more) - 1e-12


def test_channel_against_tables():
    for p, phi, psi in ((0.3, 0.8, 0.3), (0.5, 1.0, 0.0), (0.9, 0.6, 0.5), (0.72, 0.8, 0.3)):
        found = synthesis.channel(p, phi, psi)
        right, wrong = (1 - p) * phi, p * psi
        scale = 10**12
        kept = plugin_information([[round(x * scale) for x in row] for row in ((right, wrong), (wrong, right))]).bits
        with_erased = [(right, wrong, 1 - right - wrong), (wrong, right, 1 - right - wrong)]
        drawn = plugin_information([[round(x * scale) for x in row] for row in with_erased]).bits
        assert found.bits_kept == pytest.approx(kept, abs=1e-9)
        assert found.bits_drawn == pytest.approx(drawn, abs=1e-9)
        assert found.share == pytest.approx(right + wrong)
        assert found.error == pytest.approx(wrong / (right + wrong))
        lost = ((1 - p) * (1 - phi), p * (1 - psi))
        full = [(right, wrong, *lost), (wrong, right, *reversed(lost))]
        both = plugin_information([[round(x * scale) for x in row] for row in full]).bits
        assert found.bits_drawn + found.bits_rejected == pytest.approx(both, abs=1e-9)
        assert both >= synthesis.bits_without_verifier(p) - 1e-12  # the verifier is a source of its own
    star = breakdown_point(0.8, 0.3)
    assert synthesis.channel(star, 0.8, 0.3).bits_kept == pytest.approx(0, abs=1e-15)
    assert synthesis.channel(star + 1e-4, 0.8, 0.3).bits_kept > 0
    assert synthesis.bits_without_verifier(0.2) == pytest.approx(1 - binary_entropy(0.2))


def test_bits_and_effective_rows_count_alike():
    """Bits a drawn row are between 1 / (2 ln 2) and 1 times the rows that a drawn row is worth."""
    for p in np.linspace(0.01, 0.99, 50):
        bits, worth = synthesis.channel(p, 0.8, 0.3).bits_drawn, abs(synthesis.effective_rows(p, 0.8, 0.3, 0, 1))
        assert worth / (2 * math.log(2)) * (1 - 1e-12) <= bits <= worth * (1 + 1e-12)


def test_error_bound():
    more = {"n": 20, "m": 300, "dimension": 50, "gamma": 1.0, "mu_norm": 1.5}
    for p in (0.1, 0.6, 0.9):
        found = synthesis.error_bound(p, **RATES, **more)
        wrong = 300 * p * 0.3
        q = wrong / (20 + 300 * (1 - p) * 0.8 + wrong)

        def density(u):  # half the distance of the two posteriors, both classes
            return abs(stats.norm.pdf(u - 1.5) - stats.norm.pdf(u + 1.5)) / 2

        variation = q * integrate.quad(density, -14, 14, points=[0], epsabs=1e-12)[0]
        error = 1 - synthesis.accuracy(p, **RATES, **more)
        assert found.error == pytest.approx(error)
        assert found.bound == pytest.approx(q + (1 - 2 * q) * error + variation, abs=1e-10)
        assert found.loose == pytest.approx(found.bound - error, abs=1e-10)
        assert found.loose >= 0


def test_thresholds():
    assert synthesis.threshold_rates(0.0, 2.0) == pytest.approx((stats.norm.cdf(1), stats.norm.cdf(-1)))
    assert synthesis.threshold_rates(-40.0, 2.0) == (1.0, pytest.approx(1.0))
    assert synthesis.threshold_rates(0.7, 0.0)[0] == synthesis.threshold_rates(0.7, 0.0)[1]


def test_bad_input():
    with pytest.raises(ValueError, match=r"p = 1.2 is outside \[0, 1\]"):
        majority.majority(1.2, 0.8, 0.3, 1, 1)
    with pytest.raises(ValueError, match="nothing is kept"):
        synthesis.channel(0.0, 0.0, 0.5)
    with pytest.raises(ValueError, match=r"n = 20000000 is outside \[0, 10000000\]"):
        synthesis.rows_that_help(0.1, 0.8, 0.3, 2 * 10**7)
