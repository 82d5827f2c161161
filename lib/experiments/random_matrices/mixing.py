"""Notebook random-matrices/02: Figure 3 with three generators, dot by dot, and what its claims measure.

n = n_hat real rows, more and more synthetic ones. Source: "Maximizing the Potential of Synthetic Data", Figure 3.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from lib import seeds
from lib.models.linear.ridge_mix import simulate_ridge
from lib.models.mixtures import two_classes
from lib.statistics import Estimate, difference, mean_and_error
from lib.theory.random_matrices.equation import GENERATORS
from lib.theory.random_matrices.ridge import figure3_label_noise, ridge

NOTEBOOK = "random-matrices/02"  # of the streams' names
SUPERVISION = {"oracle": {"psi": 0.0, "phi": 1.0}, "weak": {"psi": 1.0, "phi": 0.5}}
RATIOS = (0.05, 0.2, 0.5)  # p/n of the paper
COLOURS = ("blue", "orange", "green")  # of their lines in data/published/random-matrices.json
ENDS = (0.001, 0.95)  # first and last share of synthetic rows
WEAK_END = 0.8  # share of synthetic rows up to which the published lines of weak supervision fall


def dimensions(n: int) -> list[int]:
    """The three dimensions p of the figure: RATIOS times n, at least 2."""
    return [max(2, round(ratio * n)) for ratio in RATIOS]


def shares(points: int) -> list[float]:
    """Shares of synthetic rows on the axis, evenly spaced between ENDS."""
    return np.linspace(*ENDS, points).tolist()


def synthetic_rows(share: float, n: int) -> int:
    """Number m of synthetic rows, at least 1, that are a share of all n + m. Share in [0, 1).

    Checked by tests/experiments/random_matrices/test_mixing.py.
    """
    return max(1, int(share * n / (1 - share)))


def setting(supervision: str, share: float, *, p: int, n: int, mu_norm: float, gamma: float) -> dict[str, float]:
    """The setting of a dot, as :func:`lib.theory.random_matrices.ridge.ridge` takes it, with the figure's own label noise.

    Checked by tests/experiments/random_matrices/test_mixing.py.
    """
    m = synthetic_rows(share, n)
    own = {"p": p, "m": m, "n_hat": n, "mu_norm": mu_norm, "gamma": gamma}
    return own | {"n": n, "epsilon": figure3_label_noise(**own), **SUPERVISION[supervision]}


def point(
    *, seed: int, supervision: str, share: float, p: int, n: int, mu_norm: float, gamma: float, repeats: int
) -> dict[str, object]:
    """Part: a dot of the figure: share, m, and by generator the mean accuracy over data sets, an Estimate.

    The three generators learn beside the same real rows. Checked by tests/experiments/random_matrices/test_mixing.py.
    """
    own = setting(supervision, share, p=p, n=n, mu_norm=mu_norm, gamma=gamma)
    random = seeds.generator(seed, NOTEBOOK, "figure 3", supervision, p, n, share)
    mu, weights = simulate_ridge(**own, repeats=repeats, random=random)
    accuracies = {kind: mean_and_error(two_classes.accuracy(fits, mu, 1.0)) for kind, fits in weights.items()}
    return {"share": share, "m": own["m"], **accuracies}


def line(
    supervision: str, generator: str, at: Sequence[float], *, p: int, n: int, mu_norm: float, gamma: float
) -> list[float]:
    """The exact accuracy at shares of synthetic rows."""
    settings = [setting(supervision, share, p=p, n=n, mu_norm=mu_norm, gamma=gamma) for share in at]
    return [ridge(**own, generator=generator).accuracy for own in settings]


def by_panel(found: Mapping[str, list]) -> dict[str, dict[int, list[dict]]]:
    """Dots by supervision and dimension, from the value "figure-3" of a record, whose keys are such as "oracle-50".

    Checked by tests/experiments/random_matrices/test_mixing.py.
    """
    panels: dict[str, dict[int, list[dict]]] = {supervision: {} for supervision in SUPERVISION}
    for key, dots in found.items():
        supervision, p = key.split("-")
        panels[supervision][int(p)] = dots
    return panels


def published_line(published: Mapping, supervision: str, place: int) -> np.ndarray:
    """Published (share, accuracy), (2, N), of the RATIOS' member at ``place``, 0 to 2."""
    return np.array(published[f"fig3_{supervision}"]["lines"][COLOURS[place]][0]).T


def changes(found: Mapping[str, list], supervision: str, generator: str) -> list[Estimate]:
    """Change of accuracy from the first share to the last, or to the one nearest WEAK_END: one for each dimension, rising.

    Checked by tests/experiments/random_matrices/test_mixing.py.
    """
    of_dimension = by_panel(found)[supervision].values()
    far = [abs(dot["share"] - WEAK_END) for dot in next(iter(of_dimension))]
    end = -1 if supervision == "oracle" else int(np.argmin(far))
    return [difference(Estimate(*dots[end][generator]), Estimate(*dots[0][generator])) for dots in of_dimension]


def distance_from_published(found: Mapping[str, list], supervision: str, published: Mapping) -> Estimate:
    """Largest distance of a dot from the published line, generator that knows the mean.

    Checked by tests/experiments/random_matrices/test_mixing.py.
    """
    far = []
    for place, dots in enumerate(by_panel(found)[supervision].values()):
        x, y = published_line(published, supervision, place)
        for dot in dots:
            value, error = dot["known_mean"]
            far.append(Estimate(float(abs(value - np.interp(dot["share"], x, y))), error))
    return max(far)


def measured(found: Mapping[str, list], published: Mapping) -> dict[str, dict[str, Estimate]]:
    """What the claims on Figure 3 test: "oracle", "weak", and "without the true mean".

    ``found``: the value "figure-3" of a record. Checked by tests/experiments/random_matrices/test_mixing.py.
    """
    far = {supervision: distance_from_published(found, supervision, published) for supervision in SUPERVISION}
    of_oracle = {generator: changes(found, "oracle", generator) for generator in GENERATORS}
    return {
        "oracle": {"published line": far["oracle"], "rise": min(of_oracle["known_mean"])},
        "weak": {"published line": far["weak"], "fall": max(changes(found, "weak", "known_mean"))},
        "without the true mean": {
            "rise, shared": of_oracle["shared"][-1],
            "rise, known mean": of_oracle["known_mean"][-1],
        },
    }
