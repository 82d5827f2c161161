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
