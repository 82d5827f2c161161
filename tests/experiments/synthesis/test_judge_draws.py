"""lib.experiments.synthesis.judge_draws against sums over all tables, and the committed example."""

import numpy as np
from scipy.stats import binom

from lib.experiments.synthesis import judge_draws
from lib.labels.table import read
from lib.paths import ROOT
from lib.theory import judge
from lib.theory.binomial import interval


def test_coverage_of_a_narrow_interval():
    """Intervals of 50 % hold the truth more rarely than those of 95 %, and all at least as often as they say."""
    for confidence in (0.5, 0.95):
        found = judge_draws.coverage(1, 200, 100, confidence)
        assert list(found) == list(judge_draws.QUANTITIES)
        for name, each in found.items():
            assert each.value > confidence - 4 * (confidence * (1 - confidence) / 200) ** 0.5, name
        assert confidence > 0.9 or found["p"].value < 0.75


def test_false_verdicts_are_exact_sums():
    """At the border, over sizes 10 to 40: the mean of binomial sums."""
    sums = [
        sum(binom.pmf(k, n, 0.5) for k in range(n + 1) if judge.side(interval(k, n, 0.8)) == "below")
        for n in range(10, 41)
    ]
    found = judge_draws.false_verdicts(2, 1500, 40, 0.8)["at the border"]
    assert abs(found.value - np.mean(sums)) < 4 * (0.1 * 0.9 / 1500) ** 0.5
    assert max(sums) <= 0.1


def test_calibration():
    found = judge_draws.calibration(3, 500, 60)
    for each in found.values():
        assert abs(each.value) < 4 * each.standard_error < 0.3
    assert judge_draws.calibration(3, 1, 10) == {"low": None, "high": None}


def test_the_committed_example(tmp_path):
    text = judge_draws.example_text(15)
    path = ROOT / "book" / "synthesis" / "example-labels.csv"
    assert path.read_text() == text
    found = read(path)
    assert found.classes == ("bad", "good")
    assert sum(map(sum, found.kept + found.dropped)) == judge_draws.EXAMPLE_ROWS
    assert found.scores
