"""Every notebook: anatomy, smoke run by papermill, refusal of bad parameters, ledger against the committed one."""

import ast
import re
from pathlib import Path

import nbformat
import pytest

from lib import parameters, rerun
from lib.claims import ledger, table
from lib.paths import runs_folder
from lib.runs import closure, notebooks
from lib.runs.files import read_json

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = notebooks.names()


def cells(notebook: str, tag: str) -> list[str]:
    content = nbformat.read(notebooks.source(notebook), as_version=4)
    return [cell.source for cell in content.cells if tag in cell.metadata.get("tags", [])]


def test_there_are_notebooks():
    assert NOTEBOOKS


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_checks_cover_every_parameter(notebook):
    (own,) = cells(notebook, "parameters")
    names = {node.targets[0].id for node in ast.parse(own).body}
    (checks,) = cells(notebook, "checks")
    call = next(node for node in ast.walk(ast.parse(checks)) if isinstance(node, ast.Call) and node.keywords)
    assert {keyword.arg for keyword in call.keywords} - {"limits"} == names
    for line in own.splitlines():  # unit, range and source stand beside each value
        assert not re.match(r"\w+ = ", line) or "#" in line


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_notebook_is_stripped_and_labelled(notebook):
    content = nbformat.read(notebooks.source(notebook), as_version=4)
    for cell in content.cells:
        if cell.cell_type == "code" and "nbval-check-output" not in cell.metadata.get("tags", []):
            assert cell.outputs == []
            assert cell.execution_count is None
    (closing,) = cells(notebook, "nbval-check-output")
    assert closing.startswith("claims.close(")
    assert "parameters=checked" in closing
    assert content.cells[0].source.startswith("# ")


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_every_claim_is_closed_by_exactly_one_cell(notebook):
    mine = set(table.of(notebook))  # those with tests; one that is out of reach is closed by none
    own, other = "", ""
    for name in NOTEBOOKS:
        source = "\n".join(
            c.source for c in nbformat.read(notebooks.source(name), as_version=4).cells if c.cell_type == "code"
        )
        own, other = (own + source, other) if name == notebook else (own, other + source)
    for key in mine:
        assert own.count(f'"{key}"') == 1, key
        assert f'"{key}"' not in other


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_smoke_run_leaves_a_ledger(notebook, tmp_path, monkeypatch):
    monkeypatch.setenv("BOOK_RUNS", str(tmp_path))
    executed = rerun.run(notebook, "smoke")
    assert executed == tmp_path / "smoke" / notebook / "executed.ipynb"
    stored = read_json(tmp_path / "smoke" / notebook / "ledger.json")
    assert set(stored["claims"]) == set(table.of(notebook))
    plan = tmp_path / "smoke" / notebook / "plan.json"
    content = nbformat.read(notebooks.source(notebook), as_version=4)
    reached = closure.of_source("\n".join(cell.source for cell in content.cells if cell.cell_type == "code"))
    # the build must see, by reading, every part that a run computes
    for row in read_json(plan) if plan.exists() else []:
        module, _, name = f"lib.experiments.{row['function']}".rpartition(".")
        assert closure.Symbol(module, name) in reached


def test_a_bad_parameter_stops_the_run_in_its_checks_cell(tmp_path, monkeypatch):
    """Once by papermill; tests/notebooks/test_bad_parameters.py tries every parameter of every notebook."""
    monkeypatch.setenv("BOOK_RUNS", str(tmp_path))
    notebook = NOTEBOOKS[0]
    with pytest.raises(rerun.RunFailed, match=r"^seed = -1 is outside \[0, "):
        rerun.run(notebook, "smoke", changes={"seed": -1})
    (path,) = (tmp_path / "smoke" / notebook).glob("changed-*/executed.ipynb")
    copy = nbformat.read(path, as_version=4)
    ran = [cell for cell in copy.cells if cell.cell_type == "code" and cell.execution_count is not None]
    assert "checks" in ran[-1].metadata.tags


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_profiles_name_only_parameters_of_the_notebook(notebook):
    known = set(notebooks.defaults(notebook))
    there = parameters.profiles(notebook)
    assert {"smoke", "laptop", "paper"} <= set(there)
    for name in there:
        assert set(parameters.profile(notebook, name)) <= known


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_ledger_of_the_last_run_equals_the_committed_one(notebook):
    path = runs_folder() / "laptop" / notebook / "ledger.json"
    assert path.exists(), "run `make test`, or the notebook, first: the ledger is written by its last cell"
    committed = ledger.committed(notebook)
    assert committed is not None, "run `make ledger` and commit what it writes"
    assert ledger.moved(committed, read_json(path)) == []


def test_a_path_below_the_readers_folder_reaches_the_notebook(tmp_path, monkeypatch):
    monkeypatch.setenv("BOOK_RUNS", str(tmp_path / "runs"))
    monkeypatch.chdir(tmp_path)
    rows = "".join("cat,dog,1\n" if k < 7 else "cat,cat,1\n" for k in range(57))
    (tmp_path / "mine.csv").write_text("label,generated,kept\n" + rows)
    rerun.main(["synthesis/02-your-data", "--profile", "smoke", "-p", "data", "mine.csv"])
    (path,) = (tmp_path / "runs/smoke/synthesis/02-your-data").glob("changed-*/executed.ipynb")
    copy = nbformat.read(path, as_version=4)
    shown = str([cell.get("outputs") for cell in copy.cells])
    assert "From mine.csv" in shown
    assert "| label error p | 0.1228 |" in shown  # 7 of 57


def test_values_of_the_command_line_have_their_parameters_type(monkeypatch, capsys):
    """A name of a file is a name whatever it looks like, and a number is decimal."""
    given = {}
    monkeypatch.setattr(rerun, "run", lambda name, profile, *, workers, changes: given.update(changes))
    monkeypatch.setattr(rerun, "report", lambda copy: "")
    for data in (
        "[v2].csv",
        "{a}",
        "@x",
        "%a",
        "*x",
        "#1.csv",
        "data #1.csv",
        "a: b.csv",
        "no",
        "010",
        "1:30",
        "2024-01-01",
        "",
    ):
        rerun.main(["synthesis/02-your-data", "-p", "data", data])
        assert given == {"data": data}
    rerun.main(["synthesis/02-your-data", "-p", "n", "010000", "-p", "mu_norm", "1e-1"])
    assert (given["n"], given["mu_norm"]) == (10000, 0.1)
    for name, text in (("n", "1:30"), ("n", "0x10"), ("mu_norm", "small"), ("n", "1_000"), ("n", "")):
        with pytest.raises(SystemExit, match=rf"^{name} = '{text}' is not a"):
            rerun.main(["synthesis/02-your-data", "-p", name, text])


def test_a_folder_is_one_only_with_a_slash(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "digits").mkdir()
    assert rerun.here("digits") == "digits"
    assert rerun.here("./digits") == str(tmp_path / "digits")


def test_unknown_names_are_listed():
    with pytest.raises(ValueError, match=r"notebook = 'none' is not one of beyond-collapse/01"):
        rerun.run("none", "smoke")
    with pytest.raises(ValueError, match=r"parameter = 'colour' is not one of profile, "):
        rerun.run(NOTEBOOKS[0], "smoke", changes={"colour": 1})
