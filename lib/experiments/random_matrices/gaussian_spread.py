"""Notebook random-matrices/04: how far the images of a class, drawn from its Gaussian, vary beside the real ones.

Source: "Maximizing the Potential of Synthetic Data", Figure 5.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from lib import seeds
from lib.experiments.random_matrices.gaussian_digits import draw_images
from lib.statistics import Estimate, mean_and_error

DRAWS = 200  # images drawn of each class


def root_mean_square(images: Tensor) -> float:
    """Root mean square distance of a pixel from its mean over images (N, d)."""
    return float((images - images.mean(0)).square().mean().sqrt())


def ratios(classes: Sequence[Tensor], *, seed: int) -> dict[str, Estimate]:
    """Spread of drawn images over spread of real ones, mean over classes: "mean and covariance", clipped at 0, and "mean only".

    ``classes``: images (N_a, d), not all the same, of each class. As in the figure negative pixels are set to 0 in the first
    scheme only. Checked by tests/experiments/random_matrices/test_gaussian_spread.py.
    """
    generator = seeds.generator(seed, "random-matrices/04", "spread")
    found: dict[str, list[float]] = {"mean and covariance": [], "mean only": []}
    for own in classes:
        real = root_mean_square(own)
        whole = draw_images(own, DRAWS, generator=generator).clamp(min=0)
        plain = draw_images(own, DRAWS, covariance=False, generator=generator)
        for name, drawn in zip(found, (whole, plain), strict=True):
            found[name].append(root_mean_square(drawn) / real)
    return {name: mean_and_error(torch.tensor(each)) for name, each in found.items()}
