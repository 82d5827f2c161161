"""The divergence of two samples by histograms, as the code of the reverse-bottleneck paper estimates it.

Each sample has a histogram over its own range. So the estimate does not see where the samples lie: shift one of them, and
it stays the same. It is here to show what it measures; for a Kullback-Leibler divergence use
``lib.models.mixtures.gaussian_mixtures.kl_divergence``.
"""

import torch
from torch import Tensor

from lib import tensors
from lib.theory import checks


def histogram_divergence(x: Tensor, y: Tensor, bins: int = 50, floor: float = 1e-10) -> Tensor:
    """Relative entropy (B,) in nats of the histogram densities of B pairs of samples, each over the range of its own sample.

    Parameters
    ----------
    x, y : (B, n, 2) and (B, m, 2) tensors
        The samples; the divergence is that of x from y.
    bins : int
        Cells along each axis, 2 to 10^4.
    floor : float
        Densities are raised to at least this before both are normalized; in [1e-100, 1e100], in units of 1 / area.

    Raises
    ------
    ValueError
        For another shape, nan or inf, a sample without extent, or a parameter outside its range.

    Notes
    -----
    Source: the paper's public code, described in words; Section 4.4 does not say how it estimates its divergence.
    Checked by tests/models/mixtures/test_histogram_divergence.py, against numpy's histogram2d and scipy's entropy.
    """
    bins, floor = checks.integer("bins", bins, 2, 10**4), tensors.positive("floor", floor)
    for name, points in (("x", x), ("y", y)):
        tensors.real(name, points, "(B, n, 2)", dims=(3,), empty=False)
        if points.ndim != 3 or points.shape[2] != 2 or len(points) != len(x):
            raise ValueError(f"{name} has shape {tuple(points.shape)}, allowed: ({len(x)}, n, 2)")
        tensors.sized(name, points)
        if (points.amax(1) <= points.amin(1)).any():
            raise ValueError(f"{name} has a sample without extent, allowed: two different values along each axis")
    p, q = (_densities(points.double(), bins).clamp_(min=floor) for points in (x, y))
    p, q = p / p.sum(1, keepdim=True), q / q.sum(1, keepdim=True)
    return (p * (p / q).log_()).sum(1)


def _densities(points: Tensor, bins: int) -> Tensor:
    """Histogram densities (B, bins^2) over each sample's own range."""
    low, high = points.amin(1, keepdim=True), points.amax(1, keepdim=True)
    cell = ((points - low) / (high - low) * bins).long().clamp_(max=bins - 1)
    index = cell[..., 0] * bins + cell[..., 1]
    counts = torch.zeros(len(points), bins * bins, dtype=points.dtype, device=points.device)
    counts.scatter_add_(1, index, torch.ones_like(index, dtype=points.dtype))
    area = ((high - low) / bins).prod(-1)  # (B, 1)
    return counts / (points.shape[1] * area)
