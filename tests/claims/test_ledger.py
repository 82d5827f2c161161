"""lib.claims.ledger: what a closing cell prints and stores, and when a ledger has moved."""

import json
import subprocess
import sys
import time

import pytest
from samples import CONDITIONAL

from lib import claims
from lib.claims import ledger, table
from lib.statistics import Count, Estimate, exceptions


@pytest.fixture(autouse=True)
def one_claim(monkeypatch, tmp_path):
    monkeypatch.setenv("BOOK_RUNS", str(tmp_path))
    monkeypatch.setattr(table, "claims", lambda: {CONDITIONAL["id"]: CONDITIONAL})


def stored(folder):
    return json.loads((folder / "laptop/chapter/notebook/ledger.json").read_text())


MEASURED = {"chapter/claim": {"printed": Estimate(0.9, 0.01), "mended": (0.5, 0.0), "large": (0.5, 0)}}


def test_close_prints_id_and_verdict_only_and_stores_values(tmp_path, capsys):
    claims.close("chapter/notebook", MEASURED, profile="laptop", record=MEASURED, parameters={"seed": 3})
    assert capsys.readouterr().out.splitlines() == [
        "chapter/claim: reproduced with a correction",
        "chapter/claim: reproduced with a correction (record at the paper's size)",
    ]
    assert stored(tmp_path)["claims"]["chapter/claim"]["measured"]["printed"] == [0.9, 0.01]
    assert stored(tmp_path)["parameters"] == {"seed": 3}


def test_a_count_is_stored_with_its_trials(tmp_path):
    measured = MEASURED["chapter/claim"] | {"mended": Count(0, 0.0, 20), "large": exceptions([True, False])}
    claims.close("chapter/notebook", {"chapter/claim": measured}, profile="laptop")
    kept = stored(tmp_path)["claims"]["chapter/claim"]["measured"]
    assert kept == {"printed": [0.9, 0.01], "mended": [0.0, 0.0, 20], "large": [1.0, 0.0, 2]}


def test_exactly_the_notebooks_claims_must_be_measured():
    with pytest.raises(
        ValueError, match=r"measured claims of chapter/notebook = \[\]; allowed: exactly \['chapter/claim'\]"
    ):
        claims.close("chapter/notebook", {}, profile="laptop")


def test_seconds_count_from_the_start_of_the_process(tmp_path):
    """Also what ran before lib.claims was imported counts."""
    code = "import time; time.sleep(2); from lib import claims; claims.close('chapter/none', {}, profile='laptop')"
    start = time.monotonic()
    subprocess.run([sys.executable, "-c", code], check=True)
    wall = time.monotonic() - start
    seconds = json.loads((tmp_path / "laptop/chapter/none/ledger.json").read_text())["seconds"]
    assert 1.0 <= seconds <= wall + 1.1  # the system knows in whole seconds when it started


def stand(value, verdict="reproduced", **more):
    measured = {"printed": [value, 0.0], "mended": [0.5, 0.0], "large": [0.5, 0.0]}
    return {"claims": {CONDITIONAL["id"]: {"verdict": verdict, "measured": measured, **more}}}


def test_moved_sees_values_and_verdicts():
    assert ledger.moved(stand(0.5), stand(0.5 + 1e-7)) == []
    assert "moved by 0.01" in ledger.moved(stand(0.5), stand(0.51))[0]
    assert ledger.moved(stand(0.5), stand(0.5, "not reproduced")) == [
        "chapter/claim (this run): reproduced -> not reproduced"
    ]


def test_moved_sees_what_stands_in_one_ledger_only():
    assert ledger.moved(stand(0.5), {"claims": {}}) == ["claims ['chapter/claim'] stand in one ledger only"]
    record = stand(0.5)["claims"]["chapter/claim"]
    assert ledger.moved(stand(0.5), stand(0.5, record=record)) == ["chapter/claim (record) stands in one ledger only"]
    renamed = stand(0.5)
    renamed["claims"]["chapter/claim"]["measured"]["other"] = renamed["claims"]["chapter/claim"]["measured"].pop(
        "large"
    )
    assert ledger.moved(stand(0.5), renamed) == [
        "chapter/claim (this run): tests ['large', 'other'] stand in one ledger only"
    ]
