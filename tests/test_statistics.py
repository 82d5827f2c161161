"""lib.statistics against closed forms, scipy and simulation."""

import math

import numpy as np
import pytest
import torch
from scipy import stats

from lib import seeds
from lib.statistics import Estimate, difference, mean_and_error, share


def test_mean_and_error():
    draws = seeds.rng(0, "mean").normal(size=50)
    found = mean_and_error(torch.from_numpy(draws))
    assert found == pytest.approx((draws.mean(), stats.sem(draws)), rel=1e-12)
    assert mean_and_error(torch.tensor([2.0])) == (2.0, 0.0)
    assert mean_and_error(torch.tensor([2.0]), within=0.25) == (2.0, 0.5)
    both = mean_and_error(torch.from_numpy(draws), within=0.04)
    assert both.standard_error == pytest.approx(math.hypot(stats.sem(draws), 0.2), rel=1e-12)


@pytest.mark.parametrize("draws", [[], [float("nan")], [1.0, float("inf")]])
def test_bad_draws(draws):
    with pytest.raises(ValueError, match="draws = "):
        mean_and_error(torch.tensor(draws))


def test_share():
    assert share(0, 100).value == 0
    assert share(0, 100).standard_error > 0.01
    assert share(100, 100) == pytest.approx((1.0, share(0, 100).standard_error))
    assert share(5000, 10000).standard_error == pytest.approx(0.005, rel=1e-3)


def test_share_covers():
    """Three errors cover the truth, also where nearly all draws are all hits: the plain rule covers there in 26 % of draws."""
    rng, n = seeds.rng(0, "cover"), 100
    for truth in (0.003, 0.05, 0.5, 0.997):
        found = [share(int(hits), n) for hits in rng.binomial(n, truth, size=2000)]
        covered = np.mean([abs(each.value - truth) <= 3 * each.standard_error for each in found])
        assert covered > 0.99


@pytest.mark.parametrize(("hits", "count"), [(-1, 5), (6, 5), (0, 0), (0.5, 5), (float("nan"), 5)])
def test_bad_share(hits, count):
    with pytest.raises(ValueError, match=r"hits = |count = "):
        share(hits, count)


def test_difference():
    assert difference(Estimate(3.0, 0.3), Estimate(1.0, 0.4)) == pytest.approx((2.0, 0.5))
