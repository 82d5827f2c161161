"""Notebook random-matrices/02: the best ridge for features whose covariance is no multiple of the identity.

In the paper's model the noise is isotropic; the best ridge of real data alone is endless, and its classifier the class mean.
Here the variances of the features span a factor of a hundred, so that every method has a finite best ridge.
Source: the book's own comparison.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import torch

from lib import seeds
from lib.models.linear.least_squares import fit_ridge_mix
from lib.models.linear.ridge_mix import fit_generator, synthetic_sums
from lib.statistics import Estimate, mean_and_error
from lib.theory.random_matrices.equation import GENERATORS

SPREAD = 100.0  # largest over smallest variance of a feature
RIDGES = tuple(np.geomspace(0.001, 1, 10).tolist())
ALONE = "real data alone"
EPSILON = 0.25  # wrong synthetic labels; an oracle removes them


def variances(p: int) -> torch.Tensor:
    """Variances of the p features, geometric, SPREAD wide, with mean 1."""
    found = torch.logspace(0, 1, p, base=SPREAD, dtype=torch.float64)
    return found / found.mean()


def simulated(*, seed: int, block: int, p: int, n: int, m: int, mu_norm: float, repeats: int) -> dict[str, list]:
    """Part: accuracy at each of RIDGES of real data alone and of the mixes, (repeat, ridge) by method, all on the same real rows.

    n_hat = n; the known_mean generator draws its covariance on fresh rows. An oracle prunes. ``block`` names the draws. The class
    mean has the same length in every feature, mu_norm in all; a fit's accuracy is exact, ``Phi(w mu / sqrt(w C w))``.
    Checked by tests/experiments/random_matrices/test_any_covariance.py.
    """
    random = seeds.generator(seed, "random-matrices/02", "any covariance", p, n, m, mu_norm, block)
    scales, ridges = variances(p).sqrt(), torch.tensor(RIDGES, dtype=torch.float64)
    mu = torch.full((p,), mu_norm / p**0.5, dtype=torch.float64)

    def rows() -> torch.Tensor:
        return mu + scales * torch.randn(repeats, n, p, generator=random).double()

    def accuracies(gram: torch.Tensor, moment: torch.Tensor, total: int) -> list:
        fits = fit_ridge_mix(gram, moment, total, ridges)  # (repeats, ridge, p)
        return torch.special.ndtr(fits @ mu / (fits * scales).norm(dim=-1)).tolist()

    real = rows()
    gram, moment = real.mT @ real, real.sum(1)
    found = {ALONE: accuracies(gram, moment, n)}
    for kind in GENERATORS:
        seen = real if kind == "shared" else rows()
        generator = fit_generator(seen, mean=mu if kind == "known_mean" else None)
        more_gram, more_moment = synthetic_sums(*generator, m, EPSILON, 0.0, 1.0, random=random)
        found[kind] = accuracies(gram + more_gram, moment + more_moment, n + m)
    return found


def joined(blocks: Sequence[Mapping[str, list]]) -> dict[str, np.ndarray]:
    """Accuracies (repeat, ridge) by method, of all blocks."""
    return {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}


def best(found: Mapping[str, np.ndarray]) -> dict[str, int]:
    """By method, the place among RIDGES of the best mean accuracy."""
    return {name: int(np.argmax(values.mean(0))) for name, values in found.items()}


def gains(found: Mapping[str, np.ndarray]) -> dict[str, Estimate]:
    """By generator: accuracy at its best ridge less that of real data alone at its own, repeat by repeat.

    Checked by tests/experiments/random_matrices/test_any_covariance.py.
    """
    at = best(found)
    alone = found[ALONE][:, at[ALONE]]
    return {kind: mean_and_error(found[kind][:, at[kind]] - alone) for kind in GENERATORS}
