"""lib.claims.export: claims for other programs."""

import csv
import io
import json

import pytest
from samples import small_book

from lib.claims import export, table, words
from lib.claims.state import CODES, papers, state

ADDRESS = "https://example.org/book/"


@pytest.fixture
def claims(monkeypatch):
    return small_book(monkeypatch)


def test_json_holds_every_claim_with_tests_and_values(claims):
    content = json.loads(export.as_json(claims, ADDRESS))
    by_id = {claim["id"]: claim for claim in content["claims"]}
    assert set(by_id) == set(claims)
    run = by_id["c/run-1.2"]
    assert run["verdict"] == "reproduced"
    assert run["runs"] == {"laptop": "reproduced"}
    assert run["tests"][0]["laptop"] == {"value": 0.5123, "standard_error": 0.004}
    assert run["permalink"] == "https://example.org/book/book/claims.html#claim-c-run-1-2"
    assert by_id["c/under"]["condition"] == "large n"
    assert by_id["c/under"]["tests"][0]["record"] == {"value": 0.9, "standard_error": 0.0}
    assert by_id["c/far"]["verdict"] == "out-of-reach"


def test_a_citation_names_version_and_claim(claims):
    content = json.loads(export.as_json(claims, ADDRESS))
    claim = content["claims"][0]
    assert f"Version {content['version']}, claim {claim['id']}. {claim['permalink']}" in claim["cite"]
    assert str(export.book()["title"]) in claim["cite"]
    assert "http" not in export.citation("c/far", content["version"])


def test_version_follows_the_content(claims):
    before = export.version(export.rows(claims))
    assert before.startswith(f"{export.book()['version']}+claims.")
    assert export.version(export.rows(claims)) == before
    claims["c/far"]["statement"] = "Larger."
    assert export.version(export.rows(claims)) != before


def test_csv_has_a_line_a_claim_with_its_number(claims):
    lines = list(csv.DictReader(io.StringIO(export.as_csv(claims, ADDRESS))))
    assert [line["id"] for line in lines] == list(claims)
    assert [line["verdict"] for line in lines] == ["reproduced", "out-of-reach", "not-run", "conditional"]
    first = lines[0]
    assert (float(first["measured"]), float(first["standard_error"]), first["claimed"]) == (0.5123, 0.004, "0.5 ± 0.1")
    assert first["cite"].endswith("#claim-c-run-1-2")
    assert lines[1]["measured"] == ""


def test_the_books_own_claims_are_data():
    """Every claim of the book, its verdict a code, its paper a chapter of the book."""
    content = json.loads(export.as_json(table.claims()))
    assert content["papers"] == papers()
    for row in content["claims"]:
        claim = table.claims()[row["id"]]
        assert row["verdict"] == CODES[state(claim)[0]]
        assert row["paper"] in content["papers"]
        assert row["permalink"] == f"book/claims.html#{words.anchor(row['id'])}"
