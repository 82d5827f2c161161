"""lib.claims.table: the files of claims, what notebooks may read of them, and what is refused."""

import copy
import json
import math

import pytest
import yaml
from samples import CONDITIONAL, claim, rule

from lib import claims
from lib.claims import table


@pytest.fixture
def folder(monkeypatch, tmp_path):
    """Another folder of claims; the cache of the book's own ones is left as it was."""
    monkeypatch.setattr(table, "FOLDER", tmp_path)
    monkeypatch.setattr(table, "claims", table.claims.__wrapped__)
    return tmp_path


def write(folder, *listed, chapter="chapter"):
    path = folder / f"{chapter}.yml"
    path.write_text(yaml.safe_dump(list(listed), sort_keys=False))
    return path


def test_the_books_claims_are_as_they_must_be_and_read_once():
    assert len(table.claims()) > 100
    assert table.claims() is table.claims()


def test_a_test_is_numbers_without_words(folder):
    write(folder, CONDITIONAL)
    expected = {"kind": "equals", "published": 0.5, "tolerance": 0.1, "machine_tolerance": 1e-6, "as": "corrected"}
    assert claims.test("chapter/claim", "mended") == expected


def test_unknown_names_are_listed(folder):
    write(folder, CONDITIONAL, claim("other"))
    write(folder, claim() | {"id": "book/claim", "notebook": "book/notebook"}, chapter="book")
    with pytest.raises(ValueError, match=r"claim_id = 'chapter/cliam' is not one of chapter/claim, chapter/other$"):
        claims.test("chapter/cliam", "mended")
    with pytest.raises(ValueError, match=r"claim_id = 'no' is not one of book/claim, chapter/claim, chapter/other$"):
        claims.test("no", "mended")
    with pytest.raises(
        ValueError, match="name = 'no' is no test of chapter/claim; allowed: 'printed', 'mended', 'large'"
    ):
        claims.test("chapter/claim", "no")


def reworded(value):
    """The same claims in other words: what a reader sees has changed, and nothing that decides."""
    value = copy.deepcopy(value) | {
        "where": "Elsewhere",
        "form": "figure",
        "statement": "Other words.",
        "laptop": "digits",
    }
    value |= {field: "other words" for field in ("correction", "condition") if field in value}
    value["tests"] = [
        test | {"quantity": "another", "reason": "none", "decided": "after a look"} for test in value["tests"]
    ]
    return value


def test_numbers_hold_all_that_decides_and_no_words(folder):
    write(folder, CONDITIONAL, claim("far", tests=[]), claim("new") | {"notebook": "chapter/other"})
    before = table.numbers("chapter/notebook")
    assert json.loads(json.dumps(before)) == before
    assert [row["id"] for row in before] == ["chapter/claim", "chapter/far"]
    write(folder, reworded(CONDITIONAL), claim("far", tests=[]))
    assert table.numbers("chapter/notebook") == before
    changes = {
        "name": "x",
        "kind": "above",
        "published": 0,
        "tolerance": 0.7,
        "machine_tolerance": 0.05,
        "drift": 0.3,
        "as": "stated",
    }
    for field, value in changes.items():
        changed = copy.deepcopy(CONDITIONAL)
        changed["tests"].append(rule(name="more", role="corrected") | {field: value})
        more = copy.deepcopy(CONDITIONAL)
        more["tests"].append(rule(name="more", role="corrected"))
        write(folder, more)
        one = table.numbers("chapter/notebook")
        write(folder, changed)
        assert table.numbers("chapter/notebook") != one, field


def test_every_number_of_the_book_stands_in_one_notebook():
    for notebook in {each["notebook"] for each in table.claims().values()}:
        assert [row["id"] for row in table.numbers(notebook)] == list(table.of(notebook))


BAD = [
    (claim() | {"id": "other/claim"}, r"id = 'other/claim' does not start with 'chapter/'"),
    (claim() | {"notebook": "other/notebook"}, r"notebook = 'other/notebook' does not start with 'chapter/'"),
    (claim() | {"id": 3}, "id = 3 is not a text"),
    (claim() | {"paper_profile": "a small model"}, "paper_profile needs laptop"),
    (claim() | {"colour": "red"}, "unknown field 'colour'"),
    (claim() | {"statement": " "}, "statement = ' ' is not a text"),
    ({key: value for key, value in claim().items() if key != "where"}, "where is missing"),
    (claim(tests="none"), "tests is not a list of tests"),
    (claim(tests=[rule("near")]), "test 'value': kind = 'near' is not one of equals, above, below"),
    (claim(tests=[rule(role="printed")]), "test 'value': as = 'printed' is not one of stated, corrected, condition"),
    (claim(tests=[rule(published=float("nan"))]), "published = nan is not a finite number"),
    (claim(tests=[rule(published="1e-6")]), "published = '1e-6' is not a finite number"),
    (claim(tests=[rule(published=True)]), "published = True is not a finite number"),
    (claim(tests=[rule(tolerance=float("inf"))]), "tolerance = inf is not a finite number"),
    (claim(tests=[rule(tolerance=-0.1)]), "tolerance = -0.1 is not a finite number of the allowed sign"),
    (claim(tests=[rule(machine=0)]), "machine_tolerance = 0 is not a finite number of the allowed sign"),
    (claim(tests=[rule() | {"reason": ""}]), "reason = '' is not a text"),
    (claim(tests=[rule() | {"note": "n"}]), r"test 'value': fields \['as', .*; allowed: exactly"),
    (claim(tests=[rule(), rule()]), "two tests have one name"),
    (
        claim(tests=[rule() | {"decided": "later"}]),
        "test 'value': decided = 'later' is not one of before, after a look",
    ),
    (claim(tests=[rule(machine=0.1)]), "machine_tolerance = 0.1 is outside \\(0, 0.1\\), what the test allows"),
    (claim(tests=[rule("below", 0.1, 0.05, machine=0.2)]), "machine_tolerance = 0.2 is outside \\(0, 0.15\\)"),
    (claim(tests=[rule() | {"drift": 1e-7}]), "drift = 1e-07 is not a number above machine_tolerance = 1e-06"),
    (claim(tests=[rule() | {"drift": "wide"}]), "drift = 'wide' is not a number"),
    (claim(form="poem"), "form = 'poem' is not one of theorem, figure, number, sentence"),
    (claim(reply="No."), "a reply and an answer need one another"),
    (claim(root="none"), "root = 'none' is not one of .*spurious-alpha"),
    (CONDITIONAL | {"derivation": "One.\nTwo."}, "derivation has 2 lines; allowed: exactly three"),
    (
        CONDITIONAL | {"derivation": "One.\n\nThree."},
        "derivation has 3 lines; allowed: exactly three, none of them empty",
    ),
    (CONDITIONAL | {"effect": "Nothing."}, "effect = 'Nothing.' does not begin with one of None, Narrower, Changed"),
    (CONDITIONAL | {"root": "synergy"}, "derivation and effect belong to a correction without a root"),
    (claim(effect="None: x."), "derivation and effect belong to a correction without a root"),
    (claim(condition="large n"), "a condition and a test with as = 'condition' need one another"),
    (claim(tests=[rule(), rule(name="m", role="corrected")]), "a correction and a test with as = 'corrected' need one"),
]


@pytest.mark.parametrize(("bad", "complaint"), BAD)
def test_a_bad_claim_is_named_with_its_file(tmp_path, bad, complaint):
    with pytest.raises(ValueError, match=rf"^chapter.yml, id = {bad['id']!r}: .*{complaint}"):
        table.read(write(tmp_path, claim("good"), bad))


def test_an_id_may_stand_only_once(tmp_path):
    with pytest.raises(ValueError, match=r"chapter.yml, id = 'chapter/claim': the id appears twice; allowed: once"):
        table.read(write(tmp_path, claim(), claim("other"), claim()))


@pytest.mark.parametrize("text", ["", "a: 1", "- a", "- {where: here}"])
def test_a_file_that_is_no_list_of_claims_is_named(tmp_path, text):
    (tmp_path / "chapter.yml").write_text(text)
    with pytest.raises(ValueError, match=r"chapter.yml is not a list of claims, each with an id"):
        table.read(tmp_path / "chapter.yml")


def test_a_file_that_is_no_yaml_is_named(tmp_path):
    (tmp_path / "chapter.yml").write_text("- [")
    with pytest.raises(ValueError, match=r"chapter.yml is no YAML"):
        table.read(tmp_path / "chapter.yml")


HARD = [
    None,
    True,
    0,
    -1,
    1e400,
    math.nan,
    10**400,
    "",
    " ",
    [],
    {},
    [1],
    {"a": 1},
    "../../x",
    "chapter/../../x",
    "/tmp/x",
    "chapter//x",
]


def places(content, before=()):
    """All keys and indices of nested content."""
    if isinstance(content, (dict, list)):
        for key in content if isinstance(content, dict) else range(len(content)):
            yield (*before, key)
            yield from places(content[key], (*before, key))


def refusal(path):
    """What is said of a file, or None if it is read."""
    try:
        table.read(path)
    except ValueError as error:
        return str(error)
    return None


@pytest.mark.parametrize("value", HARD, ids=lambda value: str(value)[:20])
def test_whatever_stands_in_a_file_it_is_read_or_refused_by_name(folder, value):
    """One place after the other holds something else: no error comes from below."""
    whole = [CONDITIONAL]
    for place in places(whole):
        listed = copy.deepcopy(whole)
        inner = listed
        for key in place[:-1]:
            inner = inner[key]
        inner[place[-1]] = value
        words = refusal(write(folder, *listed))
        numeric = place[-1] in table.NUMBERS and value in (0, -1)
        assert (
            numeric
            or place[-1] in ("where", "statement", "correction", "condition", "quantity", "reason", "name")
            or words
        )
        assert words is None or words.startswith("chapter.yml")


@pytest.mark.parametrize(
    "name", ["chapter/../../x", "chapter//x", "chapter/x/", "chapter/..", "chapter/a b", "chapter/\\x"]
)
@pytest.mark.parametrize("field", ["id", "notebook"])
def test_a_name_that_leads_out_is_refused(folder, field, name):
    assert f"{field} = {name!r} is no name; allowed: letters" in refusal(write(folder, claim() | {field: name}))


ROOT = "a: {words: w, printed: p, corrected: c, derivation: 'one line'"


@pytest.mark.parametrize(
    "content", ["[", "[a]", "a: 3", "a: text", "- x", "", ROOT + "}", ROOT + ", effect: 'None: x.'}"]
)
def test_corrupt_roots_are_named(tmp_path, monkeypatch, content):
    monkeypatch.setattr(table, "ROOTS", tmp_path / "roots.yml")
    table.ROOTS.write_text(content)
    with pytest.raises(ValueError, match=r"^roots\.yml in .* is corrupt \("):
        table.roots.__wrapped__()
