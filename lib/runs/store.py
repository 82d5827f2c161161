"""The parts of a run by key, in files that a kill, a second run or a full disk cannot harm (:mod:`lib.runs.files`).

A part is claimed by a lock of the operating system, which is given back when its holder ends, however it ends.
"""

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from lib.paths import below, runs_folder
from lib.runs.files import NUMBER, corrupt, read_json, write_json, writing
from lib.runs.tasks import Result, is_tensors

PART = {"task": {"key": str}, "seconds": NUMBER}
INSIDE = "inside.json"  # beside a part's checkpoints: how far it is, see lib.runs.progress


class Store:
    """The parts of one notebook, by key: ``KEY.json`` with task, seconds and value, ``KEY.safetensors`` with a value of tensors.

    Checked by tests/runs/test_store.py.
    """

    def __init__(self, folder: Path):
        self.folder = folder

    @property
    def name(self) -> str:
        """The folder's place below the runs folder."""
        return str(self.folder.relative_to(runs_folder()))

    def has(self, key: str) -> bool:
        """Whether a part is finished and stored."""
        return self._path(key).exists()

    def read(self, key: str) -> Result:
        """A stored part. Raises ValueError naming the file if it is corrupt."""
        stored = self.described(key)
        if "value" in stored:
            return Result(stored["value"], stored["seconds"])
        from lib.training import checkpoint  # heavy, for tensors only

        path = self._path(key, "safetensors")
        if not path.exists():
            raise corrupt(self._path(key), f"it has no value, and {path.name} is not there")
        return Result(checkpoint.load(path)[0], stored["seconds"])

    def described(self, key: str) -> dict:
        """A stored part's JSON: its task, its seconds and, unless it is tensors, its value. Raises ValueError as :meth:`read`."""
        stored = read_json(self._path(key), PART)
        if stored["task"]["key"] != key:
            raise corrupt(self._path(key), f"it is the part {stored['task']['key']!r}")
        return stored

    def write(self, described: dict, result: Result) -> None:
        """Store a finished part with its description, then forget its checkpoints and its failure.

        Raises UnwritableError if the folder takes no more.
        """
        key, content = described["key"], {"task": described, "seconds": result.seconds}
        with writing(self._path(key)):
            if is_tensors(result.value):
                from lib.training import checkpoint  # heavy, for tensors only

                checkpoint.save(self._path(key, "safetensors"), result.value, {})
            else:
                content["value"] = result.value
            write_json(self._path(key), content)  # last, since it says that the part is there
        shutil.rmtree(self.checkpoints(key), ignore_errors=True)
        self._failure(key).unlink(missing_ok=True)

    def fail(self, key: str, message: str) -> None:
        """Note why a part failed, for those who list the parts."""
        write_json(self._failure(key), message)
        self.quiet(key)

    def quiet(self, key: str) -> None:
        """Forget how far an earlier try of a part was."""
        with contextlib.suppress(OSError):  # it is shown to a reader only
            (self.checkpoints(key) / INSIDE).unlink(missing_ok=True)

    def telling(self) -> list[str]:
        """Keys of the parts that told how far they are, in their order."""
        return sorted(path.parent.name for path in self.folder.glob(f"checkpoints/*/{INSIDE}"))

    def checkpoints(self, key: str) -> Path:
        """The folder of a part's checkpoints."""
        return below(self.folder / "checkpoints", key)

    def failure(self, key: str) -> str | None:
        """Why the last try of a part failed, or None."""
        path = self._failure(key)
        return read_json(path, str) if path.exists() else None

    @contextlib.contextmanager
    def claim(self, key: str) -> Iterator[bool]:
        """Hold a part while it is computed; False if another run holds it. The lock goes with the process that has it."""
        path = below(self.folder / "claims", key)
        held = False
        while not held:
            with writing(path):
                path.parent.mkdir(parents=True, exist_ok=True)
                file = path.open("a")
            with file:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    yield False
                    return
                # a holder that ended since we opened the file has removed it: others would lock another one of this name
                held = _is(file, path)
                if held:
                    yield True
                    path.unlink(missing_ok=True)  # who waits for it looks for the part again, and finds it

    def claimed(self, key: str) -> bool:
        """Whether a run that is alive holds a part."""
        if not below(self.folder / "claims", key).exists():
            return False
        with self.claim(key) as free:
            return not free

    def try_out(self) -> None:
        """Raise UnwritableError unless a file can be written here."""
        path = self.folder / f"try{os.getpid()}.json"
        write_json(path, "x" * 4096)
        path.unlink()

    def _path(self, key: str, kind: str = "json") -> Path:
        return below(self.folder / "parts", key, ending=f".{kind}")

    def _failure(self, key: str) -> Path:
        return below(self.folder / "failures", key, ending=".json")


def _is(file: IO, path: Path) -> bool:
    """Whether an open file is still the one at a path."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False
