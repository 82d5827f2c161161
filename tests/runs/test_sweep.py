"""lib.runs.sweep and Run in this process: order, needs, failures, resume after a kill, two runs at once."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest
import torch

from lib import seeds
from lib.paths import ROOT
from lib.runs import PartsFailed, Run, Task, clock
from lib.runs.files import UnwritableError
from lib.runs.sweep import with_needs


def paper(**parameters):
    return Run("chapter/notebook", {"profile": "paper", **parameters})


def stored(runs):
    return sorted((runs / "paper" / "chapter" / "notebook" / "parts").glob("*"))


def drawn(seed, n=3):
    return seeds.rng(seed, "rehearsal", "draw").normal(size=n).tolist()


def test_values_in_order_and_kept(runs):
    tasks = [Task("rehearsal.draw", seed=seed) for seed in (2, 1, 2)]
    assert paper().parts(tasks) == [drawn(2), drawn(1), drawn(2)]
    assert len(stored(runs)) == 2
    times = [path.stat().st_mtime_ns for path in stored(runs)]
    assert paper(seeds=5).parts(tasks) == [drawn(2), drawn(1), drawn(2)]  # found by key, whatever the run's parameters
    assert [path.stat().st_mtime_ns for path in stored(runs)] == times
    assert json.loads((runs / "progress.json").read_text()) == {
        "total": 2,
        "done": 2,
        "failed": 0,
        "note": "",
        "store": "paper/chapter/notebook",
    }


def test_a_quiet_run_keeps_its_parts_and_says_nothing(runs, monkeypatch, capfd):
    monkeypatch.setenv("BOOK_PROGRESS", "off")
    monkeypatch.setenv("BOOK_WORKERS", "1")
    assert Run("chapter/notebook", {"profile": "laptop"}).part(Task("rehearsal.draw", seed=1)) == drawn(1)
    assert len(list((runs / "laptop/chapter/notebook/parts").iterdir())) == 1
    assert capfd.readouterr() == ("", "")
    assert not (runs / "progress.json").exists()


def test_the_seconds_of_parts_that_lay_ready_count_as_work(runs, monkeypatch):
    """Once each, and only of these: what this process computes is in its age."""
    counted = []
    monkeypatch.setattr(clock, "found", counted.append)
    tasks = [Task("rehearsal.draw", seed=seed) for seed in (1, 2)]
    run = paper()
    run.parts(tasks)
    run.parts(tasks)
    assert counted == []
    for seconds, path in zip((1000.0, 2000.0), stored(runs), strict=True):
        path.write_text(json.dumps(json.loads(path.read_text()) | {"seconds": seconds}))
    again = paper()
    again.parts(tasks[:1])
    again.parts(tasks)
    assert sorted(counted) == [1000.0, 2000.0]


def test_what_was_found_is_added_to_the_age_of_the_process(monkeypatch):
    monkeypatch.setattr(clock, "_found", [0.0])
    age = clock.worked()
    clock.found(300.0)
    clock.found(700.0)
    assert clock.worked() - age >= 1000.0


def test_a_run_in_memory_leaves_no_files(runs):
    run = Run("chapter/notebook", {"profile": "laptop"})
    block = Task("rehearsal.block", seed=1, n=3)
    assert torch.equal(run.part(block)["x"], run.part(block)["x"])
    assert run.part(Task("rehearsal.total", blocks=[block])) == pytest.approx(run.part(block)["x"].sum().item())
    assert list(runs.iterdir()) == [runs / "progress.json"]


def test_make_run_keeps_parts_of_every_profile(runs, monkeypatch):
    monkeypatch.setenv("BOOK_WORKERS", "1")
    Run("chapter/notebook", {"profile": "laptop"}).part(Task("rehearsal.draw", seed=1))
    assert len(list(runs.glob("laptop/chapter/notebook/parts/*.json"))) == 1


def test_needs_are_computed_first_and_once(runs):
    blocks = [Task("rehearsal.block", seed=seed, n=2) for seed in (1, 2)]
    tasks = [Task("rehearsal.total", blocks=blocks, scale=scale) for scale in (1.0, 2.0)]
    run = paper()
    one, two = run.parts(tasks)
    assert two == pytest.approx(2 * one)
    assert len(with_needs(tasks)) == 4
    record = run.finish({"one": one})
    assert [row["function"] for row in record["parts"]] == [*["rehearsal.block"] * 2, *["rehearsal.total"] * 2]
    assert record["seconds"] == pytest.approx(sum(row["seconds"] for row in record["parts"]), abs=0.06)


def test_a_failing_part_stops_no_other(runs):
    tasks = [Task("rehearsal.draw", seed=1), Task("rehearsal.refuse", word="no"), Task("rehearsal.draw", seed=2)]
    with pytest.raises(PartsFailed) as caught:
        paper().parts(tasks)
    words = str(caught.value)
    assert "1 of 3 parts failed; the other 2 are kept" in words
    assert "rehearsal.refuse(word='no'): ValueError: refused: no" in words
    assert len(stored(runs)) == 2


def test_what_needs_a_failed_part_is_not_tried(runs):
    tasks = [Task("rehearsal.total", blocks=[Task("rehearsal.refuse", word="no")]), Task("rehearsal.draw", seed=1)]
    with pytest.raises(
        PartsFailed, match=r"2 of 3 parts failed.*\n(.*\n)*.*not tried, since a part that it needs failed"
    ):
        paper().parts(tasks)


def test_record_has_provenance_without_host_or_path(runs):
    run = paper(seed=1)
    run.part(Task("rehearsal.draw", seed=1))
    record = run.finish({"x": 1})
    text = next(runs.rglob("record.json")).read_text()
    assert json.loads(text) == record
    assert set(record["provenance"]) == {"revision", "python", "packages", "device", "cores", "date"}
    assert {"torchvision", "scikit-learn", "lightning-fabric", "distributed"} <= set(record["provenance"]["packages"])
    assert os.uname().nodename not in text
    assert str(ROOT) not in text


def test_an_unwritable_folder_says_so_before_anything_is_computed(runs):
    (runs / "paper").write_text("not a folder")
    with pytest.raises(UnwritableError, match="point BOOK_RUNS at another folder"):
        paper().part(Task("rehearsal.pause", seed=1, seconds=60))


PROGRAM = textwrap.dedent("""
    import sys
    from lib.runs import Run, Task
    log, seconds, count, *die = sys.argv[1:]
    run = Run("chapter/notebook", {"profile": "paper"})
    tasks = [Task("rehearsal.pause", seed=seed, seconds=float(seconds), log=log) for seed in range(int(count))]
    if die:
        tasks.insert(2, Task("rehearsal.two_steps", seed=9, marker=die[0]))
    run.finish(run.parts(tasks))
""")


def program(*words):
    return [sys.executable, "-c", PROGRAM, *map(str, words)]


def values(folder):
    return json.loads((folder / "paper/chapter/notebook/record.json").read_text())["values"]


def test_a_killed_run_resumes(runs):
    """Killed by its own third part: the two before are kept, the third goes on from its checkpoint."""
    words = (runs / "log", 0.0, 3, runs / "marker")
    killed = subprocess.run(program(*words), env=os.environ)
    assert killed.returncode == -signal.SIGKILL
    assert len(stored(runs)) == 2
    assert not list(runs.rglob("record.json"))
    subprocess.run(program(*words), env=os.environ, check=True)
    assert (runs / "log").read_text().split() == ["0", "1", "2"]  # nothing was computed twice
    assert values(runs) == [drawn(0), drawn(1), {"began": "second", "value": drawn(9)}, drawn(2)]
    assert not list((runs / "paper/chapter/notebook/checkpoints").iterdir())


def test_two_runs_at_once_share_the_work(runs):
    """Ten parts of 0.3 s by two runs: each part is computed once, by both together, and both end with the same record."""
    words = program(runs / "log", 0.3, 10)
    both = [subprocess.Popen(words, env=os.environ) for _ in range(2)]
    assert [process.wait(120) for process in both] == [0, 0]
    assert sorted((runs / "log").read_text().split(), key=int) == [str(seed) for seed in range(10)]
    assert values(runs) == [drawn(seed) for seed in range(10)]
    assert not list(runs.rglob("*.part*"))


def test_a_run_takes_over_from_one_that_was_killed(runs):
    """The second run waits for the part that the first holds; the first is killed in it, and the second computes it."""
    words = program(runs / "log", 3, 1)
    holder = subprocess.Popen(words, env=os.environ)
    claims = runs / "paper/chapter/notebook/claims"
    deadline = time.monotonic() + 60
    while not (claims.exists() and list(claims.iterdir())) and time.monotonic() < deadline:
        time.sleep(0.02)
    waiting = subprocess.Popen(words, env=os.environ)
    holder.kill()
    holder.wait()
    assert not (runs / "log").exists()
    assert waiting.wait(120) == 0
    assert (runs / "log").read_text() == "0\n"
    assert values(runs) == [drawn(0)]
