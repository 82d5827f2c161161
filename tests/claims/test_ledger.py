"""lib.claims.ledger: what a closing cell prints and stores, and when a ledger has moved."""

import json
import subprocess
import sys
import time

import pytest
from samples import CONDITIONAL

from lib import claims
from lib.claims import ledger, table
from lib.runs import notebooks
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


def test_a_record_below_the_papers_size_says_how_far_it_goes(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(table, "claims", lambda: {CONDITIONAL["id"]: CONDITIONAL | {"record": "two seeds"}})
    claims.close("chapter/notebook", MEASURED, profile="laptop", record=MEASURED)
    line = "reproduced with a correction (record: two seeds)"
    assert capsys.readouterr().out.splitlines()[1] == f"chapter/claim: {line}"
    assert ledger.verdicts(stored(tmp_path))[1] == ("chapter/claim", line)


def test_a_run_on_other_data_is_printed_as_an_observation(tmp_path, capsys, monkeypatch):
    """Its verdict and, apart, that of the record, which stands."""
    monkeypatch.setattr(table, "claims", lambda: {CONDITIONAL["id"]: CONDITIONAL | {"laptop": "8 x 8 digits"}})
    claims.close("chapter/notebook", MEASURED, profile="laptop", record=MEASURED)
    own = "reproduced with a correction (an observation: 8 x 8 digits)"
    lines = [f"chapter/claim: {own}", "chapter/claim: reproduced with a correction (record at the paper's size)"]
    assert capsys.readouterr().out.splitlines() == lines
    assert [f"{key}: {words}" for key, words in ledger.verdicts(stored(tmp_path))] == lines


@pytest.mark.parametrize(
    ("profile", "fields", "words"),
    [
        ("paper", {}, ""),
        ("paper", {"paper_profile": "a small model"}, " (an observation: a small model)"),
        ("laptop", {"paper_profile": "a small model"}, " (an observation: digits)"),
        ("reduced", {}, " (an observation: digits)"),
        ("reduced", {"record": "real data, two seeds"}, " (real data, two seeds)"),
        ("smoke", {"record": "real data, two seeds"}, " (an observation: digits)"),
    ],
)
def test_what_a_run_of_each_profile_is(profile, fields, words, monkeypatch):
    """The paper's profile may have the paper's data, or not; the reduced one is what the record is made of."""
    monkeypatch.setattr(table, "claims", lambda: {CONDITIONAL["id"]: CONDITIONAL | {"laptop": "digits"} | fields})
    row = {"verdict": "reproduced", "measured": {"printed": [0.9, 0.01]}}
    content = {"notebook": "chapter/notebook", "profile": profile, "claims": {"chapter/claim": row}}
    assert ledger.verdicts(content) == [("chapter/claim", f"reproduced{words}")]


@pytest.mark.parametrize("profile", ["laptop", "reduced", "paper"])
def test_what_a_claim_says_of_a_run_does_not_hold_for_parameters_of_one_s_own(profile, tmp_path, monkeypatch):
    """Neither that they are on the laptop's data nor, for the paper's profile, that they are on the claim's."""
    monkeypatch.setattr(
        table,
        "claims",
        lambda: {
            CONDITIONAL["id"]: CONDITIONAL
            | {"laptop": "8 x 8 digits", "record": "two seeds", "paper_profile": "a small model"}
        },
    )
    read = []

    def differing(notebook, chosen):
        read.append((notebook, chosen))
        return ["dataset"]

    monkeypatch.setattr(ledger.notebooks, "differing", differing)
    row = {"verdict": "reproduced", "measured": {"printed": [0.9, 0.01]}}
    content = {"notebook": "chapter/notebook", "profile": profile, "parameters": {"dataset": "mine"}}
    found = ledger.verdicts(content | {"claims": {"chapter/claim": row, "chapter/other": row}})
    assert found[0] == ("chapter/claim", "reproduced (an observation: parameters of this run's own)")
    assert read == [("chapter/notebook", {"dataset": "mine", "profile": profile})]  # once for all claims


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


def test_moved_sees_a_record_move_by_more_than_rounding():
    """No draw and no training stands between a committed record and its row: the tolerance of machines is not for it."""
    record = {
        value: stand(0.5, record=stand(value)["claims"][CONDITIONAL["id"]]) for value in (0.5, 0.5 + 5e-7, 0.5 + 1e-10)
    }
    assert ledger.moved(stand(0.5), stand(0.5 + 5e-7)) == []
    assert ledger.moved(record[0.5], record[0.5 + 5e-7]) == ["chapter/claim (record) printed: moved by 5e-07"]
    assert ledger.moved(record[0.5], record[0.5 + 1e-10]) == []


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


def changed(numbers):
    other = stand(0.5)
    other["claims"]["chapter/claim"]["measured"]["mended"] = numbers
    return other


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ([0.0, 0.0, 20], [0.0, 0.0, 30], "trials [20] -> [30]"),
        ([0.0, 0.0], [0.0, 0.0, 30], "trials [] -> [30]"),
        ([0.5, 0.01], [0.5, 0.02], "standard error moved by 0.01"),
        ([0.5, 0.01, 20], [0.6, 0.03, 21], "moved by 0.1, standard error moved by 0.02, trials [20] -> [21]"),
        ([0.5, 0.01], None, "measured in one ledger only"),
        (None, [0.5, 0.01], "measured in one ledger only"),
    ],
)
def test_moved_sees_every_number(before, after, words):
    assert ledger.moved(changed(before), changed(after)) == [f"chapter/claim (this run) mended: {words}"]
    assert ledger.moved(changed(before), changed(before)) == []


def test_what_cannot_be_measured_at_this_size(tmp_path, capsys):
    """It is printed in words, stored as null, and comes back."""
    measured = MEASURED["chapter/claim"] | {"printed": None}
    claims.close("chapter/notebook", {"chapter/claim": measured}, profile="laptop")
    line = "chapter/claim: undecided (printed: not measured at this size)"
    assert capsys.readouterr().out.splitlines() == [line]
    content = ledger.read(tmp_path / "laptop/chapter/notebook/ledger.json")
    assert content["claims"]["chapter/claim"]["measured"]["printed"] is None
    assert [": ".join(row) for row in ledger.verdicts(content)] == [line]


@pytest.mark.parametrize("content", ["[]", "{}", '{"claims": 3}', "", "null"])
def test_a_corrupt_ledger_is_named(tmp_path, monkeypatch, content):
    monkeypatch.setattr(ledger, "FOLDER", tmp_path)
    (tmp_path / "chapter").mkdir()
    (tmp_path / "chapter/notebook.json").write_text(content)
    with pytest.raises(ValueError, match=r"^notebook\.json in .*chapter is corrupt \("):
        ledger.committed("chapter/notebook")


@pytest.mark.parametrize("name", ["../../../escape", "/tmp/escape", ""])
def test_a_name_that_leads_out_is_refused(tmp_path, monkeypatch, name):
    monkeypatch.setattr(table, "claims", dict)
    with pytest.raises(ValueError, match="does not stay inside"):
        ledger.committed(name)
    for parameters in (None, {"profile": "laptop"}):
        with pytest.raises(ValueError, match="does not stay inside"):
            claims.close(name, {}, profile="laptop", parameters=parameters)
    with pytest.raises(ValueError, match="does not stay inside"):
        claims.close("chapter/notebook", {}, profile="../../escape")
    assert not list(tmp_path.rglob("*.json"))


def test_every_committed_ledger_can_be_read():
    paths = sorted(ledger.FOLDER.rglob("*.json"))
    assert paths
    for path in paths:
        assert ledger.verdicts(ledger.read(path))


def test_other_parameters_have_a_ledger_of_their_own(tmp_path, monkeypatch):
    name = "beyond-collapse/01-phase-transition"
    monkeypatch.setattr(table, "claims", dict)
    own = notebooks.own(name, "smoke")
    for chosen in (own, own | {"seed": 99}, own | {"seed": 98}):
        claims.close(name, {}, profile="smoke", parameters=chosen)
    seeds = {
        path.parent.name: json.loads(path.read_text())["parameters"]["seed"] for path in tmp_path.rglob("ledger.json")
    }
    assert seeds.pop("01-phase-transition") == own["seed"]
    assert sorted(seeds.values()) == [98, 99]
