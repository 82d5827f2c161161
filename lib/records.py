"""Records of runs: every number a figure needs, with its provenance, written so that a kill loses nothing.

A run lives in ``runs/<profile>/<notebook>/<digest>/``. The digest covers the parameters and the source of ``lib``, so a
resumed run never mixes parts of two of these. It does not cover the notebook: who edits a cell that computes a part removes
the part. Each finished part is a file of its own; ``record.json`` comes last.
"""

import hashlib
import json
import os
import platform
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("torch", "numpy", "scipy")


def runs_folder() -> Path:
    """Where runs go: $BOOK_RUNS, else ``runs/`` of the repository (git-ignored)."""
    return Path(os.environ.get("BOOK_RUNS", ROOT / "runs"))


def write_json(path: Path, content: object) -> None:
    """Write ``content`` as JSON beside ``path`` and rename it into place, so that no reader sees half a file.

    Not-a-number is refused (ValueError): a record must be plain JSON, a gap is written as null.
    Checked by tests/test_records.py.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part{os.getpid()}")
    part.write_text(json.dumps(content, indent=1, allow_nan=False) + "\n")
    part.replace(path)


def read_json(path: Path) -> object:
    """Read JSON; a corrupt file is refused by name (ValueError). Checked by tests/test_records.py."""
    try:
        return json.loads(path.read_text())
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ValueError(f"{path.name} in {path.parent} is corrupt ({error}); remove it to compute it again") from error


def source_digest(root: Path = ROOT / "lib") -> str:
    """Hex digest of every Python file below ``root``: what the numbers of a run depend on, besides its parameters."""
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        digest.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def processor() -> str:
    """Model name of the processor."""
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def revision() -> str:
    """Git revision of the source, with ``+changes`` when the tree differs from it; "unknown" outside a checkout."""

    def git(*words: str) -> str:
        return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()

    try:
        return git("rev-parse", "HEAD") + ("+changes" if git("status", "--porcelain", "--", "lib", "book") else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def provenance(device: str = "cpu") -> dict[str, object]:
    """Where numbers come from: versions, revision, processor or GPU model, cores, date. No host name and no path."""
    gpu = None
    if device != "cpu":
        import torch  # heavy, and needed for the name of the GPU only

        gpu = torch.cuda.get_device_name(device)
    return {
        "revision": revision(),
        "lib": source_digest(),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES},
        "device": gpu or processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "date": datetime.now(UTC).date().isoformat(),
    }


class Run:
    """One run of a notebook: finished parts are kept, so that a killed run resumes where it was.

    Parameters
    ----------
    notebook : str
        Such as "beyond-collapse/03-finite-samples".
    parameters : mapping
        Checked parameters, with ``profile`` among them (see :func:`lib.parameters.check`).
    keep : bool
        Whether parts are stored. Short laptop runs set False and recompute.
    extent : sequence of str
        Parameters that say how many parts there are and change none of them, such as the number of seeds or of workers. A run
        with another value of these finds the parts of the last one.

    Notes
    -----
    Checked by tests/test_records.py, also after a kill.
    """

    def __init__(
        self, notebook: str, parameters: Mapping[str, object], *, keep: bool = True, extent: Sequence[str] = ()
    ):
        self.notebook, self.parameters, self.keep = notebook, dict(parameters), keep
        decisive = sorted((name, value) for name, value in self.parameters.items() if name not in extent)
        key = json.dumps([notebook, decisive, source_digest()])
        digest = hashlib.sha256(key.encode()).hexdigest()[:12]
        self.folder = runs_folder() / str(self.parameters["profile"]) / notebook / digest
        self.seconds = 0.0
        self._memory: dict[str, dict] = {}

    def part(self, name: str, compute: Callable[[], object]) -> object:
        """The JSON value of part ``name``: from its file if an earlier try finished it, else from ``compute()``.

        Raises ValueError naming the file if a stored part is corrupt.
        """
        path = self._path(name)
        if self.keep and path.exists():
            stored = read_json(path)
        else:
            start = time.perf_counter()
            value = compute()
            stored = {"seconds": time.perf_counter() - start, "value": value}
            if self.keep:
                write_json(path, stored)
                self._forget(name)
        self.seconds += stored["seconds"]
        return stored["value"]

    def parts(self, tasks: Mapping[str, Callable[[], object]], workers: int = 1) -> dict[str, object]:
        """The values of many parts by name; those not yet stored by ``workers`` processes of one thread each.

        More than one worker needs ``keep``, since the parts' files carry the values. A task must not depend on another.
        """
        if workers > 1 and self.keep:
            from joblib import Parallel, delayed  # a process pool; not needed by short runs

            missing = [name for name in tasks if not self._path(name).exists()]
            Parallel(workers)(delayed(self.part)(name, tasks[name]) for name in missing)
        return {name: self.part(name, compute) for name, compute in tasks.items()}

    def tensors(self, name: str, compute: Callable[[], dict]) -> dict:
        """Tensors by name, on the processor: from a file of the run if an earlier try finished them, else from ``compute()``.

        For data that later parts are made from; their seconds are not counted. A run that keeps nothing holds them in memory.
        Raises ValueError naming a corrupt file.
        """
        if not self.keep:
            if name not in self._memory:
                self._memory[name] = compute()
            return self._memory[name]
        from lib.training import checkpoint  # imports torch

        path = self.folder / "tensors" / f"{name}.safetensors"
        if path.exists():
            return checkpoint.load(path)[0]
        value = compute()
        checkpoint.save(path, value, {})
        self._forget(name)
        return value

    def checkpoint(self, name: str) -> Path | None:
        """Where the training of part ``name`` keeps its state, for :func:`lib.training.loop.train`; None if nothing is kept.

        Several trainings of one part have names that go on with two dashes, such as "name--learner". The files go when the
        part, or the tensors of that name, are stored.
        """
        return self.folder / "checkpoints" / f"{name}.safetensors" if self.keep else None

    def _forget(self, name: str) -> None:
        for pattern in (f"{name}.safetensors", f"{name}--*.safetensors"):
            for path in (self.folder / "checkpoints").glob(pattern):
                path.unlink()

    def _path(self, name: str) -> Path:
        return self.folder / "parts" / f"{name}.json"

    def finish(self, values: object, device: str = "cpu") -> dict[str, object]:
        """Write ``record.json``: values, parameters, provenance and the seconds spent on parts; return the record."""
        record = {
            "notebook": self.notebook,
            "complete": True,
            "parameters": self.parameters,
            "seconds": round(self.seconds, 1),
            "provenance": provenance(device),
            "values": values,
        }
        write_json(self.folder / "record.json", record)
        return record


def reference(notebook: str) -> dict[str, object]:
    """The committed record of ``notebook`` at the paper's size. Raises ValueError naming the file if it is absent."""
    path = ROOT / "data" / "reference" / f"{notebook}.json"
    if not path.exists():
        raise ValueError(f"no reference record {path.relative_to(ROOT)}; run the paper profile, then `make record`")
    return read_json(path)
