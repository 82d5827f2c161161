"""Notebook random-matrices/03: how the step comes about, by fits alone: its height, its sides and its width.

Few features, so that many rows a feature are cheap; every number here is simulated. ``psi`` is the rho of the paper.
Source: "Maximizing the Potential of Synthetic Data", Section 4.2; "Beyond Model Collapse", Theorem 3.2.
"""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from scipy.integrate import quad

from lib.experiments.random_matrices.smooth_transition import NORMAL, beside, quantile
from lib.statistics import Estimate, difference
from lib.theory import gaussian

FEATURES = 10
MANY = 10**4  # rows a feature behind the step
RATIOS = (10, 100, 1000)  # rows a feature behind the widths
NEAR = 0.4  # a width is read this far from the border, times sqrt(p/m)


def places(star: float, ratio: int) -> tuple[float, float]:
    """Label noises on either side of the border between which a width is read: NEAR / sqrt(ratio) away, within [0, 1]."""
    return beside(star, NEAR / math.sqrt(ratio))


def width(at: tuple[float, float], accuracies: Sequence[Sequence[float]]) -> Estimate:
    """Label noise that moves the normal quantile of the accuracy by one, from an Estimate at each of two label noises.

    Raises ValueError where the accuracy does not fall. Checked by tests/experiments/random_matrices/test_sharp_limit.py.
    """
    fall = difference(*(quantile(Estimate(*each)) for each in accuracies))
    if fall.value <= 0:
        raise ValueError(f"accuracies = {list(accuracies)} do not fall; allowed: the first above the second")
    value = (at[1] - at[0]) / fall.value
    return Estimate(value, value * fall.standard_error / fall.value)


def power(widths: Mapping[int, Estimate]) -> Estimate:
    """Slope of log width against log rows, least squares, with its error. Two widths or more.

    Checked by tests/experiments/random_matrices/test_sharp_limit.py.
    """
    x = np.log(list(widths))
    weights = (x - x.mean()) / np.square(x - x.mean()).sum()
    values = np.log([each.value for each in widths.values()])
    errors = np.array([each.standard_error / each.value for each in widths.values()])
    return Estimate(float(weights @ values), float(np.linalg.norm(weights * errors)))


def agreement(accuracy: Estimate, mu_norm: float) -> Estimate:
    """Agreement with the Bayes classifier ``sign(mu x)`` of a classifier with that accuracy on labels.

    A classifier whose angle to the mean has the cosine c has the accuracy ``Phi(|mu| c)``; on a row with ``u = mu x / |mu|``,
    normal around ``|mu|``, it agrees with probability ``Phi(c |u| / sqrt(1 - c^2))``. The error is carried over by a difference.
    An accuracy above ``Phi(|mu|)``, as noise may give, counts as that. Checked by
    tests/experiments/random_matrices/test_sharp_limit.py.
    """

    def of(value: float) -> float:
        cosine = NORMAL.inv_cdf(min(1 - 1e-9, max(1e-9, value))) / mu_norm
        if abs(cosine) >= 1:
            return 1.0 if cosine > 0 else 0.0
        ratio = cosine / math.sqrt(1 - cosine**2)

        def inside(u: float) -> float:
            return gaussian.cdf(ratio * abs(u)) * NORMAL.pdf(u - mu_norm)

        return sum(quad(inside, *ends)[0] for ends in ((mu_norm - 12, 0), (0, mu_norm + 12)))

    value, step = of(accuracy.value), accuracy.standard_error
    return Estimate(value, abs(of(accuracy.value + step) - of(accuracy.value - step)) / 2)


def distance(measured: Sequence[Estimate], limits: Sequence[float]) -> Estimate:
    """The largest distance of measured values from their limits, with that one's error."""
    far = [Estimate(abs(one.value - limit), one.standard_error) for one, limit in zip(measured, limits, strict=True)]
    return max(far)
