"""lib.claims.page: the reader's view of the claims and the ledgers."""

import pytest
from samples import CONDITIONAL

from lib.claims import ledger, page


@pytest.fixture
def claims(monkeypatch):
    test = {"name": "value", "as": "stated", "kind": "equals", "published": 0.5, "tolerance": 0.1, "machine_tolerance": 1e-6,
            "quantity": "a share", "reason": "two digits are printed", "decided": "before"}  # fmt: skip
    run = {
        "id": "c/run-1.2",
        "where": "Theorem 1",
        "form": "theorem",
        "notebook": "c/01",
        "statement": "It holds.",
        "tests": [test],
    }
    far = {
        "id": "c/far",
        "where": "Table 1",
        "form": "number",
        "notebook": "c/02",
        "statement": "Large.",
        "needs": "a week on eight GPUs",
    }
    new = {"id": "c/new", "where": "Table 2", "form": "number", "notebook": "c/02", "statement": "Later."}
    under = CONDITIONAL | {"id": "c/under", "notebook": "c/01"}
    values = {name: [0.9, 0.0] for name in ("printed", "mended", "large")}
    rows = {
        "c/run-1.2": {"verdict": "reproduced", "measured": {"value": [0.5123, 0.004]}},
        "c/under": {"verdict": "holds only under a condition", "measured": values},
    }
    rows["c/under"]["record"] = rows["c/under"] | {}
    book = {"seconds": 12.3, "provenance": {"cores": 2}, "claims": rows}
    monkeypatch.setattr(ledger, "committed", lambda notebook: book if notebook == "c/01" else None)
    found = {claim["id"]: claim for claim in (run, far, new, under)}
    monkeypatch.setattr(page, "of", lambda notebook: {k: v for k, v in found.items() if v["notebook"] == notebook})
    return found


def test_page_shows_value_against_published_with_permalink(claims):
    text = page.table(claims)
    assert "(claim-c-run-1-2)=" in text
    assert (
        "a share: **0.5123** ± 0.004 (published 0.5, tolerance 0.1). *Tolerance*, fixed before the run: two digits are printed"
        in text
    )
    assert "| [far](#claim-c-far) | Table 1 | out of reach here |  |" in text
    assert "It would need: a week on eight GPUs" in text
    assert "| [new](#claim-c-new) | Table 2 | not run yet |  |" in text


def test_page_shows_a_count_with_its_trials():
    test = {"kind": "equals", "published": 0, "tolerance": 0.5, "quantity": "exceptions"}
    assert page.result(test, (12345.0, 0.0, 20000)) == "exceptions: **12345** of 20000 (published 0, tolerance 0.5)"
    assert page.result(test, [0.0, 0.0, 2000]) == "exceptions: **0** of 2000 (published 0, tolerance 0.5)"


def test_page_shows_the_words_of_a_condition(claims):
    text = page.table(claims)
    assert "| [under](#claim-c-under) | Theorem 1 | holds only under large n |" in text
    assert '<span class="verdict verdict-open">holds only under large n</span>' in text
    assert "Evidence: record at the paper's size; laptop run: holds only under large n." in text
    assert "1 holds only under a condition" in text


def test_a_run_on_other_data_is_an_observation(claims):
    claims["c/run-1.2"]["laptop"] = "8 x 8 digits"
    text = page.table(claims)
    assert "| Theorem 1 | tried on other data only | on 8 x 8 digits: reproduced |" in text
    assert "1 tried on other data only" in page.badges("c/01")


def test_a_record_decides_and_says_how_far_it_goes(claims):
    claims["c/under"] |= {"laptop": "8 x 8 digits", "record": "two seeds"}
    words = "record at the paper's size (two seeds); on 8 x 8 digits: holds only under large n"
    assert f"| Theorem 1 | holds only under large n | {words} |" in page.table(claims)


def test_roots_replies_and_late_tests_are_shown(claims, monkeypatch):
    monkeypatch.setattr(page, "roots", lambda: {"alpha": "One factor too many."})
    claims["c/run-1.2"] |= {"root": "alpha", "reply": "It is a typo.", "answer": "The figure has it too."}
    claims["c/run-1.2"]["tests"][0]["decided"] = "after a look"
    text = page.table(claims)
    for words in (
        "alpha: One factor too many.",
        "could reply: It is a typo.",
        "answer: The figure has it too.",
        "after a look at",
    ):
        assert words in text


def test_a_prefix_that_no_claim_has_is_refused(claims):
    with pytest.raises(ValueError, match="prefix = 'nonsense' is no chapter or notebook that has claims"):
        page.table(claims, "nonsense")


def test_prefix_gives_the_summary_of_its_own_claims(claims):
    summary = page.table(claims, "c/02")
    assert "c-new" in summary
    assert "c-run" not in summary
    assert ")=" not in summary


def test_chapters_come_in_the_order_of_the_book():
    chapters = ["other", "reverse-bottleneck", "usable-information", "beyond-collapse", "random-matrices"]
    in_order = ["beyond-collapse", "random-matrices", "usable-information", "reverse-bottleneck", "other"]
    assert sorted(chapters, key=page.place) == in_order


def test_badges(claims):
    assert "12 s on 2 cores" in page.badges("c/01")
    assert "1 reproduced" in page.badges("c/01")
    assert "1 holds only under a condition" in page.badges("c/01")
    assert "make ledger" in page.badges("c/09")


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"seed": 1}, "bundled data"),
        ({"dataset": "digits"}, "bundled data"),
        ({"dataset": "cifar10"}, "real data: cifar10"),
        ({"features": "amazon", "images": "digits"}, "real data: amazon"),
        ({"features": "amazon", "images": "mnist"}, "real data: amazon, mnist"),
    ],
)
def test_badge_says_which_data_the_run_used(claims, monkeypatch, parameters, words):
    book = ledger.committed("c/01")
    assert "data" not in page.badges("c/01")  # an older ledger does not say
    monkeypatch.setattr(ledger, "committed", lambda notebook: book | {"parameters": parameters})
    assert f'<span class="badge-book">{words}</span>' in page.badges("c/01")
