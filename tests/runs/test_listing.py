"""lib.runs.listing: each part of a run with its state."""

import json

import pytest

from lib.runs import PartsFailed, Run, Task, listing, notebooks


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
        lines = listing.parts("chapter/notebook", {"profile": "paper"})
    states = [line.split("  ")[1].split(" in ")[0] for line in lines[:-1]]
    assert states == ["done", "missing", "running", "of older code", "failed: ValueError: refused: no"]
    assert lines[0].endswith("rehearsal.draw(seed=0)")
    assert lines[-1].startswith("5 parts: 1 ")


def test_parts_of_the_run_that_is_asked_for(runs):
    """A trial with other parameters shares the parts' folder, and has a list of its own."""
    name = "beyond-collapse/01-phase-transition"
    plain = notebooks.own(name, "paper")
    trial = plain | {"seed": plain["seed"] + 1}
    for chosen, seeds in ((plain, (1, 2)), (trial, (2, 3))):
        run = Run(name, chosen)
        for seed in seeds:
            run.part(Task("rehearsal.draw", seed=seed))
    for chosen, seeds in ((plain, "12"), (trial, "23")):
        lines = listing.parts(name, chosen)
        assert [line[-2] for line in lines[:-1]] == list(seeds)
        assert lines[-1] == "2 parts: 2 done"
    with pytest.raises(ValueError, match="and these parameters has begun"):
        listing.parts(name, plain | {"seed": plain["seed"] + 2})


def test_no_run_yet(runs):
    with pytest.raises(ValueError, match="no run of chapter/other with profile 'paper' and these parameters"):
        listing.parts("chapter/other", {"profile": "paper"})


@pytest.mark.parametrize("content", ["{}", "[1]", "[{}]", '[{"function": 1, "arguments": {}, "key": "k"}]', ""])
def test_a_corrupt_plan_is_named(runs, content):
    folder = runs / "paper/chapter/notebook"
    folder.mkdir(parents=True)
    (folder / "plan.json").write_text(content)
    with pytest.raises(ValueError, match=r"^plan\.json in .* is corrupt \("):
        listing.parts("chapter/notebook", {"profile": "paper"})


def test_no_key_of_a_plan_and_no_name_leads_out(runs):
    Run("chapter/notebook", {"profile": "paper"}).part(Task("rehearsal.draw", seed=1))
    plan = runs / "paper/chapter/notebook/plan.json"
    rows = json.loads(plan.read_text())
    plan.write_text(json.dumps([rows[0] | {"key": "../../../../escape"}]))
    assert "of older code" in listing.parts("chapter/notebook", {"profile": "paper"})[0]
    for name, profile in (("../../escape", "paper"), ("chapter/notebook", "../..")):
        with pytest.raises(ValueError, match="does not stay inside"):
            listing.parts(name, {"profile": profile})
        with pytest.raises(ValueError, match="does not stay inside"):
            Run(name, {"profile": profile})
