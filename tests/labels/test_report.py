"""lib.labels.report and curve: the words follow the counts, and what a reader brings is no markup."""

import pytest

from lib.labels import curve, report
from lib.theory import judge, judge_size

STATED = report.settings(n=100, m=1000, dimension=100, mu_norm=1.0, gamma=1.0, confidence=0.95)


def reported(kept, dropped, scores=(), stated=STATED, classes=None):
    names = classes or tuple("abcdef"[: len(kept)])
    labels = {"classes": names, "kept": kept, "dropped": dropped, "scores": list(scores), "notes": ("a note",)}
    return report.report("mine.csv", labels, stated)


@pytest.mark.parametrize(
    ("kept", "verdict", "words"),
    [
        ([[80, 10], [10, 70]], "below", "Helps: below the breakdown point."),
        ([[10, 80], [70, 10]], "above", "Harms: above the breakdown point."),
        ([[6, 4], [3, 6]], "undecided", "Cannot say with so few rows."),
        ([[0, 0], [0, 0]], "nothing kept", "Nothing is kept"),
    ],
)
def test_the_headline_follows_the_counts(kept, verdict, words):
    found = reported(kept, [[5, 5], [5, 5]])
    assert found["verdict"] == verdict
    assert found["headline"].startswith(words)
    assert found["markdown"].startswith(f"### {found['headline']}")


def test_an_undecided_table_says_how_many_rows_more():
    more = judge_size.more(7, 19, 39, varies=True)  # the number of kept rows varies too
    assert judge.audit(12, 10, 7, 10).more_rows == more > judge_size.more(7, 19, 39)
    assert f"{more} more rows of this kind would decide" in reported([[6, 4], [3, 6]], [[5, 5], [5, 5]])["markdown"]
    assert "No number of rows" in reported([[6, 4], [6, 4]], [[5, 5], [5, 5]])["markdown"]


def test_three_classes_need_a_majority_each():
    """More than half of all kept labels are wrong, and every class is learnt; then one class is lost, and half are right."""
    spread = reported([[400, 300, 300], [300, 400, 300], [300, 300, 400]], [[1] * 3] * 3)
    assert spread["verdict"] == "below"
    lost = reported([[900, 1, 1], [1, 900, 1], [200, 1, 20]], [[1] * 3] * 3)
    assert lost["verdict"] == "above"
    assert "In “c” a wrong label is more frequent" in lost["markdown"]
    few = reported([[9, 1, 1], [1, 900, 1], [1, 1, 900]], [[1] * 3] * 3)
    assert few["verdict"] == "undecided"
    assert "“a” may lie on either side" in few["markdown"]
    assert "more rows of this kind" in few["markdown"]


def test_ridge_may_stand_on_the_other_side():
    """Below p*, and yet ridge on 500 real rows loses by the generated ones; the report says that the two differ."""
    many = report.settings(n=500, m=1000, dimension=100, mu_norm=1.0, gamma=0.01, confidence=0.95)
    text = reported([[80, 55], [52, 80]], [[5, 5], [5, 5]], stated=many)["markdown"]
    assert "the generated rows take" in text
    assert "not the side that the breakdown point names" in text
    none = report.settings(n=0, m=0, dimension=100, mu_norm=1.0, gamma=1.0, confidence=0.95)
    assert "nothing to train on" in reported([[80, 10], [10, 70]], [[5, 5], [5, 5]], stated=none)["markdown"]


def test_names_of_classes_are_no_markup():
    found = reported([[80, 10], [10, 70]], [[5, 5], [5, 5]], classes=("a|b", "<b>*x*"))
    assert "| a\\|b |" in found["markdown"]
    assert "\\<b\\>\\*x\\*" in found["markdown"]


def test_thresholds_as_text_and_curve():
    found = reported([[80, 10], [10, 70]], [[5, 5], [5, 5]], scores=[[0.1, 20, 30], [0.5, 90, 10], [0.9, 50, 0]])
    assert found["best"] == judge.best(found["points"])
    assert found["csv"].splitlines()[0] == ",".join(judge.Point._fields)
    assert found["csv"].count("\n") == 4
    drawn = curve.svg(found["points"], 0.2)
    assert drawn.count("<path") == 4
    assert curve.svg(found["points"][:1], 0.2) == ""


@pytest.mark.parametrize("ends", [(-1e308, 1e308), (0.0, 5e-324), (1.0, 1.0 + 2**-52), (-1.7e308, 3.0)])
def test_scores_without_a_curve_keep_their_verdict(ends):
    scores = [[ends[0], 10, 40], [ends[1], 100, 5]]
    found = reported([[80, 10], [10, 70]], [[5, 5], [5, 5]], scores=scores)
    assert found["verdict"] == "below"
    assert curve.svg(found["points"], 0.2) == curve.UNDRAWN


def test_settings_name_what_is_wrong():
    with pytest.raises(ValueError, match=r"confidence = 1.0 is outside \[0.5, 0.9999\]"):
        report.settings(n=1, m=1, dimension=1, mu_norm=1.0, gamma=1.0, confidence=1.0)
