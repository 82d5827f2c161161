"""lib.rerun on small notebooks of its own: what a failure says, two runs at once, which ledgers are promoted."""

import os
import subprocess
import sys

import nbformat
import pytest

from lib import parameters, rerun
from lib.runs import notebooks

NAME = "chapter/01-small"


@pytest.fixture
def book(tmp_path, monkeypatch):
    """A book of one notebook; returns a function that sets its code cell."""
    monkeypatch.setattr(notebooks, "ROOT", tmp_path)
    monkeypatch.setenv("BOOK_RUNS", str(tmp_path / "runs"))
    monkeypatch.setattr(parameters, "profile", lambda notebook, name: {} if name == "laptop" else {"profile": name})
    (tmp_path / "book" / "chapter").mkdir(parents=True)

    def write(code: str) -> None:
        cells = [nbformat.v4.new_code_cell('profile = "laptop"\nn = 1', metadata={"tags": ["parameters"]})]
        cells.append(nbformat.v4.new_code_cell(code))
        kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
        nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), tmp_path / "book" / f"{NAME}.ipynb")

    return write


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ('raise ValueError("n = 1 is outside [2, 3]")', "n = 1 is outside [2, 3]"),
        ("{}['a']", "KeyError: 'a'\nThe failing cell is In [2] of runs/laptop/chapter/01-small/executed.ipynb"),
        ("assert n > 1", "AssertionError\nThe failing cell is In [2] of runs/laptop/chapter/01-small/executed.ipynb"),
    ],
)
def test_a_failure_is_a_sentence(book, tmp_path, monkeypatch, capfd, code, words):
    book(code)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as caught:
        rerun.main([NAME])
    assert str(caught.value.code).startswith(words)  # sys.exit with a text prints it and ends with status 1
    assert "Traceback" not in str(caught.value.code)
    assert "Traceback" not in "".join(capfd.readouterr())
    executed = nbformat.read(tmp_path / "runs/laptop" / NAME / "executed.ipynb", as_version=4)
    assert any(output.output_type == "error" for cell in executed.cells for output in cell.get("outputs", []))


def test_a_kernel_that_is_killed_is_a_sentence(book):
    book("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)")
    with pytest.raises(SystemExit, match=r"^the notebook's process was killed, perhaps for lack of memory"):
        rerun.main([NAME])


def test_the_command_line_ends_with_status_one_and_one_sentence(tmp_path):
    """The book's own command, on a parameter out of range: one sentence, no traceback."""
    command = [sys.executable, "-m", "lib.rerun", "reverse-bottleneck/03-generalization-gain", "-p", "worlds", "-5"]
    done = subprocess.run(command, env=os.environ | {"BOOK_RUNS": str(tmp_path)}, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "worlds = -5 is outside [100, 1000000]"
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_two_runs_at_once_write_to_files_of_their_own(book, tmp_path, monkeypatch):
    """The first run's file stands under another name while the second one, of another process, ends."""
    folder = tmp_path / "runs/laptop" / NAME
    book(f"import pathlib\nfound = sorted(p.name for p in pathlib.Path({str(folder)!r}).glob('*.ipynb'))\nfound")
    assert rerun.run(NAME, "laptop") == folder / "executed.ipynb"
    monkeypatch.setattr(os, "getpid", lambda: 4711)
    rerun.run(NAME, "laptop")
    executed = nbformat.read(folder / "executed.ipynb", as_version=4)
    assert executed.cells[-1].outputs[0].data["text/plain"] == "['executed-4711.ipynb', 'executed.ipynb']"
    assert [path.name for path in folder.glob("*.ipynb")] == ["executed.ipynb"]
