"""Exact limits of ridge on real and pruned synthetic data: references, limits, published curves, random settings, bad input."""

import json
import math
from pathlib import Path

import mpmath
import pytest
from ridge_cases import CASES, random_settings
from scipy import integrate

from lib.theory import random_matrices as theory
from lib.theory.beyond_collapse import breakdown_point
from lib.theory.gaussian import cdf

PUBLISHED = json.loads((Path(__file__).resolve().parents[2] / "data/published/random-matrices.json").read_text())
FIVE_DIGITS = 6e-6  # the references are rounded to five decimals


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_reference_values(case):
    for generator, expected in case.limits.items():
        got = theory.ridge(*case.setting, generator=generator)
        assert got[:3] == pytest.approx(expected, abs=FIVE_DIGITS)
    assert theory.ridge_as_printed(*case.setting).accuracy == pytest.approx(case.printed, abs=6e-5)
    assert theory.ridge_as_coded(*case.setting).accuracy == pytest.approx(case.coded, abs=6e-5)


def test_closed_form():
    for setting in random_settings(1, 300):
        derivative, closed = theory.ridge(*setting), theory.ridge_closed_form(*setting)
        assert closed[:] == pytest.approx(derivative[:], rel=1e-10, abs=1e-10), setting


def reference(p, n, m, n_hat, mu_norm, gamma, epsilon, rho, phi, generator):
    """Mean and variance by the equations of each generator on its own, in 120 digits, with a numerical derivative."""
    mp = mpmath.mpf
    total = mp(n + m)
    eta, real, hat, synthetic, mu2 = p / total, n / total, n_hat / total, m / total, mp(mu_norm) ** 2
    right, wrong = mp(phi) * (1 - mp(epsilon)), mp(rho) * mp(epsilon)
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


@pytest.mark.parametrize("generator", theory.GENERATORS)
def test_against_high_precision(generator):
    """Down to a ridge of 1e-8, where derivatives taken by differences lose all digits."""
    done = 0
    with mpmath.workdps(120):
        for p, n, m, n_hat, *rest in random_settings(2, 40, smallest_ridge=-8.0):
            n_hat = min(n_hat, n)
            got = theory.ridge(p, n, m, n_hat, *rest, generator=generator)
            expected = reference(p, n, m, n_hat, *rest, generator=generator)
            assert got[:2] == pytest.approx(expected, rel=1e-8, abs=1e-12), (p, n, m, n_hat, *rest)
            done += 1
    assert done == 40


def test_every_random_setting_has_an_answer():
    for p, n, m, n_hat, *rest in random_settings(3, 1000, smallest_ridge=-12.0):
        for generator in theory.GENERATORS:
            seen = min(n_hat, n) if generator == "shared" else n_hat
            got = theory.ridge(p, n, m, seen, *rest, generator=generator)
            assert all(math.isfinite(value) for value in got)
            assert got.variance > 0
            assert 0 <= got.accuracy <= 1
            assert min(got.delta_r, got.delta_s) > 0
            assert got.delta_g >= 0


def test_limits():
    # no synthetic rows: ordinary ridge, whatever the generator; and the corollary with everything kept
    plain = theory.ridge(300, 600, 0, 50, 1, 0.1, 0.3, 0.2, 0.9)
    assert (plain.mean, plain.accuracy) == pytest.approx((0.45995, 0.742746), abs=FIVE_DIGITS)
    assert plain[:3] == pytest.approx(theory.synthetic_only(300, 600, 1, 0.1, 0, 1, 1)[:3], abs=1e-12)
    for generator in theory.GENERATORS:
        got = theory.ridge(300, 600, 0, 600, 1, 0.1, 0.3, 0.2, 0.9, generator)
        assert got[:4] == pytest.approx(plain[:4], abs=1e-12)
    # a generator of endless rows: known or estimated mean, no difference
    strong = (300, 600, 1200), (1, 0.1, 0.3, 0.1, 0.9)
    for n_hat, known, independent in [
        (100, 0.782045, 0.748316),
        (1000, 0.786969, 0.779373),
        (10**5, 0.789224, 0.789142),
        (math.inf, 0.789247, 0.789247),
    ]:
        for generator, expected in (("known_mean", known), ("independent", independent)):
            got = theory.ridge(*strong[0], n_hat, *strong[1], generator).accuracy
            assert got == pytest.approx(expected, abs=1e-6)
    # clean labels, no pruning, exact statistics: as good as real rows
    clean = theory.ridge(300, 600, 1200, math.inf, 1, 0.1, 0, 0.4, 1)
    assert clean[:3] == pytest.approx(theory.ridge(300, 1800, 0, 1, 1, 0.1, 0, 1, 1)[:3], abs=1e-12)
    # everything kept and exact statistics: the printed theorem is right
    kept = (300, 600, 1200, math.inf, 1, 0.1, 0.3, 1, 1)
    assert theory.ridge(*kept)[:] == pytest.approx(theory.ridge_as_printed(*kept)[:], abs=1e-12)
    assert theory.ridge(*kept)[:] == pytest.approx(theory.ridge_as_coded(*kept)[:], abs=1e-12)
    # no signal, no accuracy
    for generator in theory.GENERATORS:
        assert theory.ridge(300, 600, 1200, 600, 0, 0.1, 0.3, 0.1, 0.9, generator).accuracy == pytest.approx(
            0.5, abs=1e-15
        )


def test_shared_generator_adds_nothing():
    """With n_hat = n and endless synthetic rows it only rescales the ridge, by 1/alpha."""
    alpha = 0.75
    shared = theory.ridge(500, 1000, 10**13, 1000, 0.7, 1, 0.25, 0, 1, "shared").accuracy
    assert shared == pytest.approx(0.682440, abs=1e-6)
    assert shared == pytest.approx(theory.ridge(500, 1000, 0, 1, 0.7, 1 / alpha, 0, 1, 1).accuracy, abs=1e-7)


def test_independent_generator_is_worth_its_own_rows():
    """Endless synthetic rows alone, from estimated statistics: ridge on the generator's rows, not Bayes."""
    setting = (500, 0, 10**13, 1000, 0.7, 1, 0.25, 0.2, 0.9)
    alpha = 0.9 * 0.75 + 0.2 * 0.25
    got = theory.ridge(*setting, "independent").accuracy
    assert got == pytest.approx(theory.ridge(500, 1000, 0, 1, 0.7, 1 / alpha, 0, 1, 1).accuracy, abs=1e-7)
    assert got == pytest.approx(0.682677, abs=1e-6)
    assert theory.ridge(*setting).accuracy == pytest.approx(0.750305, abs=1e-6)
    assert cdf(0.7) == pytest.approx(0.758036, abs=1e-6)


def test_corollary():
    for p, n, m, _, *rest in random_settings(4, 200):
        del n
        if m == 0 or rest[2] == rest[3] == 0:
            continue
        got = theory.synthetic_only(p, m, *rest)
        assert got[:3] == pytest.approx(theory.ridge(p, 0, m, math.inf, *rest)[:3], rel=1e-9, abs=1e-12)
        assert got.delta_s == pytest.approx(theory.ridge(p, 0, m, math.inf, *rest).delta_s, rel=1e-9)
        printed = theory.synthetic_only_as_printed(p, m, *rest)
        theorem = theory.ridge_as_printed(p, 0, m, math.inf, *rest)
        assert printed[:3] == pytest.approx(theorem[:3], rel=1e-9, abs=1e-12, nan_ok=True)


def test_critical_label_noise():
    assert theory.critical_label_noise(0.3, 0.8) == pytest.approx(8 / 11, abs=1e-15)
    for rho, phi in [(0.3, 0.8), (0.9, 0.1), (1, 1), (0.05, 1)]:
        critical = theory.critical_label_noise(rho, phi)
        assert critical == breakdown_point(phi, rho)
        for n_hat, generator in [(math.inf, "known_mean"), (300, "known_mean"), (300, "independent")]:
            got = theory.ridge(300, 0, 900, n_hat, 1, 1, critical, rho, phi, generator).accuracy
            assert got == pytest.approx(0.5, abs=1e-12)


def test_sharp_limit():
    for epsilon, expected in ((0.5, 0.84134), (0.9, 0.15866)):
        assert theory.sharp_limit(1, epsilon, 0.3, 0.8) == pytest.approx(expected, abs=FIVE_DIGITS)
        got = theory.synthetic_only(100, 10**12, 1, 1, epsilon, 0.3, 0.8).accuracy
        assert got == pytest.approx(expected, abs=FIVE_DIGITS)
    assert theory.sharp_limit(1, 0.5, 1, 1) == 0.5


def test_figure3_label_noise():
    assert theory.figure3_label_noise(500, 4000, 1000, 0.7, 1) == pytest.approx(0.2693, abs=6e-5)
    assert theory.figure3_label_noise(50, 1, 1000, 0.7, 1) == pytest.approx(0.4728, abs=6e-5)


def test_published_figure_2():
    """The digitised curves follow eq. 7 as printed; they were read off to 0.0006."""
    for j, delta in enumerate(("fig2_delta_r", "fig2_delta_s", "fig2_delta_g")):
        for colour, ratio in (("blue", 2), ("orange", 5), ("green", 10)):
            curve = PUBLISHED[delta]["lines"][colour][0]
            for index, (_, value) in enumerate(curve):
                p = int(10 + index * 9990 / 49)
                got = theory.ridge_as_printed(p, 1000, ratio * 1000, 1000, 1, 1, 0.2, 0.2, 0.9)[3 + j]
                assert got == pytest.approx(value, abs=0.0008)


@pytest.mark.parametrize(("supervision", "rho", "phi"), [("oracle", 0, 1), ("weak", 1, 0.5)])
def test_published_figure_3(supervision, rho, phi):
    """The lines of Figure 3 follow the authors' code, b2 = b1; they take the label noise from a realised covariance."""
    for colour, p in (("blue", 50), ("orange", 200), ("green", 500)):
        curve = PUBLISHED[f"fig3_{supervision}"]["lines"][colour][0]
        assert len(curve) == 50
        for index, (_, value) in enumerate(curve):
            share = 0.001 + index * 0.949 / 49
            m = int(share * 1000 / (1 - share))
            epsilon = theory.figure3_label_noise(p, m, 1000, 0.7, 1)
            got = theory.ridge_as_coded(p, 1000, m, 1000, 0.7, 1, epsilon, rho, phi).accuracy
            assert got == pytest.approx(value, abs=0.0015)  # the noise spreads by 0.0015 over covariances


def test_published_figure_4():
    for colour, ratio in (("blue", 1), ("orange", 10), ("green", 100), ("red", 1000)):
        for epsilon, value in PUBLISHED["fig4"]["lines"][colour][0]:
            got = theory.synthetic_only_as_printed(100, 100 * ratio, 1, 1, min(1, max(0, epsilon)), 0.3, 0.8).accuracy
            # the points were thinned where the curve bends; near its steepest place x, read to 0.0001, decides
            assert got == pytest.approx(value, abs=0.001 if ratio < 1000 else 0.004)


def test_marchenko_pastur():
    assert theory.marchenko_pastur_edges(0.1) == pytest.approx((0.46754, 1.73246), abs=FIVE_DIGITS)
    assert theory.marchenko_pastur_edges(0.01) == pytest.approx((0.81, 1.21), abs=1e-12)
    for ratio in (0.01, 0.1, 0.7, 1.5, 4.0):
        low, high = theory.marchenko_pastur_edges(ratio)
        moments = [
            integrate.quad(lambda t, k=k, r=ratio: t**k * theory.marchenko_pastur_density(t, r), low, high, limit=200)[
                0
            ]
            for k in range(3)
        ]
        assert moments[0] + theory.marchenko_pastur_atom(ratio) == pytest.approx(1, abs=1e-7)
        assert moments[1:] == pytest.approx([1, 1 + ratio], abs=1e-6)  # mean and second moment of a Wishart spectrum
    assert theory.marchenko_pastur_density(0.5, 0.01) == 0
    assert theory.marchenko_pastur_atom(0.5) == 0


GOOD = {"p": 30, "n": 60, "m": 120, "n_hat": 60, "mu_norm": 1.0, "gamma": 0.1, "epsilon": 0.3, "rho": 0.1, "phi": 0.9}


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
        ({"rho": -0.1}, "rho = -0.1"),
        ({"phi": 2}, "phi = 2"),
        ({"n": 0, "rho": 0, "phi": 0}, "nothing is kept"),
        ({"generator": "oracle"}, "generator = 'oracle' is not one of"),
        ({"generator": "shared", "n_hat": 61}, r"n_hat = 61 is outside \[1, n = 60\]"),
        ({"generator": "shared", "n_hat": math.inf}, "n_hat = inf is outside"),
    ],
)
def test_bad_input(changes, message):
    functions = [theory.ridge]
    if changes.get("generator") != "shared":  # the printed theorem does not know of shared rows
        functions += [theory.ridge_as_printed, theory.ridge_as_coded]
    for function in functions:
        with pytest.raises(ValueError, match=message):
            function(**{**GOOD, **changes})


def test_bad_input_of_the_smaller_functions():
    with pytest.raises(ValueError, match="rho = phi = 0"):
        theory.critical_label_noise(0, 0)
    with pytest.raises(ValueError, match="nothing is kept"):
        theory.synthetic_only(10, 10, 1, 1, 1, 0, 1)
    with pytest.raises(ValueError, match="ratio = 0"):
        theory.marchenko_pastur_edges(0)
    with pytest.raises(ValueError, match="t = nan"):
        theory.marchenko_pastur_density(math.nan, 1)


def test_nothing_kept_is_real_data_with_a_larger_ridge():
    """alpha = 0: pruned rows still count in N, so gamma works as (n + m)/n gamma."""
    for generator in theory.GENERATORS:
        got = theory.ridge(300, 600, 1200, 600, 1, 0.1, 0.3, 0, 0, generator).accuracy
        assert got == pytest.approx(theory.ridge(300, 600, 0, 1, 1, 0.3, 0, 1, 1).accuracy, abs=1e-12)
