"""Estimates of a divergence against closed forms."""

import pytest
import torch

from lib import seeds
from lib.experiments.reverse_bottleneck import estimators
from lib.experiments.reverse_bottleneck.scenes import equal_weights
from lib.models.mixtures.histogram_divergence import histogram_divergence

P = equal_weights(torch.tensor([[[4.0, 5.0]]] * 2), torch.eye(2).expand(2, 1, 2, 2))
Q = equal_weights(torch.tensor([[[4.0, 5.0]], [[5.0, 3.0]]]), torch.stack([torch.eye(2), 2 * torch.eye(2)])[:, None])


def test_grid_gives_the_divergence_of_two_gaussians():
    # (tr(S_q^-1 S_p) + |m|^2 / s_q - 2 + ln det S_q / det S_p) / 2
    expected = [0.0, (1 + 5 / 2 - 2 + torch.log(torch.tensor(4.0)).item()) / 2]
    assert estimators.on_a_grid(P, Q).tolist() == pytest.approx(expected, abs=1e-6)


def test_histograms_are_a_mean_over_resamples():
    found = estimators.by_histograms(P, Q, drawn=50, resamples=2, generator=seeds.generator(0, "test"))
    generator = seeds.generator(0, "test")
    each = [
        histogram_divergence(P.sample(50, generator=generator), Q.sample(50, generator=generator)) for _ in range(2)
    ]
    assert torch.equal(found, (each[0] + each[1]) / 2)
    with pytest.raises(ValueError, match="resamples = 0"):
        estimators.by_histograms(P, Q, drawn=50, resamples=0, generator=generator)


def test_known_pairs():
    found = estimators.known_pairs(0, pairs=4, drawn=200, resamples=1, n_divergence=500)
    assert found["truth"][0] == pytest.approx(0, abs=1e-12)  # equal mixtures
    assert found["exact"][0] == 0
    for truth, exact, error in zip(found["truth"], found["exact"], found["exact error"], strict=True):
        assert abs(exact - truth) <= 5 * error + 1e-9
    assert found["one sample"] == pytest.approx(found["one sample, shifted"])  # blind to the shift
    assert min(found["exact, shifted"]) > 100
    assert found == estimators.known_pairs(0, pairs=4, drawn=200, resamples=1, n_divergence=500)
    with pytest.raises(ValueError, match="pairs = 1"):
        estimators.known_pairs(0, pairs=1, drawn=200, resamples=1, n_divergence=500)


def test_mean_distance_by_hand():
    found = estimators.mean_distance({"truth": [1.0, 2.0, 3.0], "exact": [1.5, 1.0, 3.0]}, "exact")
    assert found.value == pytest.approx(0.5)
    assert found.standard_error == pytest.approx(0.5 / 3**0.5)
