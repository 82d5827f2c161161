"""Simulated ridge on real and synthetic rows: against scikit-learn, against its own pieces, against the exact limits."""

import math

import pytest
import torch
from ridge_cases import CASES, named
from sklearn.linear_model import Ridge

from lib.models.linear.least_squares import fit_ridge_mix
from lib.models.linear.ridge_mix import fit_generator, simulate_ridge, synthetic_sums
from lib.models.mixtures import two_classes as mixture
from lib.theory.random_matrices.equation import GENERATORS
from lib.theory.random_matrices.ridge import ridge
from lib.theory.random_matrices.synthetic_only import verified_accuracy


def seeded(seed):
    return torch.Generator().manual_seed(seed)


def test_against_scikit_learn():
    random = seeded(1)
    x, y = torch.randn(3, 40, 7, generator=random).double(), torch.randn(3, 40, generator=random).double()
    gammas = torch.tensor([0.01, 3.0], dtype=torch.float64)
    weights = fit_ridge_mix(x.mT @ x, (y[:, None] @ x)[:, 0], 55, gammas)
    for i in range(3):
        for j, gamma in enumerate(gammas.tolist()):
            peer = Ridge(alpha=55 * gamma, fit_intercept=False).fit(x[i], y[i]).coef_
            assert weights[i, j].tolist() == pytest.approx(peer.tolist(), abs=1e-10)
    alone = fit_ridge_mix(x.mT @ x, (y[:, None] @ x)[:, 0], 55, 3.0)
    assert torch.allclose(alone, weights[:, 1], atol=1e-12)


def test_bad_sums_are_refused():
    gram, moment = torch.eye(2).double(), torch.ones(2).double()
    with pytest.raises(ValueError, match="gamma = 0"):
        fit_ridge_mix(gram, moment, 10, 0.0)
    with pytest.raises(ValueError, match="count = 0"):
        fit_ridge_mix(gram, moment, 0, 1.0)
    with pytest.raises(ValueError, match="nan or inf"):
        fit_ridge_mix(gram * math.nan, moment, 10, 1.0)


@pytest.mark.parametrize("n_hat", [3, 8, 60])
def test_fit_generator(n_hat):
    rows = torch.randn(2, n_hat, 8, generator=seeded(2)).double() + 0.3
    mean, root = fit_generator(rows)
    assert root.shape == (2, 8, min(n_hat, 8))
    for i in range(2):
        covariance = torch.cov(rows[i].T, correction=0)
        assert torch.allclose(root[i] @ root[i].T, covariance, atol=1e-12)
        assert torch.allclose(mean[i], rows[i].mean(0))
    known = torch.full((8,), 0.3, dtype=torch.float64)
    mean, root = fit_generator(rows, mean=known)
    deviations = rows[0] - 0.3
    assert torch.allclose(root[0] @ root[0].T, deviations.T @ deviations / n_hat, atol=1e-12)
    assert torch.equal(mean[1], known)
    with pytest.raises(ValueError, match="rows has shape"):
        fit_generator(rows[:, :0])


def test_synthetic_sums():
    """Expectations of both sums: ``m alpha (C + mean mean^T)`` and ``m lambda mean``, with the shares drawn."""
    random, m, epsilon, psi, phi = seeded(3), 1000, 0.3, 0.2, 0.9
    mean = torch.tensor([1.0, -0.5, 0.0], dtype=torch.float64)
    root = torch.randn(3, 3, generator=random).double()
    repeats = 400
    gram, moment = synthetic_sums(
        mean.expand(repeats, 3), root.expand(repeats, 3, 3), m, epsilon, psi, phi, random=random
    )
    right, wrong = phi * (1 - epsilon), psi * epsilon
    for got, expected in (
        (gram / m, (right + wrong) * (root @ root.T + mean[:, None] * mean)),
        (moment / m, (right - wrong) * mean),
    ):
        error = got.std(0) / repeats**0.5
        assert ((got.mean(0) - expected).abs() <= 4 * error).all()
    nothing = synthetic_sums(mean[None], root[None], 0, epsilon, psi, phi, random=random)
    assert not nothing[0].any()
    assert not nothing[1].any()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_simulation_meets_theory(case):
    """Mean, variance and accuracy within four standard errors; finite p shifts them by some 1/p of their size besides."""
    p = case.setting["p"]
    repeats = 40 if p < 500 else 15
    mu, weights = simulate_ridge(**case.setting, generators=tuple(case.limits), repeats=repeats, random=seeded(4))
    for generator, fits in weights.items():
        limit = ridge(**case.setting, generator=generator)
        measured = (fits @ mu, fits.square().sum(-1), mixture.accuracy(fits, mu, 1.0))
        for values, expected, size in zip(measured, limit[:3], (1.0, limit.variance, 0.5), strict=True):
            error = float(values.std()) / repeats**0.5
            assert float(values.mean()) == pytest.approx(expected, abs=4 * error + 0.5 * size / p)


# Far from the other settings: few rows behind the generator, more dimensions than rows, hardly any ridge, n_hat > n
HARD = [
    (200, 300, 900, 10, 1.0, 0.05, 0.2, 0.3, 0.7, ("known_mean", "independent", "shared")),
    (400, 80, 200, 80, 1.5, 0.001, 0.1, 0.5, 0.9, ("known_mean", "independent", "shared")),
    (200, 100, 1500, 2000, 0.8, 0.01, 0.4, 0.05, 0.3, ("known_mean", "independent")),
    (150, 40, 4000, 30, 2.0, 0.3, 0.45, 0.9, 1.0, ("known_mean", "independent", "shared")),
]


@pytest.mark.parametrize("setting", HARD, ids=lambda setting: f"p={setting[0]}, n_hat={setting[3]}")
def test_hard_settings(setting):
    *values, generators = setting
    arguments, p, repeats = named(*values), values[0], 60
    mu, weights = simulate_ridge(**arguments, generators=generators, repeats=repeats, random=seeded(5))
    for generator, fits in weights.items():
        limit = ridge(**arguments, generator=generator)
        accuracy = mixture.accuracy(fits, mu, 1.0)
        error = float(accuracy.std()) / repeats**0.5
        assert float(accuracy.mean()) == pytest.approx(limit.accuracy, abs=4 * error + 0.5 / p)
        length = fits.square().sum(-1)
        error = float(length.std()) / repeats**0.5
        assert float(length.mean()) == pytest.approx(limit.variance, abs=4 * error + 2 * limit.variance / p)


def test_verified_accuracy():
    """In the units of the other chapter: its mixture, its labels, its selection, least squares with its ridge."""
    n, p, phi, psi, dimension, mu_norm, penalty, repeats = 150, 0.4, 0.9, 0.3, 60, 0.2, 0.05, 150
    random = seeded(8)
    mu = torch.zeros(dimension, dtype=torch.float64)
    mu[0] = mu_norm
    noise = mixture.unit_norm_noise(mu_norm, dimension)
    x, y = mixture.draw_mixture(repeats * n, mu, noise, generator=random, dtype=torch.float64)
    labels = mixture.flip_labels(y, p, generator=random)
    kept = mixture.rlhf_kept(y, labels, phi, psi, generator=random).double()
    x, weighted = x.view(repeats, n, dimension), (x * (kept * labels)[:, None]).view(repeats, n, dimension)
    gram = (x * kept.view(repeats, n, 1)).mT @ x
    accuracy = mixture.accuracy(fit_ridge_mix(gram, weighted.sum(1), n, penalty), mu, noise)
    error = float(accuracy.std()) / repeats**0.5
    setting = {"n": n, "p": p, "phi": phi, "psi": psi, "dimension": dimension, "mu_norm": mu_norm}
    expected = verified_accuracy(**setting, ridge=penalty)
    assert float(accuracy.mean()) == pytest.approx(expected, abs=4 * error + 0.5 / dimension)
    with pytest.raises(ValueError, match="ridge = 0"):
        verified_accuracy(**setting, ridge=0)
    with pytest.raises(ValueError, match=r"psi = 1.5 is outside \[0, 1\]"):
        verified_accuracy(**setting | {"psi": 1.5}, ridge=penalty)


def test_same_seed_same_fits():
    arguments = named(20, 30, 40, 30, 1.0, 0.1, 0.2, 0.3, 0.9)
    first = simulate_ridge(**arguments, repeats=3, random=seeded(6))[1]
    again = simulate_ridge(**arguments, repeats=3, random=seeded(6))[1]
    assert all(torch.equal(first[kind], again[kind]) for kind in GENERATORS)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"generators": ("oracle",)}, r"generators\[0\] = 'oracle'"),
        ({"n_hat": 31}, "n_hat = 31 is outside"),
        ({"n": 0, "m": 0}, r"n \+ m = 0"),
        ({"repeats": 0}, "repeats = 0"),
        ({"epsilon": 2}, "epsilon = 2"),
        ({"gamma": -1.0}, "gamma = -1"),
    ],
)
def test_bad_input_is_refused(changes, message):
    good = dict(p=20, n=30, m=40, n_hat=30, mu_norm=1.0, gamma=0.1, epsilon=0.2, psi=0.3, phi=0.9, repeats=2)
    with pytest.raises(ValueError, match=message):
        simulate_ridge(**{**good, **changes}, random=seeded(7))
