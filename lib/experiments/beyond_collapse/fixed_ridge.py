"""Notebook beyond-collapse/03: the learner of eq. 1, logistic with a ridge that stays as data grow, behind a weak verifier.

Source: "Beyond Model Collapse", eq. 1 and Section 4.
"""

import math
from collections.abc import Sequence

import numpy as np
import torch

from lib import seeds
from lib.experiments.beyond_collapse.finite_samples import rise_after_best
from lib.models.linear.least_squares import fit_least_squares
from lib.models.linear.logistic_ridge import fit_logistic_ridge
from lib.models.mixtures import two_classes
from lib.statistics import Estimate

RIDGES = (1e-1, 1e-3, 1e-5)  # lambda of eq. 1, per kept example
ANGLE = math.pi / 6  # of the verifier: the one whose sweet spot is deepest where the ridge fades
GENERATORS = (200, 5000)  # N0, the poorest and the best of Figure 3's


def repeat(
    seed: int, repeat: int, real: int, tau: float, dimension: int, ridges: list[float], sizes: list[int]
) -> list[list[float]]:
    """Relative errors (ridge, size) of logistic ridge on the first n' examples that a verifier at 30 degrees keeps.

    The generator is least squares on ``real`` samples and draws its labels from the sigmoid.
    Checked by tests/experiments/beyond_collapse/test_fixed_ridge.py::test_repeat.
    """
    draw = seeds.generator(seed, "beyond-collapse/03", "fixed ridge", real, repeat)
    axis = torch.randn(dimension, generator=draw)
    w_star = axis / axis.norm()
    mean, noise = tau * w_star, dimension**-0.5
    w_gen = fit_least_squares(*two_classes.draw_mixture(real, mean, noise, generator=draw))
    verifier = two_classes.draw_at_angle(w_star, ANGLE, generator=draw)
    x, _ = two_classes.draw_mixture(4 * max(sizes), mean, noise, generator=draw)
    labels = two_classes.sigmoid_labels(x, w_gen, generator=draw)
    kept = two_classes.supervised_kept(x, labels, verifier)
    x, labels = x[kept], labels[kept]
    if len(x) < max(sizes):
        raise ValueError(f"kept = {len(x)} examples is below the largest size, {max(sizes)}")
    fitted = torch.stack(
        [
            torch.stack([fit_logistic_ridge(x[:n], labels[None, :n], ridge, tolerance=1e-6)[0] for n in sizes])
            for ridge in ridges
        ]
    )
    best = two_classes.accuracy(w_star, mean, noise)
    return (1 - two_classes.accuracy(fitted, mean, noise) / best).tolist()


def largest_rise(found: Sequence[Sequence[Sequence[Sequence[float]]]]) -> Estimate:
    """Largest rise after the best size over generators and ridges, of errors (generator, repeat, ridge, size).

    Checked by tests/experiments/beyond_collapse/test_fixed_ridge.py::test_largest_rise.
    """
    errors = np.array(found)
    return max(rise_after_best(block[:, k]) for block in errors for k in range(errors.shape[2]))
