"""A paper run that is killed goes on where it was, and ends with the numbers of one that was not.

Its parts are of both kinds: restored images, which are tensors, and readings of the learners that were trained on them.
"""

import os
import signal
import subprocess
import sys
import time

import psutil

from lib.runs.files import read_json

NOTEBOOK = "usable-information/02-corrupt-restore-learn"
SMALL = {
    "dataset": "digits",
    "n_train": 200,
    "n_pairs": 40,
    "synthesizer_epochs": 3,
    "alphas": "0.25, 0.5",
    "epochs": 2,
}
SMALL |= {"seeds": 1, "bf16": "false"}
PATIENCE = 120  # seconds until a run that makes no progress is given up; a limit, not a measurement


def start(folder):
    words = [word for name, value in SMALL.items() for word in ("-p", name, str(value))]
    command = [sys.executable, "-m", "lib.rerun", NOTEBOOK, "--profile", "paper", *words]
    return subprocess.Popen(command, env=os.environ | {"BOOK_RUNS": str(folder)}, start_new_session=True)


def parts(folder, ending="json"):
    return sorted(folder.glob(f"paper/{NOTEBOOK}/parts/*.{ending}"))


def kill(process):
    """Papermill and its kernel, which has a session of its own."""
    for each in [*psutil.Process(process.pid).children(recursive=True), process]:
        each.send_signal(signal.SIGKILL)
    process.wait()


def test_kill_and_resume(tmp_path):
    broken, whole = tmp_path / "broken", tmp_path / "whole"
    assert start(whole).wait() == 0
    first = start(broken)
    deadline = time.monotonic() + PATIENCE
    while len(parts(broken)) < 3 and time.monotonic() < deadline and first.poll() is None:
        time.sleep(0.02)
    kill(first)
    finished = {path: path.stat().st_mtime_ns for path in parts(broken)}
    assert 3 <= len(finished) < len(parts(whole))
    for path in list(finished):
        if (images := path.with_suffix(".safetensors")).exists():
            finished[images] = images.stat().st_mtime_ns
    assert not list(broken.glob("paper/**/record.json"))

    assert start(broken).wait() == 0
    assert {path: path.stat().st_mtime_ns for path in finished} == finished  # nothing was computed twice
    assert [path.name for path in parts(broken)] == [path.name for path in parts(whole)]
    assert len(parts(broken, "safetensors")) == 1  # the restored images
    (one,), (other,) = (list(folder.glob("paper/**/record.json")) for folder in (broken, whole))
    assert read_json(one)["values"] == read_json(other)["values"]
