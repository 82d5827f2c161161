"""A runs folder on a disk that fills up in mid-sweep, and one that is read-only: a sentence that helps, and nothing lost."""

import os
import subprocess

import pytest

from lib.runs import Run, Task
from lib.runs.files import UnwritableError


def mount(*words):
    return subprocess.run(["mount", *words], capture_output=True).returncode == 0


@pytest.fixture
def disk(tmp_path, monkeypatch):
    """A disk of 128 kB of its own, with the runs folder on it."""
    place = tmp_path / "disk"
    place.mkdir()
    if not mount("-t", "tmpfs", "-o", "size=128k", "tmpfs", str(place)):
        pytest.skip("needs the right to mount a small disk, as root has")
    monkeypatch.setenv("BOOK_RUNS", str(place))
    monkeypatch.setenv("BOOK_PROGRESS", str(tmp_path / "progress.json"))
    monkeypatch.delenv("BOOK_WORKERS", raising=False)
    yield place
    subprocess.run(["umount", str(place)], check=True)


def sums(profile):
    blocks = [Task("rehearsal.block", seed=seed, n=60) for seed in range(12)]
    return Run("chapter/notebook", {"profile": profile}).parts([Task("rehearsal.total", blocks=[b]) for b in blocks])


def test_a_disk_that_fills_up(disk):
    """What was stored before stays as it was, no half file is left, and with room the same command does the rest."""
    with pytest.raises(
        UnwritableError, match=r"takes no file .*free space there, or point BOOK_RUNS at another folder"
    ):
        sums("paper")
    parts = disk / "paper/chapter/notebook/parts"
    kept = {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in parts.glob("*.json")}
    assert kept
    assert not list(disk.rglob("*.part*"))
    assert mount("-o", "remount,size=4m", str(disk))
    assert sums("paper") == sums("laptop")
    assert {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in kept} == kept


def test_a_read_only_disk(disk):
    """It is refused before anything is computed; finished parts can still be read with the disk writable again."""
    first = Run("chapter/notebook", {"profile": "paper"}).part(Task("rehearsal.draw", seed=1))
    assert mount("-o", "remount,ro", str(disk))
    with pytest.raises(UnwritableError, match="Read-only file system"):
        Run("chapter/notebook", {"profile": "paper"}).part(Task("rehearsal.pause", seed=1, seconds=60))
    assert mount("-o", "remount,rw", str(disk))
    assert Run("chapter/notebook", {"profile": "paper"}).part(Task("rehearsal.draw", seed=1)) == first
    assert os.access(disk, os.W_OK)
