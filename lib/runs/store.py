"""Files that a kill, a second run or a full disk cannot harm: JSON, and the parts of a run by key.

Everything is written beside its place and renamed. A part is claimed by a lock of the operating system, which is given back when
its holder ends, however it ends.
"""

import contextlib
import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from lib.paths import runs_folder
from lib.runs.tasks import Result, is_tensors


class UnwritableError(ValueError):
    """A runs folder that takes no files. The message says what to do."""


def write_json(path: Path, content: object) -> None:
    """Write ``content`` as JSON beside ``path`` and rename it into place, so that no reader sees half a file.

    Not-a-number is refused (ValueError): a record must be plain JSON, a gap is written as null.
    Checked by tests/runs/test_store.py.
    """
    text = json.dumps(content, indent=1, allow_nan=False) + "\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part{os.getpid()}")
    try:
        part.write_text(text)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def read_json(path: Path) -> object:
    """Read JSON; a corrupt file is refused by name (ValueError). Checked by tests/runs/test_store.py."""
    try:
        return json.loads(path.read_text())
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ValueError(f"{path.name} in {path.parent} is corrupt ({error}); remove it to compute it again") from error


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

        return Result(checkpoint.load(self._path(key, "safetensors"))[0], stored["seconds"])

    def described(self, key: str) -> dict:
        """A stored part's JSON: its task, its seconds and, unless it is tensors, its value. Raises ValueError as :meth:`read`."""
        stored = read_json(self._path(key))
        if not (isinstance(stored, dict) and {"task", "seconds"} <= set(stored)):
            raise ValueError(f"{key}.json in {self.folder / 'parts'} is corrupt; remove it to compute it again")
        return stored

    def write(self, described: dict, result: Result) -> None:
        """Store a finished part with its description, then forget its checkpoints and its failure.

        Raises UnwritableError if the folder takes no more.
        """
        key, content = described["key"], {"task": described, "seconds": result.seconds}
        with self._writing():
            if is_tensors(result.value):
                from lib.training import checkpoint  # heavy, for tensors only

                checkpoint.save(self._path(key, "safetensors"), result.value, {})
            else:
                content["value"] = result.value
            write_json(self._path(key), content)  # last, since it says that the part is there
        shutil.rmtree(self.folder / "checkpoints" / key, ignore_errors=True)
        self._failure(key).unlink(missing_ok=True)

    def fail(self, key: str, message: str) -> None:
        """Note why a part failed, for those who list the parts."""
        with self._writing():
            write_json(self._failure(key), message)

    def failure(self, key: str) -> str | None:
        """Why the last try of a part failed, or None."""
        path = self._failure(key)
        return read_json(path) if path.exists() else None

    @contextlib.contextmanager
    def claim(self, key: str) -> Iterator[bool]:
        """Hold a part while it is computed; False if another run holds it. The lock goes with the process that has it."""
        path = self.folder / "claims" / key
        with self._writing():
            path.parent.mkdir(parents=True, exist_ok=True)
            file = path.open("a")
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            yield True
            path.unlink(missing_ok=True)  # who waits for it looks for the part again, and finds it

    def claimed(self, key: str) -> bool:
        """Whether a run that is alive holds a part."""
        if not (self.folder / "claims" / key).exists():
            return False
        with self.claim(key) as free:
            return not free

    def try_out(self) -> None:
        """Raise UnwritableError unless a file can be written here."""
        with self._writing():
            write_json(self.folder / f"try{os.getpid()}.json", "x" * 4096)
            (self.folder / f"try{os.getpid()}.json").unlink()

    def _path(self, key: str, kind: str = "json") -> Path:
        return self.folder / "parts" / f"{key}.{kind}"

    def _failure(self, key: str) -> Path:
        return self.folder / "failures" / f"{key}.json"

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        from safetensors import SafetensorError  # what a full disk raises in there

        try:
            yield
        except (OSError, SafetensorError) as error:
            raise UnwritableError(
                f"the runs folder {self.folder} takes no file ({error}): free space there, or point BOOK_RUNS at another folder, "
                "and give the same command again; finished parts are kept"
            ) from error
