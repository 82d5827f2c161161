"""Ridges, rates and sizes at the ends of their ranges, against equations in 120 digits and against closed forms."""

import math

import mpmath
import pytest
from ridge_cases import named
from test_ridge import reference

from lib.theory.random_matrices.closed_form import ridge_as_coded, ridge_as_printed, ridge_closed_form
from lib.theory.random_matrices.equation import GENERATORS, quadratic
from lib.theory.random_matrices.ridge import figure3_label_noise, ridge
from lib.theory.random_matrices.synthetic_only import synthetic_only, verified_accuracy

SETTINGS = [
    named(400, 200, 1000, 100, 2, 1e-16, 0.1, 0.5, 0.9),
    named(400, 200, 1000, 100, 2, 1e-40, 0.1, 0.5, 0.9),
    named(400, 200, 1000, 100, 1e6, 1e-30, 0.1, 0.5, 0.9),
    named(100, 2000, 1000, 50, 1e6, 1e-3, 1e-20, 1, 1),
    named(10**7, 1, 2 * 10**9, 1, 1, 0.68, 0, 1, 1),
    named(10**9, 10**3, 10**12, 10, 3, 1e-20, 0.3, 0.2, 0.7),
    named(3, 10**12, 10**15, 10**6, 0.1, 1e-50, 0.3, 0.2, 0.7),
    named(300, 600, 1200, 600, 1, 1e30, 0.3, 0.1, 0.9),
]


@pytest.mark.parametrize("generator", GENERATORS)
@pytest.mark.parametrize("setting", SETTINGS, ids=str)
def test_ridge(setting, generator):
    with mpmath.workdps(150):
        expected = reference(**setting, generator=generator)
    assert ridge(**setting, generator=generator)[:2] == pytest.approx(expected, rel=1e-9)


def corollary(p, m, mu_norm, gamma, epsilon, psi, phi):
    """Corollary 4.3 corrected, in its own symbols, in 400 digits."""
    with mpmath.workdps(400):
        mu2, g, e = mpmath.mpf(mu_norm) ** 2, mpmath.mpf(gamma), mpmath.mpf(epsilon)
        right, wrong, eta = phi * (1 - e), psi * e, mpmath.mpf(p) / m
        alpha, lam = right + wrong, right - wrong
        delta = (eta - alpha - g + mpmath.sqrt((alpha + g - eta) ** 2 + 4 * eta * g)) / (2 * g)
        b = alpha + g * (1 + delta)
        d, h = alpha * mu2 + b, 1 - alpha * eta / b**2
        mean = lam * mu2 / d
        second = lam**2 * mu2 / (h * d) * ((mu2 + 1) / d - 2 * (1 - h) / alpha) + (1 - h) / h
        return float(mean), float(second - mean**2)


@pytest.mark.parametrize("gamma", [1e-100, 1e-40, 1e-34, 1e-30, 1e-8, 1.0, 1e100])
@pytest.mark.parametrize("p", [1, 900, 1000, 1100, 10**15])
def test_synthetic_rows_alone(p, gamma):
    """Also with as many rows as dimensions, where rounding the number of rows kept would decide."""
    for mu_norm in (1e-5, 2, 1e6):
        setting = {"p": p, "m": 1000, "mu_norm": mu_norm, "gamma": gamma, "epsilon": 0.1, "psi": 1, "phi": 1}
        expected = corollary(**setting)
        assert synthetic_only(**setting)[:2] == pytest.approx(expected, rel=1e-11)
        assert ridge(**setting, n=0, n_hat=math.inf)[:2] == pytest.approx(expected, rel=1e-11)


def test_small_ridges_against_mpmath():
    for gamma, spare, eta in [
        (1e-100, 0, 1),
        (1e-100, 1e-60, 1),
        (1e-30, -1e-17, 0.5),
        (1e-100, -1e5, 1e5),
        (1e100, 3, 1e-15),
    ]:
        with mpmath.workdps(300):
            q, g = mpmath.mpf(spare) + mpmath.mpf(gamma), mpmath.mpf(gamma)
            expected = float((mpmath.sqrt(q * q + 4 * g * eta) - q) / (2 * g))
        assert quadratic(gamma, spare, eta) == pytest.approx(expected, rel=1e-14)


def test_a_generator_of_one_row():
    got = ridge(p=10**7, n=0, m=2 * 10**9, n_hat=1, mu_norm=0, gamma=0.68, epsilon=0, psi=1, phi=1)
    assert got[:3] == pytest.approx((0, 5e-17, 0.5), rel=1e-6)
    assert figure3_label_noise(p=10**7, m=2 * 10**9, n_hat=1, mu_norm=0, gamma=0.68) == 0.5


def test_means_of_nearly_unit_norm():
    """In units of sigma beyond what a reader may give: the same formula, not an error about another number."""
    with mpmath.workdps(60):
        mu = mpmath.mpf(1 - 2.0**-53)
        m = float(mu / mpmath.sqrt((1 - mu * mu) / 50))
    assert m > 1e6
    setting = {"n": 100, "p": 0.3, "phi": 0.9, "psi": 0.2, "dimension": 50, "ridge": 1.0}
    near = [verified_accuracy(mu_norm=1 - 10.0**-power, **setting) for power in (6, 9, 12)]
    last = verified_accuracy(mu_norm=1 - 2.0**-53, **setting)
    assert near == sorted(near)
    assert near[-1] <= last <= 1.0


def test_closed_forms_refuse_what_cancels():
    """The paper's symbols cancel at small ridges; then they say so, and the exact limit above stands."""
    setting = named(400, 200, 1000, 100, 2, 1e-16, 0.1, 0.5, 0.9)
    exact = ridge(**setting)
    for function in (ridge_closed_form, ridge_as_printed, ridge_as_coded):
        for gamma in (1e-3, 1e-6, 1e-9, 1e-12, 1e-20, 1e-40):
            try:
                got = function(**setting | {"gamma": gamma})
            except ArithmeticError as error:
                assert "six digits" in str(error)  # noqa: PT017 either is lawful
                continue
            if function is ridge_closed_form and gamma <= 1e-12:
                assert got[:2] == pytest.approx(exact[:2], rel=1e-6)
