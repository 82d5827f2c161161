"""lib.claims.verdict: tests decide, verdicts follow."""

import math

import law
import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import CONDITIONAL, claim, rule

from lib.claims import verdict
from lib.statistics import Count, Estimate


@pytest.mark.parametrize(
    ("kind", "value", "error", "outcome"),
    [
        ("equals", 0.55, 0.0, "holds"),
        ("equals", 0.65, 0.0, "fails"),
        ("equals", 0.55, 0.02, "undecided"),
        ("equals", 0.6, 0.0, "undecided"),  # on the border, to rounding
        ("above", 0.45, 0.0, "holds"),
        ("above", 0.3, 0.01, "fails"),
        ("above", 0.38, 0.01, "undecided"),
        ("below", 0.55, 0.0, "holds"),
        ("below", 0.9, 0.01, "fails"),
    ],
)
def test_judge(kind, value, error, outcome):
    assert verdict.judge(rule(kind), value, error) == outcome
    assert verdict.judge(rule(kind), *Estimate(value, error)) == outcome


@given(value=st.floats(-10, 10), error=st.floats(0, 1), kind=st.sampled_from(["equals", "above", "below"]))
def test_a_decision_needs_three_standard_errors(value, error, kind):
    test = rule(kind)
    decided = verdict.judge(test, value, error) != "undecided"
    assert decided == (abs(verdict.slack(test, value)) > max(1e-6, 3 * error))


@pytest.mark.parametrize(("value", "error"), [(math.nan, 0.0), (math.inf, 0.0), (0.5, -1.0), (0.5, math.nan)])
def test_undefined_values_are_refused(value, error):
    with pytest.raises(ValueError, match=r"is outside .*, of test 'value'; hand over None"):
        verdict.judge(rule(), value, error)


def test_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="kind = 'near' is not one of equals, above, below"):
        verdict.judge(rule("near"), 0.5, 0.0)


@pytest.mark.parametrize(
    ("printed", "mended", "large", "expected"),
    [
        (0.5, 0.5, 0.5, verdict.REPRODUCED),
        (0.9, 0.5, 0.9, verdict.CORRECTED),
        (0.9, 0.9, 0.5, "holds only under a condition"),
        (0.9, 0.9, 0.9, verdict.FAILED),
        (0.6, 0.5, 0.5, verdict.UNDECIDED),
        (0.9, 0.6, 0.6, verdict.FAILED),
    ],
)
def test_a_changed_value_changes_the_verdict(printed, mended, large, expected):
    measured = {"printed": (printed, 0.0), "mended": Estimate(mended, 0.0), "large": (large, 0.0)}
    assert verdict.verdict(CONDITIONAL, measured) == expected


@pytest.mark.parametrize(("found", "expected"), [(0, verdict.REPRODUCED), (1, verdict.FAILED), (5, verdict.FAILED)])
def test_one_exception_refutes_a_statement_about_every_case(found, expected):
    none = rule(published=0, tolerance=0.5, machine=0.4)
    assert verdict.verdict(claim(tests=[none]), {"value": Count(found, 0.0, 2000)}) == expected


def test_the_verdict_does_not_know_the_words():
    measured = {name: (0.9 if name != "large" else 0.5, 0.0) for name in ("printed", "mended", "large")}
    assert verdict.verdict(CONDITIONAL | {"condition": "other words"}, measured) == verdict.CONDITIONAL


def test_exactly_the_claims_tests_must_be_measured():
    with pytest.raises(ValueError, match=r"measured tests of chapter/claim = \['printed'\]; allowed: exactly"):
        verdict.verdict(CONDITIONAL, {"printed": (0.5, 0.0)})


def test_the_strongest_evidence_decides():
    """A record before the laptop run; a laptop run on other data decides nothing."""
    row = {"verdict": "not reproduced"}
    assert verdict.strongest(claim(), row) == ("not reproduced", "laptop")
    assert verdict.strongest(claim(laptop="digits"), row) == ("tried on other data only", "laptop")
    row["record"] = {"verdict": "reproduced"}
    for each in (claim(), claim(laptop="digits")):
        assert verdict.strongest(each, row) == ("reproduced", "record")


def test_a_drift_between_processors_counts_for_the_laptop_run_only():
    one = claim(tests=[rule("above", 0.1, 0, machine=0.01) | {"drift": 0.5}])
    assert verdict.verdict(one, {"value": (0.4, 0.05)}) == "undecided"
    assert verdict.verdict(one, {"value": (0.4, 0.05)}, record=True) == "reproduced"
    assert verdict.verdict(one, {"value": (0.7, 0.05)}) == "reproduced"


@pytest.mark.parametrize(
    ("printed", "mended", "large", "wanted"),
    [
        (None, (0.5, 0.0), (0.5, 0.0), verdict.UNDECIDED),
        ((0.5, 0.0), None, None, verdict.REPRODUCED),
        ((0.9, 0.0), (0.5, 0.0), None, verdict.CORRECTED),
        ((0.9, 0.0), None, (0.5, 0.0), verdict.CONDITIONAL),
        ((0.9, 0.0), None, (0.9, 0.0), verdict.UNDECIDED),
        ((0.9, 0.0), (0.9, 0.0), (0.9, 0.0), verdict.FAILED),
    ],
)
def test_what_cannot_be_measured_leaves_a_claim_undecided_where_it_would_decide(printed, mended, large, wanted):
    assert verdict.verdict(CONDITIONAL, {"printed": printed, "mended": mended, "large": large}) == wanted


@pytest.mark.parametrize("value", law.HARD.values(), ids=law.HARD)
def test_the_law_of_arguments(value):
    ordinary = {"test": rule("above"), "value": 0.7, "standard_error": 0.01}
    for argument in ("value", "standard_error"):
        law.check(verdict.judge, ordinary, argument, value)
    law.check(verdict.slack, {"test": rule("above"), "value": 0.7}, "value", value)
