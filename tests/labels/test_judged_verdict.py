"""lib.labels.verdict: what is said of more than two classes, of classes without rows, and of how many rows more decide."""

import re

import pytest

from lib.labels import report, verdict

STATED = report.settings(n=100, m=1000, dimension=100, mu_norm=1.0, gamma=1.0, confidence=0.95)
NONE = [[0] * 3] * 3


def reported(kept, dropped=NONE, scores=(), classes="abc"):
    labels = {"classes": tuple(classes), "kept": kept, "dropped": dropped, "scores": list(scores), "notes": ()}
    return report.report("mine.csv", labels, STATED)


def test_the_headline_of_more_classes_is_of_classes():
    """One class of few rows is lost while p lies far below p*: no word of the breakdown point."""
    lost = reported([[1000, 0, 0], [0, 1000, 0], [30, 0, 0]])
    assert lost["headline"] == "Harms: a class is lost."
    assert reported([[90, 1, 1], [1, 90, 1], [1, 1, 90]])["headline"] == "Helps: every class keeps its label."


def test_a_generated_label_that_is_never_true_is_no_class():
    dropped = [[0, 0, 50], [0, 0, 50], [0, 0, 0]]
    found = reported([[9000, 100, 0], [100, 9000, 0], [0, 0, 0]], dropped, classes=("yes", "no", "unsure"))
    assert found["verdict"] == "below"
    assert "“unsure”: generated, and never a true label, so no class to be learnt." in found["markdown"]
    table = found["parts"][[part[1] for part in found["parts"]].index("Classes") + 1]
    assert [row[0] for row in table[2]] == ["yes", "no"]


@pytest.mark.parametrize("last", [[0, 0, 0], [0, 0, 3]])
def test_a_class_of_which_nothing_is_kept(last):
    """It is said; and never that so many more rows of the same kind would decide, least of all 0."""
    kept = [[9000, 100, 0], [100, 9000, 0], [0, 0, 0]]
    found = reported(kept, [[0] * 3, [0] * 3, [20, *last[1:2], 500]])
    assert found["headline"] == "Cannot say: in a class nothing is kept."
    assert "Of “c” nothing is kept: no row teaches it." in found["markdown"]
    assert "more rows" not in found["markdown"]
    unsure = reported([[9, 7, 0], [100, 9000, 0], [0, 0, 0]], [[0] * 3, [0] * 3, [20, 0, 500]])
    assert unsure["headline"] == "Cannot say with so few rows."
    assert "More rows of this kind would not decide" in unsure["markdown"]
    two = reported([[90, 7], [0, 0]], [[0, 0], [0, 4]], classes="ab")
    assert "Of “b” nothing is kept" in two["markdown"]


def test_no_threshold_is_advised_for_more_than_two_classes():
    """The pooled p* is best where the class c has lost its right labels: 40 of them have a score of 0.4."""
    kept = [[300, 100, 0], [100, 300, 0], [10, 0, 40]]
    scores = [[0.4, 40, 0], [0.5, 0, 200], [0.9, 600, 10]]
    found = reported(kept, scores=scores)
    assert found["best"] is None
    assert "no threshold is advised" in found["markdown"]
    assert found["csv"].count("\n") == 4
    assert reported([[600, 0], [0, 40]], [[0] * 2] * 2, scores, "ab")["best"].threshold == 0.9


@pytest.mark.parametrize("score", [0.9999996, 12345678.0, 0.1 + 0.2, -1 / 3, 5e-324, 1.7976931348623157e308, 1e22])
def test_a_threshold_reads_back_as_itself(score):
    found = reported([[60, 40], [40, 60]], [[0] * 2] * 2, [[-1.7976931348623157e308, 0, 80], [score, 120, 0]], "ab")
    assert float(re.search(r"at least (\S+) are kept", found["markdown"])[1]) == score
    assert float(found["csv"].splitlines()[2].split(",")[0]) == score
    assert report.number(0.25) == "0.25"


def test_no_advice_of_nothing():
    """Of all small tables of three classes none is told that 0 rows would decide."""
    for a in range(4):
        for b in range(4):
            for c in range(4):
                texts = verdict.said("abc", [[a, b, 0], [0, 9, c], [0, 0, b]], [[0, 0, 0], [0, 0, 0], [0, 0, c]], 0.95)
                assert not [text for text in texts["texts"] if " 0 more rows" in text]
