"""lib.claims.state: verdict codes, evidence, and the number that a verdict turns on."""

import pytest
from samples import claim, rule, small_book

from lib.claims import state, verdict
from lib.paths import ROOT

LARGE = [0.9, 0.0]


@pytest.fixture
def claims(monkeypatch):
    return small_book(monkeypatch)


def test_every_verdict_has_a_code_of_its_own():
    words = {value for name, value in vars(verdict).items() if name.isupper() and isinstance(value, str)}
    assert set(state.CODES) == words
    assert len(set(state.CODES.values())) == len(words)


def test_a_chapter_without_a_notebook_is_no_paper():
    """Pages alone, as functions and references are, make no claims."""
    with_notebooks = {path.parent.name for path in (ROOT / "book").glob("*/*.ipynb")}
    assert set(state.papers()) == with_notebooks


def test_chapters_come_in_the_order_of_the_book():
    chapters = ["other", "reverse-bottleneck", "usable-information", "beyond-collapse", "random-matrices"]
    in_order = ["beyond-collapse", "random-matrices", "usable-information", "reverse-bottleneck", "other"]
    assert state.in_order([*chapters, "other"]) == in_order
    assert state.papers()["beyond-collapse"] == "Beyond model collapse"


def test_counts(claims):
    assert state.counts(claims.values()) == {
        "reproduced": 1,
        "holds only under a condition": 1,
        "out of reach here": 1,
        "not run yet": 1,
    }


def test_what_the_book_states_itself_speaks_for_no_paper(claims):
    before = state.counts(claims.values())
    claims["c/run-1.2"]["whose"] = "the book"
    assert sum(state.counts(claims.values()).values()) == sum(before.values()) - 1
    assert claims["c/run-1.2"] not in state.of_the_papers(claims.values())


def test_a_run_on_other_data_is_an_observation(claims):
    claims["c/run-1.2"]["laptop"] = "8 x 8 digits"
    found, row = state.state(claims["c/run-1.2"])
    assert found == "tried on other data only"
    assert state.evidence(claims["c/run-1.2"], row) == "on 8 x 8 digits: reproduced"


def test_a_record_says_how_far_it_goes(claims):
    under = claims["c/under"] | {"laptop": "8 x 8 digits", "record": "two seeds"}
    words = "record: two seeds; on 8 x 8 digits: holds only under a condition"
    assert state.evidence(under, state.state(under)[1]) == words


@pytest.mark.parametrize(
    ("values", "turns_on"),
    [
        ({"one": [0.5, 0.0], "two": [0.55, 0.0]}, "one"),
        ({"one": [0.5, 0.0], "two": [0.9, 0.0]}, "two"),  # the one that fails
        ({"one": [0.6, 0.1], "two": [0.5, 0.0]}, "one"),  # the one that is open
        ({"one": [0.6, 0.1], "two": [0.9, 0.0]}, "two"),  # a failure is stronger than an open one
    ],
)
def test_turning_point(values, turns_on):
    tests = [rule(name="one"), rule(name="two"), rule(name="mended", role="corrected")]
    row = {"verdict": "any", "measured": values | {"mended": [0.9, 0.0]}}
    test, value = state.turning_point(claim(tests=tests, correction="so"), row)
    assert (test["name"], value) == (turns_on, values[turns_on])


def test_turning_point_is_the_records_where_there_is_one():
    row = {
        "verdict": "any",
        "measured": {"value": [0.9, 0.0]},
        "record": {"verdict": "any", "measured": {"value": [0.5, 0.0]}},
    }
    assert state.turning_point(claim(), row)[1] == [0.5, 0.0]
    assert state.turning_point(claim(), None) is None


def test_what_cannot_be_measured_at_this_size_turns_nothing():
    tests = [rule(name="one"), rule(name="two")]
    row = {"verdict": "any", "measured": {"one": None, "two": [0.5, 0.0]}}
    assert state.turning_point(claim(tests=tests), row)[0]["name"] == "two"
    assert state.turning_point(claim(), {"verdict": "any", "measured": {"value": None}}) is None


def test_what_mends_a_claim_where_its_verdict_rests_on_it(claims):
    test, value = state.mended(claims["c/under"], state.state(claims["c/under"])[1])
    assert (test["name"], value) == ("large", [0.5, 0.0])
    assert state.mended(claims["c/run-1.2"], state.state(claims["c/run-1.2"])[1]) is None
    assert state.mended(claims["c/far"], None) is None
