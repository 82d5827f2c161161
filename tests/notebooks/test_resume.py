"""A paper run that is killed in the middle resumes, and ends with the numbers of a run that was not."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil

from lib.paths import ROOT
from lib.runs.files import read_json

NOTEBOOK = "beyond-collapse/03-finite-samples"
SMALL = {"synthetic": 40000, "largest": 2000, "logistic_largest": 400, "size_count": 4, "repeats": 4, "seed": 11}
PATIENCE = 120  # seconds until a run that makes no progress is given up; a limit, not a measurement


def command() -> list[str]:
    changes = [word for name, value in SMALL.items() for word in ("-p", name, str(value))]
    return [sys.executable, "-m", "lib.rerun", NOTEBOOK, "--profile", "paper", *changes]


def parts(folder: Path) -> list[Path]:
    return sorted(folder.rglob("parts/*.json"))


def record(folder: Path) -> dict:
    (path,) = folder.rglob("record.json")
    return read_json(path)


def test_kill_and_resume(tmp_path):
    broken, whole = tmp_path / "broken", tmp_path / "whole"
    environment = {**os.environ, "BOOK_THREADS": "1", "OMP_NUM_THREADS": "1"}
    subprocess.run(command(), cwd=ROOT, env={**environment, "BOOK_RUNS": str(whole)}, check=True)
    running = subprocess.Popen(
        command(), cwd=ROOT, env={**environment, "BOOK_RUNS": str(broken)}, start_new_session=True
    )
    deadline = time.monotonic() + PATIENCE
    while len(parts(broken)) < 2 and time.monotonic() < deadline and running.poll() is None:
        time.sleep(0.02)
    # the kernel has a session of its own
    for process in [
        *psutil.Process(running.pid).children(recursive=True),
        running,
    ]:
        process.send_signal(signal.SIGKILL)
    running.wait()
    finished = {path.name: path.stat().st_mtime_ns for path in parts(broken)}
    assert 2 <= len(finished) < len(parts(whole))
    assert not list(broken.rglob("record.json"))

    subprocess.run(command(), cwd=ROOT, env={**environment, "BOOK_RUNS": str(broken)}, check=True)
    kept = {path.name: path.stat().st_mtime_ns for path in parts(broken)}
    assert finished.items() <= kept.items()  # nothing that was finished is computed again
    assert list(kept) == [path.name for path in parts(whole)]
    assert record(broken)["values"] == record(whole)["values"]
