"""lib.claims.page: answer tables of chapters and badges of notebooks."""

import pytest
from samples import small_book

from lib.claims import ledger, page


@pytest.fixture
def claims(monkeypatch):
    return small_book(monkeypatch)


def test_answer_table_has_verdict_number_condition_and_evidence(claims):
    lines = page.answers(claims, "c").splitlines()
    assert lines[0] == "| claim | verdict | measured |"
    badge = '<span class="verdict verdict-{}">{}</span>'
    reproduced, far = badge.format("reproduced", "reproduced"), badge.format("out-of-reach", "out of reach here")
    under, new = badge.format("conditional", "holds only under a condition"), badge.format("not-run", "not run yet")
    assert lines[2:] == [
        f"| [run-1.2](#claim-c-run-1-2) It holds. | {reproduced} | **0.5123** ± 0.0040; claimed: 0.5 ± 0.1 |",
        f"| [far](#claim-c-far) Large. | {far} needs: a week on eight GPUs |  |",
        f"| [new](#claim-c-new) Later. | {new} |  |",
        f"| [under](#claim-c-under) It holds. | {under} condition: large n; record at the paper's size; "
        "laptop run: holds only under a condition | **0.9**; claimed: 0.5 ± 0.1; "
        "under the condition: **0.5**; claimed: 0.5 ± 0.1 |",
    ]


def test_a_bar_in_a_cell_does_not_split_it(claims):
    claims["c/run-1.2"]["statement"] = "P(A | B) = 1."
    assert r"P(A \| B) = 1. |" in page.answers(claims, "c/01")


def test_a_notebook_gets_its_own_claims(claims):
    text = page.answers(claims, "c/02")
    assert "claim-c-new" in text
    assert "claim-c-run" not in text


def test_an_unknown_chapter_is_refused(claims):
    with pytest.raises(ValueError, match=r"prefix = 'd' is no chapter or notebook; allowed: one that has claims"):
        page.answers(claims, "d")


def test_tally_counts_in_the_order_of_the_verdicts(claims):
    words = "4 claims: 1 reproduced, 1 holds only under a condition, 1 out of reach here, 1 not run yet"
    assert page.tally("c", claims) == words
    next(iter(claims.values()))["whose"] = "the book"
    assert page.tally("c", claims).startswith("3 claims: ")
    assert page.tally("c", claims).endswith("; and 1 statement of the book's own")


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
        ({"dataset": "toy-news"}, "bundled data"),
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
