"""Samplers against the formulas they sample from. Monte Carlo: fixed seeds, within 4 standard errors."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from lib.models.mixtures import two_classes as mixture
from lib.theory.beyond_collapse.mixture import mixture_rates

N = 200_000


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def assert_rate(hits, expected):
    """The share of True in ``hits`` equals ``expected`` within 4 standard errors (exactly, for 0 and 1)."""
    margin = 4 * math.sqrt(expected * (1 - expected) / len(hits))
    assert abs(hits.double().mean().item() - expected) <= margin


def test_unit_norm():
    assert mixture.unit_norm_noise(0.6, 16) == pytest.approx(0.2)
    mean = torch.tensor([0.0, 0.6, 0.0, 0.0])
    x, _ = mixture.draw_mixture(N, mean, mixture.unit_norm_noise(0.6, 4), generator=generator())
    squares = x.square().sum(1).double()
    assert abs(squares.mean() - 1) < 4 * squares.std() / math.sqrt(N)


def test_moments_of_the_mixture():
    mean, noise = torch.tensor([0.3, -0.2, 0.0]), 0.5
    x, y = mixture.draw_mixture(N, mean, noise, generator=generator(), dtype=torch.float64)
    assert x.shape == (N, 3)
    assert x.dtype == y.dtype == torch.float64
    assert set(y.tolist()) == {-1.0, 1.0}
    assert_rate(y == 1, 0.5)
    residual = (x - y[:, None] * mean) / noise  # standard normal, independent of y
    bound = 4 / math.sqrt(N)
    assert residual.mean(0).abs().max() < bound
    assert (residual * y[:, None]).mean(0).abs().max() < bound
    covariance = residual.mT @ residual / N
    assert (covariance - torch.eye(3)).abs().max() < bound * math.sqrt(2)  # sqrt(2): variance of a squared normal


def test_same_seed_same_draws():
    mean = torch.ones(5)
    first, second, third = (mixture.draw_mixture(50, mean, 1.0, generator=generator(seed)) for seed in (3, 3, 4))
    assert torch.equal(first[0], second[0])
    assert torch.equal(first[1], second[1])
    assert not torch.equal(first[0], third[0])


def angles_of(vectors):
    """Angles (1-2, 1-3, 2-3) of three unit vectors, by |a - b| = 2 sin(angle / 2): no digits lost at 0."""
    first, second, third = vectors
    return [
        2 * math.asin(min(1.0, ((a - b).norm() / 2).item()))
        for a, b in ((first, second), (first, third), (second, third))
    ]


@settings(deadline=None)  # no test asserts seconds; the first call starts threads
@given(st.floats(0, math.pi), st.floats(0, math.pi), st.floats(0, 1), st.integers(3, 40))
def test_triplet_has_the_angles(theta_gen, theta_prune, fraction, dimension):
    low, high = abs(theta_gen - theta_prune), min(theta_gen + theta_prune, 2 * math.pi - theta_gen - theta_prune)
    theta = low + fraction * (high - low)
    vectors = mixture.draw_triplet(theta_gen, theta_prune, theta, dimension, generator=generator())
    assert vectors.shape == (3, dimension)
    assert vectors.norm(dim=1).tolist() == pytest.approx([1.0] * 3, abs=1e-12)
    # near an angle of pi, 2 asin loses half of the 16 digits
    assert angles_of(vectors) == pytest.approx([theta_gen, theta_prune, theta], abs=1e-7)


def test_triplet_is_uniformly_oriented():
    g = generator()
    firsts = torch.stack([mixture.draw_triplet(1.0, 0.7, 0.6, 3, generator=g)[1] for _ in range(2000)])
    # a coordinate of a uniform direction in 3 dimensions is uniform on [-1, 1]: mean 0, variance 1/3
    assert firsts.mean(0).abs().max() < 4 * math.sqrt(1 / 3 / 2000)
    # variance of a squared coordinate: 1/5 - 1/9 = 4/45
    assert (firsts.square().mean(0) - 1 / 3).abs().max() < 4 * math.sqrt(4 / 45 / 2000)


@pytest.mark.parametrize("angles", [(0.1, 0.2, 0.4), (1.0, 0.2, 0.5), (0.2, 1.0, 0.5), (2.5, 2.5, 2.0)])
def test_impossible_triplet_is_refused(angles):
    with pytest.raises(ValueError, match="triangle inequality"):
        mixture.draw_triplet(*angles, 5, generator=generator())


@pytest.mark.parametrize("theta", [0.0, math.pi / 12, math.pi / 2, math.pi])
def test_vector_at_an_angle(theta):
    direction = torch.tensor([3.0, 4.0, 0.0, 0.0])
    vector = mixture.draw_at_angle(direction, theta, generator=generator())
    assert vector.norm().item() == pytest.approx(1.0, abs=1e-12)
    assert (vector @ direction.double()).item() / 5 == pytest.approx(math.cos(theta), abs=1e-12)


def test_labels():
    weights = torch.tensor([2.0, -1.0])
    x = torch.tensor([[0.6, 0.0]]).expand(N, 2)
    assert mixture.threshold_labels(torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 2.0]]), weights).tolist() == [1, -1, 1]
    assert_rate(mixture.sigmoid_labels(x, weights, generator=generator()) == 1, 1 / (1 + math.exp(-1.2)))


def test_flips_and_rlhf_selection():
    g = generator()
    labels = torch.tensor([-1.0, 1.0]).repeat(N // 2)
    synthetic = mixture.flip_labels(labels, 0.3, generator=g)
    right = synthetic == labels
    assert_rate(~right, 0.3)
    kept = mixture.rlhf_kept(labels, synthetic, 0.8, 0.1, generator=g)
    assert_rate(kept[right], 0.8)
    assert_rate(kept[~right], 0.1)
    assert torch.equal(mixture.flip_labels(labels, 1.0, generator=g), -labels)
    assert torch.equal(mixture.rlhf_kept(labels, synthetic, 1.0, 0.0, generator=g), right)


def test_supervised_selection_follows_mixture_rates():
    mean_norm, dimension, angles = 0.3, 12, (0.9, 0.5, 0.7)
    g = generator()
    direction, w_gen, w_prune = mixture.draw_triplet(*angles, dimension, generator=g)
    noise = mixture.unit_norm_noise(mean_norm, dimension)
    x, y = mixture.draw_mixture(N, mean_norm * direction, noise, generator=g)
    synthetic = mixture.threshold_labels(x, w_gen)
    kept = mixture.supervised_kept(x, synthetic, w_prune)
    p, phi, psi = mixture_rates(mean_norm, dimension, *angles)
    right = synthetic == y
    assert_rate(~right, p)
    assert_rate(kept[right], phi)
    assert_rate(kept[~right], psi)


def test_accuracy_and_agreement():
    dimension, tau = 107, 0.15
    g = generator()
    w_star = torch.eye(dimension, dtype=torch.float64)[0]
    mean, noise = tau * w_star, 1 / math.sqrt(dimension)
    # the mixture of Section 4: the Bayes classifier is right with probability cdf(tau sqrt(d)), about 94 %
    assert mixture.accuracy(w_star, mean, noise).item() == pytest.approx(
        norm.cdf(tau * math.sqrt(dimension)), abs=1e-15
    )
    weights = torch.stack([5 * mixture.draw_at_angle(w_star, theta, generator=g) for theta in (0.0, 0.6, 2.5)])
    x, y = mixture.draw_mixture(N, mean, noise, generator=g, dtype=torch.float64)
    decisions, bayes = (x @ weights.mT).sign(), x[:, 0].sign()
    for column, accuracy, agreement in zip(
        decisions.mT, mixture.accuracy(weights, mean, noise), mixture.agreement(weights, mean, noise), strict=True
    ):
        assert_rate(column == y, accuracy.item())
        assert_rate(column == bayes, min(agreement.item(), 1.0))


def test_undefined_classifiers_have_no_accuracy():
    weights = torch.tensor([[[0.0, 0.0], [torch.nan, 1.0], [1.0, 1.0]]])
    for measure in (mixture.accuracy, mixture.agreement):
        values = measure(weights, torch.tensor([1.0, 0.0]), 1.0)
        assert values.shape == (1, 3)
        assert values.isnan().tolist() == [[True, True, False]]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda g: mixture.unit_norm_noise(1.2, 3), r"mean_norm = 1.2 is outside \[0, 1\]"),
        (lambda g: mixture.draw_mixture(0, torch.ones(2), 1.0, generator=g), r"count = 0 is outside \[1, "),
        (
            lambda g: mixture.draw_mixture(5, torch.ones(2, 2), 1.0, generator=g),
            r"mean has shape \(2, 2\), allowed: \(d,\)",
        ),
        (
            lambda g: mixture.draw_mixture(5, torch.ones(2), -1.0, generator=g),
            r"noise = -1.0 is outside \[1e-30, 1e\+30\]",
        ),
        (lambda g: mixture.draw_triplet(0.1, 0.1, 0.1, 2, generator=g), r"dimension = 2 is outside \[3, "),
        (lambda g: mixture.draw_triplet(-0.1, 0.1, 0.1, 3, generator=g), r"theta_gen = -0.1 is outside \[0, pi\]"),
        (
            lambda g: mixture.draw_at_angle(torch.zeros(3), 0.1, generator=g),
            r"norm of direction = 0.0 is outside \(0, inf\)",
        ),
        (lambda g: mixture.draw_at_angle(torch.ones(3), 4.0, generator=g), r"theta = 4.0 is outside \[0, pi\]"),
        (lambda g: mixture.flip_labels(torch.ones(2), 1.2, generator=g), r"p = 1.2 is outside \[0, 1\]"),
        (lambda g: mixture.flip_labels(torch.ones(2) > 0, 0.1, generator=g), r"labels has type torch.bool, allowed"),
        (
            lambda g: mixture.flip_labels(torch.ones(2).byte(), 1.0, generator=g),
            r"labels has type torch.uint8, allowed",
        ),
        (
            lambda g: mixture.rlhf_kept(torch.ones(2), torch.ones(2), 1.2, 0.0, generator=g),
            r"phi = 1.2 is outside \[0, 1\]",
        ),
        (
            lambda g: mixture.rlhf_kept(torch.ones(2), torch.ones(2), 1.0, -1, generator=g),
            r"psi = -1.0 is outside \[0, 1\]",
        ),
        (lambda g: mixture.accuracy(torch.ones(2), torch.ones(2), 0.0), r"noise = 0.0 is outside \[1e-100, 1e\+100\]"),
        (lambda g: mixture.agreement(torch.ones(2), torch.ones(2), 0.0), r"noise = 0.0 is outside \[1e-100, 1e\+100\]"),
    ],
)
def test_bad_input_is_refused_by_name(call, message):
    with pytest.raises(ValueError, match=message):
        call(generator())
