"""How far a sweep is: a bar here, or a small file that the terminal of ``make run`` draws its bar from."""

import os
import sys
import time
from pathlib import Path

from tqdm.auto import tqdm

from lib.runs.files import read_json, write_json

STATE = {"total": int, "done": int, "failed": int, "note": str}


class Progress:
    """A bar of parts: done, failed, time left, and a note where there is something to know. With $BOOK_PROGRESS set, a file of
    that name instead of a bar; "off", nothing at all, as for a page of the book.

    Checked by tests/runs/test_sweep.py.
    """

    def __init__(self, total: int, done: int, shown: bool):
        self.failed, self.note = 0, ""
        place = os.environ.get("BOOK_PROGRESS", "")
        self.path, self.quiet = Path(place) if place not in ("", "off") else None, place != ""
        self.bar = tqdm(total=total, initial=done, unit="part", disable=not shown or self.quiet)
        self.total, self.done, self.written = total, done, 0.0
        self._write()

    def advance(self, failed: bool = False) -> None:
        """One part more is done, or has failed."""
        self.done, self.failed = self.done + 1, self.failed + failed
        self.bar.update()
        self.bar.set_postfix(failed=self.failed)
        if time.monotonic() - self.written > 0.2 or self.done == self.total:
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
            write_json(self.path, state)
        self.written = time.monotonic()


def follow(path: Path, stop, shown: bool) -> None:
    """Draw a bar from a progress file until the event ``stop`` is set; each sweep of a notebook has a bar of its own.

    ``shown`` False draws no bar, for an output that is no terminal; notes are printed all the same.
    Checked by tests/runs/test_sweep.py.
    """
    bar, note = None, ""
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
        if last:
            break
    if bar is not None:
        bar.close()
