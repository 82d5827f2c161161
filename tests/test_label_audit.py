"""lib.label_audit: estimates with honest intervals."""

import numpy as np
import pytest

from lib.label_audit import estimate, interval
from lib.label_table import read_labels


def write(tmp_path, text):
    path = tmp_path / "mine.csv"
    path.write_text(text)
    return path


def test_estimates_of_a_table_counted_by_hand(tmp_path):
    rows = [("cat", "cat", 1)] * 6 + [("dog", "dog", 0)] * 2 + [("cat", "dog", 1)] * 1 + [("dog", "cat", 0)] * 3
    text = "extra,kept,generated,label\n" + "".join(f"x,{k},{g},{y}\n" for y, g, k in rows)
    result = estimate(*read_labels(write(tmp_path, text))[:3])
    assert result.p[::3] == (4 / 12, 12)
    assert result.phi[::3] == (6 / 8, 8)
    assert result.psi[::3] == (1 / 4, 4)
    assert result.wrong_among_kept[::3] == (1 / 7, 7)
    assert result.verdict == "undecided"  # 1 of 7: the exact interval reaches 0.58


@pytest.mark.parametrize(("wrong", "verdict"), [(20, "below"), (80, "above"), (50, "undecided")])
def test_verdict(wrong, verdict):
    label = ["a"] * 100
    assert estimate(label, ["b"] * wrong + ["a"] * (100 - wrong), [True] * 100).verdict == verdict


def test_coverage():
    rng = np.random.default_rng(0)
    hits = rng.binomial(60, 0.3, size=2000)
    covered = np.mean([s.low <= 0.3 <= s.high for s in map(lambda h: interval(int(h), 60), hits)])
    assert covered > 0.95 - 4 * (0.95 * 0.05 / 2000) ** 0.5  # exact intervals cover at least as often as they say


def test_empty_selection_and_uneven_columns():
    with pytest.raises(ValueError, match="kept rows = 0"):
        estimate(["a"], ["a"], [False])
    with pytest.raises(ValueError, match="rows; allowed: as many"):
        estimate(["a"], ["a"], [])
