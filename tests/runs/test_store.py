"""lib.runs.store: atomic files, refusal of corrupt ones, claims that end with their holder."""

import fcntl
import os
import signal
import subprocess
import sys
import textwrap

import pytest
import torch

from lib.runs.files import UnwritableError
from lib.runs.store import Store
from lib.runs.tasks import Result

ONE = {"function": "rehearsal.draw", "arguments": {}, "key": "k1"}


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("BOOK_RUNS", str(tmp_path))
    return Store(tmp_path / "paper" / "chapter" / "notebook")


def test_json_comes_back(store):
    assert not store.has("k1")
    store.write(ONE, Result({"x": [0.1, None]}, 2.5))
    assert store.has("k1")
    assert store.read("k1") == ({"x": [0.1, None]}, 2.5)
    assert store.described("k1")["task"] == ONE
    assert store.name == "paper/chapter/notebook"


def test_tensors_come_back(store):
    value = {"x": torch.arange(5, dtype=torch.uint8), "y": torch.ones(2, 3)}
    store.write(ONE, Result(value, 1.0))
    found = store.read("k1")
    assert found.seconds == 1.0
    assert all(torch.equal(found.value[name], value[name]) for name in value)
    path = store.folder / "parts" / "k1.safetensors"
    path.write_bytes(path.read_bytes()[:-1] + b"\x07")
    with pytest.raises(ValueError, match=r"k1\.safetensors is corrupt"):
        store.read("k1")


@pytest.mark.parametrize(
    "text",
    [
        '{"seconds": 1, "val',
        "[]",
        "{}",
        "",
        "null",
        '{"task": [], "seconds": 1}',
        '{"task": {"key": "k1"}, "seconds": true}',
        '{"task": {"key": "k1"}, "seconds": 1}',  # no value
        '{"task": {"key": "k2"}, "seconds": 1, "value": 1}',  # another part
    ],
)
def test_a_corrupt_part_is_refused_by_name(store, text):
    store.write(ONE, Result(1, 1.0))
    (store.folder / "parts" / "k1.json").write_text(text)
    with pytest.raises(ValueError, match=r"k1\.json in .* is corrupt"):
        store.read("k1")


@pytest.mark.parametrize("key", ["../../../escape", "/tmp/escape", "", "..", "a/../b"])
def test_a_key_stays_in_its_folder(store, key):
    acts = [store.has, store.read, store.failure, store.claimed, lambda key: store.fail(key, "x")]
    acts += [lambda key: store.write(ONE | {"key": key}, Result(1, 1.0)), lambda key: store.claim(key).__enter__()]
    for act in acts:
        with pytest.raises(ValueError, match=r"does not stay inside (parts|failures|claims)/"):
            act(key)


def test_failures_and_checkpoints_go_with_success(store):
    store.fail("k1", "ValueError: no")
    assert store.failure("k1") == "ValueError: no"
    state = store.folder / "checkpoints" / "k1" / "state.safetensors"
    state.parent.mkdir(parents=True)
    state.write_text("state")
    store.write(ONE, Result(1, 1.0))
    assert store.failure("k1") is None
    assert not state.exists()


def test_a_claim_is_for_one(store):
    with store.claim("k1") as mine, store.claim("k1") as yours, store.claim("k2") as another:
        assert (mine, yours, another) == (True, False, True)
        assert store.claimed("k1")
    assert not store.claimed("k1")
    with store.claim("k1") as again:
        assert again


def test_a_claim_whose_file_goes_between_opening_and_locking_is_for_one(store, monkeypatch):
    """The last holder removes the file as it ends: who had opened it must not hold a lock that nobody else can see."""
    lock, path = fcntl.flock, store.folder / "claims" / "k1"

    def late(file, how):
        monkeypatch.setattr(fcntl, "flock", lock)
        path.unlink()
        lock(file, how)

    monkeypatch.setattr(fcntl, "flock", late)
    with store.claim("k1") as mine, store.claim("k1") as yours:
        assert (mine, yours) == (True, False)


def test_a_claim_ends_with_its_process(store):
    program = textwrap.dedent(f"""
        import time
        from pathlib import Path
        from lib.runs.store import Store
        with Store(Path({str(store.folder)!r})).claim("k1") as mine:
            print(mine, flush=True)
            time.sleep(60)
    """)
    holder = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    with holder:
        assert holder.stdout.readline() == "True\n"
        with store.claim("k1") as mine:
            assert not mine
        assert store.claimed("k1")
        holder.send_signal(signal.SIGKILL)
    with store.claim("k1") as mine:
        assert mine


def test_a_folder_that_takes_nothing(tmp_path, monkeypatch):
    """A file stands where the folder should be: as root, which ignores permissions, this is how a folder is unwritable."""
    monkeypatch.setenv("BOOK_RUNS", str(tmp_path))
    (tmp_path / "paper").write_text("not a folder")
    store = Store(tmp_path / "paper" / "notebook")
    for act in (store.try_out, lambda: store.write(ONE, Result(1, 1.0)), lambda: store.fail("k1", "x")):
        with pytest.raises(UnwritableError, match=r"takes no file .* point BOOK_RUNS at another folder"):
            act()


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full on this system")
def test_a_full_disk_leaves_what_was_there(store, monkeypatch):
    """Every write meets ENOSPC from the kernel: the stored part stays, and no half file is left."""
    store.write(ONE, Result(1, 1.0))
    from pathlib import Path

    original = Path.write_text

    def full(self, text, *args, **kwargs):
        original(self, "", *args, **kwargs)
        with open("/dev/full", "w") as file:
            file.write(text)
        return len(text)

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(UnwritableError, match="No space left on device"):
        store.write(ONE | {"key": "k2"}, Result(2, 1.0))
    monkeypatch.undo()
    assert sorted(path.name for path in (store.folder / "parts").iterdir()) == ["k1.json"]
