"""Notebook random-matrices/02: does distribution shift harm, a generator's covariance that was estimated on few rows?

The caption of Figure 3 says so. Its lines change p/n and p/n_hat together; here p and n stay, and n_hat alone changes.
"""

from collections.abc import Mapping, Sequence

from lib import seeds
from lib.experiments.random_matrices.mixing import SUPERVISION
from lib.models.linear.ridge_mix import simulate_ridge
from lib.models.mixtures import two_classes
from lib.statistics import Estimate, difference, mean_and_error
from lib.theory.random_matrices.ridge import figure3_label_noise, ridge

ROWS = (0.1, 20)  # rows a feature behind the covariance: much shift, hardly any
KINDS = ("known_mean", "independent")
M_OVER_N = 4  # synthetic rows for each real one: 80 % of all, as far as the published lines of weak supervision fall


def setting(supervision: str, rows: float, *, p: int, n: int, mu_norm: float, gamma: float) -> dict[str, float]:
    """A setting of Figure 3 at 80 % synthetic rows, with ``rows`` rows a feature behind the covariance, at least 1 in all.

    The label noise is the figure's own: that of a classifier trained on clean synthetic rows alone.
    Checked by tests/experiments/random_matrices/test_shift.py.
    """
    own = {"p": p, "m": M_OVER_N * n, "n_hat": max(1, round(rows * p)), "mu_norm": mu_norm, "gamma": gamma}
    return own | {"n": n, "epsilon": figure3_label_noise(**own), **SUPERVISION[supervision]}


def simulated(
    *, seed: int, supervision: str, rows: float, p: int, n: int, mu_norm: float, gamma: float, repeats: int
) -> dict[str, Estimate]:
    """Part: mean accuracy over data sets by generator. Checked by tests/experiments/random_matrices/test_shift.py."""
    own = setting(supervision, rows, p=p, n=n, mu_norm=mu_norm, gamma=gamma)
    random = seeds.generator(seed, "random-matrices/02", "shift", supervision, rows, p, n)
    mu, weights = simulate_ridge(**own, generators=KINDS, repeats=repeats, random=random)
    return {kind: mean_and_error(two_classes.accuracy(fits, mu, 1.0)) for kind, fits in weights.items()}


def in_theory(supervision: str, rows: float, kind: str, **own: float) -> float:
    """The exact accuracy; ``own``: p, n, mu_norm, gamma."""
    return ridge(**setting(supervision, rows, **own), generator=kind).accuracy


def by_case(found: Sequence, dimensions: Sequence[int]) -> dict[str, dict[int, list]]:
    """What :func:`simulated` gave, in the order of supervision, dimension, ROWS: by supervision and dimension, a list of two.

    Checked by tests/experiments/random_matrices/test_shift.py.
    """
    each = iter(found)
    return {supervision: {p: [next(each) for _ in ROWS] for p in dimensions} for supervision in SUPERVISION}


def gain(pair: Sequence[Mapping[str, Sequence]], kind: str) -> Estimate:
    """Accuracy with hardly any shift less accuracy with much, from the two members of :func:`by_case`."""
    much, hardly = (Estimate(*each[kind]) for each in pair)
    return difference(hardly, much)


def measured(found: Mapping[str, Mapping[int, Sequence]]) -> dict[str, Estimate]:
    """What the claim tests: the smallest gain over dimensions, by supervision and generator.

    ``found``: of :func:`by_case`. Checked by tests/experiments/random_matrices/test_shift.py.
    """
    return {
        words: min(gain(pair, kind) for pair in found[supervision].values())
        for words, supervision, kind in (
            ("oracle, mean known", "oracle", "known_mean"),
            ("weak, mean known", "weak", "known_mean"),
            ("oracle, mean estimated", "oracle", "independent"),
        )
    }
