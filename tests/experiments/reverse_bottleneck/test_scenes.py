"""Random scenes: who has which components, and the covariances as the paper's code has them."""

import numpy as np
import pytest
import torch

from lib import seeds
from lib.experiments.reverse_bottleneck import scenes


def drawn(count=3, k=2, j=1, foreign=2, anchors=40, **options):
    return scenes.draw(count, k, j, foreign, anchors=anchors, generator=seeds.generator(0, "test"), **options)


def test_model_knows_what_it_should():
    found = drawn()
    assert found.truth.means.shape == (3, 3, 2)
    assert found.model.means.shape == (3, 5, 2)
    assert found.anchors.shape == (3, 80, 2)
    # the J component is the truth's own, the K ones are those of the anchors
    assert torch.equal(found.model.means[:, 2], found.truth.means[:, 2])
    assert torch.equal(found.model.covariances[:, 2], found.truth.covariances[:, 2])
    for b, k in ((0, 0), (2, 1)):
        points = found.anchors[b, 40 * k : 40 * (k + 1)].numpy()
        np.testing.assert_allclose(found.model.means[b, k], points.mean(0), atol=1e-12)
        expected = np.cov(points.T) + scenes.ESTIMATED_VARIANCE * np.eye(2)
        np.testing.assert_allclose(found.model.covariances[b, k], expected, atol=1e-12)
    assert (found.truth.weights == 1 / 3).all()
    assert (found.model.weights == 1 / 5).all()


@pytest.mark.parametrize("coded", [False, True])
def test_anchors_follow_the_truth(coded):
    n = 20000
    found = drawn(count=4, anchors=n, coded=coded)
    spread = found.truth.covariances.diagonal(dim1=-2, dim2=-1)[:, :2]  # (B, K, d)
    off = (found.model.means[:, :2] - found.truth.means[:, :2]).square() / (spread / n)
    assert off.max() < 5**2  # squared standard errors
    ratio = found.model.covariances[:, :2].diagonal(dim1=-2, dim2=-1) / spread
    assert ((ratio - 1).abs() < 5 * (2 / n) ** 0.5 + scenes.ESTIMATED_VARIANCE / spread).all()


def test_a_model_as_the_text_has_it():
    found = drawn(estimated=False)
    assert torch.equal(found.model.means[:, :3], found.truth.means)
    assert torch.equal(found.model.covariances[:, :3], found.truth.covariances)
    assert torch.equal(found.anchors, drawn().anchors)  # only the model is another


def test_uniform_factors():
    found = scenes.random_covariances((4000,), coded=True, uniform=True, generator=seeds.generator(4, "test"))
    assert torch.linalg.eigvalsh(found).min() > 0
    # |A B'|_F^2 sums 4 entries, each of two products of uniform numbers: E = 4 (2/9 + 2/16); a polar factor has the same norm
    norms = found.square().sum((1, 2))
    assert abs(norms.mean() - 4 * (2 / 9 + 1 / 8)) < 5 * norms.std() / 4000**0.5
    plain = scenes.random_covariances((4000,), uniform=True, generator=seeds.generator(5, "test"))
    assert plain.min() > 0  # A A' of positive entries


def test_means_fill_the_square():
    means = drawn(count=500, k=2, j=1, foreign=1, anchors=2).truth.means
    assert means.min() > 0
    assert means.max() < 10
    assert abs(means.mean().item() - 5) < 5 * (100 / 12 / means.numel()) ** 0.5


def test_covariances_have_a_least_variance():
    found = scenes.random_covariances((200,), generator=seeds.generator(1, "test"))
    assert torch.linalg.eigvalsh(found).min() >= scenes.LEAST_VARIANCE * (1 - 1e-6)
    # E[A A'] = 2 I for standard normal A of two columns; the variance of a diagonal entry is 4
    mean = found.mean(0).diagonal() - scenes.LEAST_VARIANCE
    assert ((mean - 2).abs() < 5 * (4 / 200) ** 0.5).all()


def test_polar_factor_is_what_numpy_samples():
    factors = torch.randn(2, 2, 2, generator=seeds.generator(2, "test"), dtype=torch.float64)
    given = factors[0] @ factors[1].mT  # no covariance: not symmetric
    n = 400_000
    legacy = np.random.RandomState(seeds.number(2, "test") % 2**32)  # as the paper's code; numpy's newer one differs
    points = legacy.multivariate_normal(np.zeros(2), given.numpy(), n, check_valid="ignore")
    expected = scenes.polar(given).numpy()
    spread = np.sqrt((np.outer(np.diag(expected), np.diag(expected)) + expected**2) / n)  # of a sample covariance
    assert (np.abs(np.cov(points.T) - expected) < 5 * spread).all()


def test_curated_weights():
    model = drawn().model
    np.testing.assert_allclose(scenes.curated(model, 2, 0.5).weights, np.tile([1, 1, 1, 0.5, 0.5], (3, 1)) / 4)
    assert (scenes.curated(model, 2, 0.0).weights[:, 3:] == 0).all()
    np.testing.assert_allclose(scenes.curated(model, 0, 0.0).weights, model.weights)


@pytest.mark.parametrize(
    ("foreign", "keep", "words"), [(6, 0.5, "foreign = 6"), (2, 1.5, "keep = 1.5"), (5, 0.0, "leaves nothing")]
)
def test_curation_outside_its_range_is_refused(foreign, keep, words):
    with pytest.raises(ValueError, match=words):
        scenes.curated(drawn().model, foreign, keep)


@pytest.mark.parametrize("bad", [{"count": 0}, {"k": 0}, {"j": -1}, {"foreign": -1}, {"anchors": 1}])
def test_bad_sizes_are_refused(bad):
    ((name, value),) = bad.items()
    with pytest.raises(ValueError, match=f"{name} = {value}"):
        drawn(**bad)
