"""lib.runs.listing: each part of a run with its state."""

import json

import pytest

from lib.runs import PartsFailed, Run, Task, listing


@pytest.fixture
def runs(tmp_path, monkeypatch):
    monkeypatch.setenv("BOOK_RUNS", str(tmp_path))
    monkeypatch.setenv("BOOK_PROGRESS", str(tmp_path / "progress.json"))
    return tmp_path


def test_every_state(runs):
    run = Run("chapter/notebook", {"profile": "paper"})
    draws = [Task("rehearsal.draw", seed=seed) for seed in range(4)]
    with pytest.raises(PartsFailed):
        run.parts([*draws, Task("rehearsal.refuse", word="no")])
    for path in (runs / "paper/chapter/notebook/parts").glob(f"{draws[1].key}*"):
        path.unlink()
    (runs / f"paper/chapter/notebook/parts/{draws[2].key}.json").unlink()
    plan = runs / "paper/chapter/notebook/plan.json"
    rows = json.loads(plan.read_text())
    rows[3]["key"] = "0" * 20
    plan.write_text(json.dumps(rows))
    with run.store.claim(draws[2].key):
        lines = listing.parts("chapter/notebook", "paper")
    states = [line.split("  ")[1].split(" in ")[0] for line in lines[:-1]]
    assert states == ["done", "missing", "running", "of older code", "failed: ValueError: refused: no"]
    assert lines[0].endswith("rehearsal.draw(seed=0)")
    assert lines[-1].startswith("5 parts: 1 ")


def test_no_run_yet(runs):
    with pytest.raises(ValueError, match="no run of chapter/other with profile 'paper' has begun"):
        listing.parts("chapter/other", "paper")


@pytest.mark.parametrize("content", ["{}", "[1]", "[{}]", '[{"function": 1, "arguments": {}, "key": "k"}]', ""])
def test_a_corrupt_plan_is_named(runs, content):
    folder = runs / "paper/chapter/notebook"
    folder.mkdir(parents=True)
    (folder / "plan.json").write_text(content)
    with pytest.raises(ValueError, match=r"^plan\.json in .* is corrupt \("):
        listing.parts("chapter/notebook", "paper")


def test_no_key_of_a_plan_and_no_name_leads_out(runs):
    Run("chapter/notebook", {"profile": "paper"}).part(Task("rehearsal.draw", seed=1))
    plan = runs / "paper/chapter/notebook/plan.json"
    rows = json.loads(plan.read_text())
    plan.write_text(json.dumps([rows[0] | {"key": "../../../../escape"}]))
    assert "of older code" in listing.parts("chapter/notebook", "paper")[0]
    for name, profile in (("../../escape", "paper"), ("chapter/notebook", "../..")):
        with pytest.raises(ValueError, match="does not stay inside"):
            listing.parts(name, profile)
        with pytest.raises(ValueError, match="does not stay inside"):
            Run(name, {"profile": profile})
