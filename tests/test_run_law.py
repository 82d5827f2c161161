"""Runs, claims, records and the command line keep the law of tests/law.py: names, paths, profiles, numbers to judge."""

import contextlib
import io
from pathlib import Path

import law
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lib import rerun
from lib.claims import ledger, page, state, table, verdict
from lib.runs import notebooks, records
from lib.runs.run import checked_workers

PACKAGES = ("lib.claims", "lib.promotion", "lib.rerun", "lib.runs")
NOTEBOOK = "beyond-collapse/01-phase-transition"
CHAPTER = NOTEBOOK.split("/")[0]
CLAIM = next(claim for claim in table.of(NOTEBOOK).values() if state.state(claim)[1])
TEST = CLAIM["tests"][0]
CHECKED = "claims and rows of ledgers, which lib.claims.table and ledger.read have checked"
COUNTS = "counts of verdicts, which lib.claims.state has made"
SWEEP = "tasks and stores, objects of a run"
WORDS = "the words of a command line, which the operating system gives"
INNER = {
    **{f"lib.claims.{name}": CHECKED for name in (
        "table.of_record", "corrections.entries", "corrections.summary", "corrections.text",
        "export.as_csv", "export.as_json", "export.rows", "export.version", "ledger.moved", "ledger.verdicts", "page.data",
        "state.counts", "state.of_the_papers", "state.evidence", "state.measured", "state.mended", "state.state",
        "state.turning_point",
        "verdict.strongest", "verdict.verdict", "words.border", "words.brief", "words.details", "words.result",
        "words.rounded", "words.value")},
    **{f"lib.claims.picture.{name}": COUNTS for name in ("bar", "chart", "key", "listed")},
    **{f"lib.runs.{name}": SWEEP for name in (
        "listing.state", "progress.follow", "progress.inside", "progress.line", "records.outdated", "sweep.sweep",
        "sweep.with_needs", "tasks.execute", "tasks.label", "tasks.order", "closure.digest", "files.wrong", "files.writing",
        "files.corrupt", "keys.key", "clock.found")},
    **{f"lib.rerun.{name}": WORDS for name in ("main", "options_of")},
    "lib.runs.records.tensors_beside": "records.tensors hands it a record",
    "lib.rerun.here": "a value of parameters.read, which it hands on",
    "lib.rerun.sentence": "what a kernel says of its error",
    **{f"lib.runs.{name}": "it has no arguments" for name in (
        "clock.worked", "closure.forget", "provenance.processor", "provenance.revision")},
}  # fmt: skip
FUNCTIONS = law.outer_functions(PACKAGES, INNER)
CHOSEN = {"profile": "laptop"}
ORDINARY = {
    "lib.claims.export.citation": {"claim_id": CLAIM["id"], "stamp": "1.0", "address": "https://x.org/"},
    "lib.claims.answers.answer": {"notebook": NOTEBOOK},
    "lib.claims.corrections.citation": {"name": "synergy", "stamp": "1.0"},
    "lib.claims.export.cited": {"what": "claim", "stamp": "1.0"},
    "lib.claims.export.permalink": {"claim_id": CLAIM["id"], "address": "https://x.org/"},
    "lib.claims.ledger.close": {
        "notebook": "none/none",
        "measured": {},
        "profile": "smoke",
        "record": None,
        "parameters": CHOSEN,
    },
    "lib.claims.ledger.committed": {"notebook": NOTEBOOK},
    "lib.claims.ledger.read": {"path": ledger.FOLDER / f"{NOTEBOOK}.json"},
    "lib.claims.page.answers": {"prefix": CHAPTER},
    "lib.claims.page.badge": {"verdict": "reproduced"},
    "lib.claims.page.badges": {"notebook": NOTEBOOK},
    "lib.claims.page.tally": {"chapter": CHAPTER},
    "lib.claims.state.in_order": {"chapters": [CHAPTER, "other"]},
    "lib.claims.table.numbers": {"notebook": NOTEBOOK},
    "lib.claims.table.of": {"notebook": NOTEBOOK},
    "lib.claims.table.read": {"path": table.FOLDER / f"{CHAPTER}.yml"},
    "lib.claims.table.test": {"claim_id": CLAIM["id"], "name": TEST["name"]},
    "lib.claims.verdict.judge": {"value": 0.5, "standard_error": 0.1, "record": False},
    "lib.claims.verdict.slack": {"value": 0.5},
    "lib.claims.words.anchor": {"claim_id": CLAIM["id"]},
    "lib.claims.words.number": {"value": 0.5},
    "lib.promotion.ledgers": {"notebook": NOTEBOOK},
    "lib.promotion.record": {"notebook": NOTEBOOK},
    "lib.rerun.chosen_parameters": {"notebook": NOTEBOOK, "profile": "laptop", "changes": {"seed": 3}},
    "lib.rerun.report": {"copy": Path("x/executed.ipynb")},
    "lib.rerun.run": {"notebook": NOTEBOOK, "profile": "laptop", "BOOK_WORKERS": "1", "changes": {"seed": 3}},
    "lib.runs.closure.of_source": {"source": "import lib", "root": Path("x"), "without": []},
    "lib.runs.closure.of_symbol": {"module": "lib.seeds", "name": "rng", "without": ["lib.runs"]},
    "lib.runs.files.read_json": {"path": ledger.FOLDER / f"{NOTEBOOK}.json"},
    "lib.runs.files.remove_leftovers": {"folder": "."},
    "lib.runs.files.write_json": {"path": "x.json", "content": {"a": [0.5]}},
    "lib.runs.keys.encode": {"name": "value", "value": {"a": [0.5]}},
    "lib.runs.listing.parts": {"notebook": NOTEBOOK, "chosen": CHOSEN},
    "lib.runs.notebooks.defaults": {"notebook": NOTEBOOK},
    "lib.runs.notebooks.differing": {"notebook": NOTEBOOK, "chosen": CHOSEN},
    "lib.runs.notebooks.folder": {"notebook": NOTEBOOK, "chosen": CHOSEN},
    "lib.runs.notebooks.name_of": {"notebook": NOTEBOOK},
    "lib.runs.notebooks.names": {"root": None},
    "lib.runs.notebooks.own": {"notebook": NOTEBOOK, "profile": "smoke"},
    "lib.runs.notebooks.recorded": {"chosen": CHOSEN},
    "lib.runs.notebooks.source": {"notebook": NOTEBOOK},
    "lib.runs.provenance.provenance": {"device": "cpu"},
    "lib.runs.records.read": {"path": records.REFERENCE / "beyond-collapse/03-finite-samples.json"},
    "lib.runs.records.reference": {"notebook": "beyond-collapse/03-finite-samples"},
    "lib.runs.records.tensors": {"notebook": "beyond-collapse/04-eigenvalues"},
    "lib.runs.records.standing": {"notebook": "beyond-collapse/03-finite-samples"},
    "lib.runs.run.checked_workers": {"BOOK_WORKERS": "2"},
    "lib.runs.progress.telling": {"name": "student"},
    "lib.runs.tasks.checkpoint": {"name": "state"},
    "lib.runs.tasks.function": {"name": "rehearsal.draw"},
    "lib.runs.tasks.is_tensors": {"value": {"a": 1}},
    "lib.runs.tasks.plain": {"name": "value", "value": {"a": [0.5]}},
}


def quietly(function):
    """A function whose absent files are told by FileNotFoundError, and that prints what it does."""

    def call(**given):
        with contextlib.redirect_stdout(io.StringIO()):
            return function(**given)

    return call


CELL = "the notebook's own first cell checks it (tests/notebooks/test_bad_parameters.py)"
OUT = {
    ("lib.rerun.chosen_parameters", "changes", "seed"): CELL,
    ("lib.rerun.run", "changes", "seed"): CELL,
    ("lib.claims.ledger.close", "parameters", "profile"): "the argument profile takes its place",
}
CALLS = FUNCTIONS | {
    "lib.claims.ledger.close": quietly(ledger.close),
    # messages have the words of the command line and of the environment
    "lib.rerun.run": lambda BOOK_WORKERS, **given: rerun.run(workers=BOOK_WORKERS, **given),
    "lib.runs.run.checked_workers": lambda BOOK_WORKERS: checked_workers(BOOK_WORKERS),
    "lib.runs.notebooks.name_of": lambda notebook: notebooks.name_of(notebook),
    "lib.claims.page.answers": lambda prefix: page.answers(table.claims(), prefix),
    "lib.claims.page.tally": lambda chapter: page.tally(chapter, table.claims()),
    "lib.claims.verdict.judge": lambda **given: verdict.judge(TEST, **given),
    "lib.claims.verdict.slack": lambda value: verdict.slack(TEST, value),
}


BEGUN = {
    "lib.promotion.ledgers",
    "lib.promotion.record",
    "lib.runs.listing.parts",
}  # they ask for a run, and none has begun
# What is said of a text that may be a path, and of a run that has not begun, names the file or the run (tests of lib.runs)
NAMED = {("lib.runs.listing.parts", "notebook"), ("lib.promotion.ledgers", "notebook")}


def places(name):
    return [place for place in law.places(ORDINARY[name]) if (name, *place) not in OUT]


def hard(name, place):
    skipped = ("text", "empty text", "None") if place in [("path",), ("copy",)] or (name, *place) in NAMED else ()
    return [value for words, value in law.HARD.items() if words not in skipped]


@pytest.fixture(autouse=True)
def alone(monkeypatch, tmp_path):
    """A path that is made up leads to nothing, and no notebook is executed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BOOK_RUNS", str(tmp_path))
    monkeypatch.setattr(rerun, "_execute", lambda path, own, target, injected: None)


def test_every_function_has_ordinary_arguments():
    assert law.missing(FUNCTIONS, ORDINARY) == []


@pytest.mark.parametrize("name", sorted(ORDINARY))
def test_one_hard_value(name):
    if name not in BEGUN:
        CALLS[name](**ORDINARY[name])
    for place in places(name):
        for value in hard(name, place):
            law.check(CALLS[name], ORDINARY[name], place, value)


@pytest.mark.parametrize("name", sorted(ORDINARY.keys() - BEGUN))
@settings(deadline=None, max_examples=20, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_several_hard_values(name, data):
    chosen = data.draw(st.lists(st.sampled_from(places(name)), min_size=1, max_size=3, unique=True))
    values = {place: data.draw(st.sampled_from(hard(name, place))) for place in chosen}
    law.check_all(CALLS[name], ORDINARY[name], values)
