"""Eq. 31 against a logistic ridge on data built to satisfy Condition D.1 exactly."""

import math

import numpy as np
import pytest
from scipy import optimize, special

from lib.theory.beyond_collapse.fixed_point import fixed_point


def exact_data(n00, n01, n10, n11, a, b):
    """(x, true, given): rows of x have unit norm, inner product a within a class and b across; labels in {0, 1}."""
    true = np.repeat([0, 0, 1, 1], [n00, n01, n10, n11])
    given = np.repeat([0, 1, 0, 1], [n00, n01, n10, n11])
    gram = np.where(true[:, None] == true[None, :], a, b) + (1 - a) * np.eye(len(true))
    return np.linalg.cholesky(gram), true, given


def logistic_ridge(x, given, gamma):
    """Minimiser of sum of cross-entropies plus gamma/2 |w|^2, by scipy's Newton method, to a gradient below 1e-9."""

    def loss(w):
        z = x @ w
        return np.sum(np.logaddexp(0, z) - given * z) + gamma / 2 * w @ w

    def gradient(w):
        return x.T @ (special.expit(x @ w) - given) + gamma * w

    def hessian(w):
        s = special.expit(x @ w)
        return (x.T * (s * (1 - s))) @ x + gamma * np.eye(len(w))

    start = np.zeros(x.shape[1])
    w = optimize.minimize(loss, start, jac=gradient, hess=hessian, method="trust-exact", options={"gtol": 1e-9}).x
    w -= np.linalg.solve(hessian(w), gradient(w))
    assert np.linalg.norm(gradient(w)) < 1e-9
    return w


SETTINGS = [
    (n00, n01, n10, n11, a, gamma)
    for n00, n01, n10, n11 in [(6, 2, 3, 5), (9, 1, 6, 4), (1, 7, 2, 8), (3, 0, 1, 0), (0, 0, 4, 5), (12, 11, 10, 11)]
    for a, gamma in [(0.05, 0.3), (0.3, 2.0), (0.8, 0.05), (0.5, 100.0)]
]


@pytest.mark.parametrize(("n00", "n01", "n10", "n11", "a", "gamma"), SETTINGS)
@pytest.mark.parametrize("skewed", [False, True])
def test_against_logistic_ridge(n00, n01, n10, n11, a, gamma, skewed):
    b = 0.0 if skewed else -a
    x, true, given = exact_data(n00, n01, n10, n11, a, b)
    w = logistic_ridge(x, given, gamma)
    fit = special.expit(x @ w)
    alpha = (given - fit) / gamma  # eq. 32
    solved = fixed_point(n00, n01, n10, n11, a, b, gamma)
    expected = np.select([(true == k) & (given == g) for k, g in [(1, 1), (1, 0), (0, 1)]], solved[:3], solved.D)
    np.testing.assert_allclose(alpha * np.where(given == 1, 1, -1), expected, rtol=0, atol=1e-8 * max(1, 1 / gamma))
    assert solved.accuracy == pytest.approx(np.mean((fit > 0.5) == true), abs=1e-12)


def random_settings(count, low=0):
    rng = np.random.default_rng(2)
    for _ in range(count):
        n00, n01, n10, n11 = (int(n) for n in rng.integers(low, 40, 4))
        yield n00, n01, n10, n11, rng.uniform(0.02, 0.98), 10 ** rng.uniform(-2, 5)


def test_majority_decides_new_examples():
    """The scores s, t of the class means: right for both classes if and only if right labels outnumber wrong ones."""
    for n00, n01, n10, n11, a, gamma in random_settings(300, low=1):
        solved = fixed_point(n00, n01, n10, n11, a, -a, gamma)
        s, t = n11 * solved.A - n10 * solved.B, n01 * solved.C - n00 * solved.D
        score = a * (s - t)  # of a new example of class 1; class 0 has its opposite
        if n00 + n11 == n01 + n10:
            assert abs(score) < 1e-9 * a * (n11 * solved.A + n10 * solved.B + n01 * solved.C + n00 * solved.D)
        else:
            assert (score > 0) == (n00 + n11 > n01 + n10)
        skewed = fixed_point(n00, n01, n10, n11, a, 0.0, gamma)
        if n11 != n10:
            assert (n11 * skewed.A > n10 * skewed.B) == (n11 > n10)
        if n00 != n01:
            assert (n00 * skewed.D > n01 * skewed.C) == (n00 > n01)


def test_exchanging_the_classes():
    for n00, n01, n10, n11, a, gamma in random_settings(50, low=1):
        for b in (-a, 0.0):
            one, other = fixed_point(n00, n01, n10, n11, a, b, gamma), fixed_point(n11, n10, n01, n00, a, b, gamma)
            assert one == pytest.approx((other.D, other.C, other.B, other.A, other.accuracy), rel=1e-12)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((1, 1, 1, 1, 0.3, 0.2, 1.0), r"b = 0.2 is outside \{-a, 0\}, the two cases of Condition D.1, for a = 0.3"),
        ((1, 1, 1, 1, 1.0, 0.0, 1.0), r"a = 1.0 is outside \(0, 1\)"),
        ((1, 1, 1, 1, 0.3, 0.0, 0.0), r"gamma = 0.0 is outside \[1e-100, 1e\+100\]"),
        ((-1, 1, 1, 1, 0.3, 0.0, 1.0), "n00 = -1.0 is outside"),
        ((0, 0, 0, 0, 0.3, 0.0, 1.0), r"n00 \+ n01 \+ n10 \+ n11 = 0.0 is outside \(0, inf\)"),
        ((1, math.nan, 1, 1, 0.3, 0.0, 1.0), "n01 = nan is outside"),
    ],
)
def test_bad_input(arguments, message):
    with pytest.raises(ValueError, match=message):
        fixed_point(*arguments)
