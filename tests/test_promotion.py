"""lib.promotion: which records and ledgers become committed ones, and what is said of all others."""

import nbformat
import pytest
import torch

from lib import parameters, promotion, rerun
from lib.claims import ledger
from lib.runs import Run, Task, keys, notebooks, records
from lib.runs.files import read_json, write_json

NAME, OTHER = "chapter/01-small", "chapter/02-other"
OWN = {"profile": "laptop", "n": 1}


@pytest.fixture
def book(tmp_path, monkeypatch):
    """A book of two small notebooks, with folders of records and ledgers that are not the book's."""
    monkeypatch.setattr(notebooks, "ROOT", tmp_path)
    monkeypatch.setenv("BOOK_RUNS", str(tmp_path / "runs"))
    monkeypatch.setattr(
        parameters, "profile", lambda notebook, name: {} if name == "laptop" else {"profile": name, "n": 7}
    )
    monkeypatch.setattr(parameters, "profiles", lambda notebook: ["smoke", "laptop", "paper"])
    monkeypatch.setattr(ledger, "FOLDER", tmp_path / "committed")
    monkeypatch.setattr(records, "REFERENCE", tmp_path / "reference")
    monkeypatch.setattr(ledger.table, "test", lambda claim, name: {"machine_tolerance": 0.1})
    (tmp_path / "book" / "chapter").mkdir(parents=True)
    cell = nbformat.v4.new_code_cell('profile = "laptop"\nn = 1', metadata={"tags": ["parameters"]})
    for name in (NAME, OTHER):
        nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "book" / f"{name}.ipynb")
    return tmp_path


def stored(own: dict | None, value: float = 1.0, notebook: str = NAME) -> dict:
    """What a closing cell writes."""
    claims = {"chapter/claim": {"verdict": "reproduced", "measured": {"value": [value, 0.0]}}}
    content = {"notebook": notebook, "profile": "laptop", "seconds": 1.5, "provenance": {"cores": 2}, "claims": claims}
    return content | ({} if own is None else {"parameters": own})


@pytest.fixture
def ledgers(book):
    """A function that leaves a ledger as a laptop run does."""
    return lambda content, name=NAME: write_json(book / "runs/laptop" / name / "ledger.json", content)


def test_a_ledger_of_the_laptop_run_is_promoted(ledgers, book):
    target = book / "committed" / f"{NAME}.json"
    ledgers(stored(OWN))
    assert promotion.ledgers() == [target]
    assert promotion.ledgers() == []
    ledgers(stored(OWN, value=1.05))
    assert promotion.ledgers() == []  # within the machine tolerance
    ledgers(stored(OWN, value=1.5))
    assert promotion.ledgers() == [target]
    assert read_json(target)["parameters"] == OWN


def test_an_older_ledger_without_parameters_is_replaced(ledgers, book):
    target = book / "committed" / f"{NAME}.json"
    write_json(target, stored(None))
    ledgers(stored(OWN))
    assert promotion.ledgers() == [target]


@pytest.mark.parametrize(
    ("own", "complaint"),
    [
        ({"profile": "laptop", "n": 2}, r"chapter/01-small: parameters \['n'\] differ from the laptop profile's"),
        ({"profile": "laptop", "n": 1, "m": 1}, r"chapter/01-small: parameters \['m'\] differ"),
        (None, "the ledger of chapter/01-small does not say with which parameters it was made"),
    ],
)
def test_a_ledger_with_other_parameters_is_refused(ledgers, book, own, complaint):
    ledgers(stored(own))
    with pytest.raises(ValueError, match=complaint):
        promotion.ledgers()
    assert not (book / "committed").exists()
    with pytest.raises(SystemExit, match="run these notebooks again with PROFILE=laptop"):
        rerun.main(["--ledger"])


def test_without_a_laptop_run_there_is_nothing_to_promote(book):
    with pytest.raises(ValueError, match=r"^no notebook has a ledger of its own parameters in .*runs; run `make test`"):
        promotion.ledgers()
    with pytest.raises(ValueError, match=r"^chapter/02-other has no ledger of its own parameters in "):
        promotion.ledgers(OTHER)


def test_one_notebook_in_any_spelling(ledgers, book):
    ledgers(stored(OWN))
    ledgers(stored(OWN, notebook=OTHER), OTHER)
    assert promotion.ledgers(f"book/{OTHER}.ipynb") == [book / "committed" / f"{OTHER}.json"]
    assert not (book / "committed" / f"{NAME}.json").exists()


@pytest.mark.parametrize("name", ["../../../escape", OTHER, "", "/tmp/escape"])
def test_a_ledger_that_names_another_notebook_is_refused(ledgers, book, name):
    ledgers(stored(OWN, notebook=name))
    with pytest.raises(ValueError, match=r"^the ledger of chapter/01-small says that it is of "):
        promotion.ledgers()
    assert not list(book.parent.rglob("escape*"))
    assert not (book / "committed").exists()


@pytest.mark.parametrize(
    "content",
    [
        [],
        {},
        3,
        None,
        stored(OWN) | {"claims": []},
        stored(OWN) | {"claims": {"c": {}}},
        stored(OWN) | {"parameters": [1]},
    ],
)
def test_a_corrupt_ledger_is_named(ledgers, content):
    ledgers(content)
    with pytest.raises(ValueError, match=r"^ledger\.json in .*01-small is corrupt \("):
        promotion.ledgers()


def test_a_corrupt_committed_ledger_is_named(ledgers, book):
    ledgers(stored(OWN))
    write_json(book / "committed" / f"{NAME}.json", [])
    with pytest.raises(ValueError, match=r"^01-small\.json in .*committed/chapter is corrupt \(the whole is a list"):
        promotion.ledgers()


PAPER = {"profile": "paper", "n": 7}


def test_a_trial_hides_no_complete_run(book):
    """The record of the profile's own parameters is found, whatever ran after it."""
    own, trial = Run(NAME, PAPER), Run(NAME, PAPER | {"n": 2})
    own.finish(own.part(Task("rehearsal.draw", seed=1)))
    trial.finish(trial.part(Task("rehearsal.draw", seed=2)))
    for spelling in (NAME, f"book/{NAME}.ipynb"):
        assert promotion.record(spelling) == book / "reference" / f"{NAME}.json"
    assert read_json(book / "reference" / f"{NAME}.json")["parameters"] == PAPER
    assert len(list((book / "runs/paper" / NAME / "parts").glob("*.json"))) == 2  # parts have keys, and lie together


def test_a_reduced_run_is_the_record_until_there_is_a_paper_run(book, monkeypatch):
    monkeypatch.setattr(parameters, "profiles", lambda notebook: ["laptop", "reduced", "paper"])
    with pytest.raises(ValueError, match=r"no complete reduced run .* PROFILE=reduced"):
        promotion.record(NAME)
    for profile in ("reduced", "paper"):
        run = Run(NAME, PAPER | {"profile": profile})
        run.finish(run.part(Task("rehearsal.draw", seed=1)))
        assert read_json(promotion.record(NAME))["parameters"]["profile"] == profile


def test_tensors_go_with_their_record(book):
    Run(NAME, PAPER).finish({}, tensors={"weights": torch.arange(3.0)})
    with pytest.raises(ValueError, match="made with older code"):
        promotion.record(NAME)  # a record of no parts
    run = Run(NAME, PAPER)
    run.finish(run.part(Task("rehearsal.draw", seed=1)), tensors={"weights": torch.arange(3.0)})
    promotion.record(NAME)
    assert records.tensors(NAME)["weights"].tolist() == [0, 1, 2]


def test_only_a_trial_is_no_record(book):
    Run(NAME, PAPER | {"n": 2}).finish({})
    words = r"^no complete paper run of chapter/01-small with the profile's own parameters in .*runs; start one with `make run"
    with pytest.raises(ValueError, match=words):
        promotion.record(NAME)
    assert not (book / "reference").exists()


def test_a_record_that_says_other_parameters_or_has_no_part_of_today(book, monkeypatch):
    run = Run(NAME, PAPER)
    made = run.finish(run.part(Task("rehearsal.draw", seed=1)))
    path = book / "runs/paper" / NAME / "record.json"
    write_json(path, made | {"parameters": PAPER | {"n": 3}})
    with pytest.raises(ValueError, match=r"parameters \['n'\] differ from the paper profile's"):
        promotion.record(NAME)
    write_json(path, made)
    monkeypatch.setattr(keys, "code", lambda function, root=None: "newer")
    with pytest.raises(ValueError, match=r"1 parts, the first rehearsal\.draw\(seed=1\), were made with older code"):
        promotion.record(NAME)


@pytest.mark.parametrize("content", [[], {}, 3, {"notebook": NAME}])
def test_a_corrupt_record_is_named(book, content):
    write_json(book / "runs/paper" / NAME / "record.json", content)
    with pytest.raises(ValueError, match=r"^record\.json in .* is corrupt \("):
        promotion.record(NAME)


def test_names_that_are_no_notebook(book):
    for act in (promotion.record, promotion.ledgers):
        with pytest.raises(ValueError, match="is not one of chapter/01-small, chapter/02-other"):
            act("../../../escape")
