"""Figure 6's experiment against scikit-learn on the rows themselves, and its surrogates against the theory."""

import itertools

import numpy as np
import pytest
import torch
from oracles import matrix_root
from sklearn.linear_model import Ridge
from sklearn.preprocessing import StandardScaler

from lib import seeds
from lib.datasets.source import Source
from lib.experiments.random_matrices import real_features as figure
from lib.experiments.random_matrices.real_features import PROTOCOLS, VERIFIERS, Rows

SETTING = {"n_real": 40, "gamma": 0.1, "epsilon": 0.3}
DIGITS = {"table": "digits", "source": Source("digits"), **SETTING}


def small_rows(p=5, count=90):
    generator = torch.Generator().manual_seed(0)
    y = torch.randint(0, 2, (count,), generator=generator).double() * 2 - 1
    x = torch.randn(count, p, generator=generator, dtype=torch.float64) * torch.arange(1, p + 1) + 0.3 * y[:, None]
    return Rows(x, y)


def noise_rows(p, count, epsilon, *, generator):
    """The rows that figure.draw_noise sums, by the same draws: z, and +1 or -1 for a right or wrong label."""
    wrong = torch.rand(count, generator=generator, dtype=torch.float64) < epsilon
    return torch.randn(count, p, generator=generator, dtype=torch.float64).numpy(), np.where(wrong, -1.0, 1.0)


def plain_classifier(real, mean, root, z, sign, m, oracle, gamma):
    """Ridge on the folded rows themselves: targets are 1 for real ones, the sign for synthetic ones; pruned rows count in N."""
    kept = (sign[:m] > 0) | (not oracle)
    x = np.concatenate([real, (mean + z[:m] @ root)[kept]])
    targets = np.concatenate([np.ones(len(real)), sign[:m][kept]])
    return Ridge(alpha=gamma * (len(real) + m), fit_intercept=False, solver="cholesky").fit(x, targets).coef_


def test_sizes_are_the_papers():
    assert figure.sizes(800) == [1, 200, 400, 800, 1600, 4000, 8000, 12000]
    assert figure.sizes(20)[0] == 1


def test_digits_become_a_table():
    rows = figure.load("digits", Source("digits"), 100)
    images = Source("digits").load()
    assert rows.x.shape == (1797, 61)  # of 64 pixels three are never inked
    assert rows.y.tolist()[:3] == [1.0 - 2.0 * (label % 2) for label in images.train_labels.tolist()[:3]]
    assert rows.y.abs().eq(1).all()
    with pytest.raises(ValueError, match=r"n_real = 1778 is outside \[1, 1777\] for digits, which has 1797 rows"):
        figure.load("digits", Source("digits"), 1778)


def test_standardised_against_scikit_learn():
    x = small_rows().x
    x[:, 2] = 7.0
    x[:30, 1] = 4.0  # constant on these rows only
    for rows in (slice(None), torch.arange(30)):
        peer = StandardScaler().fit(x[rows].numpy()).transform(x.numpy())
        assert np.allclose(figure.standardised(x, rows), peer, atol=1e-12)


def test_matrix_root():
    basis = torch.linalg.qr(torch.randn(4, 4, generator=torch.Generator().manual_seed(0)).double())[0]
    covariance = (basis * torch.tensor([2.0, 1.0, 0.5, 0.0], dtype=torch.float64)) @ basis.mT
    root = figure.matrix_root(covariance - 1e-15 * torch.eye(4))
    assert torch.allclose(root @ root, covariance, atol=1e-12)
    assert torch.allclose(root, root.mT, atol=1e-12)


def test_noise_is_summed_over_its_first_rows():
    counts = [1, 3, 20]
    noise = figure.draw_noise(4, counts, 0.4, generator=torch.Generator().manual_seed(1))
    z, sign = noise_rows(4, 20, 0.4, generator=torch.Generator().manual_seed(1))
    for (w, kind), (k, m) in itertools.product(enumerate((1, -1)), enumerate(counts)):
        own = z[:m][sign[:m] == kind]
        assert noise.counts[w, k] == len(own)
        assert np.allclose(noise.sums[w, k], own.sum(0))
        assert np.allclose(noise.grams[w, k], own.T @ own)


def test_classifiers_against_scikit_learn():
    counts, rows = [1, 7, 60], small_rows()
    real = (rows.y[:, None] * rows.x)[:30]
    mean, covariance = real.mean(0) + 0.1, torch.cov(real.mT) + torch.eye(5)
    noise = figure.draw_noise(5, counts, 0.4, generator=torch.Generator().manual_seed(2))
    z, sign = noise_rows(5, 60, 0.4, generator=torch.Generator().manual_seed(2))
    weights = figure.fit_all(real, mean, covariance, noise, counts, 0.2)
    root = matrix_root(covariance.numpy())
    for (v, verifier), (k, m) in itertools.product(enumerate(VERIFIERS), enumerate(counts)):
        peer = plain_classifier(real.numpy(), mean.numpy(), root, z, sign, m, verifier == "oracle", 0.2)
        assert np.allclose(weights[v, k], peer, atol=1e-10)


def test_one_draw_row_by_row():
    """Every protocol by the steps of the notebook, with scikit-learn's scaler and ridge on unfolded rows."""
    rows, n = small_rows(), 20
    found = np.array(
        figure.one_draw(rows, n_real=n, gamma=0.1, epsilon=0.3, generator=torch.Generator().manual_seed(3))
    )
    generator, counts = torch.Generator().manual_seed(3), figure.sizes(n)
    order = torch.randperm(90, generator=generator).numpy()
    z, sign = noise_rows(5, counts[-1], 0.3, generator=generator)
    x, y = rows.x.numpy(), rows.y.numpy()
    for k, (mean_leaks, scaler_leaks, test_leaks) in enumerate(PROTOCOLS):
        scaled = StandardScaler().fit(x if scaler_leaks else x[order[:n]]).transform(x)
        real = y[order[:n], None] * scaled[order[:n]]
        mean = (y[:, None] * scaled).mean(0) if mean_leaks else real.mean(0)
        root = matrix_root((real - mean).T @ (real - mean) / n)
        tested = np.arange(90) if test_leaks else order[n:]
        for (v, verifier), (j, m) in itertools.product(enumerate(VERIFIERS), enumerate(counts)):
            w = plain_classifier(real, mean, root, z, sign, m, verifier == "oracle", 0.1)
            right = np.where(scaled[tested] @ w > 0, 1, -1) == y[tested]
            assert found[k, v, j] == pytest.approx(right.mean(), abs=1e-5)


def test_draws_do_not_depend_on_their_block():
    both = figure.accuracies(seed=1, draws=[0, 1], **DIGITS)
    assert np.shape(both) == (2, len(PROTOCOLS), len(VERIFIERS), len(figure.RATIOS))
    assert both[1] == figure.accuracies(seed=1, draws=[1], **DIGITS)[0]
    assert both[1] != both[0]
    assert both[1] != figure.accuracies(seed=2, draws=[1], **DIGITS)[0]


def test_the_first_reading_is_the_published_procedure():
    readings = figure.accuracies_of_readings(seed=1, draws=[0, 1], **DIGITS)
    draws = figure.accuracies(seed=1, draws=[0, 1], **DIGITS)
    assert np.shape(readings) == (2, len(figure.READINGS), len(VERIFIERS), len(figure.RATIOS))
    for reading, draw in zip(readings, draws, strict=True):
        assert reading[0] == draw[0]
    assert len({str(reading) for reading in readings[0]}) == len(figure.READINGS)


def test_readings_by_hand():
    """Each reading's covariance against numpy's."""
    rows = small_rows()
    folded, own = rows.y[:, None] * rows.x, slice(30)
    r, y, mean = folded[own], rows.y[own], folded.mean(0)
    peers = [
        np.cov(r.T, bias=True) + np.outer(r.mean(0) - mean, r.mean(0) - mean),
        np.cov(r.T, bias=True),
        np.cov(rows.x[own][y > 0].T, bias=True),
        np.cov(rows.x[own].T, bias=True),
        np.cov(folded.T, bias=True),
        np.eye(5),
    ]
    for reading, peer in zip(figure.READINGS.values(), peers, strict=True):
        assert np.allclose(reading(r, y, folded, mean), peer, atol=1e-12)


def test_fresh_rows_follow_the_theory():
    """The limit's error is of order 1/p, with p = 61: 0.005 is allowed beside four standard errors, and 0.003 on average."""
    own = DIGITS | {"n_real": 150}
    theory = np.array(figure.accuracies_in_theory(**own))
    fresh, error = np.array(figure.accuracies_of_fresh_rows(seed=1, draws=60, **own))
    assert theory.shape == fresh.shape == (2, len(VERIFIERS), len(figure.RATIOS))
    assert (np.abs(fresh - theory) < 4 * error + 0.005).all()
    assert abs((fresh - theory).mean()) < 0.003
    assert theory.std() > 0.01  # curves that differ


def test_gaussian_table_has_the_moments():
    rows = figure.load("digits", Source("digits"), 100)
    drawn = figure.gaussian_rows(rows, generator=seeds.generator(0, "test"))
    mean, covariance = figure.moments(rows)
    folded = drawn.y[:, None] * drawn.x
    assert torch.equal(drawn.y, rows.y)
    assert torch.allclose(folded.mean(0), mean, atol=1e-10)
    assert torch.allclose(figure.covariance_about(folded.mean(0), folded), covariance, atol=1e-9)
    fourth = ((folded - mean) / covariance.diagonal().sqrt()).pow(4).mean()
    assert float(fourth) == pytest.approx(3, abs=0.15)
    found = figure.accuracies_of_gaussian_table(seed=1, draws=[0, 1], **DIGITS)
    assert np.shape(found) == (2, len(PROTOCOLS), len(VERIFIERS), len(figure.RATIOS))
    assert found[1] == figure.accuracies_of_gaussian_table(seed=1, draws=[1], **DIGITS)[0]
