"""Numeric parts of notebook reverse-bottleneck/04 on estimators: do they measure a divergence? On pairs of known mixtures."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Generator, Tensor

from lib import seeds
from lib.experiments.reverse_bottleneck.scenes import equal_weights, random_covariances
from lib.models.mixtures.gaussian_mixtures import GaussianMixtures, kl_divergence
from lib.models.mixtures.histogram_divergence import histogram_divergence
from lib.statistics import Estimate, mean_and_error
from lib.theory import checks

STREAM = "reverse-bottleneck/04"
SHIFT = 100.0  # along both axes; a divergence grows with it, a histogram over a sample's own range does not see it
WIDER = (
    0.049  # added to the 0.001 on the diagonals of random covariances, so that a cell is narrow beside any component
)
CELL = 0.08  # side of a cell of the grid, 0.36 of the least standard deviation


def by_histograms(
    fitted: GaussianMixtures, truth: GaussianMixtures, *, drawn: int, resamples: int, generator: Generator
) -> Tensor:
    """Divergence (B,) in nats as the paper's code estimates it: mean over resamples of ``drawn`` points of both mixtures.

    Args: drawn at least 1, resamples at least 1. Raises ValueError outside. Source: Section 4.4, as coded.
    Checked by tests/experiments/reverse_bottleneck/test_estimators.py.
    """
    resamples = checks.integer("resamples", resamples, 1, 10**6)
    found = [
        histogram_divergence(fitted.sample(drawn, generator=generator), truth.sample(drawn, generator=generator))
        for _ in range(resamples)
    ]
    return torch.stack(found).mean(0)


def on_a_grid(p: GaussianMixtures, q: GaussianMixtures) -> Tensor:
    """D(p || q) (B,) in nats as a sum over cells of the plane [-15, 25)^2, for means in and near [0, 10]^2.

    It shares nothing with the other estimates but the densities. Checked by
    tests/experiments/reverse_bottleneck/test_estimators.py, against the divergence of two Gaussians.
    """
    grid = torch.cartesian_prod(*[torch.arange(-15, 25, CELL, dtype=torch.float64)] * 2)
    found = []
    for b in range(len(p)):
        log_p, log_q = (each[b : b + 1].log_prob(grid[None])[0] for each in (p, q))
        found.append((log_p.exp() * (log_p - log_q)).sum() * CELL**2)
    return torch.stack(found)


def known_pairs(seed: int, pairs: int, drawn: int, resamples: int, n_divergence: int) -> dict[str, list[float]]:
    """Divergences in nats of random pairs of mixtures of four components, which differ more and more, and estimates of them.

    Parameters
    ----------
    seed : int
    pairs : int
        At least 2; the first two mixtures are equal.
    drawn, resamples : int
        Points of a sample for a histogram, and samples a pair.
    n_divergence : int
        Points for an exact divergence, times ten where it is compared with the truth.

    Returns
    -------
    dict of columns
        "truth", on a grid; "exact" and "exact error", from log densities; "histograms"; "one sample" and "one sample, shifted", a
        histogram of one sample before and after one mixture moves by ``SHIFT``; "exact, shifted", the divergence after it.

    Raises
    ------
    ValueError
        Outside these ranges.

    Notes
    -----
    Checked by tests/experiments/reverse_bottleneck/test_estimators.py.
    """
    pairs, generator = checks.integer("pairs", pairs, 2, 10**6), seeds.generator(seed, STREAM, "known pairs")
    means = 10 * torch.rand(pairs, 4, 2, generator=generator, dtype=torch.float64)
    covariances = random_covariances((pairs, 4), generator=generator) + WIDER * torch.eye(2)
    away = torch.randn(pairs, 4, 2, generator=generator, dtype=torch.float64)
    moved = means + torch.linspace(0, 2, pairs, dtype=torch.float64)[:, None, None] * away
    p, q, far = (equal_weights(each, covariances) for each in (means, moved, moved + SHIFT))
    exact = kl_divergence(p, q, 10 * n_divergence, generator=generator)
    first, second = p.sample(drawn, generator=generator), q.sample(drawn, generator=generator)
    return {
        "truth": on_a_grid(p, q).tolist(),
        "exact": exact.value.tolist(),
        "exact error": exact.standard_error.tolist(),
        "histograms": by_histograms(p, q, drawn=drawn, resamples=resamples, generator=generator).tolist(),
        "one sample": histogram_divergence(first, second).tolist(),
        "one sample, shifted": histogram_divergence(first, second + SHIFT).tolist(),
        "exact, shifted": kl_divergence(p, far, n_divergence, generator=generator).value.tolist(),
    }


def mean_distance(found: Mapping[str, Sequence[float]], name: str) -> Estimate:
    """Mean absolute distance in nats of the estimates ``name`` of :func:`known_pairs` from the truth, over pairs.

    Checked by tests/experiments/reverse_bottleneck/test_estimators.py.
    """
    return mean_and_error(torch.from_numpy(np.abs(np.subtract(found[name], found["truth"]))))
