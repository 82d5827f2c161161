"""Records of runs: every number a figure needs, with its provenance, written so that a kill loses nothing.

A run lives in ``runs/<profile>/<notebook>/<digest>/``. The digest covers the parameters and the source of ``lib``, so a
resumed run never mixes parts of two programs. Each finished part is a file of its own; ``record.json`` comes last.
"""

import hashlib
import json
import os
import platform
import subprocess
import time
from collections.abc import Callable, Mapping
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
    """Model name of the processor, or of the GPU where CUDA is in use by the caller's choice."""
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

    Checked by tests/test_records.py, also after a kill.
    """

    def __init__(self, notebook: str, parameters: Mapping[str, object], *, keep: bool = True):
        self.notebook, self.parameters, self.keep = notebook, dict(parameters), keep
        key = json.dumps([notebook, sorted(self.parameters.items()), source_digest()])
        digest = hashlib.sha256(key.encode()).hexdigest()[:12]
        self.folder = runs_folder() / str(self.parameters["profile"]) / notebook / digest
        self.seconds = 0.0

    def part(self, name: str, compute: Callable[[], object]) -> object:
        """The JSON value of part ``name``: from its file if an earlier try finished it, else from ``compute()``.

        Raises ValueError naming the file if a stored part is corrupt.
        """
        path = self.folder / "parts" / f"{name}.json"
        if self.keep and path.exists():
            stored = read_json(path)
        else:
            start = time.perf_counter()
            value = compute()
            stored = {"seconds": time.perf_counter() - start, "value": value}
            if self.keep:
                write_json(path, stored)
        self.seconds += stored["seconds"]
        return stored["value"]

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
