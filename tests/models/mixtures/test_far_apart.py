"""Components that are narrow beside their distances, and what has no width at all: right, or refused."""

import math

import mpmath
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.mixture import GaussianMixture

from lib.models.mixtures.fit import fit
from lib.models.mixtures.gaussian_mixtures import GaussianMixtures, kl_divergence, total_variation


def one_dimensional(means, deviations, weights=None):
    means, deviations = (torch.tensor(each, dtype=torch.float64)[None, :, None] for each in (means, deviations))
    weights = (
        torch.full(means.shape[:2], 1 / means.shape[1])
        if weights is None
        else torch.tensor([weights], dtype=torch.float64)
    )
    return GaussianMixtures(weights.double(), means, deviations[..., None] ** 2)


def exact_log_density(many, x):
    """At one point (d,) of the first mixture, in 50 digits of these very doubles."""
    with mpmath.workdps(50):
        total = mpmath.mpf(0)
        for weight, mean, covariance in zip(many.weights[0], many.means[0], many.covariances[0], strict=True):
            matrix = mpmath.matrix(covariance.tolist())
            off = mpmath.matrix(x.tolist()) - mpmath.matrix(mean.tolist())
            form = (off.T * mpmath.lu_solve(matrix, off))[0]
            scale = mpmath.sqrt((2 * mpmath.pi) ** len(x) * mpmath.det(matrix))
            total += mpmath.mpf(weight.item()) * mpmath.exp(-form / 2) / scale
        return float(mpmath.log(total))


@settings(deadline=None, max_examples=60)
@given(
    seed=st.integers(0, 10**6),
    distance=st.sampled_from([1.0, 1e3, 1e6, 1e9, 1e15, 1e40]),
    width=st.sampled_from([1.0, 1e-3, 1e-9, 1e-40]),
    dimension=st.integers(1, 3),
)
def test_log_densities(seed, distance, width, dimension):
    """At the mean of a component and one width beside it, and half-way between two of them."""
    g = torch.Generator().manual_seed(seed)
    factors = torch.randn(1, 2, dimension, dimension, generator=g, dtype=torch.float64) + 2 * torch.eye(dimension)
    means = distance * torch.randn(1, 2, dimension, generator=g, dtype=torch.float64)
    means[0, 0] *= torch.rand(1, generator=g).item() < 0.5  # one at the origin: points near it have all their digits
    many = GaussianMixtures(torch.tensor([[0.3, 0.7]]).double(), means, width**2 * factors @ factors.mT)
    points = torch.stack([means[0, 0], means[0, 0] + width * factors[0, 0, 0], means[0, 1], means[0].mean(0)])
    for x, found in zip(points, many.log_prob(points[None])[0].tolist(), strict=True):
        assert found == pytest.approx(exact_log_density(many, x), rel=1e-6, abs=1e-6)


def test_the_issue_s_mixture():
    many = one_dimensional([0.0, 1e9], [1.0, 1.0])
    assert many.log_prob(torch.tensor([[[0.5]]])).item() == pytest.approx(math.log(0.5) + stats.norm.logpdf(0.5))
    moved = one_dimensional([1.0, 1e9 + 1], [1.0, 1.0])
    distance = total_variation(many, moved, 40_000, generator=torch.Generator().manual_seed(0))
    assert distance.value.item() == pytest.approx(2 * stats.norm.cdf(0.5) - 1, abs=4.5 * distance.standard_error.item())
    divergence = kl_divergence(many, moved, 40_000, generator=torch.Generator().manual_seed(0))
    assert divergence.value.item() == pytest.approx(0.5, abs=4.5 * divergence.standard_error.item())


@pytest.mark.parametrize("weight", [1e-310, 1e-300, 0.0])
def test_small_weights(weight):
    many = one_dimensional([0.0, 40.0], [1.0, 1.0], [1.0, weight])
    expected = np.logaddexp(stats.norm.logpdf(40), math.log(weight) + stats.norm.logpdf(0) if weight else -np.inf)
    assert many.log_prob(torch.tensor([[[40.0]]])).item() == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("far", [1e3, 1e8, 1e15])
def test_two_points_and_a_regularization(far):
    x = torch.tensor([[[0.0], [far]]], dtype=torch.float64)
    found = fit(x, 2, generator=torch.Generator().manual_seed(0), regularization=0.1)
    assert found.converged.item()
    assert sorted(found.mixtures.means.flatten().tolist()) == pytest.approx([0.0, far], abs=1e-9)
    assert found.mixtures.covariances.flatten().tolist() == pytest.approx([0.1, 0.1])
    assert found.log_likelihood.item() == pytest.approx(math.log(0.5) - 0.5 * math.log(2 * math.pi * 0.1))


@pytest.mark.parametrize("far", [1.0, 1e3, 1e6])
@pytest.mark.parametrize("dimension", [1, 2])
@pytest.mark.parametrize("origin", [0.0, -1e6])
def test_narrow_and_far_apart_as_in_scikit_learn(far, dimension, origin):
    g = torch.Generator().manual_seed(0)
    x = 1e-3 * torch.randn(2, 400, dimension, generator=g, dtype=torch.float64) + origin
    x[:, 200:] += far
    found = fit(x, 2, generator=g, regularization=1e-9)
    for b in range(2):
        peer = GaussianMixture(2, reg_covar=1e-9, random_state=0).fit(x[b].numpy() - origin)
        ours, theirs = found.mixtures.means[b].sum(-1).argsort(), peer.means_.sum(-1).argsort()
        np.testing.assert_allclose(found.mixtures.means[b][ours] - origin, peer.means_[theirs], rtol=0, atol=1e-8)
        # scikit-learn's own covariances have lost digits where the means are far from the origin
        np.testing.assert_allclose(
            found.mixtures.covariances[b][ours], peer.covariances_[theirs], rtol=1e-5, atol=1e-11
        )
        for part, rows in zip(ours, (x[b, :200], x[b, 200:]), strict=True):
            exact = np.cov((rows - rows.mean(0)).T.numpy(), bias=True).reshape(dimension, dimension)
            expected = torch.from_numpy(exact) + 1e-9 * torch.eye(dimension)
            torch.testing.assert_close(found.mixtures.covariances[b, part], expected, rtol=1e-6, atol=1e-15)
    assert torch.equal(found.converged, torch.ones(2, dtype=torch.bool))


def test_narrow_clusters_within_far_ones_are_found():
    """Four clusters, two and two close together: distances between close ones have no digits beside the far ones."""
    g = torch.Generator().manual_seed(1)
    centres = torch.tensor([0.0, 1e-2, 1e7, 1e7 + 1e-2], dtype=torch.float64).repeat_interleave(50)
    x = (centres + 1e-4 * torch.randn(200, generator=g, dtype=torch.float64))[None, :, None]
    found = fit(x, 4, generator=g, regularization=1e-12, starts=5)
    means = found.mixtures.means.flatten().sort()[0]
    torch.testing.assert_close(means, centres.unique(), rtol=0, atol=1e-4)


def test_one_far_problem_leaves_the_others_as_they_are():
    g = torch.Generator().manual_seed(0)
    x = torch.randn(3, 60, 2, generator=g, dtype=torch.float64)
    mixed = x.clone()
    mixed[1, 30:] += 1e9
    kept = torch.ones(3, 60, dtype=torch.bool)
    kept[1, :5] = False
    alone, beside = (
        fit(each, 2, generator=torch.Generator().manual_seed(1), starts=2, kept=kept) for each in (x, mixed)
    )
    for each in (0, 2):
        assert torch.equal(alone.mixtures.means[each], beside.mixtures.means[each])
    near = torch.stack([mixed[1, 5:30].mean(0), mixed[1, 30:].mean(0)])
    order = beside.mixtures.means[1].sum(-1).argsort()
    torch.testing.assert_close(beside.mixtures.means[1][order], near, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("regularization", [0.0, 1e-310, 1e-110])
@pytest.mark.parametrize("place", [3.7, 1e6 + 0.1])
def test_repeated_points_have_no_width(regularization, place):
    x = torch.full((1, 40, 1), place, dtype=torch.float64)
    x[0, 20:] += 1
    with pytest.raises(ArithmeticError, match="every start ends in a singular covariance; regularization = "):
        fit(x, 2, generator=torch.Generator().manual_seed(0), regularization=regularization, starts=3)
    for enough in (1e-60, 1e-12):
        found = fit(x, 2, generator=torch.Generator().manual_seed(0), regularization=enough)
        assert found.mixtures.covariances.flatten().tolist() == pytest.approx([enough, enough])


@pytest.mark.parametrize("variance", [5e-324, 1e-310, 1e-200, 1e200, -1.0, 0.0])
def test_variances_out_of_range_are_refused(variance):
    with pytest.raises(ValueError, match=r"covariances\[0, 0\] has smallest eigenvalue .* \[1e-100, 1e\+100\]"):
        one_dimensional([0.0], [1.0]).__class__(
            torch.ones(1, 1), torch.zeros(1, 1, 1), torch.full((1, 1, 1, 1), variance, dtype=torch.float64)
        )


def test_a_covariance_of_rounding_is_refused():
    matrix = torch.tensor([[1.0, 1.0], [1.0, 1.0 + 2e-16]], dtype=torch.float64)
    with pytest.raises(ValueError, match="positive by more than rounding"):
        GaussianMixtures(torch.ones(1, 1), torch.zeros(1, 1, 2), matrix[None, None])
    skew = torch.tensor([[1e-20, 1e-21], [0.0, 1e-20]], dtype=torch.float64)
    with pytest.raises(ValueError, match="not symmetric"):
        GaussianMixtures(torch.ones(1, 1), torch.zeros(1, 1, 2), skew[None, None])


@pytest.mark.parametrize("value", [1e60, -1e300])
def test_numbers_whose_squares_overflow_are_refused(value):
    many = one_dimensional([0.0], [1.0])
    with pytest.raises(ValueError, match=r"x holds .* outside \[-1e\+50, 1e\+50\]"):
        many.log_prob(torch.full((1, 1, 1), value, dtype=torch.float64))
    with pytest.raises(ValueError, match=r"means holds .* outside"):
        one_dimensional([value], [1.0])
    with pytest.raises(ValueError, match=r"x holds .* outside"):
        fit(torch.full((1, 3, 1), value, dtype=torch.float64), 1, generator=torch.Generator())
