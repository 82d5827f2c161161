"""Notebook random-matrices/03: fits on synthetic rows alone, where they cross one half, and how wide the transition is.

``psi`` is the rho of the paper: the share of wrong labels that is kept.
Source: "Maximizing the Potential of Synthetic Data", Corollary 4.3 and Figure 4.
"""

import math
from collections.abc import Mapping, Sequence
from statistics import NormalDist

import numpy as np
from scipy.optimize import brentq

from lib import seeds
from lib.models.linear.ridge_mix import simulate_ridge
from lib.models.mixtures import two_classes
from lib.statistics import Estimate, average, mean_and_error
from lib.theory.random_matrices.synthetic_only import (
    critical_label_noise,
    sharp_limit,
    synthetic_only,
    synthetic_only_as_printed,
)

NOTEBOOK = "random-matrices/03"  # of the streams' names
FORMULAS = {"corrected": synthetic_only, "as printed": synthetic_only_as_printed}
PUBLISHED = {1: "blue", 10: "orange", 100: "green", 1000: "red"}  # m/p: colour in data/published/random-matrices.json
FIGURE_4 = {"mu_norm": 1.0, "gamma": 1.0, "psi": 0.3, "phi": 0.8}
EVERY = (0.0, 0.15, 0.3, 0.45, 0.6, 0.85, 1.0)  # label noises of the dots, beside the critical one
BESIDE = 0.05  # label noise on either side of the border
ENDLESS = 10**8  # rows a feature, for infinity
NORMAL = NormalDist()


def simulated(
    *,
    seed: int,
    p: int,
    m: int,
    n_hat: int | None,
    mu_norm: float,
    gamma: float,
    epsilon: float,
    psi: float,
    phi: float,
    generator: str,
    fits: int,
) -> Estimate:
    """Part: mean accuracy, over fits, of ridge on m synthetic rows alone; ``n_hat`` None: exact mean and covariance.

    A fit that was taught nothing guesses, 0.5. Checked by tests/experiments/random_matrices/test_smooth_transition.py.
    """
    random = seeds.generator(seed, NOTEBOOK, "fits", generator, p, m, n_hat or "exact", epsilon, psi, phi)
    mu, weights = simulate_ridge(
        p=p,
        n=0,
        m=m,
        n_hat=n_hat or math.inf,
        mu_norm=mu_norm,
        gamma=gamma,
        epsilon=epsilon,
        psi=psi,
        phi=phi,
        generators=[generator],
        repeats=fits,
        random=random,
    )
    return mean_and_error(two_classes.accuracy(weights[generator], mu, 1.0).nan_to_num(0.5))


def label_noises(critical: float) -> list[float]:
    """Label noises of the dots of Figure 4: EVERY and the critical one, rising."""
    return sorted({round(noise, 6) for noise in (*EVERY, critical)})


def fits_a_dot(repeats: int, rows_a_feature: int) -> int:
    """Fits behind a dot of Figure 4: ``repeats`` at one row a feature, fewer where rows are many, since these scatter less."""
    return repeats if rows_a_feature == 1 else max(2, repeats // (8 * rows_a_feature))


def accuracies(formula: str, at: Sequence[float], **setting: float) -> np.ndarray:
    """What one of FORMULAS says at label noises: (N,), nan where the printed variance is negative.

    ``setting``: p, m, mu_norm, gamma, psi and phi.
    """
    return np.array([FORMULAS[formula](**setting, epsilon=float(noise)).accuracy for noise in at])


def further_from_chance(
    formula: str, at: Sequence[float], dots: Sequence[Sequence[float]], **setting: float
) -> Estimate:
    """Mean over label noises of simulated accuracy less a formula's, signed away from one half.

    ``dots``: Estimates, one for each label noise of ``at``. Where the printed variance is negative it gives no accuracy: a guess.
    Checked by tests/experiments/random_matrices/test_smooth_transition.py.
    """
    limits = np.nan_to_num(accuracies(formula, at, **setting), nan=0.5)
    side = np.sign(critical_label_noise(psi=setting["psi"], phi=setting["phi"]) - np.array(at))
    return average(
        [
            Estimate(float(sign * (value - limit)), error)
            for sign, (value, error), limit in zip(side, dots, limits, strict=True)
        ]
    )


def published_gap(published: Mapping, rows_a_feature: int) -> float:
    """Largest distance of the printed formula from a published curve of Figure 4.

    ``published``: content of data/published/random-matrices.json.
    Checked by tests/experiments/random_matrices/test_smooth_transition.py.
    """
    x, y = np.array(published["fig4"]["lines"][PUBLISHED[rows_a_feature]][0]).T
    return float(np.abs(accuracies("as printed", x.clip(0, 1), p=100, m=100 * rows_a_feature, **FIGURE_4) - y).max())


def beside(star: float, by: float = BESIDE) -> tuple[float, float]:
    """The label noises on either side of the border, within [0, 1]."""
    return max(0.0, star - by), min(1.0, star + by)


def quantile(accuracy: Estimate) -> Estimate:
    """Normal quantile of an accuracy, mean over deviation of the decision; accuracies are kept 1e-9 away from 0 and 1.

    Checked by tests/experiments/random_matrices/test_smooth_transition.py.
    """
    value = NORMAL.inv_cdf(min(1 - 1e-9, max(1e-9, accuracy.value)))
    return Estimate(value, accuracy.standard_error / NORMAL.pdf(value))


def crossing(at: tuple[float, float], accuracies: Sequence[Sequence[float]]) -> Estimate:
    """Label noise at which the accuracy crosses one half, by a straight line between two dots in the normal quantile.

    ``accuracies``: an Estimate at each of the two label noises ``at``. Raises ValueError where both are the same.
    Checked by tests/experiments/random_matrices/test_smooth_transition.py.
    """
    (low, high), (a, b) = at, (quantile(Estimate(*each)) for each in accuracies)
    fall = a.value - b.value
    if fall == 0:
        raise ValueError(f"accuracies = {list(accuracies)} are the same; allowed: two that differ")
    share = a.value / fall
    error = math.hypot((1 - share) * a.standard_error, share * b.standard_error) / abs(fall)
    return Estimate(low + share * (high - low), (high - low) * error)


def crossing_in_theory(*, psi: float, phi: float, **setting: float) -> float:
    """Where :func:`crossing` puts the border if the accuracies on either side are exact: how far a straight line misses it.

    ``setting``: p, m, mu_norm and gamma. Checked by tests/experiments/random_matrices/test_smooth_transition.py.
    """
    at = beside(critical_label_noise(psi=psi, phi=phi))
    exact = [synthetic_only(**setting, psi=psi, phi=phi, epsilon=noise).accuracy for noise in at]
    return crossing(at, [(accuracy, 0.0) for accuracy in exact]).value


def reached_at(level: float, **setting: float) -> float | None:
    """Label noise at which the exact accuracy has come down a share ``level`` of the way from ``Phi(|mu|)`` to ``1 - Phi(|mu|)``.

    ``setting``: p, m, mu_norm, gamma, psi and phi. None where the curve does not come down to it between label noises 0 and 1.
    Checked by tests/experiments/random_matrices/test_smooth_transition.py.
    """
    rates = {name: setting[name] for name in ("psi", "phi")}
    top = sharp_limit(mu_norm=setting["mu_norm"], epsilon=0.0, **rates)

    def above(noise: float) -> float:
        return synthetic_only(**setting, epsilon=noise).accuracy - (top - level * (2 * top - 1))

    return brentq(above, 0, 1, xtol=1e-14) if above(0.0) > 0 > above(1.0) else None


def widths(p: int, powers: Sequence[int] = range(2, 10), most: int = 6, **setting: float) -> dict[int, float]:
    """Width of the transition, from 10 % to 90 % of the way, by rows m = 10^k p: the first ``most`` that reach both.

    ``setting``: mu_norm, gamma, psi and phi. Checked by tests/experiments/random_matrices/test_smooth_transition.py.
    """
    found = {}
    for m in (10**k * p for k in powers):
        first, last = (reached_at(level, p=p, m=m, **setting) for level in (0.1, 0.9))
        if first is not None and last is not None and len(found) < most:
            found[m] = last - first
    return found


def slope(widths: Mapping[int, float]) -> float:
    """Slope of log width against log m, but for the smallest m. Checked by
    tests/experiments/random_matrices/test_smooth_transition.py.
    """
    m, width = zip(*list(widths.items())[1:], strict=True)
    return float(np.polyfit(np.log(m), np.log(width), 1)[0])


def distance_from_step(p: int, **setting: float) -> float:
    """Largest distance of the exact accuracy from its limit, BESIDE the border, at ENDLESS rows a feature.

    ``setting``: mu_norm, gamma, psi and phi. Checked by tests/experiments/random_matrices/test_smooth_transition.py.
    """
    rates = {name: setting[name] for name in ("psi", "phi")}
    at = beside(critical_label_noise(**rates))
    limits = [sharp_limit(mu_norm=setting["mu_norm"], epsilon=noise, **rates) for noise in at]
    return float(np.abs(accuracies("corrected", at, p=p, m=ENDLESS * p, **setting) - limits).max())
