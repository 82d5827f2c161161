"""Notebook beyond-collapse/01: the theorem where its example is not: covariances of any shape, and classes at a right angle.

Source: "Beyond Model Collapse", Section 3.1, Condition D.1 with b = -a and b = 0.
"""

import math

import numpy as np
import torch
from torch import Tensor

from lib import seeds
from lib.models.linear.logistic_ridge import fit_logistic_ridge
from lib.models.mixtures import two_classes
from lib.theory import gaussian

NOTEBOOK = "beyond-collapse/01"
SHAPES = ("round", "uneven", "spiked")


def covariance(shape: str, mu_norm: float, dimension: int) -> Tensor:
    """Covariance (d, d) float64 with trace ``1 - mu_norm^2``; the class mean points along the first axis.

    "round": a multiple of the identity. "uneven": variances of the axes from 1 to 4, in turn. "spiked": half of the trace along
    the diagonal of the first two axes, at 45 degrees to the mean, the rest round.
    Raises ValueError for another shape. Checked by tests/experiments/beyond_collapse/test_other_mixtures.py::test_covariance.
    """
    trace = 1 - mu_norm**2
    if shape == "round":
        return torch.eye(dimension, dtype=torch.float64) * trace / dimension
    if shape == "uneven":
        turned = torch.linalg.qr(_turn(dimension))[0]
        variances = torch.from_numpy(np.geomspace(1, 4, dimension))
        return turned @ torch.diag(variances / variances.sum() * trace) @ turned.T
    if shape == "spiked":
        spike = torch.zeros(dimension, dtype=torch.float64)
        spike[:2] = 2**-0.5
        return trace / 2 * (torch.eye(dimension, dtype=torch.float64) / dimension + torch.outer(spike, spike))
    raise ValueError(f"shape = {shape!r} is not one of {', '.join(SHAPES)}")


def _turn(dimension: int) -> Tensor:
    return torch.randn(dimension, dimension, dtype=torch.float64, generator=seeds.generator(0, NOTEBOOK, "turn"))


def agreement(weights: Tensor, mean: Tensor, cov: Tensor) -> float:
    """Probability that a linear classifier agrees with the Bayes classifier ``sign(mean . cov^-1 x)`` of N(y mean, cov).

    weights, mean: (d,), cov: (d, d). Checked by tests/experiments/beyond_collapse/test_other_mixtures.py::test_agreement.
    """
    bayes = torch.linalg.solve(cov, mean)
    spread = [(w @ cov @ w).sqrt() for w in (bayes, weights)]
    m_bayes, m_own = (float(w @ mean / s) for w, s in zip((bayes, weights), spread, strict=True))
    c = float((bayes @ cov @ weights / spread[0] / spread[1]).clamp(-1, 1))
    return gaussian.bivariate_cdf(m_bayes, m_own, c) + gaussian.bivariate_cdf(-m_bayes, -m_own, c)


def fitted(
    seed: int,
    shape: str,
    mu_norm: float,
    dimension: int,
    n: int,
    p: float,
    phi: float,
    psi: float,
    ridge: float,
    models: int,
) -> dict[str, list[float]]:
    """Draw, corrupt, select, fit, for a covariance of this shape: "agreement" with the Bayes classifier of each model, and
    "spread", the standard deviation of inner products of examples of one class, which Condition D.1 wants near 0.

    Checked by tests/experiments/beyond_collapse/test_other_mixtures.py::test_fitted.
    """
    generator, found = seeds.generator(seed, NOTEBOOK, "covariance", shape, dimension, n, p), []
    cov, mean = covariance(shape, mu_norm, dimension), torch.zeros(dimension, dtype=torch.float64)
    mean[0] = mu_norm
    root = torch.linalg.cholesky(cov)
    spreads = []
    for _ in range(models):
        y = torch.randint(0, 2, (n,), generator=generator).double() * 2 - 1
        x = torch.randn(n, dimension, generator=generator, dtype=torch.float64) @ root.T + y[:, None] * mean
        labels = two_classes.flip_labels(y, p, generator=generator)
        kept = two_classes.rlhf_kept(y, labels, phi, psi, generator=generator)
        weights = fit_logistic_ridge(x[None], labels[None], ridge, kept=kept[None])[0]
        found.append(agreement(weights, mean, cov))
        one_class = (x * y[:, None])[:200]
        inner = (one_class @ one_class.T)[~torch.eye(len(one_class), dtype=torch.bool)]
        spreads.append(float(inner.std()))
    return {"agreement": found, "spread": spreads}


def right_angle(
    seed: int, n: int, errors: list[float], phi: float, psi: float, models: int, a: float, dimension: int, ridge: float
) -> list[list[float]]:
    """Agreement (label error, model) of logistic ridge with the Bayes classifier where b = 0: class means at a right angle.

    ``x | y ~ N(sqrt(a) e_y, (1-a)/d I)``, so that examples of one class have inner product a, of two classes 0, and length 1. The
    Bayes classifier is linear, through the origin, along ``e_1 - e_0``.
    Checked by tests/experiments/beyond_collapse/test_other_mixtures.py::test_right_angle.
    """
    means = torch.zeros(2, dimension, dtype=torch.float64)
    means[0, 0] = means[1, 1] = math.sqrt(a)
    noise, found = math.sqrt((1 - a) / dimension), []
    for p in errors:
        generator, row = seeds.generator(seed, NOTEBOOK, "right angle", n, p, phi, psi), []
        for _ in range(models):
            y = torch.randint(0, 2, (n,), generator=generator).double() * 2 - 1
            x = torch.randn(n, dimension, generator=generator, dtype=torch.float64) * noise + means[(y > 0).long()]
            labels = two_classes.flip_labels(y, p, generator=generator)
            kept = two_classes.rlhf_kept(y, labels, phi, psi, generator=generator)
            weights = fit_logistic_ridge(x[None], labels[None], ridge, kept=kept[None])[0]
            row.append(_agreement_at_right_angle(weights, means, noise))
        found.append(row)
    return found


def _agreement_at_right_angle(weights: Tensor, means: Tensor, noise: float) -> float:
    """Mean over both classes of the chance that both classifiers have one sign."""
    bayes, total = means[1] - means[0], 0.0
    c = float((weights @ bayes / weights.norm() / bayes.norm()).clamp(-1, 1))
    for mean in means:
        m_own, m_bayes = (float(w @ mean / (noise * w.norm())) for w in (weights, bayes))
        total += gaussian.bivariate_cdf(m_bayes, m_own, c) + gaussian.bivariate_cdf(-m_bayes, -m_own, c)
    return total / 2
