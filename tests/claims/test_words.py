"""lib.claims.words: one claim for a reader."""

import pytest
from samples import small_book

from lib.claims import words


@pytest.fixture
def claims(monkeypatch):
    return small_book(monkeypatch)


def test_details_show_value_against_published(claims):
    text = words.details(claims["c/run-1.2"])
    line = "a share: **0.5123** ± 0.004 (published 0.5, tolerance 0.1). *Tolerance*, fixed before the run: two digits are printed"
    assert line in text
    assert "**It would need.** a week on eight GPUs" in words.details(claims["c/far"])
    assert "in preparation" in words.details(claims["c/new"])


def test_details_keep_the_condition_apart_from_the_verdict(claims):
    text = words.details(claims["c/under"])
    assert "**The condition.** large n" in text
    assert "**Evidence.** record at the paper's size; laptop run: holds only under a condition." in text
    assert text.count("In the record:") == 3


def test_details_show_roots_replies_and_late_tests(claims, monkeypatch):
    monkeypatch.setattr(words, "roots", lambda: {"alpha": {"words": "One factor too many."}})
    claims["c/run-1.2"] |= {"root": "alpha", "reply": "It is a typo.", "answer": "The figure has it too."}
    claims["c/run-1.2"]["tests"][0]["decided"] = "after a look"
    text = words.details(claims["c/run-1.2"])
    for each in (
        "alpha: One factor too many.",
        "could reply.** It is a typo.",
        "answer.** The figure has it too.",
        "after a look at",
    ):
        assert each in text


def test_a_count_stands_with_its_trials():
    test = {"kind": "equals", "published": 0, "tolerance": 0.5, "quantity": "exceptions"}
    assert words.result(test, (12345.0, 0.0, 20000)) == "exceptions: **12345** of 20000 (published 0, tolerance 0.5)"
    assert words.result(test, [0.0, 0.0, 2000]) == "exceptions: **0** of 2000 (published 0, tolerance 0.5)"
    assert words.brief(test, [3.0, 0.0, 2000]) == "**3** of 2000; claimed: 0 ± 0.5"


@pytest.mark.parametrize(
    ("kind", "claimed"), [("equals", "0.5 ± 0.1"), ("above", "at least 0.4"), ("below", "at most 0.6")]
)
def test_border(kind, claimed):
    test = {"kind": kind, "published": 0.5, "tolerance": 0.1}
    assert words.brief(test, [0.7, 0.0]) == f"**0.7**; claimed: {claimed}"


@pytest.mark.parametrize(
    ("measured", "text"),
    [
        ((0.005527, 0.004129), "0.0055 ± 0.0041"),
        ((12.345, 1.94), "12.3 ± 1.9"),
        ((1234.5, 67.8), "1234 ± 68"),
        ((0.8054, 0.01338), "0.805 ± 0.013"),
        ((1.0, 1.3e-16), "1"),  # an error of rounding is none
        ((0.25, 0.0), "0.25"),
        ((2000.0, 0.0, 2000), "2000 of 2000"),
    ],
)
def test_rounded(measured, text):
    assert words.rounded(measured) == text
