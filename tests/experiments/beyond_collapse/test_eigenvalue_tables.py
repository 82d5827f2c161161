"""lib.experiments.beyond_collapse.eigenvalue_tables on numbers that can be followed by hand."""

import pytest
from scipy.stats import spearmanr

from lib.experiments.beyond_collapse import eigenvalue_tables as tables
from lib.statistics import share


def learned(*hits, test=100):
    return [{"hits": [each, each // 2, 0, 0], "test": test} for each in hits]


def test_a_share_over_repeats():
    """The spread of 0.2, 0.3, 0.4 and the noise of three test sets of 100."""
    found = tables.right(learned(20, 30, 40), 0.05)
    noise = sum(share(each, 100).standard_error ** 2 for each in (20, 30, 40)) / 9
    assert found.value == pytest.approx(0.3)
    assert found.standard_error == pytest.approx((0.01 / 3 + noise) ** 0.5)
    assert tables.right(learned(20), 0.02) == share(10, 100)
    assert tables.right([*learned(20), {"hits": None, "test": 100}], 0.05) is None


def test_a_gain_is_paired():
    """Repeats that move together by ten points each leave no spread in their difference."""
    ones, others = learned(20, 50, 80, test=10**6), learned(10, 40, 70, test=10**6)
    found = tables.gain(ones, others, 0.05)
    assert found.value == pytest.approx(1e-5)
    assert found.standard_error < 1e-5
    assert tables.right(ones, 0.05).standard_error > found.standard_error
    assert tables.gain(ones, [{"hits": None, "test": 5}] * 3, 0.05) is None


def test_least_and_largest():
    gains = [tables.gain(learned(each), learned(10), 0.05) for each in (30, 20, 40)]
    assert tables.least(gains).value == pytest.approx(0.1)
    assert tables.largest(gains).value == pytest.approx(0.3)
    assert tables.least([*gains, None]) is tables.largest([]) is None


def test_mean_gain():
    rows, others = [learned(20, 30), learned(40, 30)], [learned(10, 10), learned(10, 10)]
    found = tables.mean_gain(rows, others, 0.05)
    assert found.value == pytest.approx(0.2)
    noise = sum(tables.gain(row, other, 0.05).standard_error ** 2 for row, other in zip(rows, others, strict=True)) / 4
    assert found.standard_error == pytest.approx(noise**0.5)  # both repeats gain 20 points on average
    assert tables.mean_gain([], [], 0.05) is None


TRIPLETS = [
    {
        "test": 100,
        "right": [60, 30, 0, 0],
        "kept": [[[60, 0], [30, 0]], [[30, 30], [30, 0]]],
        "own": [[[45, 15], [28, 2]], [[25, 35], [20, 10]]],
    }
] * 2


def test_triplets():
    p, phi, psi = tables.triplet(TRIPLETS, 0.05, 0)
    assert (p.value, phi.value, psi.value) == (0.4, 1.0, 0.0)
    p, phi, psi = tables.triplet(TRIPLETS, 0.02, 0)
    assert (p.value, phi.value, psi.value) == (0.7, 1.0, 60 / 140)
    p, phi, psi = tables.triplet(TRIPLETS, 0.05, 0, who="own")
    assert (phi.value, psi.value) == (0.75, 30 / 80)


def test_own_choice():
    """45 of the 60 that it likes best are right, where 60 of 100 are."""
    assert tables.own_choice(TRIPLETS, 0.05).value == pytest.approx(0.75 - 0.6)


@pytest.mark.parametrize("others", [[3, 1, 2, 5], [1, 1, 2, 2], [4, 3, 2, 1]])
def test_order_against_scipy(others):
    assert tables.order([1, 2, 3, 3], others) == pytest.approx(spearmanr([1, 2, 3, 3], others).statistic)


def test_printed_numbers():
    rows = {"a": [3.0, 1.0], "b": [2.0, 2.0]}
    found = tables.not_above(rows, ["a", "b"], [2.0, 1.5])
    assert (found.value, found.trials) == (2, 4)


def test_learners_that_follow_their_sets():
    """Two sets of three change places in the second repeat: correlations of -1 and -1/2, so -3/4 and a quarter of error."""
    wrong, hits = [[0.1, 0.2, 0.3], [0.1, 0.2, 0.3]], [[30, 20, 10], [20, 30, 10]]
    rows = [[{"wrong": [wrong[k][name]], "hits": [hits[k][name]], "test": 100} for k in range(2)] for name in range(3)]
    found = tables.follows(rows, 0.05)
    assert found.value == pytest.approx(-0.75)
    assert found.standard_error == pytest.approx(0.25)
    rows[1][0]["hits"] = None
    assert tables.follows(rows, 0.05) is tables.follows([], 0.05) is None


def test_spread():
    assert tables.spread(learned(20, 50, 40), 0.05) == pytest.approx(0.3)
    assert tables.spread(learned(20, 50, 40), 0.02) == pytest.approx(0.15)
    assert tables.spread([*learned(20), {"hits": None, "test": 100}], 0.05) is None
