"""KL gap and information on alphabets: against enumeration of all data sets."""

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from lib.experiments.reverse_bottleneck import alphabets

LAW, TRUTH = np.array([0.5, 0.3, 0.2, 0.0]), np.array([0.4, 0.3, 0.2, 0.1])
N = 5


def enumerated():
    """All counts of N draws from the law with their probabilities."""
    found = {}
    for sample in itertools.product(range(4), repeat=N):
        counts = tuple(np.bincount(sample, minlength=4).tolist())
        found[counts] = found.get(counts, 0.0) + float(np.prod(LAW[list(sample)]))
    return found


def test_entropy_of_counts_by_enumeration():
    chances = np.array([p for p in enumerated().values() if p > 0])
    assert alphabets.count_entropy(LAW, N) == pytest.approx(-(chances * np.log(chances)).sum(), abs=1e-12)
    assert alphabets.count_entropy([1.0], 7) == pytest.approx(0, abs=1e-12)
    # two symbols: the entropy of a binomial law, for which scipy has a formula of its own
    assert alphabets.count_entropy([0.3, 0.7], 200) == pytest.approx(stats.binom(200, 0.3).entropy(), abs=1e-9)


def test_divergences_by_enumeration():
    forward = backward = 0.0
    for counts, chance in enumerated().items():
        fit = (np.array(counts) + alphabets.ADDED) / (N + 4 * alphabets.ADDED)
        forward += chance * (fit * np.log(fit / TRUTH)).sum()
        backward += chance * (TRUTH * np.log(TRUTH / fit)).sum()
    assert alphabets.divergences(LAW, N, TRUTH) == pytest.approx((forward, backward), abs=1e-12)


def test_both_in_a_world_by_hand():
    # one anchor symbol, so that the anchors tell nothing; one synthetic example of two equally likely ones
    of = alphabets.both(np.array([0.5, 0.5]), np.array([1.0, 0.0]), np.array([0.5, 0.5]), 1, 1)
    fit = math.log(2) - (0.75 * math.log(4 / 3) + 0.25 * math.log(4))  # 3/4 and 1/4 in any case: no gap
    assert alphabets.divergences([1.0, 0.0], 1, [0.5, 0.5])[0] == pytest.approx(fit)
    expected = {"KL gap": 0, "reversed gap": 0, "GGMI": -math.log(2), "entropy decrease": -math.log(2)}
    assert of == pytest.approx(expected, abs=1e-12)


def test_many_anchors_that_know_half_cost_ln_2():
    of = alphabets.scene(2, 2, 1, anchors=10**4, synthetic=10**5)
    law = np.full(5, 0.2)
    truth = np.repeat([0.99 / 4, 0.01], [4, 1])
    limit = math.log(2) - math.log(0.99) - (law * np.log(law / truth)).sum()
    assert of["KL gap"] == pytest.approx(
        limit, abs=0.005
    )  # what 20 000 anchors still cost: some 5 / 20 000, times logs
    alone = alphabets.scene(2, 2, 1, anchors=10**4, synthetic=10**5, constant=True)
    assert alone["KL gap"] == pytest.approx(math.log(2) - math.log(4), abs=0.005)
    assert alone["entropy decrease"] == pytest.approx(2 * 10**4 * math.log(2))
    with pytest.raises(ValueError, match="k = 0"):
        alphabets.scene(0, 1, 1)


def test_sweep_and_worlds():
    swept = alphabets.sweep("J", [1, 4], 2)
    assert [swept["GGMI"][1], swept["KL gap"][1]] == [alphabets.scene(2, 4, 2)[name] for name in ("GGMI", "KL gap")]
    with pytest.raises(ValueError, match="varied = 'M'"):
        alphabets.sweep("M", [1], 2)
    found = alphabets.random_worlds(0, False, 0, 6)
    assert alphabets.random_worlds(0, False, 4, 2) == {name: column[4:] for name, column in found.items()}
    assert alphabets.random_worlds(0, True, 0, 6) != found
    assert all(np.isfinite(column).all() for column in found.values())


@pytest.mark.parametrize("bad", [[0.5, 0.6], [-0.1, 1.1], []])
def test_what_is_no_law_is_refused(bad):
    with pytest.raises(ValueError, match="law"):
        alphabets.count_entropy(bad, 3)


def test_a_truth_without_a_symbol_is_refused():
    with pytest.raises(ValueError, match="truth = "):
        alphabets.divergences([0.5, 0.5], 3, [1.0, 0.0])
