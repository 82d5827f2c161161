"""lib.claims_page: the reader's view of claims.yml and the ledgers."""

import pytest

from lib import claims_page, ledger


@pytest.fixture
def claims(monkeypatch):
    test = {"name": "value", "as": "stated", "kind": "equals", "published": 0.5, "tolerance": 0.1, "machine_tolerance": 1e-6,
            "quantity": "a share", "reason": "two digits are printed"}  # fmt: skip
    run = {"id": "c/run-1.2", "where": "Theorem 1", "notebook": "c/01", "statement": "It holds.", "tests": [test]}
    far = {
        "id": "c/far",
        "where": "Table 1",
        "notebook": "c/02",
        "statement": "Large.",
        "needs": "a week on eight GPUs",
    }
    new = {"id": "c/new", "where": "Table 2", "notebook": "c/02", "statement": "Later."}
    row = {"verdict": "reproduced", "measured": {"value": [0.5123, 0.004]}}
    book = {"seconds": 12.3, "provenance": {"cores": 2}, "claims": {"c/run-1.2": row}}
    monkeypatch.setattr(ledger, "committed", lambda notebook: book if notebook == "c/01" else None)
    return {claim["id"]: claim for claim in (run, far, new)}


def test_page_shows_value_against_published_with_permalink(claims):
    page = claims_page.table(claims)
    assert "(claim-c-run-1-2)=" in page
    assert "a share: **0.5123** ± 0.004 (published 0.5, tolerance 0.1). *Tolerance:* two digits are printed" in page
    assert "| [far](#claim-c-far) | Table 1 | out of reach here |" in page
    assert "It would need: a week on eight GPUs" in page
    assert "| [new](#claim-c-new) | Table 2 | not run yet |" in page


def test_prefix_gives_the_summary_of_its_own_claims(claims):
    summary = claims_page.table(claims, "c/02")
    assert "c-new" in summary
    assert "c-run" not in summary
    assert ")=" not in summary


def test_badges(claims):
    assert "12 s on 2 cores" in claims_page.badges("c/01")
    assert "1 reproduced" in claims_page.badges("c/01")
    assert "make ledger" in claims_page.badges("c/09")
