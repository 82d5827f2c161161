"""lib.label_audit: estimates with honest intervals."""

import law
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


def test_nothing_to_count_is_said():
    """Nobody kept, or nobody wrong: no share, no nan."""
    nothing = estimate(["a"], ["a"], [False])
    assert nothing.verdict == "nothing kept"
    assert nothing.wrong_among_kept == nothing.psi == (None, 0.0, 1.0, 0)
    assert nothing.phi.value == 0


ORDINARY = {
    "lib.label_audit.interval": {"hits": 3, "of": 7, "confidence": 0.9},
    "lib.label_audit.estimate": {
        "label": ["a", "b", "a"],
        "generated": ["a", "a", "b"],
        "kept": [True, True, False],
        "confidence": 0.9,
    },
}


def test_the_law_has_every_function():
    assert law.missing(law.public_functions("lib.label_audit"), ORDINARY) == []


@pytest.mark.parametrize("value", law.HARD.values(), ids=law.HARD)
@pytest.mark.parametrize("name", ORDINARY)
def test_the_law_of_arguments(name, value):
    function = law.public_functions("lib.label_audit")[name]
    for place in law.places(ORDINARY[name]):
        law.check(function, ORDINARY[name], place, value)
