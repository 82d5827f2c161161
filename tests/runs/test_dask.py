"""Sweeps over local processes and over a Dask scheduler: the same values as in one process, whatever dies on the way."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from typing import ClassVar

import psutil
import pytest

from lib import seeds
from lib.paths import ROOT
from lib.runs import PartsFailed, Run, Task, progress
from lib.runs.executors import Workers
from lib.runs.files import write_json
from lib.runs.run import checked_workers

PATIENCE = 120  # seconds until something that does not come is given up; a limit, not a measurement


def until(condition, what):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not come"
        time.sleep(0.05)


def dask(*words, log):
    with log.open("w") as file:
        return subprocess.Popen(
            [sys.executable, "-m", "dask", *words], cwd=ROOT, stdout=file, stderr=file, start_new_session=True
        )


@pytest.fixture
def scheduler(runs):
    """A scheduler and two workers, started as the README says; yields (address, processes)."""
    log = runs / "scheduler.log"
    processes = [dask("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", log=log)]
    until(lambda: re.search(r"tcp://127\.0\.0\.1:\d+", log.read_text()), "the scheduler")
    address = re.search(r"tcp://127\.0\.0\.1:\d+", log.read_text())[0]
    for k in range(2):
        words = ("worker", address, "--nthreads", "1", "--no-dashboard", "--local-directory", str(runs / f"space{k}"))
        processes.append(dask(*words, log=runs / f"worker{k}.log"))
    yield address, processes
    for process in processes:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def tasks(runs, count=6, seconds=0.0):
    pauses = [Task("rehearsal.pause", seed=seed, seconds=seconds, log=str(runs / "log")) for seed in range(count)]
    blocks = [Task("rehearsal.block", seed=seed, n=4) for seed in (1, 2)]
    return [*pauses, Task("rehearsal.total", blocks=blocks)]


def serial(tmp_path, monkeypatch, wanted):
    """Values of the same tasks in this process, without any store."""
    monkeypatch.delenv("BOOK_WORKERS", raising=False)
    return Run("chapter/serial", {"profile": "laptop"}).parts(wanted)


def run(monkeypatch, workers):
    monkeypatch.setenv("BOOK_WORKERS", workers)
    return Run("chapter/notebook", {"profile": "paper"})


def test_two_local_workers(runs, monkeypatch):
    wanted = [*tasks(runs), Task("rehearsal.refuse", word="no")]
    with pytest.raises(PartsFailed, match=r"1 of 10 parts failed; the other 9 are kept(.*\n)*.*refuse\(word='no'\)"):
        run(monkeypatch, "2").parts(wanted)
    found = run(monkeypatch, "2").parts(wanted[:-1])
    assert sorted((runs / "log").read_text().split()) == [str(seed) for seed in range(6)]
    assert found == serial(runs, monkeypatch, wanted[:-1])


def test_two_runs_with_workers_on_one_machine(runs, monkeypatch):
    """Each takes ports that are free: Dask's own one may be another run's, or another program's."""
    with contextlib.closing(socket.socket()) as other:
        with contextlib.suppress(OSError):  # somebody has it already, which is as good
            other.bind(("", 8787))
            other.listen()
        assert run(monkeypatch, "2").part(Task("rehearsal.draw", seed=1)) is not None


def test_a_worker_killed_in_mid_part(runs, monkeypatch):
    """The part kills its worker with signal 9 once: another worker takes it, from its checkpoint; nothing else is lost."""
    wanted = [*tasks(runs), Task("rehearsal.two_steps", seed=9, marker=str(runs / "marker"))]
    found = run(monkeypatch, "2").parts(wanted)
    assert (runs / "marker").exists()
    assert found.pop() == {"began": "second", "value": seeds.rng(9, "rehearsal", "draw").normal(size=3).tolist()}
    assert found == serial(runs, monkeypatch, wanted[:-1])


def test_a_scheduler_with_two_workers(runs, monkeypatch, scheduler):
    address, _ = scheduler
    wanted = tasks(runs)
    assert run(monkeypatch, address).parts(wanted) == serial(runs, monkeypatch, wanted)


def test_a_scheduler_that_goes_away(runs, monkeypatch, scheduler):
    """It is killed after some parts: the error says what to do, these parts stay, and the next run does the rest."""
    address, processes = scheduler
    monkeypatch.setenv("BOOK_WORKERS", address)
    program = (
        "import sys\nfrom lib.runs import Run, Task\n"
        "tasks = [Task('rehearsal.pause', seed=seed, seconds=0.5, log=sys.argv[1]) for seed in range(20)]\n"
        "run = Run('chapter/notebook', {'profile': 'paper'})\nrun.finish(run.parts(tasks))\n"
    )
    words = [sys.executable, "-c", program, str(runs / "log")]
    running = subprocess.Popen(words, env=os.environ, stderr=subprocess.PIPE, text=True)
    parts = runs / "paper/chapter/notebook/parts"
    until(lambda: parts.exists() and len(list(parts.glob("*.json"))) >= 2, "the second part")
    os.killpg(processes[0].pid, signal.SIGKILL)
    _, errors = running.communicate(timeout=PATIENCE)
    assert running.returncode == 1
    assert f"ConnectionError: the scheduler at {address} has gone away; start it and its workers again" in errors
    kept = {path.name: path.stat().st_mtime_ns for path in parts.glob("*.json")}
    assert 2 <= len(kept) < 20

    subprocess.run(words, env=os.environ | {"BOOK_WORKERS": "2"}, check=True)
    assert kept.items() <= {path.name: path.stat().st_mtime_ns for path in parts.glob("*.json")}.items()
    record = json.loads((runs / "paper/chapter/notebook/record.json").read_text())
    again = [Task("rehearsal.pause", seed=seed, seconds=0.0) for seed in range(20)]
    assert record["values"] == serial(runs, monkeypatch, again)


def test_no_scheduler(runs, monkeypatch):
    with pytest.raises(ConnectionError, match=r"no scheduler answers at tcp://127\.0\.0\.1:1; start one"):
        run(monkeypatch, "tcp://127.0.0.1:1").parts(tasks(runs))


@pytest.mark.parametrize("workers", ["0", "-1", "two", "1.5", "1000", "http://host", "²", "٢", "9" * 5000, None, 2])
def test_bad_workers(workers):
    with pytest.raises(ValueError, match=r"BOOK_WORKERS = .* allowed: a number from 1 to 256, or the address"):
        checked_workers(workers)


def test_two_clients_of_one_scheduler_name_their_orders_apart(monkeypatch):
    """Else the second would get the first one's outcome of a part, a failure for instance."""
    import distributed

    class Client:
        names: ClassVar[list] = []

        def __init__(self, *address, timeout):
            pass

        def submit(self, function, order, *, key, pure):
            self.names.append(key)

    monkeypatch.setattr(distributed, "Client", Client)
    for _ in range(10):
        Workers("tcp://127.0.0.1:1").submit("k1", None)
    assert len(set(Client.names)) == 10


def test_no_process_is_left(runs, monkeypatch):
    before = {process.pid for process in psutil.Process().children(recursive=True)}
    run(monkeypatch, "2").parts(tasks(runs))
    left = [
        p
        for p in psutil.Process().children(recursive=True)
        if p.pid not in before and "spawn_main" in " ".join(p.cmdline())
    ]
    assert left == []


def test_a_scheduler_without_workers(runs, monkeypatch, capfd):
    """The terminal says after some seconds that nothing is computed and what to do; with a worker the run goes on."""
    log = runs / "scheduler.log"
    processes = [dask("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", log=log)]
    until(lambda: re.search(r"tcp://127\.0\.0\.1:\d+", log.read_text()), "the scheduler")
    address = re.search(r"tcp://127\.0\.0\.1:\d+", log.read_text())[0]
    stop = threading.Event()
    terminal = threading.Thread(target=progress.follow, args=(runs / "progress.json", stop, False))
    said = []

    def help_out():
        until(lambda: "no worker" in (runs / "progress.json").read_text(), "the note")
        said.append(json.loads((runs / "progress.json").read_text())["note"])
        time.sleep(1)  # the terminal looks twice a second
        words = ("worker", address, "--nthreads", "1", "--no-dashboard", "--local-directory", str(runs / "space"))
        processes.append(dask(*words, log=runs / "worker.log"))

    write_json(runs / "progress.json", {"total": 1, "done": 0, "failed": 0, "note": ""})
    helper = threading.Thread(target=help_out)
    try:
        for thread in (terminal, helper):
            thread.start()
        wanted = tasks(runs, count=2)
        assert run(monkeypatch, address).parts(wanted) == serial(runs, monkeypatch, wanted)
    finally:
        stop.set()
        terminal.join()
        helper.join()
        for process in processes:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    sentence = f"no worker is connected to {address}, so nothing is computed: start one with `dask worker {address} --nthreads 1`"
    assert said[0].startswith(sentence)
    assert capfd.readouterr().err.count(sentence) == 1
