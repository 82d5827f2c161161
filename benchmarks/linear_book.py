"""One repeat of Section 4 of "Beyond Model Collapse", as the notebook does it: streamed, all sizes in one pass."""

import math
from collections.abc import Iterator

import torch
from torch import Tensor

from lib.models.linear.least_squares import NestedLeastSquares, fit_least_squares
from lib.models.mixtures import two_classes as mixture
from lib.threads import set_threads

BATCH = 65_536  # rows drawn at a time: 27 MiB of float32


def draw_repeat(
    seed: int, real: int, synthetic: int, dimension: int, tau: float
) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """Draw one repeat batch by batch: x (batch, d), targets (6, batch), kept (6, batch), the labels drawn from the sigmoid."""
    generator = torch.Generator().manual_seed(seed)
    axis = torch.randn(dimension, generator=generator)
    w_star = axis / axis.norm()
    mean, noise = tau * w_star, 1 / math.sqrt(dimension)
    w_gen = fit_least_squares(*mixture.draw_mixture(real, mean, noise, generator=generator))
    verifiers = [
        mixture.draw_at_angle(w_star, theta, generator=generator) for theta in (0.0, math.pi / 12, math.pi / 6)
    ]
    for start in range(0, synthetic, BATCH):
        x, y = mixture.draw_mixture(min(BATCH, synthetic - start), mean, noise, generator=generator)
        labels = mixture.sigmoid_labels(x, w_gen, generator=generator)
        every = torch.ones(len(y), dtype=torch.bool)
        kept = [labels == y, *(mixture.supervised_kept(x, labels, verifier) for verifier in verifiers), every, every]
        yield x, torch.stack([labels] * 5 + [y]), torch.stack(kept)


def coefficients(seed: int, real: int, synthetic: int, dimension: int, tau: float, sizes: list[int], threads: int):
    """Six selections (true label, w_star, pi/12, pi/6, random, clean) by sizes by dimension."""
    set_threads(threads)
    fits = NestedLeastSquares(dimension, sizes, selections=6)
    for x, targets, kept in draw_repeat(seed, real, synthetic, dimension, tau):
        fits.update(x, targets, kept)
    return fits.solve().numpy()
