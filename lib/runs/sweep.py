"""Carry out many parts: here, in local processes, or on a Dask scheduler; together with any other run of the same notebook.

Whoever runs a notebook claims a part, has it computed, stores it, and goes on to the next. Parts that another run holds are
waited for. Workers only compute: they get arguments and give back values, so they need no common disk. A part that fails
is noted and does not stop the others.
"""

import contextlib
import time
from collections.abc import Mapping, Sequence

from lib.paths import runs_folder
from lib.runs.executors import Executor
from lib.runs.progress import Progress
from lib.runs.store import Store
from lib.runs.tasks import Result, Task, order

POLL = 0.05  # seconds between two looks at parts that another run holds
QUIET = 5  # seconds of these looks until the reader is told


class PartsFailed(RuntimeError):
    """Some parts of a sweep failed. The message names them with their arguments; all others are kept."""


def sweep(
    tasks: Sequence[Task], store: Store | None, executor: Executor, known: Mapping[str, Result]
) -> dict[str, Result]:
    """Results of tasks by key; without a store also those of all that they need.

    ``store`` None keeps nothing; ``known``: results that are at hand already. With a store a value is read when a part needs it
    or it was asked for, and not held. Raises PartsFailed at the end if some failed,
    UnwritableError if the store takes no more, ConnectionError if the scheduler went away; what is stored by then stays.
    Checked by tests/runs/test_sweep.py.
    """
    return _Sweep(tasks, store, executor, known).run()


def with_needs(tasks: Sequence[Task]) -> dict[str, Task]:
    """Tasks and all that they need, each once, needed ones first. Checked by tests/runs/test_sweep.py."""
    found: dict[str, Task] = {}
    for task in tasks:
        if task.key not in found:
            found |= {key: each for key, each in with_needs(task.needs).items() if key not in found}
            found[task.key] = task
    return found


class _Sweep:
    def __init__(self, tasks: Sequence[Task], store: Store | None, executor: Executor, known: Mapping[str, Result]):
        self.store, self.executor = store, executor
        self.asked, self.wanted = [task.key for task in tasks], with_needs(tasks)
        self.memory = {key: known[key] for key in self.wanted if key in known}
        self.failures: dict[str, str] = {}
        self.claims: dict[str, contextlib.ExitStack] = {}
        self.waiting = [key for key in self.wanted if key not in self.memory]
        self.waiting = [key for key in self.waiting if store is None or not store.has(key)]
        self.done = set(self.wanted) - set(self.waiting)

    def run(self) -> dict[str, Result]:
        self.bar = Progress(len(self.wanted), len(self.done), self.store)
        busy = time.monotonic()
        try:
            while self.waiting or self.claims:
                self._drop_those_without_their_needs()
                self._submit()
                if self.claims:
                    for key, outcome in self.executor.wait():
                        self._finish(key, outcome)
                    self.bar.say(self.executor.note())
                    busy = time.monotonic()
                elif self.waiting:  # another run has them
                    time.sleep(POLL)
                    self._gather()
                    if time.monotonic() > busy + QUIET:
                        self.bar.say(
                            "another run of this notebook computes the parts that are left; this one waits for them"
                        )
        finally:
            self.executor.drop()
            for claim in self.claims.values():
                claim.close()
            self.bar.close()
        if self.failures:
            raise PartsFailed(self._complaint())
        return self.memory | {key: self._result(key) for key in self.asked}

    def _result(self, key: str) -> Result:
        return self.memory[key] if key in self.memory else self.store.read(key)

    def _gather(self) -> None:
        """Note what other runs have stored by now."""
        if self.store is not None:
            for key in [key for key in self.waiting if self.store.has(key)]:
                self._end(key)

    def _end(self, key: str, failure: str | None = None) -> None:
        """A part is done, or has failed."""
        if key in self.waiting:
            self.waiting.remove(key)
        if failure is None:
            self.done.add(key)
        else:
            self.failures[key] = failure
        self.bar.advance(failed=failure is not None)

    def _submit(self) -> None:
        """Claim and hand out parts that have all they need, as many as the workers can take."""
        for key in list(self.waiting):
            if len(self.claims) >= self.executor.capacity():
                return
            task = self.wanted[key]
            if not all(each.key in self.done for each in task.needs):
                continue
            claim = contextlib.ExitStack()
            if self.store is not None:
                if not claim.enter_context(self.store.claim(key)):
                    claim.close()
                    continue
                if self.store.has(key):  # by another run, since we looked
                    claim.close()
                    self._end(key)
                    continue
                self.store.quiet(key)
            self.waiting.remove(key)
            self.claims[key] = claim
            values = {each.key: self._result(each.key).value for each in task.needs}
            checkpoints = None if self.store is None else str(self.store.checkpoints(key).relative_to(runs_folder()))
            self.executor.submit(key, order(task, values, checkpoints))

    def _finish(self, key: str, outcome: Result | Exception) -> None:
        with self.claims.pop(key):
            if isinstance(outcome, Exception):
                message = f"{type(outcome).__name__}: {outcome}"
                if self.store is not None:
                    self.store.fail(key, message)
                self._end(key, message)
                return
            if self.store is None:
                self.memory[key] = outcome
            else:
                self.store.write(self.wanted[key].described(), outcome)
            self._end(key)

    def _drop_those_without_their_needs(self) -> None:
        for key in list(self.waiting):  # needed ones come first, so one pass is enough
            if any(each.key in self.failures for each in self.wanted[key].needs):
                self._end(key, "not tried, since a part that it needs failed")

    def _complaint(self) -> str:
        lines = [f"{self.wanted[key]}: {message}" for key, message in self.failures.items()]
        kept = (
            ""
            if self.store is None
            else f"; the other {len(self.done)} are kept, and the same command goes on from there"
        )
        return f"{len(lines)} of {len(self.wanted)} parts failed{kept}.\n" + "\n".join(lines[:10])
