"""lib.claims.corrections: the page of corrections, each exactly once, with what its claims measured."""

import re

import pytest
from samples import CONDITIONAL, claim, rule, small_book

from lib.claims import corrections, export, state, table, words

STAMP = "1.2+claims.abc"


@pytest.fixture(scope="module")
def entries():
    return corrections.entries(table.claims())


def test_every_correction_of_the_claims_appears_exactly_once(entries):
    """Whatever names a correction or a root, or has that verdict; and no other claim."""
    shown = [own["id"] for entry in entries for own in entry.claims]
    corrected = {
        key
        for key, own in table.claims().items()
        if "correction" in own or "root" in own or state.state(own)[0] == state.CORRECTED
    }
    assert sorted(shown) == sorted(corrected)
    text = "\n".join(corrections.text(entry, STAMP) for entry in entries)
    for key in corrected:
        assert text.count(f"](#{words.anchor(key)})**") == 1


def test_one_root_is_one_entry(entries):
    names = [entry.name for entry in entries]
    assert len(set(names)) == len(names)
    assert set(table.roots()) == {name for name in names if name not in table.claims()}
    for entry in entries:
        roots = {own.get("root", own["id"]) for own in entry.claims}
        assert roots == {entry.name}
        assert len({own["id"].split("/")[0] for own in entry.claims}) == 1
    assert len({entry.anchor for entry in entries}) == len(entries)


def test_an_entry_says_all_that_a_reader_needs(entries):
    """Printed, corrected, three numbered lines, effect, the tests with values and errors, reply and answer, how to cite."""
    for entry in entries:
        text = corrections.text(entry, STAMP)
        for head in ("Printed", "Corrected", "Derivation", "Effect on the paper's conclusions"):
            assert text.count(f"**{head}.**") == 1
        assert [line[0] for line in text.splitlines() if re.match(r"\d\. ", line)] == ["1", "2", "3"]
        assert text.count("*What its authors could reply*") == len(entry.claims)
        assert text.count("*Our answer*") == len(entry.claims)
        assert text.rstrip().endswith(f"Version {STAMP}, correction {entry.name}.")
        assert str(export.book()["title"]) in text


def test_measured_values_come_from_the_ledger(monkeypatch):
    """The laptop run's and the record's, each with its error; without a ledger the tests stand without values."""
    found = small_book(monkeypatch)
    found["c/under"]["tests"] = [
        rule(name="printed"),
        rule(name="mended", role="corrected"),
        rule(name="large", role="condition"),
    ]
    (entry,) = corrections.entries(found)
    text = corrections.text(entry, STAMP)
    assert text.count("- As stated: q: **0.9**") == 1
    assert text.count("- In the record, as stated: q: **0.9**") == 1
    (other,) = corrections.entries({"c/none": CONDITIONAL | {"id": "c/none", "notebook": "c/02"}})
    lone = corrections.text(other, STAMP)
    assert "- As stated: q: published 0.5" in lone
    assert "**0.9**" not in lone


def test_a_claim_that_needs_no_correction_stays_out(monkeypatch):
    found = small_book(monkeypatch)
    assert [entry.name for entry in corrections.entries(found)] == ["c/under"]
    found["c/also"] = claim("also") | {"root": "synergy", "id": "c/also", "notebook": "c/02"}
    assert [entry.name for entry in corrections.entries(found)] == ["synergy", "c/under"]


def test_the_summary_counts_effects(entries):
    text = corrections.summary(table.claims())
    counts = [int(n) for n in re.findall(r"(\d+) (?:leave|change)", text)]
    assert sum(counts) == len(entries) == int(text.split()[0])
    assert f"{counts[0]} leave the conclusions" in text
    assert counts[0] == sum(entry.effect.startswith("None:") for entry in entries)


@pytest.mark.parametrize("bad", [None, 3])
def test_a_citation_needs_a_name_and_a_version(bad):
    with pytest.raises(ValueError, match=r"name = .*"):
        corrections.citation(bad, STAMP)
    with pytest.raises(ValueError, match=r"stamp = .*"):
        corrections.citation("synergy", bad)
