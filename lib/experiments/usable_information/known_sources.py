"""Sources whose V-information is known, and logistic models fitted to draws of them.

The mixture is that of :mod:`lib.theory.usable_information`, ``x = y mean + noise eta`` with y = +-1; ``mean`` (d,) is that of the
class +1. V-information is in bits; it is measured on the n_test held-out examples after the n_train that a model is fitted to.
Source: Section 1 of "Restoring Task-Relevant Information in Synthetic Data"; the worlds are the book's own.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from scipy import stats
from torch import Tensor
from torch.nn import functional

from lib import seeds
from lib.models.linear.logistic_ridge import fit_logistic_ridge
from lib.models.mixtures import two_classes
from lib.statistics import Estimate, mean_and_error
from lib.theory import usable_information as theory

NOTEBOOK = "usable-information/01"  # of the streams' names
RIDGE, RIDGE_OF_SMALL_SETS = 1e-6, 1e-3  # next to none; enough for a few dozen rows that a plane separates


class Fit(NamedTuple):
    """A fitted logistic model. bits: its V-information, held out; accuracy: in [0, 1], held out; weights: (d,)."""

    bits: Estimate
    accuracy: float
    weights: Tensor


def held_out(x: Tensor, y: Tensor, n_train: int) -> Fit:
    """Fit a logistic model to the first n_train of the rows x (n, d), y (n,) in {-1, +1}, and measure it on the rest.

    H_V(Y) is one bit: V without x gives each label one half. A margin of 0 counts as half right.
    Checked by tests/experiments/usable_information/test_known_sources.py.
    """
    weights = fit_logistic_ridge(x[:n_train], y[None, :n_train], ridge=RIDGE)[0]
    margins = y[n_train:] * (x[n_train:] @ weights)
    losses = -functional.logsigmoid(margins)
    null = torch.full_like(losses, math.log(2))
    bits = Estimate(*theory.v_information(losses.tolist(), null.tolist()))
    return Fit(bits, float((1 + margins.sign()).mean()) / 2, weights)


def population(weights: Tensor, mean: np.ndarray, noise: float) -> float:
    """V-information in bits that these very weights (d,) give in the mixture, exact: one bit less their loss.

    Checked by tests/experiments/usable_information/test_known_sources.py, against :func:`held_out`.
    """
    return 1 - theory.margin_cross_entropy(float(weights @ torch.as_tensor(mean)), noise * float(weights.norm()))


def even_mean(distance: float, dimension: int) -> np.ndarray:
    """Mean (dimension,) of the class +1, its distance to that of -1 spread evenly over the coordinates."""
    return np.full(dimension, distance / (2 * math.sqrt(dimension)))


def front_mean(distance: float, dimension: int, kept: int) -> np.ndarray:
    """Mean (dimension,) of the class +1, the distance spread over the first ``kept`` coordinates, where V looks."""
    return np.pad(even_mean(distance, kept), (0, dimension - kept))


def fits(
    *,
    seed: int,
    stream: Sequence[str | int],
    distance: float,
    noise: float,
    dimension: int,
    seen_counts: Sequence[int],
    n_train: int,
    n_test: int,
) -> list[dict[str, float]]:
    """Part: logistic models of the first ``seen`` coordinates, for each of ``seen_counts``, on one draw of the even mixture.

    Each gives "bits" and "error" held out, "accuracy", "own", the exact bits of its weights, and "best", those of the best of V.
    Checked by tests/experiments/usable_information/test_known_sources.py.
    """
    generator, mean = seeds.generator(seed, NOTEBOOK, *stream), even_mean(distance, dimension)
    x, y = _draw(mean, noise, n_train + n_test, generator)
    found = []
    for seen in seen_counts:
        (bits, error), accuracy, weights = held_out(x[:, :seen], y, n_train)
        own = population(weights, mean[:seen], noise)
        best = theory.mixture_v_information(distance, noise, dimension, seen)
        found.append(
            {"seen": seen, "bits": bits, "error": error, "accuracy": accuracy, "own": float(own), "best": best}
        )
    return found


def seen_through(restore: np.ndarray, mean: np.ndarray, kept: int, noise: float) -> float:
    """V-information in bits, exact, of the first ``kept`` coordinates of ``restore @ x``, for x in the mixture; restore (d, d).

    With ``m^2 = (G mu)_V' [noise^2 (G G')_V]^+ (G mu)_V`` it is that of one coordinate at distance 2 m.
    Checked by tests/experiments/usable_information/test_known_sources.py.
    """
    looked_at = restore[:kept]
    left, sizes, _ = np.linalg.svd(looked_at, full_matrices=False)
    real = sizes > 1e-9 * max(sizes.max(), 1e-300)
    m = np.linalg.norm((left.T @ (looked_at @ mean))[real] / sizes[real]) / noise
    return theory.mixture_v_information(2 * float(m) * noise, noise, 1, 1)


def permutation(
    *,
    seed: int,
    number: int,
    separation: float,
    noise: float,
    dimension: int,
    kept: int,
    pair_counts: Sequence[int],
    n_train: int,
    n_test: int,
) -> dict[str, object]:
    """Part: coordinates of the front mixture permuted, and restored by least squares from pairs of permuted and clean examples.

    Gives exact V-information "permuted" and "restored" (the permutation undone); "gain", the difference of fitted models; and for
    each of ``pair_counts`` "exact" and "fitted" V-information of what the synthesizer restores: without pairs nothing, 0 bits.
    Checked by tests/experiments/usable_information/test_known_sources.py.
    """
    rng = seeds.rng(seed, NOTEBOOK, "permutation", number, "pairs")
    generator = seeds.generator(seed, NOTEBOOK, "permutation", number, "examples")
    mean = front_mean(separation, dimension, kept)
    permute = np.eye(dimension)[rng.permutation(dimension)]
    x, y = _draw(mean, noise, n_train + n_test, generator)
    observed = x @ torch.as_tensor(permute).T

    def fitted(restore: np.ndarray) -> float:
        return held_out(observed @ torch.as_tensor(restore).T[:, :kept], y, n_train).bits.value

    most = max(pair_counts)
    clean = rng.choice([-1, 1], (most, 1)) * mean + noise * rng.normal(size=(most, dimension))
    restores = [
        np.linalg.lstsq(clean[:count] @ permute.T, clean[:count], rcond=None)[0].T if count > 0 else None
        for count in pair_counts
    ]
    return {
        "permuted": seen_through(np.eye(dimension), permute @ mean, kept, noise),
        "restored": seen_through(permute.T, permute @ mean, kept, noise),
        "gain": fitted(permute.T) - fitted(np.eye(dimension)),
        "exact": [0.0 if g is None else seen_through(g, permute @ mean, kept, noise) for g in restores],
        "fitted": [0.0 if g is None else fitted(g) for g in restores],
    }


def average_use(*, width: int, separation: float, noise: float, dimension: int, kept: int) -> float:
    """V-information in bits of the permuted front mixture for a V that sees ``width`` coordinates, exact, mean over permutations.

    The number j of the ``kept`` signal coordinates among them is hypergeometric.
    Checked by tests/experiments/usable_information/test_known_sources.py, against all permutations.
    """
    places = stats.hypergeom(dimension, kept, width)
    return float(
        sum(
            places.pmf(j) * theory.mixture_v_information(separation, noise, kept, j)
            for j in range(min(kept, width) + 1)
        )
    )


def product_of_signs(*, seed: int, n_train: int, n_test: int) -> tuple[Estimate, Estimate]:
    """V-information of two fair signs about their product, and of the product itself, by linear logistic models, held out.

    Checked by tests/experiments/usable_information/test_known_sources.py.
    """
    generator = seeds.generator(seed, NOTEBOOK, "product")
    signs = torch.randint(0, 2, (n_train + n_test, 2), generator=generator).double().mul_(2).sub_(1)
    product = signs.prod(1)
    return held_out(signs, product, n_train).bits, held_out(product[:, None], product, n_train).bits


def mixture_fit(*, seed: int, m: float, noise: float, dimension: int, n_train: int, n_test: int) -> Fit:
    """A logistic model of all coordinates of the even mixture at distance 2 m noise."""
    generator = seeds.generator(seed, NOTEBOOK, "two kinds", "mixture", m)
    return held_out(*_draw(even_mean(2 * m * noise, dimension), noise, n_train + n_test, generator), n_train)


def erased_fit(*, seed: int, e: float, n_train: int, n_test: int) -> Fit:
    """A logistic model of x = y, erased (x = 0) with probability e.

    Checked by tests/experiments/usable_information/test_known_sources.py.
    """
    generator = seeds.generator(seed, NOTEBOOK, "two kinds", "erased", e)
    y = torch.randint(0, 2, (n_train + n_test,), generator=generator).double().mul_(2).sub_(1)
    kept = torch.rand(len(y), generator=generator, dtype=torch.float64) >= e
    return held_out((y * kept)[:, None], y, n_train)


def scores_of_noise(*, seed: int, count: int, dimension: int, noise: float) -> dict[str, float]:
    """What a random linear function of pure noise seems to hold about ``count`` labels, in bits.

    "scores", by the table of its scores, of the "labels" that there are; "decisions", by that of its signs; and "corrected", the
    same with the bias taken off (:func:`lib.theory.usable_information.plugin_information`).
    Checked by tests/experiments/usable_information/test_known_sources.py.
    """
    generator = seeds.generator(seed, NOTEBOOK, "scores of noise")
    x, y = _draw(np.zeros(dimension), noise, count, generator)
    outputs = x @ torch.randn(dimension, generator=generator, dtype=torch.float64)
    positive = y > 0
    _, row = outputs.unique(return_inverse=True)
    decided = theory.plugin_information(_table((outputs > 0).long(), positive))
    return {
        "scores": theory.plugin_information(_table(row, positive)).bits,
        "labels": theory.binary_entropy(float(positive.double().mean())),
        "decisions": decided.bits,
        "corrected": decided.corrected,
    }


def small_sets(
    *, seed: int, repeats: int, count: int, shuffled: bool, separation: float, noise: float, dimension: int
) -> tuple[Estimate, float]:
    """Exact V-information, mean and error over ``repeats`` models of ``count`` examples each, and their mean exact accuracy.

    ``shuffled``: labels that know nothing of x; a new example's label is then that of either class, at random.
    Checked by tests/experiments/usable_information/test_known_sources.py.
    """
    generator, mean = seeds.generator(seed, NOTEBOOK, "small sets", count, shuffled), even_mean(separation, dimension)
    x, y = _draw(mean, noise, repeats * count, generator)
    if shuffled:
        y = y[torch.randperm(len(y), generator=generator)]
    weights = fit_logistic_ridge(
        x.reshape(repeats, count, dimension), y.reshape(repeats, count), ridge=RIDGE_OF_SMALL_SETS
    )
    sides = (mean, -mean) if shuffled else (mean,)
    bits = [sum(population(w, side, noise) for side in sides) / len(sides) for w in weights]
    right = two_classes.accuracy(weights, torch.as_tensor(mean), noise)
    return mean_and_error(torch.tensor(bits)), 0.5 if shuffled else float(right.mean())


def _draw(mean: np.ndarray, noise: float, count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    return two_classes.draw_mixture(count, torch.as_tensor(mean), noise, generator=generator, dtype=torch.float64)


def _table(row: Tensor, positive: Tensor) -> list[list[int]]:
    """Counts of examples by row (n,), whole numbers from 0, and by label: a list of pairs (not positive, positive)."""
    return (2 * row + positive).bincount(minlength=2 * (int(row.max()) + 1)).reshape(-1, 2).tolist()
