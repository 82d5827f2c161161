"""lib.ledger: tests decide, verdicts follow, a moved value is noticed."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib import ledger


def rule(kind="equals", published=0.5, tolerance=0.1, role="stated", name="value", machine=1e-6):
    return {"name": name, "as": role, "kind": kind, "published": published, "tolerance": tolerance,
            "machine_tolerance": machine, "quantity": "q", "reason": "r"}  # fmt: skip


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
    assert ledger.judge(rule(kind), value, error) == outcome


@given(value=st.floats(-10, 10), error=st.floats(0, 1), kind=st.sampled_from(["equals", "above", "below"]))
def test_a_decision_needs_three_standard_errors(value, error, kind):
    test = rule(kind)
    decided = ledger.judge(test, value, error) != "undecided"
    assert decided == (abs(ledger.slack(test, value)) > max(1e-6, 3 * error))


@pytest.mark.parametrize(("value", "error"), [(math.nan, 0.0), (math.inf, 0.0), (0.5, -1.0), (0.5, math.nan)])
def test_undefined_values_are_refused(value, error):
    with pytest.raises(ValueError, match="test 'value' is"):
        ledger.judge(rule(), value, error)


def test_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="kind = 'near' is not one of"):
        ledger.judge(rule("near"), 0.5, 0.0)


CLAIM = {
    "id": "chapter/claim",
    "notebook": "chapter/notebook",
    "condition": "large n",
    "tests": [rule(name="printed"), rule(name="mended", role="corrected"), rule(name="large", role="condition")],
}


@pytest.mark.parametrize(
    ("printed", "mended", "large", "verdict"),
    [
        (0.5, 0.5, 0.5, ledger.REPRODUCED),
        (0.9, 0.5, 0.9, ledger.CORRECTED),
        (0.9, 0.9, 0.5, "holds only under large n"),
        (0.9, 0.9, 0.9, ledger.FAILED),
        (0.6, 0.5, 0.5, ledger.UNDECIDED),
        (0.9, 0.6, 0.6, ledger.FAILED),
    ],
)
def test_a_changed_value_changes_the_verdict(printed, mended, large, verdict):
    measured = {"printed": (printed, 0.0), "mended": (mended, 0.0), "large": (large, 0.0)}
    assert ledger.verdict(CLAIM, measured) == verdict


def test_exactly_the_claims_tests_must_be_measured():
    with pytest.raises(ValueError, match=r"measured tests of chapter/claim = \['printed'\]; allowed: exactly"):
        ledger.verdict(CLAIM, {"printed": (0.5, 0.0)})


def test_close_prints_id_and_verdict_only_and_stores_values(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("BOOK_RUNS", str(tmp_path))
    monkeypatch.setattr(ledger, "claims", lambda: {CLAIM["id"]: CLAIM})
    measured = {"chapter/claim": {"printed": (0.9, 0.01), "mended": (0.5, 0.0), "large": (0.5, 0.0)}}
    ledger.close("chapter/notebook", measured, profile="laptop", record=measured)
    assert capsys.readouterr().out.splitlines() == [
        "chapter/claim: reproduced with a correction",
        "chapter/claim: reproduced with a correction (record at the paper's size)",
    ]
    stored = json.loads((tmp_path / "laptop/chapter/notebook/ledger.json").read_text())
    assert stored["claims"]["chapter/claim"]["measured"]["printed"] == [0.9, 0.01]
    with pytest.raises(ValueError, match=r"measured claims of chapter/notebook = \[\]"):
        ledger.close("chapter/notebook", {}, profile="laptop")


def test_moved_sees_values_and_verdicts(monkeypatch):
    monkeypatch.setattr(ledger, "claims", lambda: {CLAIM["id"]: CLAIM})

    def stand(value, verdict="reproduced"):
        measured = {"printed": [value, 0.0], "mended": [0.5, 0.0], "large": [0.5, 0.0]}
        return {"claims": {CLAIM["id"]: {"verdict": verdict, "measured": measured}}}

    assert ledger.moved(stand(0.5), stand(0.5 + 1e-7)) == []
    assert "moved by 0.01" in ledger.moved(stand(0.5), stand(0.51))[0]
    assert ledger.moved(stand(0.5), stand(0.5, "not reproduced")) == [
        "chapter/claim (this run): reproduced -> not reproduced"
    ]
    assert ledger.moved(stand(0.5), {"claims": {}})


def test_claims_file_is_complete():
    for claim in ledger.claims().values():
        assert set(claim) <= {"id", "where", "notebook", "statement", "tests", "correction", "condition", "needs"}
        assert claim["id"].split("/")[0] == claim["notebook"].split("/")[0]
        roles = {test["as"] for test in claim.get("tests", [])}
        assert roles <= {"stated", "corrected", "condition"}
        assert ("corrected" in roles) == ("correction" in claim)
        assert ("condition" in roles) == ("condition" in claim)
        for test in claim.get("tests", []):
            assert set(test) == {
                "name",
                "as",
                "quantity",
                "kind",
                "published",
                "tolerance",
                "reason",
                "machine_tolerance",
            }
            assert test["tolerance"] >= 0
            assert test["machine_tolerance"] > 0
            assert len(test["reason"]) > 8


def test_an_id_may_stand_only_once(tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    (tmp_path / "data/claims.yml").write_text("- {id: a/b, notebook: a/c}\n- {id: a/b, notebook: a/c}\n")
    monkeypatch.setattr(ledger, "ROOT", tmp_path)
    with pytest.raises(ValueError, match="id = 'a/b' appears twice"):
        ledger.claims()
