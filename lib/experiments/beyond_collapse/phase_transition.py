"""Notebook beyond-collapse/01: the theorem's step, its windows and bounds, and fits of logistic ridge that cross it.

Source: "Beyond Model Collapse", Section 3, Appendix D and Figure 5.
"""

import math
from collections.abc import Sequence

import numpy as np
import torch
from scipy.optimize import brentq

from lib import seeds
from lib.models.linear.logistic_ridge import fit_logistic_ridge
from lib.models.mixtures import two_classes
from lib.statistics import Estimate, difference, share
from lib.theory.beyond_collapse.breakdown import (
    breakdown_bounds,
    breakdown_point,
    kept_counts,
    perfect_accuracy_probability,
)

NOTEBOOK = "beyond-collapse/01"
VERIFIERS = {"no pruning": (1.0, 1.0), "oracle": (1.0, 0.0), "weak": (0.9, 0.5), "reversed": (0.3, 0.8)}  # (phi, psi)
NEAR = (-0.1, -0.05, -0.025, 0, 0.025, 0.05, 0.1)  # dots around the breakdown point, where the curve is steep
SLACKS = (3.0, 2.4, 2.0, 1.7, 1.4, 1.1, 0.7)  # of the surplus of right labels, in standard deviations
CLEAR = 3.0  # standard errors beyond which the end of a curve lies on one side of a level
MOST_KEPT = 2000  # kept examples up to which the exact law is compared with the bounds
WINDOW = (6.0, 4.0, 2.2, 1.5, 0.8, 0.0)  # the same, on both sides, for the window between 90 and 10 %

Rates = tuple[float, float]  # phi, psi


def exact_p_up(level: float, n: int, phi: float, psi: float) -> float:
    """Label error at which the probability of perfect accuracy falls through ``level``; it falls from 1 to 0 in p.

    Checked by tests/experiments/beyond_collapse/test_phase_transition.py::test_exact_p_up.
    """
    return brentq(lambda p: perfect_accuracy_probability(n, p, phi, psi) - level, 0.0, 1.0, xtol=1e-13)


def windows(counts: Sequence[int], pairs: Sequence[Rates]) -> np.ndarray:
    """Widths in p (count, pair) between probabilities of perfect accuracy of 0.99 and 0.01. Source: Corollary D.4."""
    return np.array([[exact_p_up(0.01, n, *pair) - exact_p_up(0.99, n, *pair) for pair in pairs] for n in counts])


def agreeing_sizes(
    ratios: Sequence[float], t: float, tolerance: float, most: int = MOST_KEPT
) -> tuple[int, int] | None:
    """Smallest and largest number of kept examples at which p_up lies within ``tolerance`` of p_minus(t) for all ratios psi/phi.

    p_up is where the probability of perfect accuracy, by the exact law, falls through 0.9. Sizes are tried from 20 to ``most``;
    None if none agrees, as for a wide slack t. Source: Figure 5, right.
    Checked by tests/experiments/beyond_collapse/test_phase_transition.py::test_agreeing_sizes.
    """
    agree = [kept for kept in range(20, most + 1, 4) if largest_miss(kept, ratios, t) <= tolerance]
    return (agree[0], agree[-1]) if agree else None


def largest_miss(kept: float, ratios: Sequence[float], t: float) -> float:
    """Largest distance over ratios psi/phi of p_up from p_minus(t), by the exact law with so many kept examples."""
    return max(
        abs(
            exact_p_up(0.9, max(20, round(kept / kept_share(ratio, t))), 1.0, ratio)
            - breakdown_bounds(1.0, ratio, t)[0]
        )
        for ratio in ratios
    )


def window_grid(n: int, phi: float, psi: float) -> list[float]:
    """Label errors on both sides of p*, so many standard deviations of the surplus away, at which to look for p_up and p_down.

    Checked by tests/experiments/beyond_collapse/test_phase_transition.py::test_window_grid.
    """
    kept = 2 * n * phi * psi / (phi + psi)  # at p*, where right and wrong are equally many
    slacks = [min(0.9, slack / kept**0.5) for slack in WINDOW]
    return sorted({round(p, 6) for t in slacks for p in breakdown_bounds(phi, psi, t)})


def window(grid: Sequence[float], values: np.ndarray) -> Estimate:
    """Distance between the label errors at which mean values (label error, model) fall through 0.9 and through 0.1."""
    return difference(crossing(grid, values, 0.1), crossing(grid, values, 0.9))


def quotient(one: Estimate, other: Estimate) -> Estimate:
    """``one / other`` of two independent positive estimates, error by the delta method.

    Checked by tests/experiments/beyond_collapse/test_phase_transition.py::test_quotient.
    """
    spread = math.hypot(one.standard_error / one.value, other.standard_error / other.value)
    return Estimate(one.value / other.value, one.value / other.value * spread)


def winning_shares(seed: int, n: int, t: float, draws: int, pairs: Sequence[Rates]) -> dict[str, list[Estimate]]:
    """How often more right than wrong labels are kept of n at the theorem's "lower" and "upper" bound, for each verifier.

    Source: Theorem D.3. Checked by tests/experiments/beyond_collapse/test_phase_transition.py::test_winning_shares.
    """
    rng = seeds.rng(seed, NOTEBOOK, "kept counts")
    wins: dict[str, list[Estimate]] = {"lower": [], "upper": []}
    for phi, psi in pairs:
        for side, p in zip(wins, breakdown_bounds(phi, psi, t), strict=True):
            kept = rng.multinomial(n, [(1 - p) * phi, p * psi, max(0.0, 1 - (1 - p) * phi - p * psi)], size=draws)
            wins[side].append(share(int((kept[:, 0] > kept[:, 1]).sum()), draws))
    return wins


def label_errors(phi: float, psi: float, steps: int) -> list[float]:
    """Label errors of a figure: evenly spaced, and denser around the breakdown point; below 1 for an oracle, which keeps
    nothing there. Checked by tests/experiments/beyond_collapse/test_phase_transition.py::test_label_errors.
    """
    near = [breakdown_point(phi, psi) + shift for shift in NEAR]
    every = [*np.linspace(0, 1, steps), 0.95, *near]
    return sorted({round(float(p), 6) for p in every if 0 <= p <= 1 - (psi == 0) / 1000})


def fitted_agreement(
    seed: int,
    n: int,
    errors: list[float],
    phi: float,
    psi: float,
    models: int,
    mu_norm: float,
    dimension: int,
    ridge: float,
) -> list[list[float]]:
    """Draw, corrupt, select, fit, measure: agreement (label error, model) of logistic ridge with the Bayes classifier.

    Each model learns from n generated examples, of which the verifier keeps right labels with probability phi and wrong ones
    with psi; one that was taught nothing guesses, 0.5.
    Checked by tests/experiments/beyond_collapse/test_phase_transition.py::test_fitted_agreement.
    """
    mu = torch.zeros(dimension, dtype=torch.float64)
    mu[0] = mu_norm
    noise, found = two_classes.unit_norm_noise(mu_norm, dimension), []
    for p in errors:
        generator = seeds.generator(seed, NOTEBOOK, "fits", n, p, phi, psi, models)
        x, y = two_classes.draw_mixture(models * n, mu, noise, generator=generator)
        x, y = x.view(models, n, dimension), y.view(models, n)
        labels = two_classes.flip_labels(y, p, generator=generator)
        kept = two_classes.rlhf_kept(y, labels, phi, psi, generator=generator)
        weights = fit_logistic_ridge(x, labels, ridge, kept=kept)  # (models, d)
        found.append(two_classes.agreement(weights, mu, noise).nan_to_num(0.5).tolist())
    return found


def crossing(label_errors: Sequence[float], values: np.ndarray, level: float = 0.5) -> Estimate:
    """Where the mean over models of values (label error, model) last falls through ``level``; error by the delta method.

    A curve that stays below or above the level crosses at the end of the axis; where it comes within three standard errors of
    the level there, chance decides on which side it ends, and the error is the length of the axis.
    Checked by tests/experiments/beyond_collapse/test_phase_transition.py::test_crossing.
    """
    mean, spread = values.mean(1), values.std(1, ddof=1) / values.shape[1] ** 0.5
    length = float(label_errors[-1] - label_errors[0])
    if mean.max() < level:
        return Estimate(float(label_errors[0]), length * bool((level - mean <= CLEAR * spread).any()))
    i = int(np.flatnonzero(mean >= level)[-1])
    if i + 1 == len(mean):
        return Estimate(float(label_errors[i]), length * bool(mean[i] - level <= CLEAR * spread[i]))
    slope = (mean[i + 1] - mean[i]) / (label_errors[i + 1] - label_errors[i])
    error = max(spread[i], spread[i + 1]) / abs(slope)
    return Estimate(float(label_errors[i] + (level - mean[i]) / slope), float(error))


def kept_share(ratio: float, t: float) -> float:
    """Share of all examples kept at the theorem's lower bound, phi = 1 and psi = ratio."""
    return sum(kept_counts(1, breakdown_bounds(1.0, ratio, t)[0], 1.0, ratio))


def p_up_grid(n: int, ratio: float) -> list[float]:
    """Label errors at which to look for p_up of n examples: so many standard deviations of the surplus below p*, phi = 1 and
    psi = ratio. Checked by tests/experiments/beyond_collapse/test_phase_transition.py::test_p_up_grid.
    """
    kept = n * ratio / (1 + ratio) * 2  # at p*, where right and wrong are equally many
    return [breakdown_bounds(1.0, ratio, min(0.9, slack / kept**0.5))[0] for slack in SLACKS]
