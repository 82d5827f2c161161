"""lib.runs.files: whole files or none, and the name of the file in every complaint."""

import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.paths import ROOT
from lib.runs.files import NUMBER, UnwritableError, corrupt, read_json, remove_leftovers, write_json, writing, wrong

SHAPE = {"name": str, "size": NUMBER, "flag?": bool, "parts": [{"key": str}], "tests": {...: ([NUMBER], None)}}
RIGHT = {"name": "a", "size": 1.5, "parts": [{"key": "k", "more": 1}], "tests": {"t": [1, 0.5], "u": None}, "other": []}


def test_not_a_number_is_refused_and_nothing_is_left(tmp_path):
    with pytest.raises(ValueError, match="Out of range float values"):
        write_json(tmp_path / "x.json", {"x": float("nan")})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"\xff", b"", b"{", b"[1", b"[" * 100_000, b"nonsense"])
def test_a_corrupt_file_is_named(tmp_path, content):
    (tmp_path / "x.json").write_bytes(content)
    with pytest.raises(ValueError, match=r"^x\.json in .* is corrupt \(.*\); remove it to compute it again$"):
        read_json(tmp_path / "x.json")


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    for path in (tmp_path, tmp_path / "none.json"):
        with pytest.raises(ValueError, match=rf"^{path} cannot be read \("):
            read_json(path)


def test_a_file_of_the_repository_is_restored():
    assert str(corrupt(ROOT / "data/ledger/x.json", "why")).endswith("restore it from git")


def test_the_right_shape_passes(tmp_path):
    assert wrong(RIGHT, SHAPE) is None
    write_json(tmp_path / "x.json", RIGHT)
    assert read_json(tmp_path / "x.json", SHAPE) == RIGHT


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": None}, "name is null, not a text"),
        ({"size": True}, "size is true or false, not a number"),
        ({"flag": 1}, "flag is a number, not true or false"),
        ({"parts": {}}, "parts is an object, not a list"),
        ({"parts": [{"key": "k"}, []]}, "parts[1] is a list, not an object"),
        ({"parts": [{}]}, "parts[0] lacks key"),
        ({"tests": {"t": [1, "a"]}}, "tests.t[1] is a text, not a number"),
        ({"tests": []}, "tests is a list, not an object"),
    ],
)
def test_another_shape_is_told_with_its_place(tmp_path, change, words):
    assert wrong(RIGHT | change, SHAPE) == words
    write_json(tmp_path / "x.json", RIGHT | change)
    with pytest.raises(ValueError, match=r"^x\.json in .* is corrupt"):
        read_json(tmp_path / "x.json", SHAPE)


@pytest.mark.parametrize("content", [[], {}, None, 3, "text", True, [RIGHT]])
def test_another_kind_is_refused(content):
    assert wrong(content, SHAPE).startswith("the whole ")


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*SHAPE, "key", "x"]), inner, max_size=5)
    ),
    max_leaves=10,
)


@given(anything)
def test_whatever_a_file_holds_there_is_an_answer(content):
    """A text or None, and never an error; what passes can be used as the shape says."""
    complaint = wrong(content, SHAPE)
    assert complaint is None or " " in complaint
    if complaint is None:
        assert all(isinstance(each["key"], str) for each in content["parts"])


def test_a_place_that_takes_no_file(tmp_path, monkeypatch):
    """The runs folder says what to do; another folder that the file is as it was. Other errors are left alone."""
    monkeypatch.setenv("BOOK_RUNS", str(tmp_path / "runs"))
    (tmp_path / "runs").write_text("no folder")
    with pytest.raises(
        UnwritableError, match=r"^the runs folder .*/runs takes no file \(it is a file\): .* point BOOK_RUNS at"
    ):
        write_json(tmp_path / "runs" / "a" / "x.json", 1)
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(UnwritableError, match=r"takes no file .*; x\.json is as it was$"):
        write_json(tmp_path / "file" / "x.json", 1)
    with pytest.raises(KeyError), writing(tmp_path):
        raise KeyError("a")


def test_leftovers_of_processes_that_are_gone(tmp_path):
    """What a killed run left half written goes; what belongs to one alive, or to none, stays."""
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    names = ("executed-{}.ipynb", "progress-{}.json", "record.json.part{}", "ledger.json.part{}")
    kept = [name.format(os.getpid()) for name in names] + [
        "executed.ipynb",
        f"executed-{gone.pid}.csv",
        "changed-12345678",
    ]
    for name in (*kept, *(name.format(gone.pid) for name in names)):
        (tmp_path / name).write_text("half")
    remove_leftovers(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(kept)
