"""lib.claims.answers: two sentences that open each notebook, with numbers of the ledger, resting on verdicts that stand."""

import json

import pytest
import yaml

from lib.claims import answers, table
from lib.paths import ROOT
from lib.runs import notebooks

NAME = "random-matrices/01-spectra"
GOOD = {
    "words": "The factor of Theorem 4.2 is wrong by {measured}`random-matrices/delta-s, printed`. That is all.",
    "rests on": {"random-matrices/delta-s": "corrected"},
}


@pytest.fixture
def file(monkeypatch, tmp_path):
    """Another file of answers; the book's own ones stay cached."""
    monkeypatch.setattr(answers, "FILE", tmp_path / "answers.yml")
    monkeypatch.setattr(answers, "answers", answers.answers.__wrapped__)

    def write(content):
        answers.FILE.write_text(content if isinstance(content, str) else yaml.safe_dump(content))

    return write


@pytest.mark.parametrize("notebook", notebooks.names())
def test_every_notebook_opens_with_its_answer(notebook):
    """The directive stands before any code; its words are two sentences, and their verdicts are those of today."""
    cells = json.loads((ROOT / "book" / f"{notebook}.ipynb").read_text())["cells"]
    code = next(k for k, cell in enumerate(cells) if cell["cell_type"] == "code")
    opening = "".join("".join(cell["source"]) for cell in cells[:2])
    assert code >= 2
    assert opening.count(f"```{{answer}} {notebook}\n```") == 1
    text = answers.answer(notebook)
    for role, place in answers.ROLE.findall(text):
        assert role == "measured"
        claim, test = (part.strip() for part in place.split(",", 1))
        table.test(claim, test)


def test_no_answer_without_a_notebook():
    assert set(answers.answers()) == set(notebooks.names())


def test_a_good_answer_is_read(file):
    file({NAME: GOOD})
    assert answers.answer(NAME).startswith("**In short.** The factor")


BAD = [
    ({"words": "One sentence of {measured}`random-matrices/delta-s, printed`."}, "words are 1 sentences; allowed: 2"),
    ({"words": GOOD["words"] + " And more."}, "words are 3 sentences; allowed: 2"),
    ({"words": "None here. Nor here."}, "words hold no {measured} number"),
    ({"words": "It is 0.7, not {measured}`random-matrices/delta-s, printed`. So."}, "a result that is typed"),
    ({"words": "It is 70 %, not {measured}`random-matrices/delta-s, printed`. So."}, "a result that is typed"),
    ({"words": "It is {measured}`random-matrices/b2, printed`. So."}, "claim random-matrices/b2 is not one of"),
    ({"rests on": {}}, "rests on lacks random-matrices/delta-s"),
    ({"rests on": {"random-matrices/delta-s": "right"}}, "'right' is not one of reproduced, corrected"),
]


@pytest.mark.parametrize(("change", "complaint"), BAD)
def test_a_bad_answer_is_named(file, change, complaint):
    file({NAME: GOOD | change})
    with pytest.raises(ValueError, match=rf"^answers.yml, {NAME}: .*{complaint}"):
        answers.answer(NAME)


def test_words_do_not_outlive_their_verdict(file):
    file({NAME: GOOD | {"rests on": {"random-matrices/delta-s": "reproduced"}}})
    with pytest.raises(ValueError, match=r"rest on random-matrices/delta-s being reproduced, and it is corrected"):
        answers.answer(NAME)


def test_an_unknown_notebook_and_a_corrupt_file_are_named(file):
    file({NAME: GOOD})
    with pytest.raises(ValueError, match=r"notebook = 'a/b' is not one of random-matrices/01-spectra; add its answer"):
        answers.answer("a/b")
    for content in ("[", "[a]", f"{NAME}: words", f"{NAME}: {{words: 3}}"):
        file(content)
        with pytest.raises(ValueError, match=r"^answers\.yml in .* is corrupt \("):
            answers.answer(NAME)
