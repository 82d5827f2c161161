"""Where a claim stands: its verdict as a code, the evidence that decides, and the one number that the verdict turns on."""

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache

import yaml

from lib import arguments
from lib.claims import ledger, table
from lib.claims.verdict import (
    CONDITIONAL,
    CORRECTED,
    FAILED,
    NOT_RUN,
    OBSERVED,
    OUT_OF_REACH,
    REPRODUCED,
    UNDECIDED,
    Pair,
    judge,
    strongest,
)
from lib.paths import ROOT

# Verdicts in the order in which the book shows them, each with its code: what an address, a style sheet and a download name
CODES = {
    REPRODUCED: "reproduced",
    CORRECTED: "corrected",
    CONDITIONAL: "conditional",
    FAILED: "not-reproduced",
    UNDECIDED: "undecided",
    OBSERVED: "observed",
    OUT_OF_REACH: "out-of-reach",
    NOT_RUN: "not-run",
}


@cache
def papers() -> dict[str, str]:
    """The chapters with notebooks, in the order of the table of contents, and the words that stand over each there.

    Checked by tests/claims/test_state.py.
    """
    parts = yaml.safe_load((ROOT / "_toc.yml").read_text())["parts"]
    files = {part["caption"]: [chapter["file"].split("/") for chapter in part["chapters"]] for part in parts}
    found = {paths[0][1]: caption for caption, paths in files.items() if len(paths[0]) == 3 and paths[0][1] != "api"}
    return {chapter: caption for chapter, caption in found.items() if any((ROOT / "book" / chapter).glob("*.ipynb"))}


def in_order(chapters: Iterable[str]) -> list[str]:
    """Chapters, each once, in the order of the table of contents; those that it does not list come last.

    Checked by tests/claims/test_state.py.
    """
    chapters, order = arguments.texts("chapters", chapters, "names of chapters"), list(papers())
    return sorted(dict.fromkeys(chapters), key=lambda name: order.index(name) if name in order else len(order))


def state(claim: Mapping) -> tuple[str, Mapping | None]:
    """Verdict of a claim by its strongest evidence, and its ledger row, from the committed ledger of its notebook."""
    if "needs" in claim:
        return OUT_OF_REACH, None
    committed = ledger.committed(claim["notebook"])
    if committed is None or claim["id"] not in committed["claims"]:
        return NOT_RUN, None
    row = committed["claims"][claim["id"]]
    return strongest(claim, row)[0], row


def of_the_papers(claims: Iterable[Mapping]) -> list[Mapping]:
    """Those of the claims that a paper makes, without the statements of the book's own. Checked by tests/claims/test_state.py."""
    return [claim for claim in claims if "whose" not in claim]


def counts(claims: Iterable[Mapping]) -> dict[str, int]:
    """How many of the papers' claims have each verdict, in the order of ``CODES``; verdicts that none has are left out.

    What the book itself states speaks neither for nor against a paper, so it is not counted.

    Checked by tests/claims/test_state.py.
    """
    found = Counter(state(claim)[0] for claim in of_the_papers(claims))
    return {verdict: found[verdict] for verdict in CODES if found[verdict]}


def measured(claim: Mapping, row: Mapping | None) -> Mapping[str, Pair] | None:
    """The measured tests of the evidence that decides, or None where nothing was measured."""
    if row is None:
        return None
    return row["record"]["measured"] if strongest(claim, row)[1] == "record" else row["measured"]


def turning_point(claim: Mapping, row: Mapping | None) -> tuple[Mapping, Pair] | None:
    """The test that a verdict turns on, with its measured value: the first stated one that fails, else is open, else holds.

    None where nothing was measured. Checked by tests/claims/test_state.py.
    """
    values = measured(claim, row)
    if values is None:
        return None
    stated = [test for test in claim["tests"] if test["as"] == "stated"]
    record = strongest(claim, row)[1] == "record"
    there = [test for test in stated if values[test["name"]] is not None]  # None: not to be measured at this size
    outcomes = [judge(test, *values[test["name"]][:2], record=record) for test in there]
    word = next((word for word in ("fails", "undecided", "holds") if word in outcomes), None)
    if word is None:
        return None
    test = there[outcomes.index(word)]
    return test, values[test["name"]]


def mended(claim: Mapping, row: Mapping | None) -> tuple[Mapping, Pair] | None:
    """The first test of what mends a claim, its correction or condition, where the verdict rests on that.

    Checked by tests/claims/test_state.py.
    """
    role = {CORRECTED: "corrected", CONDITIONAL: "condition"}.get(state(claim)[0])
    if role is None or row is None:
        return None
    test = next(test for test in claim["tests"] if test["as"] == role)
    pair = measured(claim, row)[test["name"]]
    return None if pair is None else (test, pair)


def evidence(claim: Mapping, row: Mapping | None) -> str:
    """What a verdict rests on, in words, and what else was seen: the record, the laptop run, or an observation on other data.

    Checked by tests/claims/test_state.py.
    """
    if row is None:
        return ""
    if "record" in row:
        return f"{table.of_record(claim)}; {'on ' + claim['laptop'] if 'laptop' in claim else 'laptop run'}: {row['verdict']}"
    return f"on {claim['laptop']}: {row['verdict']}" if "laptop" in claim else "laptop run"
