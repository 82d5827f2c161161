"""Notebook beyond-collapse/01: covariances of any shape and classes at a right angle, against draws and the round mixture."""

import math

import numpy as np
import pytest
import torch

from lib import seeds
from lib.experiments.beyond_collapse import other_mixtures as om
from lib.models.mixtures import two_classes


@pytest.mark.parametrize("shape", om.SHAPES)
def test_covariance(shape):
    cov = om.covariance(shape, 0.6, 8).numpy()
    values = np.linalg.eigvalsh(cov)
    assert np.trace(cov) == pytest.approx(1 - 0.36)
    assert values.min() > 0
    ratio = {"round": 1, "uneven": 4, "spiked": 1 + 8}[shape]
    assert values.max() / values.min() == pytest.approx(ratio)


def test_an_unknown_shape():
    with pytest.raises(ValueError, match="shape = 'square' is not one of round, uneven, spiked"):
        om.covariance("square", 0.5, 4)


@pytest.mark.parametrize("shape", om.SHAPES)
def test_agreement(shape):
    """On 200 000 draws, within four standard errors; of the round shape as the closed form for round mixtures."""
    cov, mean, w = om.covariance(shape, 0.3, 4), torch.tensor([0.3, 0, 0, 0]).double(), torch.tensor([1, 0.4, 0, 0.2])
    w, rng = w.double(), seeds.rng(0, shape)
    x = rng.multivariate_normal(mean.numpy(), cov.numpy(), 200_000)  # y = 1; the other class is its mirror image
    bayes = np.linalg.solve(cov.numpy(), mean.numpy())
    counted = np.mean((x @ bayes > 0) == (x @ w.numpy() > 0))
    found = om.agreement(w, mean, cov)
    assert abs(counted - found) < 4 * math.sqrt(found * (1 - found) / 200_000)
    if shape == "round":
        noise = two_classes.unit_norm_noise(0.3, 4)
        assert found == pytest.approx(float(two_classes.agreement(w, mean, noise)), abs=1e-12)


def test_fitted():
    """A round mixture is learned below p*, and its opposite above; only the spiked one has spread inner products."""
    setting = {"mu_norm": 0.7, "dimension": 40, "n": 2000, "phi": 1.0, "psi": 1.0, "ridge": 1.0, "models": 2}
    found = {p: om.fitted(1, "round", p=p, **setting) for p in (0.2, 0.8)}
    assert np.mean(found[0.2]["agreement"]) > 0.999
    assert np.mean(found[0.8]["agreement"]) < 0.001
    cov = om.covariance("round", 0.7, 40)
    expected = math.sqrt(float((cov @ cov).trace()) + 2 * 0.49 * float(cov[0, 0]))  # of (mu + e) (mu + e')
    assert np.mean(found[0.2]["spread"]) == pytest.approx(expected, rel=0.05)
    assert np.mean(om.fitted(1, "spiked", p=0.2, **setting)["spread"]) > 2 * expected


def test_right_angle():
    """Right at few wrong labels, the opposite at many, a coin between; and the agreement is that of draws."""
    found = np.array(om.right_angle(1, 2000, [0.2, 0.5, 0.8], 1.0, 1.0, 30, 0.64, 20, 0.01)).mean(1)
    assert found[0] > 0.999
    assert 0.3 < found[1] < 0.7
    assert found[2] < 0.001
    weights, noise = torch.tensor([-1.0, 0.3, 0.5]).double(), 0.5
    means = torch.tensor([[0.6, 0, 0], [0, 0.6, 0]]).double()
    rng = seeds.rng(0, "right angle")
    x = np.concatenate([m.numpy() + noise * rng.normal(size=(100_000, 3)) for m in means])
    counted = np.mean((x @ weights.numpy() > 0) == (x[:, 1] - x[:, 0] > 0))
    assert om._agreement_at_right_angle(weights, means, noise) == pytest.approx(counted, abs=4 * 0.5 / 200_000**0.5)
