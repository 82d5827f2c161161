"""lib.runs.notebooks: names in every spelling, own parameters, and a folder for each set of parameters."""

import nbformat
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from papermill.inspection import inspect_notebook

from lib.paths import ROOT, runs_folder
from lib.runs import notebooks

NAME = "beyond-collapse/01-phase-transition"


@pytest.mark.parametrize(
    ("place", "text"),
    [
        (".", NAME),
        (".", f"{NAME}.ipynb"),
        (".", f"book/{NAME}"),
        (".", f"./book/{NAME}.ipynb"),
        (".", f"{NAME}/"),
        (".", f"  {NAME}"),
        ("book/beyond-collapse", "01-phase-transition.ipynb"),
        ("lib", f"../book/{NAME}.ipynb"),
        ("lib", f"book/{NAME}.ipynb"),
        ("/", str(ROOT / "book" / f"{NAME}.ipynb")),
    ],
)
def test_every_spelling_of_a_name(monkeypatch, place, text):
    monkeypatch.chdir(ROOT / place)
    assert notebooks.name_of(text) == NAME
    assert notebooks.source(text) == ROOT / "book" / f"{NAME}.ipynb"


@pytest.mark.parametrize(
    "text", ["", "none", "..", "/", "../README", "beyond-collapse", "book", f"{NAME}x", "a\0b", "x" * 5000, None, 3, []]
)
def test_anything_else_is_refused_with_the_names_there_are(text):
    with pytest.raises(ValueError, match=r"^notebook = .* is not one of beyond-collapse/01-phase-transition, "):
        notebooks.name_of(text)


def test_a_notebook_outside_the_book_is_none(tmp_path, monkeypatch):
    (tmp_path / "book" / "a").mkdir(parents=True)
    (tmp_path / "a").mkdir()
    (tmp_path / "book" / "a" / "b.ipynb").write_text("{}")
    (tmp_path / "a" / "c.ipynb").write_text("{}")
    monkeypatch.setattr(notebooks, "ROOT", tmp_path)
    assert notebooks.names() == ["a/b"]
    with pytest.raises(ValueError, match=r"'\.\./a/c' is not one of a/b"):
        notebooks.name_of("../a/c")


@pytest.mark.parametrize("notebook", notebooks.names())
def test_own_parameters_are_those_that_papermill_sees(notebook):
    """Names as papermill finds them; values as Python reads the cell, where papermill has text only."""
    seen = inspect_notebook(str(notebooks.source(notebook)))
    own = notebooks.defaults(notebook)
    assert set(own) == set(seen)
    for name, row in seen.items():
        assert own[name] == yaml.safe_load(row["default"]) or own[name] == float(row["default"])


def write(tmp_path, content):
    path = tmp_path / "book" / "a" / "b.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else nbformat.writes(content))


def one_cell(source, tags=("parameters",)):
    cell = nbformat.v4.new_code_cell(source, metadata={"tags": list(tags)})
    return nbformat.v4.new_notebook(cells=[cell])


def test_values_of_a_parameters_cell(tmp_path, monkeypatch):
    monkeypatch.setattr(notebooks, "ROOT", tmp_path)
    write(tmp_path, one_cell('x = 1e-6  # small\nword = "no"\nminus = -3\nflag = False\nempty = ""'))
    assert notebooks.defaults("a/b") == {"x": 1e-6, "word": "no", "minus": -3, "flag": False, "empty": ""}


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        '{"cells": [3]}',
        one_cell("x = 1", ()),
        one_cell("x = f(1)"),
        one_cell("x ="),
        one_cell("a.b = 1"),
    ],
)
def test_a_corrupt_notebook_is_named(tmp_path, monkeypatch, content):
    monkeypatch.setattr(notebooks, "ROOT", tmp_path)
    write(tmp_path, content)
    with pytest.raises(ValueError, match=r"^b\.ipynb in .* is corrupt \("):
        notebooks.defaults("a/b")


@pytest.fixture
def runs(tmp_path, monkeypatch):
    monkeypatch.setenv("BOOK_RUNS", str(tmp_path))
    return tmp_path


def test_a_folder_for_each_set_of_parameters(runs):
    own = notebooks.own(NAME, "laptop")
    assert notebooks.folder(NAME, own) == runs / "laptop" / NAME
    found = {notebooks.folder(NAME, own | {"seed": seed}) for seed in range(100, 110)}
    assert len(found) == 10
    assert {path.parent for path in found} == {runs / "laptop" / NAME}
    assert notebooks.folder(NAME, own | {"seed": 100}) == notebooks.folder(NAME, own | {"seed": 100.0})
    assert notebooks.folder(NAME, own | {"seed": 1}) != notebooks.folder(NAME, own | {"seed": True})
    assert notebooks.folder(NAME, own | {"profile": "paper"}).parent == runs / "paper" / NAME
    assert notebooks.folder("chapter/none", {"profile": "paper", "x": 3}) == runs / "paper" / "chapter" / "none"


def test_where_the_data_lie_is_no_other_run(runs):
    """A notebook does not record its root, so that a run with one has the folder that its record and its ledger have."""
    name = "usable-information/02-corrupt-restore-learn"
    own = notebooks.own(name, "laptop")
    recorded = {key: value for key, value in own.items() if key != "root"}
    assert (
        notebooks.folder(name, own | {"root": "./data"}) == notebooks.folder(name, recorded) == runs / "laptop" / name
    )
    changed = {notebooks.folder(name, given | {"seed": 3}) for given in (own, recorded, own | {"root": "./data"})}
    assert len(changed) == 1
    assert notebooks.differing(name, recorded) == []


@pytest.mark.parametrize("name", ["beyond-collapse/05-summaries", "random-matrices/05-safety-answers"])
def test_a_run_with_language_models_is_another_one(runs, name):
    """It has a folder of its own, the same for what the notebook records as for what the command line gives: no place."""
    own = notebooks.own(name, "laptop")
    places = {"model": "/weights/one", "model_verifier": "/weights/two"}
    settings = {key: value for key, value in own.items() if key.startswith("model_") and key not in places}
    assert len(settings) == 4
    plain = notebooks.recorded(own)
    assert set(own) - set(plain) == {"root", *places, *settings}
    assert notebooks.folder(name, plain) == notebooks.folder(name, own | {"model_lora": 7}) == runs / "laptop" / name
    found = {notebooks.folder(name, given) for given in (own | places, plain | settings, own | {"model": "elsewhere"})}
    assert len(found) == 1
    assert found != {runs / "laptop" / name}
    assert notebooks.folder(name, own | places | {"model_lora": 7}) not in found
    assert notebooks.differing(name, own | places) == sorted(settings)


def test_differing():
    own = notebooks.own(NAME, "smoke")
    assert notebooks.differing(NAME, own) == []
    assert notebooks.differing(NAME, own | {"seed": own["seed"] + 1, "more": 1}) == ["more", "seed"]
    assert notebooks.differing(NAME, {"profile": "smoke"}) == sorted(set(own) - {"profile"})


@given(
    st.sampled_from(["seed", "mu_norm", "profile"]),
    st.none() | st.booleans() | st.floats() | st.text() | st.lists(st.floats()),
)
def test_no_value_leads_out_of_the_runs_folder(name, value):
    """Whatever a parameter is, its run stands inside the runs folder or is refused."""
    try:
        found = notebooks.folder(NAME, notebooks.own(NAME, "laptop") | {name: value})
    except ValueError:
        assert name == "profile"
        return
    assert runs_folder() / "laptop" / NAME in (found, found.parent)


@pytest.mark.parametrize("name", ["../../escape", "/tmp/escape", "a/../../../b"])
@pytest.mark.parametrize("profile", ["paper", "../.."])
def test_names_that_lead_out(runs, name, profile):
    with pytest.raises(ValueError, match="does not stay inside"):
        notebooks.folder(name, {"profile": profile})
