"""lib.rerun on small notebooks of its own: what a failure says, two runs at once, which ledgers are promoted."""

import os
import subprocess
import sys

import nbformat
import pytest

from lib import parameters, rerun
from lib.claims import ledger
from lib.runs.store import read_json, write_json

NAME = "chapter/01-small"


@pytest.fixture
def book(tmp_path, monkeypatch):
    """A book of one notebook; returns a function that sets its code cell."""
    monkeypatch.setattr(rerun, "ROOT", tmp_path)
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


def stored(own: dict | None, value: float = 1.0) -> dict:
    rows = {"chapter/claim": {"verdict": "reproduced", "measured": {"value": [value, 0.0]}}}
    return {"notebook": NAME, "claims": rows} | ({} if own is None else {"parameters": own})


@pytest.fixture
def ledgers(book, tmp_path, monkeypatch):
    """Folders of ledgers that are not the book's; returns a function that leaves one as a laptop run does."""
    book("")
    monkeypatch.setattr(ledger, "FOLDER", tmp_path / "committed")
    monkeypatch.setattr(ledger.table, "test", lambda claim, name: {"machine_tolerance": 0.1})
    return lambda content: write_json(tmp_path / "runs/laptop" / NAME / "ledger.json", content)


OWN = {"profile": "laptop", "n": 1}


def test_a_ledger_of_the_laptop_run_is_promoted(ledgers, tmp_path):
    target = tmp_path / "committed" / f"{NAME}.json"
    ledgers(stored(OWN))
    assert rerun.promote_ledgers() == [target]
    assert rerun.promote_ledgers() == []
    ledgers(stored(OWN, value=1.05))
    assert rerun.promote_ledgers() == []  # within the machine tolerance
    ledgers(stored(OWN, value=1.5))
    assert rerun.promote_ledgers() == [target]
    assert read_json(target)["parameters"] == OWN


def test_an_older_ledger_without_parameters_is_replaced(ledgers, tmp_path):
    target = tmp_path / "committed" / f"{NAME}.json"
    write_json(target, stored(None))
    ledgers(stored(OWN))
    assert rerun.promote_ledgers() == [target]


@pytest.mark.parametrize(
    ("own", "complaint"),
    [
        ({"profile": "laptop", "n": 2}, r"chapter/01-small: parameters \['n'\] differ from the laptop profile's"),
        ({"profile": "laptop", "n": 1, "m": 1}, r"chapter/01-small: parameters \['m'\] differ"),
        (None, "the ledger of chapter/01-small does not say with which parameters it was made"),
    ],
)
def test_a_ledger_with_other_parameters_is_refused(ledgers, tmp_path, own, complaint):
    ledgers(stored(own))
    with pytest.raises(ValueError, match=complaint):
        rerun.promote_ledgers()
    assert not (tmp_path / "committed").exists()
    with pytest.raises(SystemExit, match="run these notebooks again with PROFILE=laptop"):
        rerun.main(["--ledger"])
