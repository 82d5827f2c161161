"""Figure 6 of "Maximizing the Potential of Synthetic Data" on real features: its draws, leak by leak, and its theory.

Rows are *folded*: ``r = y x``, features times label, so that a classifier w is right where ``w . r > 0`` and both classes share
one mean. The generator draws folded rows too; a wrong label turns a row's sign. M is the number of synthetic sizes m
(:func:`sizes`), p the number of features. What the accuracies say: :mod:`lib.experiments.random_matrices.leaks`.
"""

import itertools
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from lib import seeds
from lib.array_theory import given_covariance
from lib.datasets.containers import Images
from lib.datasets.source import Source
from lib.models.linear.least_squares import fit_ridge_mix

NOTEBOOK = "random-matrices/04"  # of the streams' names
RATIOS = (1 / 800, 0.25, 0.5, 1, 2, 5, 10, 15)  # m/n of the paper
LEAKS = ("mean", "scaler", "test")
PROTOCOLS = list(itertools.product((True, False), repeat=3))  # which of LEAKS leak; first: as published, last: none
VERIFIERS = ("oracle", "none")  # (psi, phi) = (0, 1) and (1, 1)
CONSTANT = 1e-12  # standard deviation below which a column is constant up to rounding
FEWEST_HELD_OUT = 20  # rows


class Rows(NamedTuple):
    """A table of real rows. x : (rows, p) features, no column constant; y : (rows,) labels -1 and +1; both float64."""

    x: Tensor
    y: Tensor


class Noise(NamedTuple):
    """Sums over the first m noise rows z: index 0 those with a right label, 1 those with a wrong one. See :func:`draw_noise`."""

    counts: Tensor  # (2, M)
    sums: Tensor  # (2, M, p)
    grams: Tensor  # (2, M, p, p)


def sizes(n_real: int) -> list[int]:
    """Numbers of synthetic rows m: the paper's RATIOS times n, at least one."""
    return [max(1, round(ratio * n_real)) for ratio in RATIOS]


def load(table: str, source: Source, n_real: int) -> Rows:
    """The rows of a table of features, or of images: pixels, odd digits (-1) against even ones (+1). Constant columns go.

    Raises ValueError, naming the table, unless 20 rows are left to test on beside the ``n_real`` training rows.
    Checked by tests/experiments/random_matrices/test_real_features.py.
    """
    data = source.load()
    if isinstance(data, Images):
        x = torch.cat([data.train_images, data.test_images]).flatten(1).double()
        labels = torch.cat([data.train_labels, data.test_labels]) % 2
    else:
        x, labels = data
    if not n_real + FEWEST_HELD_OUT <= len(x):
        raise ValueError(
            f"n_real = {n_real} is outside [1, {len(x) - FEWEST_HELD_OUT}] for {table}, which has {len(x)} rows"
        )
    return Rows(x[:, x.std(0) > CONSTANT], 1.0 - 2.0 * labels.double())


def standardised(x: Tensor, rows: Tensor | slice) -> Tensor:
    """x (N, p) less the mean of ``rows``, in units of their standard deviation, as scikit-learn's StandardScaler has it.

    A column that is constant on these rows keeps its unit.
    Checked by tests/experiments/random_matrices/test_real_features.py, against scikit-learn.
    """
    scale = x[rows].std(0, correction=0)
    return (x - x[rows].mean(0)) / torch.where(scale > CONSTANT, scale, 1.0)


def matrix_root(covariance: Tensor) -> Tensor:
    """The symmetric root (p, p) of a covariance (p, p); eigenvalues below 0 are rounding and count as 0.

    Checked by tests/experiments/random_matrices/test_real_features.py.
    """
    values, vectors = torch.linalg.eigh(covariance)
    return (vectors * values.clamp(min=0).sqrt()) @ vectors.mT


def covariance_about(mean: Tensor, rows: Tensor) -> Tensor:
    """Second moments (p, p) of the rows (n, p) less ``mean`` (p,): eq. 2 of the paper."""
    return (rows - mean).mT @ (rows - mean) / len(rows)


def moments(rows: Rows) -> tuple[Tensor, Tensor]:
    """Mean (p,) and covariance (p, p) of all standardised and folded rows: what the theory is given."""
    folded = rows.y[:, None] * standardised(rows.x, slice(None))
    return folded.mean(0), covariance_about(folded.mean(0), folded)


def draw_noise(p: int, counts: Sequence[int], epsilon: float, *, generator: torch.Generator) -> Noise:
    """Standard normal rows z, a share ``epsilon`` with wrong labels: sums over the first m, for each m of rising ``counts``.

    The sizes share their first rows. Every generator turns the same sums into those of its own rows, and both verifiers into
    those of what they keep, so that z is drawn and multiplied once.
    Checked by tests/experiments/random_matrices/test_real_features.py.
    """
    wrong = torch.rand(counts[-1], generator=generator, dtype=torch.float64) < epsilon
    z = torch.randn(counts[-1], p, generator=generator, dtype=torch.float64)
    parts = [[z[a:b][wrong[a:b] == w] for a, b in itertools.pairwise([0, *counts])] for w in (False, True)]
    return Noise(
        torch.tensor([[len(part) for part in row] for row in parts], dtype=torch.float64).cumsum(1),
        torch.stack([torch.stack([part.sum(0) for part in row]) for row in parts]).cumsum(1),
        torch.stack([torch.stack([part.mT @ part for part in row]) for row in parts]).cumsum(1),
    )


def fit_all(
    real: Tensor, mean: Tensor, covariance: Tensor, noise: Noise, counts: Sequence[int], gamma: float
) -> Tensor:
    """Classifiers (2, M, p) for the VERIFIERS and the sizes ``counts``, by eq. 6 of the paper.

    Args: real (n, p), folded training rows; mean (p,) and covariance (p, p) of the generator; noise of the same sizes; gamma,
    the ridge, positive. Checked by tests/experiments/random_matrices/test_real_features.py, against scikit-learn's Ridge on the
    rows themselves.
    """
    root = matrix_root(covariance)
    cross = (noise.sums @ root)[..., None] * mean  # (2, M, p, p)
    gram = root @ noise.grams @ root + cross + cross.mT + noise.counts[..., None, None] * torch.outer(mean, mean)
    moment = noise.sums @ root + noise.counts[..., None] * mean
    kept_gram = torch.stack([gram[0], gram[0] + gram[1]]) + real.mT @ real
    kept_moment = torch.stack([moment[0], moment[0] - moment[1]]) + real.sum(0)  # a wrong label turns the row's sign
    return torch.stack(
        [fit_ridge_mix(kept_gram[:, k], kept_moment[:, k], len(real) + m, gamma) for k, m in enumerate(counts)], dim=1
    )


def labelled_right(rows: Tensor, weights: Tensor) -> Tensor:
    """Which folded rows (N, p) each of the classifiers (2, M, p) labels correctly: (N, 2, M) float64, 0 or 1."""
    return (rows @ weights.flatten(0, 1).mT > 0).double().unflatten(1, weights.shape[:2])


def one_draw(rows: Rows, *, n_real: int, gamma: float, epsilon: float, generator: torch.Generator) -> list:
    """Accuracies (PROTOCOLS, VERIFIERS, M) of one draw, to five decimals: one row of a thousand is 0.001.

    Source: Figure 6 and the authors' code.
    Checked by tests/experiments/random_matrices/test_real_features.py, row by row with scikit-learn.
    """
    counts = sizes(n_real)
    order = torch.randperm(len(rows.x), generator=generator)
    train, held_out = order[:n_real], order[n_real:]
    noise = draw_noise(rows.x.shape[1], counts, epsilon, generator=generator)
    found = {}
    for mean_leaks, scaler_leaks in itertools.product((True, False), repeat=2):
        folded = rows.y[:, None] * standardised(rows.x, slice(None) if scaler_leaks else train)
        mean = folded.mean(0) if mean_leaks else folded[train].mean(0)
        covariance = covariance_about(mean, folded[train])
        right = labelled_right(folded, fit_all(folded[train], mean, covariance, noise, counts, gamma))
        for test_leaks in (True, False):
            tested = right if test_leaks else right[held_out]
            found[mean_leaks, scaler_leaks, test_leaks] = tested.mean(0).round(decimals=5).tolist()
    return [found[protocol] for protocol in PROTOCOLS]


def accuracies(
    *, seed: int, table: str, source: Source, draws: Sequence[int], n_real: int, gamma: float, epsilon: float
) -> list:
    """Part: accuracies (draws, PROTOCOLS, VERIFIERS, M); draw k of a table has a stream of its own. See :func:`one_draw`."""
    rows = load(table, source, n_real)
    return [
        one_draw(rows, n_real=n_real, gamma=gamma, epsilon=epsilon, generator=_stream(seed, table, k)) for k in draws
    ]


READINGS = {  # covariance of the generator from r, folded training rows, their labels y, all folded rows, the generator's mean
    "training rows, both classes, about the generator's mean": lambda r, y, rows, mean: covariance_about(mean, r),
    "training rows, both classes, about their own mean": lambda r, y, rows, mean: covariance_about(r.mean(0), r),
    "training rows of the positive class": lambda r, y, rows, mean: covariance_about(r[y > 0].mean(0), r[y > 0]),
    "training rows, classes not told apart": lambda r, y, rows, mean: torch.cov((y[:, None] * r).mT, correction=0),
    "all rows, both classes": lambda r, y, rows, mean: covariance_about(mean, rows),
    "none: the identity": lambda r, y, rows, mean: torch.eye(rows.shape[1], dtype=rows.dtype),
}


def accuracies_of_readings(
    *, seed: int, table: str, source: Source, draws: Sequence[int], n_real: int, gamma: float, epsilon: float
) -> list:
    """Part: accuracies (draws, READINGS, VERIFIERS, M) on all rows, all three leaks on, by the draws of :func:`accuracies`.

    Checked by tests/experiments/random_matrices/test_real_features.py: the first reading is the procedure as published.
    """
    rows, counts = load(table, source, n_real), sizes(n_real)
    folded = rows.y[:, None] * standardised(rows.x, slice(None))
    mean, found = folded.mean(0), []
    for k in draws:
        generator = _stream(seed, table, k)
        train = torch.randperm(len(folded), generator=generator)[:n_real]
        noise = draw_noise(folded.shape[1], counts, epsilon, generator=generator)
        found.append([])
        for reading in READINGS.values():
            covariance = reading(folded[train], rows.y[train], folded, mean)
            weights = fit_all(folded[train], mean, covariance, noise, counts, gamma)
            found[-1].append(labelled_right(folded, weights).mean(0).round(decimals=5).tolist())
    return found


def accuracies_in_theory(*, table: str, source: Source, n_real: int, gamma: float, epsilon: float) -> list:
    """Part: accuracies (2, VERIFIERS, M) by the theory, given the moments of all rows; as published, then without leaks.

    As published the generator knows the mean and a share of the test rows are training rows; without leaks it estimates the mean
    on the training rows, and the test rows are others. By :func:`lib.array_theory.given_covariance.ridge_shared`.
    Checked by tests/experiments/random_matrices/test_real_features.py, against :func:`accuracies_of_fresh_rows`.
    """
    rows = load(table, source, n_real)
    mean, covariance = (part.numpy() for part in moments(rows))
    protocols = (("known", n_real / len(rows.x)), ("estimated", 0.0))
    return [
        [
            [share * limit.train_accuracy + (1 - share) * limit.accuracy for limit in limits]
            for limits in (
                _limits(mean, covariance, kind, keeps_wrong, n_real, gamma, epsilon) for keeps_wrong in (0.0, 1.0)
            )
        ]
        for kind, share in protocols
    ]


def _limits(mean, covariance, synthetic_mean, keeps_wrong, n_real, gamma, epsilon) -> list:
    return [
        given_covariance.ridge_shared(
            mean,
            covariance,
            n=n_real,
            m=m,
            n_hat=n_real,
            gamma=gamma,
            epsilon=epsilon,
            psi=keeps_wrong,
            phi=1.0,
            synthetic_mean=synthetic_mean,
        )
        for m in sizes(n_real)
    ]


def accuracies_of_fresh_rows(
    *, seed: int, table: str, source: Source, draws: int, n_real: int, gamma: float, epsilon: float
) -> list:
    """Part: mean and standard error over draws, each (2, VERIFIERS, M), for fresh Gaussian rows: as published, without leaks.

    Training rows come from N(mean, covariance) with the moments of all real rows. Accuracy is exact given w, on as many rows as
    there are real ones, of which n_real are the training rows. ``draws``: their number, at least 2.
    Checked by tests/experiments/random_matrices/test_real_features.py, against the theory.
    """
    rows, counts = load(table, source, n_real), sizes(n_real)
    mean, covariance = moments(rows)
    root, found = matrix_root(covariance), []
    for k in range(draws):
        generator = _stream(seed, table, "fresh rows", k)
        real = mean + torch.randn(n_real, len(mean), generator=generator, dtype=torch.float64) @ root
        noise = draw_noise(len(mean), counts, epsilon, generator=generator)
        pair = []
        for center, share in ((mean, n_real / len(rows.x)), (real.mean(0), 0.0)):
            weights = fit_all(real, center, covariance_about(center, real), noise, counts, gamma)
            variance = (weights @ covariance * weights).sum(-1)
            fresh = torch.special.ndtr(weights @ mean / variance.sqrt())
            pair.append(share * labelled_right(real, weights).mean(0) + (1 - share) * fresh)
        found.append(torch.stack(pair))
    stacked = torch.stack(found)
    return [stacked.mean(0).tolist(), (stacked.std(0) / draws**0.5).tolist()]


def gaussian_rows(rows: Rows, *, generator: torch.Generator) -> Rows:
    """As many Gaussian rows as there are real ones, whose folded rows have exactly the real ones' mean and covariance.

    Labels are the real ones. Checked by tests/experiments/random_matrices/test_real_features.py.
    """
    mean, covariance = moments(rows)
    noise = torch.randn(len(rows.y), len(mean), generator=generator, dtype=torch.float64)
    noise -= noise.mean(0)
    values, vectors = torch.linalg.eigh(noise.mT @ noise / len(noise))
    folded = mean + noise @ (vectors / values.sqrt()) @ vectors.mT @ matrix_root(covariance)
    return Rows(rows.y[:, None] * folded, rows.y)


def accuracies_of_gaussian_table(
    *, seed: int, table: str, source: Source, draws: Sequence[int], n_real: int, gamma: float, epsilon: float
) -> list:
    """Part: as :func:`accuracies`, and by the same draws, for the one table of :func:`gaussian_rows`."""
    rows = gaussian_rows(load(table, source, n_real), generator=_stream(seed, table, "gaussian table"))
    return [
        one_draw(rows, n_real=n_real, gamma=gamma, epsilon=epsilon, generator=_stream(seed, table, k)) for k in draws
    ]


def _stream(seed: int, table: str, *names: str | int) -> torch.Generator:
    return seeds.generator(seed, NOTEBOOK, "figure 6", table, *names)
