"""The histogram estimate against numpy and scipy, and what it does not see."""

import numpy as np
import pytest
import torch
from scipy import stats

from lib.models.mixtures.histogram_divergence import histogram_divergence


def samples(seed, problems=6, n=500):
    g = torch.Generator().manual_seed(seed)
    return torch.randn(problems, n, 2, generator=g, dtype=torch.float64) * torch.tensor([1.0, 3.0])


@pytest.mark.parametrize("bins", [5, 50])
def test_against_numpy(bins):
    x, y = samples(0), 2 + samples(1, n=700)
    found = histogram_divergence(x, y, bins=bins)
    for b in range(len(x)):
        p, q = (
            np.histogram2d(*each[b].numpy().T, bins=bins, density=True)[0].ravel().clip(1e-10, None) for each in (x, y)
        )
        assert found[b].item() == pytest.approx(stats.entropy(p, q), rel=1e-10)


def test_it_does_not_see_where_a_sample_lies():
    x, y = samples(2), samples(3)
    torch.testing.assert_close(histogram_divergence(x + 100, y - 7), histogram_divergence(x, y), rtol=1e-9, atol=1e-9)


def test_same_sample():
    assert histogram_divergence(samples(0), samples(0)).abs().max() < 1e-12


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"x": torch.zeros(6, 5)}, r"x has shape \(6, 5\)"),
        ({"y": torch.randn(5, 9, 2)}, r"y has shape \(5, 9, 2\), allowed: \(6, n, 2\)"),
        ({"y": torch.full((6, 9, 2), torch.nan)}, "y holds nan"),
        ({"x": torch.zeros(6, 9, 2)}, "x has a sample without extent"),
        ({"bins": 1}, "bins = 1"),
        ({"floor": 0.0}, "floor = 0"),
    ],
)
def test_bad_arguments_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        histogram_divergence(**{"x": samples(0), "y": samples(1)} | change)
