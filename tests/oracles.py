"""What several tests of the formulas compare with: an independent bivariate cdf, and draws of the models."""

import math

import mpmath
import numpy as np

DRAWS = 400_000


def directions(theta_gen, theta_prune, theta):
    """Unit vectors mu, w_gen, w_prune of three dimensions with these angles, as rows."""
    c, d, e = math.cos(theta_gen), math.cos(theta_prune), math.cos(theta)
    s = math.sin(theta_gen)
    y = (e - c * d) / s
    return np.array([[1, 0, 0], [c, s, 0], [d, y, math.sqrt(max(0.0, 1 - d * d - y * y))]])


def matrix_root(covariance):
    """The symmetric root of a covariance."""
    values, vectors = np.linalg.eigh(covariance)
    return (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T


def random_triplets(seed, count):
    vectors = np.random.default_rng(seed).normal(size=(count, 3, 3))
    vectors /= np.linalg.norm(vectors, axis=2, keepdims=True)
    for m, g, v in vectors:
        yield math.acos(m @ g), math.acos(m @ v), math.acos(g @ v)


def assert_share(hits, expected):
    """A share of independent draws lies within 4 standard errors of its probability."""
    error = math.sqrt(max(expected * (1 - expected), 1e-12) / len(hits))
    assert abs(np.mean(hits) - expected) < 4 * error


def reference_joint(x, y, rho):
    """P(X <= x, Y <= y), |rho| < 1, to 20 digits: Plackett's integral over the correlation, from -1 where nothing cancels.

    With r = -cos t, tau = tan(t/2) = e^s it is the integral over s of exp(-(x+y)^2 / (8 tau^2) - (x-y)^2 tau^2 / 8)
    tau / (1 + tau^2), times exp(-(x^2 + y^2) / 4) / pi. An algorithm of its own: ours integrates over one variable.
    """
    with mpmath.workdps(40):
        x, y, rho = mpmath.mpf(x), mpmath.mpf(y), mpmath.mpf(rho)
        top = mpmath.log((1 + rho) / (1 - rho)) / 2

        def exponent(s):
            tau2 = mpmath.exp(2 * s)
            return -(x * x + y * y) / 4 - (x + y) ** 2 / (8 * tau2) - (x - y) ** 2 * tau2 / 8 + s - mpmath.log1p(tau2)

        low, high = top - 60, top  # the exponent is concave: its maximum, then the ends of what matters
        for _ in range(160):
            left, right = low + (high - low) / 3, high - (high - low) / 3
            low, high = (left, high) if exponent(left) < exponent(right) else (low, right)
        peak = (low + high) / 2
        ends = []
        for sign in (-1, 1):
            step = mpmath.mpf(1e-10)
            while exponent(min(top, peak + sign * step)) > exponent(peak) - 45 and peak + sign * step < top:
                step *= 1.5
            ends.append(min(top, peak + sign * step))
        # scaled to order 1 (mpmath stops at an absolute error), in pieces on both sides of the maximum
        points = [ends[0] + (peak - ends[0]) * i / 8 for i in range(9)] + [
            peak + (ends[1] - peak) * i / 8 for i in range(1, 9)
        ]
        scaled = mpmath.quad(
            lambda s: mpmath.exp(exponent(s) - exponent(peak)), points, method="gauss-legendre", maxdegree=5
        )
        integral = scaled * mpmath.exp(exponent(peak)) / mpmath.pi
        certain = 0
        if x + y > 0:  # P at rho = -1; take the pair of lower tails
            certain = mpmath.ncdf(y) - mpmath.ncdf(-x) if x > y else mpmath.ncdf(x) - mpmath.ncdf(-y)
        return certain + integral
