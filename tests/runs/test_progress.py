"""lib.runs.progress: what a part that runs tells of itself, on a terminal, in a listing, and when it is over."""

import errno
import json
import threading
import time

import pytest

from lib.runs import PartsFailed, Run, Task, listing, progress, tasks, telling
from lib.runs.executors import Here
from lib.runs.store import INSIDE

KEY = "a" * 20
TOLD = {"name": "old", "done": 1, "total": 2, "unit": "steps", "left": None}


@pytest.fixture
def clock(monkeypatch):
    """Seconds that a test sets."""
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def store(runs, monkeypatch):
    """The store of a run, of which a part runs."""
    found = Run("chapter/notebook", {"profile": "paper"}).store
    monkeypatch.setattr(tasks, "_checkpoints", type("Var", (), {"get": staticmethod(lambda: found.checkpoints(KEY))}))
    return found


def test_what_is_told_stands_beside_the_checkpoint(store, clock):
    """With the time left by the pace since the first word: what an earlier run had done says nothing of it."""
    tell = telling("student")
    assert progress.inside(store, KEY) is None
    clock[0] = 100.0  # data were read: no step took these
    tell(600, 1000, "steps")
    assert progress.inside(store, KEY) == "student 600 of 1000 steps"
    clock[0] += 30.0
    tell(620, 1000, "steps")  # 1.5 s a step, 380 left
    assert progress.inside(store, KEY) == "student 620 of 1000 steps, 09:30 left"
    other = telling("tested")
    clock[0] += 10
    other(0, 50, "rows")
    assert progress.inside(store, KEY) == "tested 0 of 50 rows"


def test_each_count_has_a_pace_of_its_own(store, clock):
    """Rows, the same number of rows again, and steps, by one function."""
    tell = telling("preferred")
    for _ in range(2):
        for done in (0, 10, 20):
            tell(done, 1000, "rows")
            clock[0] += 10.0
        assert progress.inside(store, KEY) == "preferred 20 of 1000 rows, 16:20 left"
    for done in (400, 401):
        tell(done, 500, "steps")
        clock[0] += 5.0
    assert progress.inside(store, KEY) == "preferred 401 of 500 steps, 08:15 left"


def test_words_in_quick_succession_are_not_all_written(store, clock):
    tell = telling("student")
    tell(0, 10, "steps")
    for done in range(1, 9):
        clock[0] += 0.01
        tell(done, 10, "steps")
    assert progress.inside(store, KEY) == "student 0 of 10 steps"
    tell(10, 10, "steps")  # but the last is
    assert progress.inside(store, KEY).startswith("student 10 of 10 steps")


def test_a_disk_that_is_full_ends_no_training(store, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_text", full)
    telling("student")(0, 10, "steps")
    assert progress.inside(store, KEY) is None


def test_nobody_hears_a_part_that_keeps_nothing(runs):
    telling("student")(1, 2, "steps")
    assert [path.name for path in runs.rglob("*")] == []


@pytest.mark.parametrize("content", ['{"name": "student"}', "", "[]"])
def test_a_file_that_is_none_is_not_shown(store, content):
    path = store.checkpoints(KEY) / INSIDE
    path.parent.mkdir(parents=True)
    path.write_text(content)
    assert progress.inside(store, KEY) is None


@pytest.mark.parametrize(
    ("width", "words"),
    [
        (80, "one 1 of 2; two 2 of 3; three 3 of 4"),
        (35, "one 1 of 2; two 2 of 3; and 1 more"),
        (33, "one 1 of 2; and 2 more"),
        (9, ""),
    ],
)
def test_words_that_do_not_fit_are_left_out_whole(width, words):
    assert progress.line(["one 1 of 2", "two 2 of 3", "three 3 of 4"], width) == words
    assert progress.line([], width) == ""


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
    """Here, and in other processes, on a line of its own; and what a killed run left of another part is not shown."""
    monkeypatch.setenv("BOOK_WORKERS", workers)
    monkeypatch.setenv("COLUMNS", "80")
    left = Run("chapter/notebook", {"profile": "paper"}).store.checkpoints(KEY) / INSIDE
    left.parent.mkdir(parents=True)
    left.write_text(json.dumps(TOLD))
    walks = [Task("rehearsal.steps", seed=seed, total=30, seconds=0.1) for seed in range(2)]
    shown, _ = followed(runs, walks, capfd)
    lines = [line for line in shown.replace("\n", "\r").split("\r") if "walk" in line]
    assert all("part/s" not in line and len(line) < 80 for line in lines)
    assert any(" of 30 steps, 00:0" in line for line in lines)
    assert max(line.count("walk ") for line in lines) == int(workers)
    assert "old" not in shown
    assert [path for path in runs.rglob(INSIDE)] == [left]


def test_an_output_that_is_no_terminal_shows_nothing(runs, capfd):
    shown, _ = followed(runs, [Task("rehearsal.steps", seed=0, total=12, seconds=0.1)], capfd, shown=False)
    assert shown == ""


def test_a_part_that_fails_tells_no_more(runs, capfd):
    walks = [Task("rehearsal.steps", seed=0, total=2, seconds=0.0, refused=True)]
    _, caught = followed(runs, walks, capfd)
    assert "refused: the last step" in str(caught[0])
    assert not list(runs.rglob(INSIDE))


def test_a_part_that_begins_again_has_told_nothing(runs):
    """What a killed run left of it is gone when it is claimed, though a worker may begin with it later."""
    run, draw = Run("chapter/notebook", {"profile": "paper"}), Task("rehearsal.draw", seed=0)
    left, there = run.store.checkpoints(draw.key) / INSIDE, []
    left.parent.mkdir(parents=True)
    left.write_text(json.dumps(TOLD))

    class Watching(Here):
        def submit(self, key, order):
            there.append(left.exists())
            super().submit(key, order)

    run._executor = lambda missing: Watching()
    run.part(draw)
    assert there == [False]


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
    assert "  running: walk " in lines[0]
    assert lines[1] == "1 parts: 1 running"
    assert listing.parts("chapter/notebook", {"profile": "paper"})[1] == "1 parts: 1 done"
