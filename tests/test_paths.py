"""lib.paths: folders are absolute whoever asks, and no name leads out of its folder."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.paths import ROOT, below, data_folder, runs_folder, shown


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", ROOT / "runs"),
        (" ", ROOT / "runs"),
        ("out", ROOT / "out"),
        ("./out/", ROOT / "out"),
        ("../out", ROOT.parent / "out"),
        ("/tmp/out", Path("/tmp/out")),
        ("~/out", Path.home() / "out"),
    ],
)
def test_runs_and_data_are_absolute(monkeypatch, tmp_path, text, wanted):
    """A notebook runs in its own folder and the command in another: both must mean one place."""
    monkeypatch.setenv("BOOK_RUNS", text)
    monkeypatch.setenv("BOOK_DATA", text)
    monkeypatch.chdir(tmp_path)
    assert runs_folder() == wanted
    assert data_folder() == (wanted if text.strip() else ROOT / "data")
    assert data_folder("mine") == Path("mine")


def test_without_the_variables(monkeypatch):
    monkeypatch.delenv("BOOK_RUNS", raising=False)
    monkeypatch.delenv("BOOK_DATA", raising=False)
    assert (runs_folder(), data_folder()) == (ROOT / "runs", ROOT / "data")


names = st.text(st.sampled_from("./ab\\\0"), max_size=8)


@given(st.lists(names, min_size=1, max_size=3))
def test_below_stays_below_or_refuses(given_names):
    folder = Path("/somewhere/parts")
    inside = all(Path(os.path.normpath(folder / name)).is_relative_to(folder) for name in given_names)
    try:
        found = below(folder, *given_names)
    except ValueError:
        return
    assert inside
    assert os.path.normpath(found) == str(found)
    assert folder in found.parents


@pytest.mark.parametrize(
    "name", ["../../../escape", "/etc/x", "", ".", "a/..", "a//b", "a/", "..\\x", "a\0", None, 3, ["a"]]
)
def test_names_that_lead_out(name):
    with pytest.raises(ValueError, match=r"name = .* does not stay inside parts/; allowed: names with single slashes"):
        below(Path("/somewhere/parts"), name)


def test_shown(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert shown(tmp_path / "a/b") == "a/b"
    assert shown(tmp_path.parent / "c") == str(tmp_path.parent / "c")
