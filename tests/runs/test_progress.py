"""lib.runs.progress: what a part that runs tells of itself, on a terminal, in a listing, and when it is over."""

import json
import threading
import time

import pytest

from lib.runs import PartsFailed, Run, Task, listing, progress, tasks, telling

PLACE = "paper/chapter/notebook/checkpoints"


@pytest.fixture
def clock(monkeypatch):
    """Seconds that a test sets."""
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def part(runs, monkeypatch):
    """The folder of a part that runs."""
    folder = runs / PLACE / ("a" * 20)
    monkeypatch.setattr(tasks, "_checkpoints", type("Var", (), {"get": staticmethod(lambda: folder)}))
    return folder


def test_what_is_told_stands_beside_the_checkpoint(part, clock):
    """With the time left by the pace since the first word: what an earlier run had done says nothing of it."""
    tell = telling("student")
    assert progress.inside(part) is None
    clock[0] = 100.0  # data were read: no step took these
    tell(600, 1000, "steps")
    assert progress.inside(part) == "student: 600 of 1000 steps"
    clock[0] += 30.0
    tell(620, 1000, "steps")  # 1.5 s a step, 380 left
    assert progress.inside(part) == "student: 620 of 1000 steps, 09:30 left"
    other = telling("tested")
    clock[0] += 10
    other(0, 50, "rows")
    assert progress.inside(part) == "tested: 0 of 50 rows"


def test_words_in_quick_succession_are_not_all_written(part, clock):
    tell = telling("student")
    tell(0, 10, "steps")
    for done in range(1, 9):
        clock[0] += 0.001
        tell(done, 10, "steps")
    assert progress.inside(part) == "student: 0 of 10 steps"
    tell(10, 10, "steps")  # but the last is
    assert progress.inside(part).startswith("student: 10 of 10 steps")


def test_nobody_hears_a_part_that_keeps_nothing(runs):
    telling("student")(1, 2, "steps")
    assert [path.name for path in runs.rglob("*")] == []


def test_a_corrupt_file_is_named(part):
    part.mkdir(parents=True)
    (part / tasks.INSIDE).write_text('{"name": "student"}')
    with pytest.raises(ValueError, match=rf"^{tasks.INSIDE} in .* is corrupt \(the whole lacks done"):
        progress.inside(part)


def followed(runs, tasks_, capfd, shown=True):
    """What a terminal shows of a sweep, and what the sweep raised."""
    stop, caught = threading.Event(), []
    bar = threading.Thread(target=progress.follow, args=(runs / "progress.json", stop, shown))
    bar.start()
    try:
        Run("chapter/notebook", {"profile": "paper"}).parts(tasks_)
    except PartsFailed as error:
        caught.append(error)
    stop.set()
    bar.join()
    return capfd.readouterr().err, caught


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_terminal_shows_how_far_parts_are(runs, monkeypatch, capfd, workers):
    """Here, and in other processes: behind the bar of parts, while they run; and what a killed run left is not shown."""
    monkeypatch.setenv("BOOK_WORKERS", workers)
    left = runs / PLACE / ("b" * 20) / tasks.INSIDE
    left.parent.mkdir(parents=True)
    left.write_text(json.dumps({"name": "old", "done": 1, "total": 2, "unit": "steps", "left": None}))
    time.sleep(0.05)
    walks = [Task("rehearsal.steps", seed=seed, total=30, seconds=0.1) for seed in range(2)]
    shown, _ = followed(runs, walks, capfd)
    assert "failed=0; walk: " in shown
    assert " of 30 steps, 00:0" in shown
    assert max(line.count("; walk: ") for line in shown.split("\r")) == int(workers)
    assert "old" not in shown
    last = shown.split("\r")[-2:]
    assert not any("walk" in line for line in last)  # it is over
    assert not [path for path in runs.rglob(tasks.INSIDE) if path != left]


def test_an_output_that_is_no_terminal_shows_nothing(runs, capfd):
    shown, _ = followed(runs, [Task("rehearsal.steps", seed=0, total=12, seconds=0.1)], capfd, shown=False)
    assert shown == ""


def test_a_part_that_fails_tells_no_more(runs, capfd):
    walks = [Task("rehearsal.steps", seed=0, total=2, seconds=0.0, refused=True)]
    _, caught = followed(runs, walks, capfd)
    assert "refused: the last step" in str(caught[0])
    assert not list(runs.rglob(tasks.INSIDE))


def test_a_listing_says_how_far_a_running_part_is(runs):
    run = Run("chapter/notebook", {"profile": "paper"})
    walk = Task("rehearsal.steps", seed=0, total=40, seconds=0.1)
    other = threading.Thread(target=run.part, args=(walk,))
    other.start()
    deadline, lines = time.monotonic() + 60, []
    while not any(" left" in line for line in lines) and time.monotonic() < deadline:
        time.sleep(0.1)
        if (runs / "paper/chapter/notebook/plan.json").exists():
            lines = listing.parts("chapter/notebook", {"profile": "paper"})
    other.join()
    assert " of 40 steps, 00:0" in lines[0]
    assert "  running: walk: " in lines[0]
    assert lines[1] == "1 parts: 1 running"
    assert listing.parts("chapter/notebook", {"profile": "paper"})[1] == "1 parts: 1 done"
