"""lib.theory.binomial against scipy, and the coverage that exact intervals promise."""

import math

import numpy as np
import pytest
from scipy.stats import beta, binom

from lib.theory.binomial import interval, lower_tail


def drawn(number, seed, largest=9):
    """Counts of all sizes, shares near 0 and 1 among them."""
    rng = np.random.default_rng(seed)
    for _ in range(number):
        of = int(10 ** rng.uniform(0, largest))
        few = min(of, int(10 ** rng.uniform(-1, math.log10(of + 1))))
        hits = int(rng.choice([int(rng.integers(0, of + 1)), few, of - few]))
        yield hits, of, rng


def test_interval_is_scipys():
    for hits, of, rng in drawn(1500, 0):
        confidence = float(rng.choice([1e-6, 0.5, 0.8, 0.95, 0.999, 1 - 1e-9]))
        tail = (1 - confidence) / 2
        found = interval(hits, of, confidence)
        assert found.low == pytest.approx(beta.ppf(tail, hits, of - hits + 1) if hits else 0, rel=0, abs=1e-9)
        assert found.high == pytest.approx(beta.isf(tail, hits + 1, of - hits) if hits < of else 1, rel=0, abs=1e-9)
        assert found[::3] == (hits / of, of)


def test_tail_is_scipys():
    """To 1e-9, relative where there is a tail at all; scipy's own digits are fewer in the far tail of many draws."""
    for hits, of, rng in drawn(1500, 1, largest=6):
        spread = rng.normal() * 3 * math.sqrt(0.25 / of)
        share = float(np.clip(rng.choice([rng.random(), hits / of + spread]), 0, 1))
        assert lower_tail(hits, of, share) == pytest.approx(binom.cdf(hits, of, share), rel=1e-8, abs=1e-100)


def test_tails_by_hand():
    assert lower_tail(1, 3, 0.5) == pytest.approx(0.5, rel=1e-14)
    assert lower_tail(0, 2, 0.25) == pytest.approx(0.5625, rel=1e-14)
    assert (lower_tail(0, 5, 0), lower_tail(4, 5, 1), lower_tail(5, 5, 1)) == (1, 0, 1)
    assert interval(0, 10).high == pytest.approx(1 - 0.025**0.1, rel=1e-12)
    assert interval(10, 10).low == pytest.approx(0.025**0.1, rel=1e-12)


@pytest.mark.parametrize(("of", "share"), [(60, 0.3), (7, 0.5), (40, 0.01)])
def test_coverage(of, share):
    """Summed over all counts: at least what is said, and each end misses at most its half."""
    weights = binom.pmf(np.arange(of + 1), of, share)
    found = [interval(hits, of, 0.9) for hits in range(of + 1)]
    assert sum(w for w, each in zip(weights, found, strict=True) if each.low <= share <= each.high) >= 0.9
    assert sum(w for w, each in zip(weights, found, strict=True) if each.low > share) <= 0.05
    assert sum(w for w, each in zip(weights, found, strict=True) if each.high < share) <= 0.05


def test_nothing_to_count_is_said():
    assert interval(0, 0) == (None, 0.0, 1.0, 0)
