"""Spread of drawn images beside real ones: known spreads, and the loss by clipping."""

import math

import pytest
import torch

from lib.experiments.random_matrices import gaussian_spread


def test_ratios_of_a_known_spread():
    """Pixels far from 0, standard deviation 4: nothing is clipped, and unit noise is a quarter."""
    random = torch.Generator().manual_seed(0)
    classes = [100 + 4 * torch.randn(500, 12, generator=random) for _ in range(6)]
    found = gaussian_spread.ratios(classes, seed=1)
    assert found["mean and covariance"].value == pytest.approx(1, abs=4 * found["mean and covariance"].standard_error)
    assert found["mean only"].value == pytest.approx(0.25, abs=0.01)
    assert found == gaussian_spread.ratios(classes, seed=1)


def test_clipping_takes_spread():
    """Mean 0: the positive part of a normal has the variance 1/2 - 1/(2 pi)."""
    random = torch.Generator().manual_seed(0)
    classes = [4 * torch.randn(500, 12, generator=random) for _ in range(6)]
    found = gaussian_spread.ratios(classes, seed=1)["mean and covariance"]
    assert found.value == pytest.approx(math.sqrt(0.5 - 0.5 / math.pi), abs=0.03)


def test_root_mean_square():
    assert gaussian_spread.root_mean_square(torch.tensor([[0.0, 1.0], [2.0, 1.0]])) == pytest.approx(0.5**0.5)
