"""Notebook beyond-collapse/02: what linear verifiers keep, on draws and by formula, with and without noise in the labels.

Angles are in radians; theta_gen and theta_prune to the class mean, theta between generator and verifier.
Source: "Beyond Model Collapse", Sections 3.4 and 5.3, Appendix D.6, Figure 2.
"""

import itertools
import math
from statistics import NormalDist

import numpy as np
import torch
from torch import Tensor

from lib import seeds
from lib.models.linear.logistic_ridge import fit_logistic_ridge
from lib.models.mixtures import two_classes
from lib.statistics import Estimate, share
from lib.theory.angles import third_angle
from lib.theory.beyond_collapse.breakdown import Rates, perfect_accuracy_probability
from lib.theory.beyond_collapse.mixture import mixture_rates, mixture_rates_as_printed
from lib.theory.beyond_collapse.noiseless import noiseless_rates

NOTEBOOK = "beyond-collapse/02"
SIDES = {"same side": 0.0, "right angle": math.pi / 2, "other side": math.pi}  # corner at mu between the planes of both

Angles = tuple[float, float, float]


def triangle(first: float, second: float, side: str) -> Angles:
    """Angles in radians for a generator and a verifier at so many pi, on a side of ``SIDES``.

    Checked by tests/experiments/beyond_collapse/test_verifiers.py::test_triangle.
    """
    return first * math.pi, second * math.pi, third_angle(first * math.pi, second * math.pi, SIDES[side])


def mean_norm(margin: float, dimension: int) -> float:
    """Length of the class mean of a mixture with ``|mu| / sigma = margin`` in so many dimensions, where E|x|^2 = 1.

    Checked by tests/experiments/beyond_collapse/test_verifiers.py::test_mean_norm.
    """
    return margin / math.sqrt(dimension + margin**2)


def around_the_step(grid: list[float], second: float) -> list[float]:
    """Angles of a generator, in pi, of a grid, and just outside 0.05 on both sides of where the theorem's step stands.

    Checked by tests/experiments/beyond_collapse/test_verifiers.py::test_around_the_step.
    """
    return sorted({*grid, *(round(1 - second + shift, 6) for shift in (-0.06, 0.06))})


def counted_rates(x: Tensor, y: Tensor, w_gen: Tensor, w_prune: Tensor) -> dict[str, Estimate]:
    """p, phi and psi counted on rows x (n, d) with true labels y (n,): who generates, who keeps.

    Without a right label there is no phi to count, without a wrong one no psi: they are left out.
    Checked by tests/experiments/beyond_collapse/test_verifiers.py::test_counted_rates.
    """
    labels = two_classes.threshold_labels(x, w_gen)
    kept, right = two_classes.supervised_kept(x, labels, w_prune), labels == y
    count = {name: int(rows.sum()) for name, rows in (("right", right), ("wrong", ~right))}
    found = {"p": share(count["wrong"], len(y))}
    for name, kind, rows in (("phi", "right", right), ("psi", "wrong", ~right)):
        if count[kind]:
            found[name] = share(int((kept & rows).sum()), count[kind])
    return found


def drawn_rates(seed: int, n: int, three: Angles, mu_norm: float, dimension: int) -> dict[str, dict[str, Estimate]]:
    """The same on n draws for given angles, of labels with "no noise" and of the "mixture"."""
    generator = seeds.generator(seed, NOTEBOOK, "rates")
    mu, w_gen, w_prune = two_classes.draw_triplet(*three, dimension, generator=generator)
    x = torch.randn(n, dimension, generator=generator, dtype=torch.float64)
    noiseless = counted_rates(x, two_classes.threshold_labels(x, mu), w_gen, w_prune)
    noise = two_classes.unit_norm_noise(mu_norm, dimension)
    x, y = two_classes.draw_mixture(n, mu_norm * mu, noise, generator=generator)
    return {"no noise": noiseless, "mixture": counted_rates(x, y, w_gen, w_prune)}


def squared_lengths(seed: int, n: int, mu_norm: float, dimension: int) -> dict[str, Estimate]:
    """Mean squared length of n draws with the noise of eq. 23 as "printed" and "corrected".

    Checked by tests/experiments/beyond_collapse/test_verifiers.py::test_squared_lengths.
    """
    scales = {
        "printed": 1 / ((1 - mu_norm**2) * dimension),
        "corrected": two_classes.unit_norm_noise(mu_norm, dimension),
    }
    mean, found = torch.zeros(dimension), {}
    mean[0] = mu_norm
    for name, scale in scales.items():
        x, _ = two_classes.draw_mixture(n, mean, scale, generator=seeds.generator(seed, NOTEBOOK, "lengths", name))
        squared = x.double().square().sum(1)
        found[name] = Estimate(float(squared.mean()), float(squared.std() / n**0.5))
    return found


def random_psi(seed: int, n: int, triplets: int, mu_norm: float, dimension: int) -> np.ndarray:
    """psi of random triplets of directions, (triplet, 4): counted on n draws, its standard error, corrected, as printed.

    A generator that errs on none of its n draws has no psi to count: another triplet is drawn for it.
    Source: Appendix D.6. Checked by tests/experiments/beyond_collapse/test_verifiers.py::test_random_psi.
    """
    noise, rows = two_classes.unit_norm_noise(mu_norm, dimension), []
    for k in itertools.count():
        if len(rows) == triplets:
            break
        generator = seeds.generator(seed, NOTEBOOK, "psi", k)
        vectors = torch.randn(3, dimension, generator=generator, dtype=torch.float64)
        vectors = torch.nn.functional.normalize(vectors, dim=1)
        three = [float(torch.arccos((vectors[i] @ vectors[j]).clamp(-1, 1))) for i, j in ((0, 1), (0, 2), (1, 2))]
        x, y = two_classes.draw_mixture(n, mu_norm * vectors[0], noise, generator=generator)
        formulas = (mixture_rates, mixture_rates_as_printed)
        psi = [formula(mu_norm, dimension, *three).psi for formula in formulas]
        counted = counted_rates(x, y, vectors[1], vectors[2])
        if "psi" in counted:
            rows.append((*counted["psi"], *psi))
    return np.array(rows)


def noiseless_agreement(seed: int, three: list[float], examples: int, dimension: int, models: int) -> list[float]:
    """Agreement with the truth of logistic ridge trained on what is kept of so many examples, labels without noise.

    Checked by tests/experiments/beyond_collapse/test_verifiers.py::test_noiseless_agreement.
    """
    generator, found = seeds.generator(seed, NOTEBOOK, "noiseless", *three), []
    for _ in range(models):
        truth, w_gen, w_prune = two_classes.draw_triplet(*three, dimension, generator=generator)
        x = torch.randn(examples, dimension, generator=generator, dtype=torch.float64) / dimension**0.5
        labels = two_classes.threshold_labels(x, w_gen)
        kept = two_classes.supervised_kept(x, labels, w_prune)
        weights = fit_logistic_ridge(x[kept], labels[kept][None], 0.01)[0]
        found.append(1 - float(torch.arccos((weights @ truth / weights.norm()).clamp(-1, 1))) / math.pi)
    return found


def mixture_agreement(
    seed: int, three: list[float], examples: int, mu_norm: float, dimension: int, models: int
) -> list[float]:
    """Agreement with the Bayes classifier of the mean direction of what is kept of so many examples of the mixture.

    A model of which nothing is kept has learned nothing: a guess, 0.5.
    Checked by tests/experiments/beyond_collapse/test_verifiers.py::test_mixture_agreement.
    """
    generator = seeds.generator(seed, NOTEBOOK, "mixture", *three, examples, mu_norm, dimension)
    noise, found = two_classes.unit_norm_noise(mu_norm, dimension), []
    for _ in range(models):
        truth, w_gen, w_prune = two_classes.draw_triplet(*three, dimension, generator=generator)
        x, _ = two_classes.draw_mixture(examples, mu_norm * truth, noise, generator=generator)
        labels = two_classes.threshold_labels(x, w_gen)
        kept = two_classes.supervised_kept(x, labels, w_prune)
        direction = ((kept * labels) @ x).double()
        found.append(float(two_classes.agreement(direction, mu_norm * truth, noise)) if kept.any() else 0.5)
    return found


def agreements(formula: str, settings: list[dict]) -> list[list[float]]:
    """Many of :func:`noiseless_agreement` ("noiseless") or :func:`mixture_agreement` ("mixture"), as one part of a run."""
    one = {"noiseless": noiseless_agreement, "mixture": mixture_agreement}[formula]
    return [one(**setting) for setting in settings]


def angle_of_error(wrong: float, margin: float) -> float:
    """Angle to mu, in units of pi, of the linear classifier that errs on this share: ``wrong = Phi(-margin cos(angle))``.

    Checked by tests/experiments/beyond_collapse/test_verifiers.py::test_angle_of_error.
    """
    return math.acos(-NormalDist().inv_cdf(wrong) / margin) / math.pi


def right_wins(rates: Rates, size: int) -> tuple[float, float]:
    """Probability that more right than wrong labels are kept of ``size``: a tie is a failure, a tie is a coin.

    Checked by tests/experiments/beyond_collapse/test_verifiers.py::test_right_wins.
    """
    p, phi, psi = rates
    right = perfect_accuracy_probability(size, p, phi, psi)
    wrong = perfect_accuracy_probability(size, 1 - p, psi, phi)  # the same walk with both sides exchanged
    return right, right + 0.5 * (1 - right - wrong)


def thetas(first: float, second: float, count: int) -> list[Angles]:
    """Triplets from the smallest theta to the largest, which is taken a little smaller than pi; first and second in pi."""
    low, high = abs(first - second) + 0.001, min(first + second, 2 - first - second) - 0.001
    return [(first * math.pi, second * math.pi, third * math.pi) for third in np.linspace(low, high, count).tolist()]


def cost_of_ties(sizes: tuple[int, ...] = (1, 3, 10, 30, 100, 300)) -> dict[str, float]:
    """Over pairs below the breakdown point, labels without noise: the largest fall of the probability that right labels win in
    one step of theta, a tie a "failure" or a "coin"; "surplus", the largest expected surplus at which the largest theta loses to
    the smallest.
    """
    found = {"failure": 0.0, "coin": 0.0, "surplus": 0.0}
    for first in np.arange(0.05, 1, 0.1):
        for second in np.arange(0.05, 0.99 - first, 0.1):
            for size in sizes:
                wins = np.array([right_wins(noiseless_rates(*three), size) for three in thetas(first, second, 6)])
                for column, counted_as in enumerate(("failure", "coin")):
                    found[counted_as] = max(found[counted_as], -float(np.diff(wins[:, column]).min()))
                if wins[-1, 0] < wins[0, 0]:
                    found["surplus"] = max(found["surplus"], size * (1 - first - second))
    return found
