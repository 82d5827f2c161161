"""Notebooks random-matrices/02 and 03: endless synthetic rows teach what the generator's own real rows teach.

With endless rows the synthetic mean and covariance are sums over the generator's rows, so the classifier is ridge on these, with
ridge gamma/alpha, alpha the share that is kept. Source: the notebooks' own argument.
"""

from typing import NamedTuple

import torch

from lib import seeds
from lib.models.linear.least_squares import fit_ridge_mix
from lib.models.linear.ridge_mix import fit_generator, synthetic_sums
from lib.theory.random_matrices.ridge import ridge

ENDLESS = 10**13  # rows: a hundredth of the most that the formula takes


class Accuracies(NamedTuple):
    """With endless synthetic rows, and with the generator's own real rows alone and ridge gamma/alpha."""

    endless: float
    alone: float


def kept_share(epsilon: float, psi: float, phi: float) -> float:
    """alpha, the share of synthetic rows that a verifier keeps."""
    return phi * (1 - epsilon) + psi * epsilon


def limits(
    *, p: int, n_hat: int, mu_norm: float, gamma: float, epsilon: float, psi: float, phi: float, generator: str
) -> Accuracies:
    """Exact accuracies of both classifiers, for a generator with estimated mean.

    ``shared``: its n_hat rows are the training rows; ``independent``: it has seen n_hat rows, and the learner has none.
    Checked by tests/experiments/random_matrices/test_endless_rows.py.
    """
    rates = {"epsilon": epsilon, "psi": psi, "phi": phi}
    real, size = n_hat if generator == "shared" else 0, {"p": p, "n_hat": n_hat, "mu_norm": mu_norm}
    endless = ridge(n=real, m=ENDLESS, gamma=gamma, **size, **rates, generator=generator)
    alone = ridge(n=n_hat, m=0, gamma=gamma / kept_share(**rates), **size, epsilon=0.0, psi=1.0, phi=1.0)
    return Accuracies(endless.accuracy, alone.accuracy)


def apart(
    *, seed: int, p: int, n: int, m: int, mu_norm: float, gamma: float, epsilon: float, psi: float, phi: float
) -> list[float]:
    """Part: on one data set of n rows, 1 less the cosine between the mix with m synthetic rows and real rows alone.

    Two numbers: real rows alone with ridge gamma/alpha, and with ridge gamma. The generator is fitted on all n rows.
    Checked by tests/experiments/random_matrices/test_endless_rows.py.
    """
    random = seeds.generator(seed, "random-matrices/02", "one data set", p, n, m)
    rows = mu_norm / p**0.5 + torch.randn(1, n, p, generator=random).double()
    gram, moment = rows.mT @ rows, rows.sum(1)
    more_gram, more_moment = synthetic_sums(*fit_generator(rows), m, epsilon, psi, phi, random=random)
    mixed = fit_ridge_mix(gram + more_gram, moment + more_moment, n + m, gamma)[0]
    found = []
    for ridge_alone in (gamma / kept_share(epsilon, psi, phi), gamma):
        alone = fit_ridge_mix(gram, moment, n, ridge_alone)[0]
        found.append(1 - float(mixed @ alone / (mixed.norm() * alone.norm())))
    return found
