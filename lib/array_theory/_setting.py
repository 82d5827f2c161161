"""What both functions of ``given_covariance`` check, and the form of their answer."""

from collections import namedtuple

import numpy as np

from lib import arrays
from lib.theory import checks, gaussian
from lib.theory.random_matrices.equation import LARGEST, LEAST_KEPT

RidgeLimit = namedtuple("RidgeLimit", ("mean", "variance", "accuracy", "train_accuracy", "delta_r", "delta_s"))
RIDGES = (1e-60, 1e60)  # range of gamma
_LARGEST_ENTRY = 1e30  # of means and covariances: no product of this theory leaves the range of floats


def setting(n, m, gamma, epsilon, psi, phi):
    """n, n/N, m/N, alpha, lam, gamma, checked."""
    n, m = checks.integer("n", n, 0, LARGEST), checks.integer("m", m, 0, LARGEST)
    if n + m == 0:
        raise ValueError("n + m = 0 is outside [1, 2e15]: there is nothing to train on")
    epsilon, psi = checks.probability("epsilon", epsilon), checks.probability("psi", psi)
    right, wrong = checks.probability("phi", phi) * (1 - epsilon), psi * epsilon
    if n == 0 and right + wrong < LEAST_KEPT:
        raise ValueError(
            f"n = 0 and phi (1 - epsilon) + psi epsilon = {right + wrong!r}, outside [1e-50, 1], for epsilon = {epsilon!r}, "
            f"psi = {psi!r}, phi = {phi!r}: nothing is kept"
        )
    return n, n / (n + m), m / (n + m), right + wrong, right - wrong, checks.real("gamma", gamma, *RIDGES)


def moments(mean_name, mean, covariance_name, covariance, dimension=None):
    """Mean (p,), covariance (p, p), its eigenvalues (rounding below 0 cut off) and eigenvectors, checked."""
    mean = arrays.finite(mean_name, mean, largest=_LARGEST_ENTRY)
    covariance = arrays.finite(covariance_name, covariance, largest=_LARGEST_ENTRY)
    p = mean.size if dimension is None else dimension
    for name, array, shape in ((mean_name, mean, (p,)), (covariance_name, covariance, (p, p))):
        if array.shape != shape or p == 0:
            where = f"{shape}, p that of {mean_name}" if p else "(p,) with p at least 1"
            raise ValueError(f"{name} has shape {array.shape}, allowed: {where}")
    largest = np.abs(covariance).max()
    skew = np.abs(covariance - covariance.T).max()
    if skew > 1e-10 * largest:
        raise ValueError(
            f"{covariance_name} differs from its transpose by {skew:.3g}, allowed: [0, {1e-10 * largest:.3g}]"
        )
    values, vectors = np.linalg.eigh(covariance)
    if values[0] < -1e-10 * largest:
        raise ValueError(f"{covariance_name} has smallest eigenvalue {values[0]:.6g}, allowed: [0, inf)")
    return mean, covariance, np.clip(values, 0, None), vectors


def accuracy(mean, variance):
    """Phi(mean / sqrt(variance)); nan for no margin at all."""
    return gaussian.cdf(float(mean) / float(variance) ** 0.5) if variance > 0 and mean == mean else float("nan")


def limit(mean, variance, train_mean, delta):
    """A RidgeLimit in plain floats; train_mean is the mean of a training margin on the scale of sqrt(variance)."""
    if not 0 < variance < np.inf:
        raise ArithmeticError(
            f"variance = {float(variance)!r} of the margin: double precision cannot give six digits of it"
        )
    accuracies = accuracy(mean, variance), accuracy(train_mean, variance)
    return RidgeLimit(float(mean), float(variance), *accuracies, float(delta[0]), float(delta[1]))
