"""lib.statistics against closed forms, scipy and simulation."""

import math

import numpy as np
import pytest
import torch
from scipy import stats

from lib import seeds
from lib.statistics import (
    Count,
    Estimate,
    average,
    difference,
    exceptions,
    mean_and_error,
    means_and_errors,
    part_of,
    ratio,
    relative_gap,
    share,
)


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
    with pytest.raises(ValueError, match=r"draws has shape|draws holds"):
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


def test_exceptions():
    found = exceptions([False, True, False, True, False])
    assert found == Count(2, 0.0, 5)
    assert found.share == share(2, 5)
    assert f"{found}" == "2 of 5"
    assert exceptions(np.zeros(2000, dtype=bool)) == (0, 0.0, 2000)
    assert exceptions(np.zeros(2000, dtype=bool)).share.standard_error > 0  # none seen is no proof that there is none


@pytest.mark.parametrize("failed", [[], [0, 1], [[True]], [0.5]])
def test_bad_exceptions(failed):
    with pytest.raises(ValueError, match="failed has shape"):
        exceptions(failed)


def test_difference():
    assert difference(Estimate(3.0, 0.3), Estimate(1.0, 0.4)) == pytest.approx((2.0, 0.5))


def test_means_and_errors():
    draws = seeds.rng(0, "means").normal(size=(20, 2, 3))
    mean, error = means_and_errors(draws.tolist())
    assert np.allclose(mean, draws.mean(0), rtol=1e-12)
    assert np.allclose(error, stats.sem(draws), rtol=1e-12)
    for bad in (1.0, [[1.0, 2.0]], [[1.0], [float("nan")]]):
        with pytest.raises(ValueError, match=r"draws has shape|draws holds"):
            means_and_errors(bad)


def test_ratio():
    """Its error is the spread of the ratio over many repetitions, also where numerator and denominator move together."""
    draws = seeds.rng(0, "ratio").normal(size=(4000, 40))
    noise = seeds.rng(1, "ratio").normal(size=(4000, 40))
    found = [ratio(1 + a + 0.3 * b, 2 + a) for a, b in zip(draws, noise, strict=True)]
    values, errors = np.array(found).T
    assert values.mean() == pytest.approx(0.5, abs=0.01)
    assert np.sqrt((errors**2).mean()) == pytest.approx(values.std(), rel=0.05)
    assert ratio([2.0, 4.0, 6.0], [1.0, 2.0, 3.0]) == (2.0, 0.0)


def test_part_of():
    assert part_of([2.0, 4.0, 6.0], [1.0, 2.0, 3.0]) == (2.0, 0.0)
    assert part_of([1.0, 2.0], [1e-80, 2e-80]) == ratio([1.0, 2.0], [1e-80, 2e-80])
    assert part_of([1.0, 2.0], [0.0, 0.0]) is None
    assert part_of([1.0, 2.0, 3.0], [0.1, 0.2, -0.3]) is None  # their sum is 5.6e-17
    with pytest.raises(ValueError, match="numerators and denominators have shapes"):
        part_of([1.0], [1.0, 2.0])


@pytest.mark.parametrize(
    ("pair", "message"),
    [
        (([1.0, 2.0], [1.0]), r"shapes \(2,\) and \(1,\)"),
        (([1.0], [1.0]), "at least two"),
        (([1.0, 2.0], [-1.0, 1.0]), "denominators have mean 0"),
    ],
)
def test_bad_ratio(pair, message):
    with pytest.raises(ValueError, match=message):
        ratio(*pair)


def test_average():
    assert average([Estimate(1.0, 0.3), Estimate(2.0, 0.4), Estimate(6.0, 0.0)]) == pytest.approx((3.0, 0.5 / 3))
    with pytest.raises(ValueError, match=r"estimates = \[\]"):
        average([])


def test_relative_gap():
    """Its error is the spread over many measurements, for a formula that is right and for one that is far off."""
    draws = 2 + 0.01 * seeds.rng(0, "gap").normal(size=4000)
    for expected in (0.5, 3.0):
        found = np.array([relative_gap(expected, Estimate(draw, 0.01)) for draw in draws])
        assert found[:, 0].mean() == pytest.approx(abs(expected / 2 - 1), abs=0.001)
        assert found[:, 1].mean() == pytest.approx(found[:, 0].std(), rel=0.05)
    with pytest.raises(ValueError, match="measured = 0"):
        relative_gap(1.0, Estimate(0.0, 0.1))
