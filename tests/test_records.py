"""lib.records: atomic files, resume after a kill, refusal of corrupt files, provenance."""

import json
import os
import signal
import subprocess
import sys
import textwrap

import pytest
import torch

from lib import records


@pytest.fixture
def runs(tmp_path, monkeypatch):
    monkeypatch.setenv("BOOK_RUNS", str(tmp_path))
    return tmp_path


def test_a_finished_part_is_not_computed_again(runs):
    calls = []
    for _ in range(2):
        run = records.Run("chapter/notebook", {"profile": "paper", "seed": 1})
        assert run.part("one", lambda: calls.append(1) or {"x": 0.1}) == {"x": 0.1}
    assert calls == [1]


def test_other_parameters_do_not_share_parts(runs):
    first = records.Run("chapter/notebook", {"profile": "paper", "seed": 1})
    second = records.Run("chapter/notebook", {"profile": "paper", "seed": 2})
    assert first.part("one", lambda: 1) == 1
    assert second.part("one", lambda: 2) == 2


def test_a_run_that_keeps_nothing_leaves_no_parts(runs):
    run = records.Run("chapter/notebook", {"profile": "laptop"}, keep=False)
    assert run.part("one", lambda: 1) == 1
    assert list(runs.rglob("*.json")) == []


def test_a_killed_run_resumes_to_the_same_record(runs):
    program = textwrap.dedent("""
        import os, signal, sys
        import numpy as np
        from lib import records
        run = records.Run("chapter/notebook", {"profile": "paper"})
        def draw(i):
            if i == 2 and "--die" in sys.argv:
                os.kill(os.getpid(), signal.SIGKILL)
            return np.random.default_rng(i).normal(size=3).tolist()
        run.finish([run.part(f"part-{i}", lambda: draw(i)) for i in range(4)])
    """)
    killed = subprocess.run([sys.executable, "-c", program, "--die"], env=os.environ)
    assert killed.returncode == -signal.SIGKILL
    assert len(list(runs.rglob("part-*.json"))) == 2
    assert not list(runs.rglob("record.json"))
    subprocess.run([sys.executable, "-c", program], env=os.environ, check=True)
    (resumed,) = runs.rglob("record.json")
    values = json.loads(resumed.read_text())["values"]
    for path in runs.rglob("*.json"):
        path.unlink()
    subprocess.run([sys.executable, "-c", program], env=os.environ, check=True)
    (straight,) = runs.rglob("record.json")
    assert json.loads(straight.read_text())["values"] == values


def test_a_corrupt_part_is_refused_by_name(runs):
    run = records.Run("chapter/notebook", {"profile": "paper"})
    run.part("one", lambda: 1)
    (path,) = runs.rglob("one.json")
    path.write_text('{"seconds": 1, "val')
    with pytest.raises(ValueError, match=r"one\.json in .* is corrupt"):
        run.part("one", lambda: 1)


def test_not_a_number_is_refused_and_nothing_is_left(runs):
    with pytest.raises(ValueError, match="Out of range float values"):
        records.write_json(runs / "x.json", {"x": float("nan")})
    assert list(runs.iterdir()) == []


def test_record_has_provenance_without_host_or_path(runs):
    run = records.Run("chapter/notebook", {"profile": "paper", "seed": 1})
    run.part("one", lambda: 1)
    record = run.finish({"x": 1})
    stored = next(runs.rglob("record.json")).read_text()
    assert json.loads(stored) == record
    assert set(record["provenance"]) == {"revision", "lib", "python", "packages", "device", "cores", "date"}
    assert os.uname().nodename not in stored
    assert str(records.ROOT) not in stored


def test_missing_reference_is_named():
    with pytest.raises(ValueError, match=r"no reference record data/reference/chapter/none\.json"):
        records.reference("chapter/none")


def test_parts_by_workers(runs):
    """Two processes store the parts that are missing; the values and seconds are those of one process."""
    run = records.Run("chapter/notebook", {"profile": "paper"})
    run.part("b", lambda: "stored")
    tasks = {"a": lambda: os.getpid(), "b": lambda: "computed", "c": lambda: os.getpid()}
    values = run.parts(tasks, workers=2)
    assert values["b"] == "stored"
    assert os.getpid() not in values.values()
    assert run.parts(tasks, workers=1) == values


def test_extent_finds_the_same_parts(runs):
    """A parameter that only says how many parts there are leaves the folder of the run; another one does not."""

    def folder(**changes):
        return records.Run(
            "chapter/notebook", {"profile": "paper", "n": 1, "seeds": 2} | changes, extent=["seeds"]
        ).folder

    assert folder() == folder(seeds=5)
    assert folder() != folder(n=2)


def test_tensors(runs):
    """Computed once, read back equal, refused by name when a byte changed; not kept by a run that keeps nothing."""
    run = records.Run("chapter/notebook", {"profile": "paper"})
    made = {"x": torch.arange(5)}
    assert torch.equal(run.tensors("set", lambda: made)["x"], made["x"])
    assert torch.equal(run.tensors("set", dict)["x"], made["x"])
    path = run.folder / "tensors" / "set.safetensors"
    path.write_bytes(path.read_bytes()[:-1] + b"\x07")
    with pytest.raises(ValueError, match=r"set\.safetensors is corrupt"):
        run.tensors("set", dict)
    loose = records.Run("chapter/notebook", {"profile": "laptop"}, keep=False)
    assert loose.tensors("set", lambda: made) is loose.tensors("set", dict) is made
    assert loose.checkpoint("a") is None
    assert not loose.folder.exists()


def test_checkpoint_goes_with_its_part(runs):
    run = records.Run("chapter/notebook", {"profile": "paper"})
    path = run.checkpoint("a")
    path.parent.mkdir(parents=True)
    paths = [path, run.checkpoint("a--learner"), run.checkpoint("ab"), run.checkpoint("set--learner")]
    for each in paths:
        each.write_text("state")
    run.part("a", lambda: 1)
    assert [each.exists() for each in paths] == [False, False, True, True]
    run.tensors("set", lambda: {"x": torch.zeros(1)})
    assert [each.exists() for each in paths] == [False, False, True, False]
