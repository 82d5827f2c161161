"""Given covariances as the ridge goes to 0 with more dimensions than rows: the formulas for C = I, and the limit."""

import math

import numpy as np
import pytest

from lib.array_theory.given_covariance import ridge_given, ridge_shared
from lib.theory.random_matrices.ridge import ridge

P = 400
MEAN = np.eye(P)[0] * 2.0
KEPT = {"n": 200, "m": 1000, "epsilon": 0.1, "psi": 0.5, "phi": 0.9}
FIELDS = ("mean", "variance", "accuracy")


def fields(limit):
    return [getattr(limit, name) for name in FIELDS]


@pytest.mark.parametrize("gamma", [1e-4, 1e-8, 1e-12, 1e-16, 1e-20, 1e-40, 1e-60])
def test_against_the_formulas_for_the_identity(gamma):
    shared = ridge_shared(MEAN, np.eye(P), **KEPT, n_hat=100, gamma=gamma)
    expected = ridge(p=P, mu_norm=2, **KEPT, n_hat=100, gamma=gamma, generator="shared")
    assert fields(shared) == pytest.approx(fields(expected), rel=1e-10)
    given = ridge_given(MEAN, np.eye(P), MEAN, np.eye(P), **KEPT, gamma=gamma)
    assert fields(given) == pytest.approx(fields(ridge(p=P, mu_norm=2, **KEPT, n_hat=math.inf, gamma=gamma)), rel=1e-10)


@pytest.mark.parametrize("synthetic_mean", ["estimated", "known"])
def test_it_has_a_limit(synthetic_mean):
    """From 1e-12 on, the ridge changes nothing: before, digits of the derivatives went with it."""
    found = [
        ridge_shared(MEAN, np.eye(P), **KEPT, n_hat=100, gamma=gamma, synthetic_mean=synthetic_mean)[:4]
        for gamma in (1e-12, 1e-16, 1e-25, 1e-50)
    ]
    for each in found[1:]:
        assert each == pytest.approx(found[0], rel=1e-9)


def test_as_many_rows_as_dimensions():
    """The root moves as the root of the ridge, and with the rounding of the number of rows kept: refused, not guessed."""
    with pytest.raises(ArithmeticError, match="gamma = 1e-30"):
        ridge_shared(MEAN, np.eye(P), n=400, m=0, n_hat=50, gamma=1e-30, epsilon=0, psi=0, phi=1)
