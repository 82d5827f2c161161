"""How far a sweep is, and how far its parts are: bars here, or small files that the terminal of ``make run`` draws them from."""

import contextlib
import os
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tqdm.auto import tqdm

from lib.paths import below, runs_folder
from lib.runs.files import NUMBER, UnwritableError, read_json, write_json
from lib.runs.store import INSIDE, Store
from lib.runs.tasks import checkpoint

STATE = {"total": int, "done": int, "failed": int, "note": str, "store": (str, None)}
PART = {"name": str, "done": int, "total": int, "unit": str, "left": (*NUMBER, None)}
OFTEN = 0.2  # seconds between two writes of a sweep
SELDOM = 1.0  # and of a part: a write on a slow disk must not be felt by a training


class Progress:
    """A bar of parts: done, failed, time left, and a note where there is something to know. With $BOOK_PROGRESS set, a file of
    that name instead of a bar; "off", nothing at all, as for a page of the book.

    ``store``: where the parts are kept; of a sweep that keeps nothing, None, no bar is shown here.
    Checked by tests/runs/test_sweep.py.
    """

    def __init__(self, total: int, done: int, store: Store | None):
        self.failed, self.note, self.store = 0, "", None if store is None else store.name
        place = os.environ.get("BOOK_PROGRESS", "")
        self.path, self.quiet = Path(place) if place not in ("", "off") else None, place != ""
        self.bar = tqdm(total=total, initial=done, unit="part", disable=store is None or self.quiet)
        self.total, self.done, self.written = total, done, 0.0
        self._write()

    def advance(self, failed: bool = False) -> None:
        """One part more is done, or has failed."""
        self.done, self.failed = self.done + 1, self.failed + failed
        self.bar.update()
        self.bar.set_postfix(failed=self.failed)
        if time.monotonic() - self.written > OFTEN or self.done == self.total:
            self._write()

    def say(self, note: str) -> None:
        """Tell the reader something, once as long as it stays the same; an empty note tells nothing."""
        if note != self.note:
            self.note = note
            if note and not self.quiet:
                tqdm.write(note, file=sys.stderr)
            self._write()

    def close(self) -> None:
        """End the bar."""
        self._write()
        self.bar.close()

    def _write(self) -> None:
        if self.path is not None:
            counts = {"total": self.total, "done": self.done, "failed": self.failed}
            write_json(self.path, {**counts, "note": self.note, "store": self.store})
        self.written = time.monotonic()


def telling(name: str) -> Callable[[int, int, str], None]:
    """Who is to be told how far the part that runs now is in what it does as ``name``, such as a training of hours: a function of
    what is done, of how much, and of the unit, such as "steps". :func:`follow` shows the last that was told.

    Nobody hears it where a run keeps nothing, nor from a worker with another runs folder. The time that is left is counted by the
    pace since the first word, or the first with this unit and this whole. Checked by tests/runs/test_progress.py.
    """
    state, written = checkpoint(name), -SELDOM
    counted, first, last, began = None, 0, 0, 0.0  # what is counted, from and to where, and since when

    def tell(done: int, total: int, unit: str) -> None:
        nonlocal written, counted, first, last, began
        now = time.monotonic()
        if counted != (total, unit) or done < last:  # another count says nothing of the time of this one
            counted, first, began = (total, unit), done, now
        last = done
        if state is not None and (now - written >= SELDOM or done == total):
            left = None if done == first else round((total - done) * (now - began) / (done - first), 1)
            told = {"name": name, "done": done, "total": total, "unit": unit, "left": left}
            with contextlib.suppress(UnwritableError):  # what a reader is shown ends no part; what it keeps may
                write_json(state.with_name(INSIDE), told)
            written = time.monotonic()

    return tell


def inside(store: Store, key: str) -> str | None:
    """What a part that runs told last, in words: "student 120 of 1187 steps, 35:12 left"; None if it told nothing.

    Checked by tests/runs/test_progress.py.
    """
    try:
        told = read_json(store.checkpoints(key) / INSIDE, PART)
    except ValueError:  # it told nothing, or has ended since
        return None
    left = "" if told["left"] is None else f", {tqdm.format_interval(told['left'])} left"
    return f"{told['name']} {told['done']} of {told['total']} {told['unit']}{left}"


def follow(path: Path, stop, shown: bool) -> None:
    """Draw a bar from a progress file until the event ``stop`` is set; each sweep of a notebook has a bar of its own.

    Below it stands what its parts tell (:func:`telling`). ``shown`` False draws no bar, for an output that is no terminal; notes
    are printed all the same. Checked by tests/runs/test_sweep.py and test_progress.py.
    """
    bar, note = None, ""
    # below papermill's bar and that of parts
    words = tqdm(bar_format="{desc}", disable=not shown, leave=False, position=2)
    while True:
        last = stop.wait(0.5)
        state = read_json(path, STATE) if path.exists() else None
        if state is not None:
            if bar is None or bar.total != state["total"] or bar.n > state["done"]:
                if bar is not None:
                    bar.close()
                bar = tqdm(total=state["total"], initial=state["done"], unit="part", disable=not shown, leave=False)
            if state["note"] not in ("", note):
                tqdm.write(state["note"], file=sys.stderr)
            note = state["note"]
            bar.update(state["done"] - bar.n)
            bar.set_postfix(failed=state["failed"])
            if shown:
                words.set_description_str(line(_told(state["store"]), shutil.get_terminal_size().columns - 1))
        if last:
            break
    words.close()
    if bar is not None:
        bar.close()


def line(told: list[str], width: int) -> str:
    """What parts told, on one line of at most ``width`` signs: as many as fit, each whole, and how many more there are.

    Checked by tests/runs/test_progress.py.
    """
    for shown in range(len(told), 0, -1):
        more = [f"and {len(told) - shown} more"] if shown < len(told) else []
        if len(words := "; ".join([*told[:shown], *more])) <= width:
            return words
    return ""


def _told(name: str | None) -> list[str]:
    """What those parts of a store told last that a run holds: what a killed one left is not shown."""
    if name is None:
        return []
    store = Store(below(runs_folder(), name))
    return [words for key in store.telling() if store.claimed(key) and (words := inside(store, key))]
