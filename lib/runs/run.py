"""One run of a notebook: its parts, and the record that it ends with."""

import os
import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

from lib.paths import below, runs_folder
from lib.rules import RECORDED
from lib.runs import clock, notebooks, sweep
from lib.runs.executors import Executor, Here, Workers
from lib.runs.files import write_json, writing
from lib.runs.provenance import provenance
from lib.runs.store import Store
from lib.runs.tasks import Result, Task, Value
from lib.theory import checks

ADDRESS = re.compile(r"(tcp|tls)://[^/\s:]+:\d+")


class Run:
    """One run of a notebook.

    Parameters
    ----------
    notebook : str
        Such as "beyond-collapse/03-finite-samples".
    parameters : mapping
        Checked parameters, with ``profile`` among them (see :func:`lib.parameters.check`).

    Notes
    -----
    Parts are kept in ``runs/<profile>/<notebook>/`` when $BOOK_WORKERS is set, as ``make run`` and ``make test`` do, and by
    the profiles paper and reduced; other runs compute in memory. A part is found again by its key (:mod:`lib.runs.keys`), so a
    run that is killed, or repeated with more seeds, computes only what is missing, and never takes a part of other code,
    arguments or data for its own.
    $BOOK_WORKERS: empty or "1", this process; a number, so many local processes; an address, a Dask scheduler.
    Checked by tests/runs/test_sweep.py.
    """

    def __init__(self, notebook: str, parameters: Mapping[str, object]):
        self.notebook, self.parameters = notebook, dict(parameters)
        self.folder = below(runs_folder(), str(self.parameters["profile"]), notebook)
        self.workers = checked_workers(os.environ.get("BOOK_WORKERS", ""))
        keeps = bool(self.workers) or self.parameters["profile"] in RECORDED
        self.store = Store(self.folder) if keeps else None
        self._known: dict[str, Result] = {}
        self._made: dict[str, dict] = {}

    def part(self, task: Task) -> Value:
        """The value of one part. Raises as :meth:`parts`."""
        return self.parts([task])[0]

    def parts(self, tasks: Sequence[Task]) -> list[Value]:
        """The values of tasks, in their order; what they need is computed first.

        Raises PartsFailed if some failed, naming them with their arguments, after all others were computed; UnwritableError if
        the runs folder takes no file; ConnectionError without a scheduler. What was finished by then is kept.
        """
        tasks = list(tasks)
        needed = sweep.with_needs(tasks)
        self._plan(needed)
        lacking = {key for key in needed if self.store is None or not self.store.has(key)}
        executor = self._executor(len(lacking))
        try:
            results = sweep.sweep(tasks, self.store, executor, self._known)
        finally:
            if isinstance(executor, Workers):
                executor.close()
        if self.store is None:
            self._known |= results
        for key, task in needed.items():
            seconds = results[key].seconds if key in results else self.store.described(key)["seconds"]
            if key not in self._made and key not in lacking:
                clock.found(seconds)
            self._made[key] = task.described() | {"seconds": round(seconds, 3)}
        return [results[task.key].value for task in tasks]

    @property
    def seconds(self) -> float:
        """Seconds of all parts so far, each counted once, whenever and wherever they were computed."""
        return sum(made["seconds"] for made in self._made.values())

    def finish(
        self, values: object, device: str = "cpu", tensors: Mapping[str, object] | None = None
    ) -> dict[str, object]:
        """Write ``record.json``: values, parameters, parts with their keys, provenance and seconds; return the record.

        It goes to the folder of these parameters (:func:`lib.runs.notebooks.folder`). ``tensors`` by name, such as the weights of
        a small network, go to ``record.safetensors`` beside it, and their digest into the record. Raises UnwritableError as
        :meth:`parts`.
        """
        record = {
            "notebook": self.notebook,
            "complete": True,
            "parameters": self.parameters,
            "seconds": round(self.seconds, 1),
            "provenance": provenance(device),
            "parts": list(self._made.values()),
            "values": values,
        }
        if tensors:
            from lib.training import checkpoint  # heavy, for tensors only

            with writing(self._own_folder / "record.safetensors"):
                checkpoint.save(self._own_folder / "record.safetensors", tensors, {})
            record["tensors"] = checkpoint.digest(tensors)
        write_json(self._own_folder / "record.json", record)
        return record

    @cached_property
    def _own_folder(self) -> Path:
        """Where what this run alone has goes: its plan and its record."""
        return notebooks.folder(self.notebook, self.parameters)

    def _plan(self, needed: Mapping[str, Task]) -> None:
        """Note which parts this run has, for ``lib.rerun --parts``, in its own folder: other runs share the parts only."""
        if self.store is not None:
            self.store.try_out()
            rows = {key: made for key, made in self._made.items()} | {key: t.described() for key, t in needed.items()}
            write_json(self._own_folder / "plan.json", list(rows.values()))

    def _executor(self, missing: int) -> Executor:
        return Here() if missing == 0 or self.workers in ("", "1") else Workers(self.workers)


def checked_workers(workers: str) -> str:
    """$BOOK_WORKERS, if it is empty, a number of local processes or the address of a Dask scheduler.

    Raises ValueError for anything else. Checked by tests/runs/test_dask.py::test_bad_workers.
    """
    text = workers if isinstance(workers, str) else "?"
    number = int(text) if re.fullmatch(r"[0-9]{1,3}", text) else 0
    if text and not (1 <= number <= 256 or ADDRESS.fullmatch(text)):
        raise ValueError(
            f"BOOK_WORKERS = {checks.shown(workers)} is neither; allowed: a number from 1 to 256, or the address of a "
            "Dask scheduler, such as tcp://host:8786"
        )
    return workers
