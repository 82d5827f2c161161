"""Batched Gaussian mixtures against scipy, against exact moments and against closed forms for one component."""

import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from lib.models.mixtures import _densities as densities
from lib.models.mixtures._densities import pick
from lib.models.mixtures.gaussian_mixtures import GaussianMixtures, kl_divergence, total_variation


def mixtures(problems=4, components=3, dimension=2, seed=0, spread=5.0):
    g = torch.Generator().manual_seed(seed)
    factors = torch.randn(problems, components, dimension, dimension, generator=g, dtype=torch.float64)
    return GaussianMixtures(
        torch.rand(problems, components, generator=g, dtype=torch.float64).add(0.1).softmax(1),
        spread * torch.randn(problems, components, dimension, generator=g, dtype=torch.float64),
        factors @ factors.mT + 0.05 * torch.eye(dimension),
    )


@settings(deadline=None, max_examples=40)  # no test asserts seconds
@given(
    seed=st.integers(0, 10**6),
    components=st.integers(1, 5),
    dimension=st.integers(1, 4),
    origin=st.sampled_from([0.0, 10.0, 1e5]),
)
def test_against_scipy(seed, components, dimension, origin):
    many = mixtures(3, components, dimension, seed)
    many = GaussianMixtures(many.weights, many.means + origin, many.covariances)
    x = origin + 6 * torch.randn(3, 20, dimension, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    logs, posteriors = many.log_prob(x), many.responsibilities(x)
    for b in range(3):
        expected = np.stack(
            [
                math.log(many.weights[b, k])
                + stats.multivariate_normal.logpdf(
                    x[b].numpy(), many.means[b, k].numpy(), many.covariances[b, k].numpy()
                )
                for k in range(components)
            ]
        ).reshape(components, 20)
        total = np.logaddexp.reduce(expected)
        # conditioning: log densities reach -1e4 here, and 1e5 in the origin costs six digits of a difference
        np.testing.assert_allclose(logs[b], total, rtol=1e-9, atol=1e-6 if origin == 1e5 else 1e-9)
        np.testing.assert_allclose(posteriors[b].T, np.exp(expected - total), atol=1e-6 if origin == 1e5 else 1e-9)


def test_moments():
    many, n = mixtures(problems=5, components=4, dimension=3), 200_000
    x = many.sample(n, generator=torch.Generator().manual_seed(1))
    mean = (many.weights[..., None] * many.means).sum(1)
    off = many.means - mean[:, None]
    covariance = (many.weights[..., None, None] * (many.covariances + off[..., :, None] * off[..., None, :])).sum(1)
    centred = x - mean[:, None]
    for b in range(5):
        products = centred[b][:, :, None] * centred[b][:, None]
        # 12 moments, 5 problems: 4.5 standard errors are passed by chance once in 2000 runs of this fixed seed
        assert ((x[b].mean(0) - mean[b]).abs() < 4.5 * x[b].std(0) / math.sqrt(n)).all()
        assert ((products.mean(0) - covariance[b]).abs() < 4.5 * products.std(0) / math.sqrt(n)).all()


def test_samples_come_from_the_seed_alone():
    many = mixtures()
    one, same, other = (many.sample(50, generator=torch.Generator().manual_seed(seed)) for seed in (3, 3, 4))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


def test_components_of_weight_zero():
    many = mixtures(components=2)
    padded = GaussianMixtures(
        torch.cat([many.weights, torch.zeros(4, 1)], 1),
        torch.cat([many.means, torch.full((4, 1, 2), 1e3)], 1),
        torch.cat([many.covariances, torch.eye(2).expand(4, 1, 2, 2)], 1),
    )
    x = padded.sample(1000, generator=torch.Generator().manual_seed(0))
    assert x.abs().max() < 100
    torch.testing.assert_close(padded.log_prob(x), many.log_prob(x))
    assert (padded.responsibilities(x)[..., 2] == 0).all()


def test_kl_of_components_of_weight_zero():
    means = torch.tensor([[[0.0, 0.0], [50.0, 50.0]]], dtype=torch.float64)
    identity = torch.eye(2).expand(1, 2, 2, 2)
    p, q = (GaussianMixtures(torch.tensor([weights]), means, identity) for weights in ([1.0, 0.0], [0.0, 1.0]))
    estimate = kl_divergence(p, q, 1000, generator=torch.Generator().manual_seed(0))
    assert abs(estimate.value - 2500) < 4.5 * estimate.standard_error  # half the squared distance


def test_no_points():
    assert mixtures().log_prob(torch.zeros(4, 0, 2)).shape == (4, 0)


def test_pick():
    weights = torch.tensor([[0.0, 0.2, 0.0, 0.3, 0.0]], dtype=torch.float64)
    uniform = torch.tensor([[0.0, 0.39, 0.41, 0.999999999, 1.0]], dtype=torch.float64)
    assert pick(weights, uniform).tolist() == [[1, 1, 3, 3, 3]]


@pytest.mark.parametrize("dimension", [1, 2, 5])
def test_kl_of_single_gaussians(dimension):
    p, q = mixtures(20, 1, dimension, 1, 1.0), mixtures(20, 1, dimension, 2, 1.0)
    inverse = torch.linalg.inv(q.covariances[:, 0])
    off = (q.means - p.means)[:, 0]
    exact = 0.5 * (
        (inverse @ p.covariances[:, 0]).diagonal(dim1=-2, dim2=-1).sum(-1)
        + (off[:, None] @ inverse @ off[..., None])[:, 0, 0]
        - dimension
        + torch.logdet(q.covariances[:, 0])
        - torch.logdet(p.covariances[:, 0])
    )
    estimate = kl_divergence(p, q, 20_000, generator=torch.Generator().manual_seed(0))
    scores = (estimate.value - exact) / estimate.standard_error
    assert scores.abs().max() < 4.5
    # the error is neither too large nor too small: chi-square of 20, 2 % to 97 %
    assert 0.6 < scores.square().mean() < 1.6


def test_kl_against_itself_is_zero():
    p = mixtures()
    assert kl_divergence(p, p, 100, generator=torch.Generator().manual_seed(0)).value.abs().max() < 1e-12


def test_total_variation_of_single_gaussians():
    shift = torch.linspace(0, 4, 9, dtype=torch.float64)
    covariance = torch.tensor([[2.0, 0.5], [0.5, 1.0]], dtype=torch.float64).expand(9, 1, 2, 2)
    factor = torch.linalg.cholesky(covariance[0, 0])
    p = GaussianMixtures(torch.ones(9, 1), torch.zeros(9, 1, 2), covariance)
    q = GaussianMixtures(torch.ones(9, 1), (shift[:, None] * factor[:, 0])[:, None], covariance)
    exact = 2 * stats.norm.cdf(shift.numpy() / 2) - 1  # the shift is in standard deviations
    estimate = total_variation(p, q, 40_000, generator=torch.Generator().manual_seed(0))
    assert (np.abs(estimate.value.numpy() - exact) <= 4.5 * estimate.standard_error.numpy() + 1e-12).all()


def test_blocks_change_nothing(monkeypatch):
    p, q = mixtures(seed=1), mixtures(components=2, seed=2)
    x = p.sample(30, generator=torch.Generator().manual_seed(0))
    whole = p.log_prob(x), p.responsibilities(x)
    monkeypatch.setitem(densities.BLOCK, "cpu", 1)
    assert torch.equal(p.log_prob(x), whole[0])
    assert torch.equal(p.responsibilities(x), whole[1])
    assert kl_divergence(p, q, 10, generator=torch.Generator().manual_seed(0)).value.shape == (4,)


FLAT = """
import torch
from pathlib import Path
from lib.models.mixtures.gaussian_mixtures import GaussianMixtures, kl_divergence
from lib.models.mixtures.fit import fit
def peak():
    return next(int(l.split()[1]) for l in Path("/proc/self/status").read_text().splitlines() if l.startswith("VmHWM")) / 1024
torch.set_num_threads(1)
g = torch.Generator().manual_seed(0)
x = torch.randn(400, 2000, 2, generator=g, dtype=torch.float64)
def work(count):
    found = fit(x[:count], 10, generator=g, max_steps=5).mixtures
    found.responsibilities(x[:count, :10])
    kl_divergence(found, found, 2000, generator=g)
work(20)
few = peak()
work(400)
print(peak() - few)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux's account of memory")
def test_memory_is_flat():
    done = subprocess.run([sys.executable, "-c", FLAT], capture_output=True, text=True, check=True)
    # one array of all responsibilities has 400 x 2000 x 10 numbers, 61 MiB, and the arithmetic needs several
    assert float(done.stdout) < 30


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"means": torch.zeros(2, 3)}, r"means have shape \(2, 3\)"),
        ({"means": torch.zeros(2, 0, 2)}, r"means have shape \(2, 0, 2\)"),
        ({"weights": torch.full((2, 2), 0.5)}, r"weights have shape \(2, 2\), allowed: \(2, 3\)"),
        ({"weights": torch.full((2, 3), 0.5)}, "sums from 1.5"),
        ({"weights": torch.tensor([[1.5, -0.5, 0.0]] * 2)}, "least value -0.5"),
        ({"means": torch.full((2, 3, 2), torch.nan)}, "means hold nan"),
        ({"covariances": torch.eye(2).expand(2, 3, 2, 2) * torch.tensor([1.0, -2.0])}, "smallest eigenvalue -2"),
        ({"covariances": torch.tensor([[1.0, 0.5], [0.0, 1.0]]).expand(2, 3, 2, 2)}, "not symmetric"),
        ({"covariances": torch.eye(3).expand(2, 3, 3, 3)}, "covariances have shape"),
    ],
)
def test_bad_mixtures_are_refused(change, message):
    good = {
        "weights": torch.full((2, 3), 1 / 3, dtype=torch.float64),
        "means": torch.zeros(2, 3, 2),
        "covariances": torch.eye(2).expand(2, 3, 2, 2),
    }
    GaussianMixtures(**good)
    with pytest.raises(ValueError, match=message):
        GaussianMixtures(**good | change)


def test_bad_calls_are_refused():
    p, g = mixtures(), torch.Generator()
    with pytest.raises(ValueError, match=r"allowed: \(4, N, 2\)"):
        p.log_prob(torch.zeros(4, 5, 3))
    with pytest.raises(ValueError, match="n = 0"):
        p.sample(0, generator=g)
    with pytest.raises(ValueError, match="same B and d"):
        kl_divergence(p, mixtures(dimension=3), 10, generator=g)
    with pytest.raises(ValueError, match="n_samples = 1"):
        total_variation(p, p, 1, generator=g)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_on_a_gpu():
    p, q = mixtures(seed=1), mixtures(seed=2)
    x = p.sample(100, generator=torch.Generator().manual_seed(0))
    there = [GaussianMixtures(m.weights.cuda(), m.means.cuda(), m.covariances.cuda()) for m in (p, q)]
    torch.testing.assert_close(there[0].log_prob(x.cuda()).cpu(), p.log_prob(x))
    one, two = (kl_divergence(*pair, 500, generator=torch.Generator().manual_seed(0)).value for pair in (there, (p, q)))
    torch.testing.assert_close(one.cpu(), two)
