"""Exact limits of ridge on real and pruned synthetic data: references, limits, random settings, bad input."""

import math

import mpmath
import pytest
from ridge_cases import CASES, alone, named, random_settings

from lib.theory.gaussian import cdf
from lib.theory.random_matrices.closed_form import ridge_as_coded, ridge_as_printed
from lib.theory.random_matrices.equation import GENERATORS
from lib.theory.random_matrices.ridge import figure3_label_noise, ridge
from lib.theory.random_matrices.synthetic_only import synthetic_only

FIVE_DIGITS = 6e-6  # the references are rounded to five decimals


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_reference_values(case):
    for generator, expected in case.limits.items():
        got = ridge(**case.setting, generator=generator)
        assert got[:3] == pytest.approx(expected, abs=FIVE_DIGITS)
    assert ridge_as_printed(**case.setting).accuracy == pytest.approx(case.printed, abs=6e-5)
    assert ridge_as_coded(**case.setting).accuracy == pytest.approx(case.coded, abs=6e-5)


def reference(p, n, m, n_hat, mu_norm, gamma, epsilon, psi, phi, generator):
    """Mean and variance by the equations of each generator on its own, in 120 digits, with a numerical derivative."""
    mp = mpmath.mpf
    total = mp(n + m)
    eta, real, hat, synthetic, mu2 = p / total, n / total, n_hat / total, m / total, mp(mu_norm) ** 2
    right, wrong = mp(phi) * (1 - mp(epsilon)), mp(psi) * mp(epsilon)
    alpha, lam = right + wrong, right - wrong
    k = alpha * m / n_hat
    other = real - hat  # share of real rows that a shared generator does not see

    def weights(x):
        if generator == "shared":
            omega = (k * x - 1 + mpmath.sqrt((1 - k * x) ** 2 + 4 * x * (1 + x + k))) / (2 * x)
            return omega, x / (1 + omega * x)
        delta_g = (k * x - 1 - x + mpmath.sqrt((1 + x - k * x) ** 2 + 4 * k * x)) / 2
        return delta_g, x / (1 + delta_g)

    def b(x, g):
        grown, delta_s = weights(x)
        if generator == "shared":
            return g + other / (1 + x) + hat * grown / (1 + grown * x)
        return g + real / (1 + x) + alpha * synthetic / ((1 + delta_s) * (1 + grown))

    def root(g):
        low, high = eta / (g + real + alpha * synthetic) / 2, eta / g
        while high / low - 1 > mp(10) ** -100:
            middle = mpmath.sqrt(low * high)
            low, high = (middle, high) if b(middle, g) * middle < eta else (low, middle)
        return low

    def signal(g):
        x = root(g)
        grown, delta_s = weights(x)
        slope = b(x, g)
        kappa, tau = alpha * synthetic / (1 + delta_s), lam * synthetic / (1 + delta_s)
        if generator == "shared":
            theta = 1 + tau / hat
            pull = slope - g
            mean = mu2 / (slope + pull * mu2) * (other / (1 + x) + hat * theta / (1 + grown * x))
            mean_s = (mean + theta * x) / (1 + grown * x)
            return mean, other * (mean + x) / (1 + x) + hat * mean_s + tau * mean_s + kappa * delta_s
        if generator == "independent":
            c = real / (1 + x) + tau / (1 + grown)
            mean = c * mu2 / (slope + (slope - g) * mu2)
            f = c * mean + real * x / (1 + x) + tau * (lam / alpha) * grown / (1 + grown) + kappa * delta_s
            return mean, f
        c = real / (1 + x) + tau
        mean = c * mu2 / (slope + (real / (1 + x) + kappa) * mu2)
        return mean, c * mean + real * x / (1 + x) + kappa * delta_s

    step = mp(gamma) * mp(10) ** -20
    fall = (signal(gamma - step)[1] - signal(gamma + step)[1]) / (2 * step)
    return float(signal(mp(gamma))[0]), float(fall)


@pytest.mark.parametrize("generator", GENERATORS)
def test_against_high_precision(generator):
    """Down to a ridge of 1e-8, where derivatives taken by differences lose all digits."""
    done = 0
    with mpmath.workdps(120):
        for setting in random_settings(2, 40, smallest_ridge=-8.0):
            setting["n_hat"] = min(setting["n_hat"], setting["n"])
            got = ridge(**setting, generator=generator)
            expected = reference(**setting, generator=generator)
            assert got[:2] == pytest.approx(expected, rel=1e-8, abs=1e-12), setting
            done += 1
    assert done == 40


def test_every_random_setting_has_an_answer():
    for setting in random_settings(3, 1000, smallest_ridge=-12.0):
        for generator in GENERATORS:
            seen = min(setting["n_hat"], setting["n"]) if generator == "shared" else setting["n_hat"]
            got = ridge(**setting | {"n_hat": seen}, generator=generator)
            assert all(math.isfinite(value) for value in got)
            assert got.variance > 0
            assert 0 <= got.accuracy <= 1
            assert min(got.delta_r, got.delta_s) > 0
            assert got.delta_g >= 0


def test_limits():
    # no synthetic rows: ordinary ridge, whatever the generator; and the corollary with everything kept
    plain = ridge(**named(300, 600, 0, 50, 1, 0.1, 0.3, 0.2, 0.9))
    assert (plain.mean, plain.accuracy) == pytest.approx((0.45995, 0.742746), abs=FIVE_DIGITS)
    assert plain[:3] == pytest.approx(synthetic_only(**alone(300, 600, 1, 0.1, 0, 1, 1))[:3], abs=1e-12)
    for generator in GENERATORS:
        got = ridge(**named(300, 600, 0, 600, 1, 0.1, 0.3, 0.2, 0.9), generator=generator)
        assert got[:4] == pytest.approx(plain[:4], abs=1e-12)
    # a generator of endless rows: known or estimated mean, no difference
    for n_hat, known, independent in [
        (100, 0.782045, 0.748316),
        (1000, 0.786969, 0.779373),
        (10**5, 0.789224, 0.789142),
        (math.inf, 0.789247, 0.789247),
    ]:
        for generator, expected in (("known_mean", known), ("independent", independent)):
            got = ridge(**named(300, 600, 1200, n_hat, 1, 0.1, 0.3, 0.1, 0.9), generator=generator).accuracy
            assert got == pytest.approx(expected, abs=1e-6)
    # clean labels, no pruning, exact statistics: as good as real rows
    clean = ridge(**named(300, 600, 1200, math.inf, 1, 0.1, 0, 0.4, 1))
    assert clean[:3] == pytest.approx(ridge(**named(300, 1800, 0, 1, 1, 0.1, 0, 1, 1))[:3], abs=1e-12)
    # everything kept and exact statistics: the printed theorem is right
    kept = named(300, 600, 1200, math.inf, 1, 0.1, 0.3, 1, 1)
    assert ridge(**kept)[:] == pytest.approx(ridge_as_printed(**kept)[:], abs=1e-12)
    assert ridge(**kept)[:] == pytest.approx(ridge_as_coded(**kept)[:], abs=1e-12)
    # no signal, no accuracy
    for generator in GENERATORS:
        assert ridge(
            **named(300, 600, 1200, 600, 0, 0.1, 0.3, 0.1, 0.9), generator=generator
        ).accuracy == pytest.approx(0.5, abs=1e-15)


def test_shared_generator_adds_nothing():
    """With n_hat = n and endless synthetic rows it only rescales the ridge, by 1/alpha."""
    alpha = 0.75
    shared = ridge(**named(500, 1000, 10**13, 1000, 0.7, 1, 0.25, 0, 1), generator="shared").accuracy
    assert shared == pytest.approx(0.682440, abs=1e-6)
    assert shared == pytest.approx(ridge(**named(500, 1000, 0, 1, 0.7, 1 / alpha, 0, 1, 1)).accuracy, abs=1e-7)


def test_independent_generator_is_worth_its_own_rows():
    """Endless synthetic rows alone, from estimated statistics: ridge on the generator's rows, not Bayes."""
    setting = named(500, 0, 10**13, 1000, 0.7, 1, 0.25, 0.2, 0.9)
    alpha = 0.9 * 0.75 + 0.2 * 0.25
    got = ridge(**setting, generator="independent").accuracy
    assert got == pytest.approx(ridge(**named(500, 1000, 0, 1, 0.7, 1 / alpha, 0, 1, 1)).accuracy, abs=1e-7)
    assert got == pytest.approx(0.682677, abs=1e-6)
    assert ridge(**setting).accuracy == pytest.approx(0.750305, abs=1e-6)
    assert cdf(0.7) == pytest.approx(0.758036, abs=1e-6)


def test_figure3_label_noise():
    assert figure3_label_noise(p=500, m=4000, n_hat=1000, mu_norm=0.7, gamma=1) == pytest.approx(0.2693, abs=6e-5)
    assert figure3_label_noise(p=50, m=1, n_hat=1000, mu_norm=0.7, gamma=1) == pytest.approx(0.4728, abs=6e-5)


GOOD = {"p": 30, "n": 60, "m": 120, "n_hat": 60, "mu_norm": 1.0, "gamma": 0.1, "epsilon": 0.3, "psi": 0.1, "phi": 0.9}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"p": 0}, r"p = 0 is outside \[1"),
        ({"p": 2.5}, "p = 2.5 is not a whole number"),
        ({"n": -1}, r"n = -1 is outside \[0"),
        ({"n": 0, "m": 0}, r"n \+ m = 0"),
        ({"n_hat": 0}, r"n_hat = 0 is outside \[1"),
        ({"mu_norm": -1}, "mu_norm = -1"),
        ({"gamma": 0}, "gamma = 0"),
        ({"gamma": math.nan}, "gamma = nan"),
        ({"epsilon": 1.1}, r"epsilon = 1.1 is outside \[0, 1\]"),
        ({"psi": -0.1}, "psi = -0.1"),
        ({"phi": 2}, "phi = 2"),
        ({"n": 0, "psi": 0, "phi": 0}, "nothing is kept"),
        ({"generator": "oracle"}, "generator = 'oracle' is not one of"),
        ({"generator": "shared", "n_hat": 61}, r"n_hat = 61 is outside \[1, n = 60\]"),
        ({"generator": "shared", "n_hat": math.inf}, "n_hat = inf is outside"),
    ],
)
def test_bad_input(changes, message):
    functions = [ridge]
    if changes.get("generator") != "shared":  # the printed theorem does not know of shared rows
        functions += [ridge_as_printed, ridge_as_coded]
    for function in functions:
        with pytest.raises(ValueError, match=message):
            function(**{**GOOD, **changes})


def test_nothing_kept_is_real_data_with_a_larger_ridge():
    """alpha = 0: pruned rows still count in N, so gamma works as (n + m)/n gamma."""
    for generator in GENERATORS:
        got = ridge(**named(300, 600, 1200, 600, 1, 0.1, 0.3, 0, 0), generator=generator).accuracy
        assert got == pytest.approx(ridge(**named(300, 600, 0, 1, 1, 0.3, 0, 1, 1)).accuracy, abs=1e-12)
