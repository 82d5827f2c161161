"""How far a sweep is, and how far its parts are: bars here, or small files that the terminal of ``make run`` draws them from."""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tqdm.auto import tqdm

from lib.paths import below, runs_folder
from lib.runs.files import NUMBER, read_json, write_json
from lib.runs.tasks import INSIDE, checkpoint

STATE = {"total": int, "done": int, "failed": int, "note": str, "parts": (str, None)}
PART = {"name": str, "done": int, "total": int, "unit": str, "left": (*NUMBER, None)}
OFTEN = 0.2  # seconds between two writes


class Progress:
    """A bar of parts: done, failed, time left, and a note where there is something to know. With $BOOK_PROGRESS set, a file of
    that name instead of a bar; "off", nothing at all, as for a page of the book.

    ``parts``: the folder, below that of runs, where parts that run keep what they have, or None if nothing is kept, and no bar
    is shown. Checked by tests/runs/test_sweep.py.
    """

    def __init__(self, total: int, done: int, parts: str | None):
        self.failed, self.note, self.parts = 0, "", parts
        place = os.environ.get("BOOK_PROGRESS", "")
        self.path, self.quiet = Path(place) if place not in ("", "off") else None, place != ""
        self.bar = tqdm(total=total, initial=done, unit="part", disable=parts is None or self.quiet)
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
            state = {"total": self.total, "done": self.done, "failed": self.failed, "note": self.note}
            write_json(self.path, state | {"parts": self.parts})
        self.written = time.monotonic()


def telling(name: str) -> Callable[[int, int, str], None]:
    """Who is to be told how far the part that runs now is in what it does as ``name``, such as a training of hours: a function of
    what is done, of how much, and of the unit, such as "steps". :func:`follow` shows the last that was told.

    Nobody hears it where a run keeps nothing, nor from a worker on another machine. Checked by tests/runs/test_progress.py.
    """
    state = checkpoint(name)
    began, first, written = time.monotonic(), None, -OFTEN

    def tell(done: int, total: int, unit: str) -> None:
        nonlocal began, first, written
        now = time.monotonic()
        if first is None:  # what an earlier run had done says nothing of the time that the rest takes
            began, first = now, done
        if state is not None and (now - written >= OFTEN or done == total):
            left = None if done == first else round((total - done) * (now - began) / (done - first), 1)
            write_json(
                state.with_name(INSIDE), {"name": name, "done": done, "total": total, "unit": unit, "left": left}
            )
            written = now

    return tell


def inside(folder: Path) -> str | None:
    """What a part that runs told last, in words: "student: 120 of 1187 steps, 35:12 left"; None if it told nothing.

    ``folder`` is that of its checkpoints. Raises ValueError if the file is corrupt. Checked by tests/runs/test_progress.py.
    """
    path = folder / INSIDE
    if not path.exists():
        return None
    told = read_json(path, PART)
    left = "" if told["left"] is None else f", {tqdm.format_interval(told['left'])} left"
    return f"{told['name']}: {told['done']} of {told['total']} {told['unit']}{left}"


def follow(path: Path, stop, shown: bool) -> None:
    """Draw a bar from a progress file until the event ``stop`` is set; each sweep of a notebook has a bar of its own.

    Behind it stands what its parts tell (:func:`telling`). ``shown`` False draws no bar, for an output that is no terminal; notes
    are printed all the same. Checked by tests/runs/test_sweep.py and test_progress.py.
    """
    bar, note, since = None, "", time.time()
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
            told = _told(state["parts"], since) if shown and not last else []
            bar.set_postfix_str("; ".join([f"failed={state['failed']}", *told]), refresh=False)
            bar.update(state["done"] - bar.n)
            bar.refresh()
        if last:
            break
    if bar is not None:
        bar.close()


def _told(parts: str | None, since: float) -> list[str]:
    """What parts told after a moment, in seconds of the epoch; what a killed run left is older."""
    found = []
    for path in sorted(below(runs_folder(), parts).glob(f"*/{INSIDE}")) if parts else []:
        try:
            words = inside(path.parent) if path.stat().st_mtime > since else None
        except (FileNotFoundError, ValueError):  # the part has ended since it was found
            words = None
        found += [words] if words else []
    return found
