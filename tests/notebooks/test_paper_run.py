"""A paper run that is killed goes on where it was, and ends with the numbers of one that was not."""

import os
import signal
import subprocess
import sys
import time

from lib import records

NOTEBOOK = "usable-information/02-corrupt-restore-learn"
SMALL = {
    "dataset": "digits",
    "n_train": 200,
    "n_pairs": 40,
    "synthesizer_epochs": 3,
    "alphas": "0.25, 0.5",
    "epochs": 2,
}
SMALL |= {"seeds": 1, "bf16": "false", "workers": 1}


def start(folder):
    words = [word for name, value in SMALL.items() for word in ("-p", name, str(value))]
    command = [sys.executable, "-m", "lib.rerun", NOTEBOOK, "--profile", "paper", *words]
    return subprocess.Popen(command, env=os.environ | {"BOOK_RUNS": str(folder)}, start_new_session=True)


def parts(folder):
    return sorted(folder.glob(f"paper/{NOTEBOOK}/*/parts/*.json"))


def test_kill_and_resume(tmp_path):
    broken, whole = tmp_path / "broken", tmp_path / "whole"
    first = start(broken)
    try:
        deadline = time.monotonic() + 120
        while len(parts(broken)) < 3 and time.monotonic() < deadline:
            time.sleep(0.05)
        os.killpg(first.pid, signal.SIGKILL)  # papermill and its kernel
    finally:
        first.wait()
    finished = {path: path.stat().st_mtime_ns for path in parts(broken)}
    assert len(finished) >= 3
    assert not list(broken.glob("paper/**/record.json"))
    assert start(broken).wait() == 0
    assert start(whole).wait() == 0
    assert {path: path.stat().st_mtime_ns for path in finished} == finished  # nothing was computed twice
    (one,), (other,) = (list(folder.glob("paper/**/record.json")) for folder in (broken, whole))
    assert records.read_json(one)["values"] == records.read_json(other)["values"]
