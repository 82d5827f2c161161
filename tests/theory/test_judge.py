"""lib.theory.judge against counts by hand, other formulas and sums over all tables of a size."""

import math

import numpy as np
import pytest
from scipy.stats import beta, binom, binomtest

from lib.theory import judge, judge_size
from lib.theory.beyond_collapse.breakdown import breakdown_point
from lib.theory.binomial import interval
from lib.theory.usable_information import binary_entropy


def test_a_table_counted_by_hand():
    result = judge.audit(6, 2, 1, 3)
    assert result.p[::3] == (4 / 12, 12)
    assert result.phi[::3] == (6 / 8, 8)
    assert result.psi[::3] == (1 / 4, 4)
    assert result.p_star.value == pytest.approx(3 / 4, abs=1e-15)
    assert result.margin.value == pytest.approx(3 / 4 - 1 / 3, abs=1e-15)
    assert result.wrong_among_kept[::3] == (1 / 7, 7)
    assert result.verdict == "undecided"  # 1 of 7: the exact interval reaches 0.58


@pytest.mark.parametrize(("wrong", "verdict"), [(20, "below"), (80, "above"), (50, "undecided")])
def test_verdict(wrong, verdict):
    assert judge.audit(100 - wrong, 0, wrong, 0).verdict == verdict
    assert judge.side(interval(wrong, 100)) == verdict
    assert judge.side(interval(0, 0)) == "nothing kept"


def test_intervals_are_those_of_the_shares():
    """scipy's exact intervals, and corners of them for p* and the margin, with two and three parts of the risk."""
    counts = (430, 41, 37, 66)
    a, b, c, d = counts
    result = judge.audit(*counts, confidence=0.9)

    def exact(hits, of, confidence):
        return binomtest(hits, of).proportion_ci(confidence, method="exact")

    for found, hits, of in ((result.p, c + d, 574), (result.phi, a, a + b), (result.psi, c, c + d)):
        assert (found.low, found.high) == pytest.approx(tuple(exact(hits, of, 0.9)), rel=0, abs=1e-9)
    phi, psi = exact(a, a + b, 0.95), exact(c, c + d, 0.95)
    assert result.p_star.low == pytest.approx(breakdown_point(phi.low, psi.high), rel=0, abs=1e-9)
    assert result.p_star.high == pytest.approx(breakdown_point(phi.high, psi.low), rel=0, abs=1e-9)
    p, phi, psi = exact(c + d, 574, 1 - 0.1 / 3), exact(a, a + b, 1 - 0.1 / 3), exact(c, c + d, 1 - 0.1 / 3)
    assert result.margin.low == pytest.approx(breakdown_point(phi.low, psi.high) - p.high, rel=0, abs=1e-9)
    assert result.margin.high == pytest.approx(breakdown_point(phi.high, psi.low) - p.low, rel=0, abs=1e-9)


def test_probability_below_is_the_posterior_of_a_flat_prior():
    for right, wrong in ((0, 0), (6, 1), (30, 50), (400, 390)):
        wanted = beta.cdf(0.5, wrong + 1, right + 1)
        assert judge.audit(right, 3, wrong, 2).probability_below == pytest.approx(wanted, rel=1e-9)


def test_nothing_kept_and_nobody_wrong():
    nothing = judge.audit(0, 3, 0, 2)
    assert (nothing.verdict, nothing.p_star.value, nothing.margin.value) == ("nothing kept", None, None)
    assert nothing.wrong_among_kept == (None, 0.0, 1.0, 0)
    clean = judge.audit(9, 1, 0, 0)
    assert clean.psi == (None, 0.0, 1.0, 0)
    assert (clean.p_star.value, clean.verdict) == (1.0, "below")
    assert clean.p_star.low < 0.5


@pytest.mark.parametrize(("wrong", "kept"), [(4, 10), (48, 100), (0, 3), (7, 10), (52, 100)])
def test_more_rows_decide(wrong, kept):
    """With as many rows as advised the verdict falls in four tables of five, by scipy's sums; with a tenth fewer it does not."""
    rows = 3 * kept
    total = rows + judge_size.more(wrong, kept, rows)
    share = min(wrong, kept - wrong) / kept

    def power(size):
        decided = np.searchsorted(
            binom.cdf(np.arange(size), size, 0.5), 0.025
        )  # so many counts of wrong ones are few enough
        return binom.cdf(decided - 1, size, share)

    assert power(round(total / 3)) >= 0.8
    if kept > 3:
        assert power(round(0.9 * total / 3)) < 0.8


def test_no_number_of_rows_at_the_border():
    assert judge_size.more(5, 10, 20) is None
    assert judge_size.more(0, 0, 20) is None
    assert judge_size.more(499_999, 10**6, 10**6) is None
    assert judge.audit(5, 1, 5, 1).more_rows is None
    assert judge.audit(80, 1, 5, 1).more_rows == 0


def test_classes_counted_by_hand():
    kept, dropped = [[50, 4, 1], [30, 9, 2], [0, 0, 0]], [[5, 1, 0], [3, 20, 2], [1, 1, 1]]
    first, second, third = judge.classes(kept, dropped)
    assert first.p[::3] == (6 / 61, 61)
    assert first.phi[::3] == (50 / 55, 55)
    assert first.psi[::3] == (5 / 6, 6)
    assert (first.rival, first.rival_among_kept[::3], first.verdict) == (1, (4 / 54, 54), "below")
    assert (second.rival, second.rival_among_kept[::3], second.verdict) == (0, (30 / 39, 39), "above")
    assert (third.rival, third.verdict) == (None, "nothing kept")
    exact = binomtest(4, 54).proportion_ci(1 - 0.05 / 6, method="exact")  # six statements together
    assert first.rival_among_kept[1:3] == pytest.approx(tuple(exact), rel=0, abs=1e-9)


def test_two_classes_have_the_four_rates():
    """phi_0, phi_1, psi_01, psi_10 of eq. 15, and the order of the kept counts N00 + N11 > N01 + N10 as the verdict's share."""
    kept, dropped = [[40, 12], [5, 60]], [[8, 3], [7, 15]]
    rates = judge.classes(kept, dropped)
    assert [each.phi.value for each in rates] == [40 / 48, 60 / 75]
    assert [each.psi.value for each in rates] == [12 / 15, 5 / 12]


def test_bits_of_symmetric_channels():
    """Large tables of a binary symmetric channel: 1 - h(error) before and after, and all of it lost where nothing is kept."""
    kept, dropped = [[8_000_000, 2_000_000], [2_000_000, 8_000_000]], [[1_000_000, 4_000_000], [4_000_000, 1_000_000]]
    found = judge.bits(kept, dropped)
    assert found.before == pytest.approx(1 - binary_entropy(0.4), abs=1e-6)
    assert found.kept_row == pytest.approx(1 - binary_entropy(0.2), abs=1e-6)
    assert found.drawn_row == pytest.approx((1 - binary_entropy(0.2)) * 2 / 3, abs=1e-6)
    assert found.lost == pytest.approx(found.before - found.drawn_row, abs=1e-15)
    assert judge.bits([[0, 0], [0, 0]], kept)[1:3] == (0.0, 0.0)


def test_thresholds_are_audits():
    """Each threshold is the audit of the rows above it as kept and of those below as dropped."""
    rng = np.random.default_rng(4)
    groups = [[k / 10, int(rng.integers(0, 30)) + 3 * k, int(rng.integers(0, 30))] for k in range(12)]
    for k, point in enumerate(judge.thresholds(groups)):
        above, below = ([sum(row[j] for row in part) for j in (1, 2)] for part in (groups[k:], groups[:k]))
        wanted = judge.audit(above[0], below[0], above[1], below[1])
        assert (point.threshold, point.kept) == (groups[k][0], sum(above))
        assert (point.phi, point.psi, point.p_star) == (wanted.phi.value, wanted.psi.value, wanted.p_star.value)
        assert point.margin == pytest.approx(wanted.margin.value, abs=1e-15)
        assert point.margin_low == pytest.approx(wanted.margin.low, abs=1e-12)
        assert point.wrong_among_kept == wanted.wrong_among_kept.value


def test_best_threshold():
    """The last threshold has the largest margin, on one row; the best one is that which can be trusted."""
    points = judge.thresholds([[0.1, 40, 60], [0.5, 60, 3], [0.9, 1, 0]])
    assert max(points, key=lambda point: point.margin).threshold == 0.9
    assert judge.best(points).threshold == 0.5
    assert judge.best(points).margin_low == max(point.margin_low for point in points)


def test_errors_name_their_argument():
    for call, words in (
        (lambda: judge.audit(1, 2, 3, -1), "wrong_dropped = -1 is outside"),
        (lambda: judge.audit(0, 0, 0, 0), "the sum of right_kept"),
        (lambda: judge.classes([[1]], [[1]]), "kept = .* is no square table; allowed: 2 to 50"),
        (lambda: judge.thresholds([[1, 1, 1], [1, 2, 2]]), r"scores\[1\]\[0\] = 1.0 is not above 1.0"),
        (lambda: judge.best([]), "points are not at least one"),
    ):
        with pytest.raises(ValueError, match=words):
            call()
    assert math.isfinite(judge.audit(10**9 - 1, 0, 1, 0).probability_below)
