"""Notebook random-matrices/02: real data alone and three mixes, each at its own best ridge. An oracle prunes.

Source: the book's own comparison, beside Figure 3 of "Maximizing the Potential of Synthetic Data".
"""

from collections.abc import Mapping, Sequence

import numpy as np
import torch

from lib import seeds
from lib.models.linear.ridge_mix import simulate_ridge
from lib.models.mixtures import two_classes
from lib.statistics import Estimate, difference, mean_and_error
from lib.theory.random_matrices.equation import GENERATORS
from lib.theory.random_matrices.ridge import figure3_label_noise, ridge

NOTEBOOK = "random-matrices/02"  # of the streams' names
ALONE = "real data alone"
METHODS = (ALONE, *GENERATORS)
RIDGES = tuple(np.geomspace(0.01, 300, 60).tolist())
TRIED = (0.03, 0.3, 3.0, 30.0)  # ridges of the dots, beside the best one
NOISE_RIDGE = 1.0  # of the classifier whose error is the label noise, as in Figure 3


def setting(method: str, *, p: int, n: int, m: int, mu_norm: float) -> tuple[str, dict[str, float]]:
    """Generator and setting of a method, without its ridge: an oracle prunes, the label noise is that of Figure 3.

    Checked by tests/experiments/random_matrices/test_best_ridge.py.
    """
    noise = figure3_label_noise(p=p, m=m, n_hat=n, mu_norm=mu_norm, gamma=NOISE_RIDGE)
    own = {"p": p, "n": n, "m": m, "n_hat": n, "mu_norm": mu_norm, "epsilon": noise, "psi": 0.0, "phi": 1.0}
    return ("known_mean", own | {"m": 0}) if method == ALONE else (method, own)


def accuracies_in_theory(method: str, *, p: int, n: int, m: int, mu_norm: float) -> list[float]:
    """Exact accuracy of one of METHODS at each of RIDGES."""
    generator, own = setting(method, p=p, n=n, m=m, mu_norm=mu_norm)
    return [ridge(**own, gamma=gamma, generator=generator).accuracy for gamma in RIDGES]


def simulated(*, seed: int, method: str, p: int, n: int, m: int, mu_norm: float, repeats: int) -> dict[str, list]:
    """Part: accuracy of a method, Estimates over data sets, at TRIED and, last, at its best of RIDGES by the theory.

    All ridges share all draws. Checked by tests/experiments/random_matrices/test_best_ridge.py.
    """
    generator, own = setting(method, p=p, n=n, m=m, mu_norm=mu_norm)
    best = RIDGES[int(np.argmax(accuracies_in_theory(method, p=p, n=n, m=m, mu_norm=mu_norm)))]
    tried = torch.tensor([*TRIED, best], dtype=torch.float64)
    random = seeds.generator(seed, NOTEBOOK, "best ridge", method, p, n, m, mu_norm)
    mu, weights = simulate_ridge(**own, gamma=tried, generators=[generator], repeats=repeats, random=random)
    accuracy = two_classes.accuracy(weights[generator], mu, 1.0)  # (repeats, ridge)
    return {"ridges": tried.tolist(), "accuracy": [mean_and_error(column) for column in accuracy.T]}


def shared_gain_in_theory(*, p: int, n: int, m: int, n_hat: int, mu_norm: float) -> float:
    """Exact accuracy of the mix with a shared generator of n_hat rows less real data alone, each at the best of RIDGES.

    An oracle prunes; label noise as in :func:`setting`. Checked by tests/experiments/random_matrices/test_best_ridge.py.
    """
    (kind, mix), (_, alone) = (setting(each, p=p, n=n, m=m, mu_norm=mu_norm) for each in ("shared", ALONE))
    best = [ridge(**mix | {"n_hat": n_hat}, gamma=gamma, generator=kind).accuracy for gamma in RIDGES]
    return max(best) - max(ridge(**alone, gamma=gamma).accuracy for gamma in RIDGES)


def gains(found: Mapping[str, Mapping[str, Mapping]]) -> dict[str, list[Estimate]]:
    """Accuracy at the best ridge less that of real data alone at its own: by generator, one for each case.

    ``found``: by case and method what :func:`simulated` gave, the value "best-ridge" of a record.
    Checked by tests/experiments/random_matrices/test_best_ridge.py.
    """

    def last(of_method: Mapping[str, Sequence]) -> Estimate:
        return Estimate(*of_method["accuracy"][-1])

    return {
        kind: [difference(last(of_case[kind]), last(of_case[ALONE])) for of_case in found.values()]
        for kind in GENERATORS
    }


def measured(gains: Mapping[str, Sequence[Estimate]]) -> dict[str, Estimate]:
    """What the claim on the best ridge tests: the smaller gain of the cases, by generator."""
    return {f"gain, {kind.replace('_', ' ')}": min(gains[kind]) for kind in ("shared", "known_mean", "independent")}
