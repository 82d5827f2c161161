"""One claim in words, as MyST Markdown: its tests with their values, what mends it, what its authors could reply."""

import math
from collections.abc import Mapping

from lib import arguments
from lib.claims.state import evidence, state
from lib.claims.table import roots
from lib.claims.verdict import NOT_RUN, Pair
from lib.runs import records
from lib.theory import checks

FIELDS = {
    "condition": "The condition",
    "correction": "The correction",
    "needs": "It would need",
    "reply": "What its authors could reply",
    "answer": "Our answer",
}
ROLES = {"stated": "As stated", "corrected": "Corrected", "condition": "Under the condition"}
DECIDED = {"before": "fixed before the run", "after a look": "fixed after a look at results"}


def anchor(claim_id: str) -> str:
    """Page anchor of a claim: "beyond-collapse/theorem-3.2" becomes "claim-beyond-collapse-theorem-3-2"."""
    arguments.text("claim_id", claim_id, "the id of a claim")
    return "claim-" + claim_id.replace("/", "-").replace(".", "-")


def number(value: float) -> str:
    """Four significant digits."""
    return f"{checks.finite('value', value):.4g}"


def value(measured: Pair) -> tuple[str, str]:
    """A measured value in digits, and what follows it: its standard error, or the trials that it was counted in."""
    result, error, *trials = measured
    spread = f" of {trials[0]}" if trials else f" ± {number(error)}" if error else ""
    return (f"{result:.0f}" if trials else number(result)), spread


def rounded(measured: Pair) -> str:
    """A measured value for a sentence: to the second digit of its error ("0.0055 ± 0.0041"), a count of its trials as it is.

    Checked by tests/claims/test_words.py.
    """
    result, error, *trials = measured
    if trials or not error:
        return "".join(value(measured))
    decimals = max(0, 1 - math.floor(math.log10(error)))
    return f"{result:.{decimals}f} ± {error:.{decimals}f}" if decimals <= 9 else number(result)


def border(test: Mapping) -> str:
    """What a test compares with, in a few signs: "0.5 ± 0.1", "at least 0.95" or "at most 0.05"."""
    if test["kind"] == "equals":
        return f"{number(test['published'])} ± {number(test['tolerance'])}"
    if test["kind"] == "above":
        return f"at least {number(test['published'] - test['tolerance'])}"
    return f"at most {number(test['published'] + test['tolerance'])}"


def brief(test: Mapping, measured: Pair) -> str:
    """A measured value against its border, for a table: "**0.5123** ± 0.0040; claimed: 0.5 ± 0.1".

    Checked by tests/claims/test_words.py.
    """
    digits, _, spread = rounded(measured).partition(" ")
    return f"**{digits}**{' ' + spread if spread else ''}; claimed: {border(test)}"


def result(test: Mapping, measured: Pair | None) -> str:
    """One test in words: quantity, measured value with its error, or count with its trials, against the border.

    Checked by tests/claims/test_words.py.
    """
    against = {
        "equals": f"published {number(test['published'])}, tolerance {number(test['tolerance'])}",
        "above": f"must be above {number(test['published'] - test['tolerance'])}",
        "below": f"must be below {number(test['published'] + test['tolerance'])}",
    }[test["kind"]]
    if measured is None:
        return f"{test['quantity']}: {against}"
    digits, spread = value(measured)
    return f"{test['quantity']}: **{digits}**{spread} ({against})"


def details(claim: Mapping) -> str:
    """All that the book says of one claim beyond its statement. Checked by tests/claims/test_words.py."""
    verdict, row = state(claim)
    lines = []
    for field in ("condition", "correction", "needs"):
        if field in claim:
            lines += [f"**{FIELDS[field]}.** {claim[field].strip()}", ""]
    if row:
        lines += [f"**Evidence.** {evidence(claim, row)}.", ""]
    for test in claim.get("tests", []):
        measured = row["measured"][test["name"]] if row else None
        lines.append(
            f"- {ROLES[test['as']]}: {result(test, measured)}. *Tolerance*, {DECIDED[test['decided']]}: {test['reason']}"
        )
        if row and "record" in row:
            lines.append(f"  In the record: {result(test, row['record']['measured'][test['name']])}.")
    if row and "record" in row and records.standing(claim["notebook"]):
        lines += ["", "The record was made with older code; the notebook says why it stands."]
    if "root" in claim:
        lines += ["", f"**One root with others**, {claim['root']}: {roots()[claim['root']]['words'].strip()}"]
    for field in ("reply", "answer"):
        if field in claim:
            lines += ["", f"**{FIELDS[field]}.** {claim[field].strip()}"]
    if row:
        lines += ["", f"Notebook: [{claim['notebook']}](/book/{claim['notebook']}.ipynb)."]
    elif verdict == NOT_RUN:
        lines += ["", f"Notebook: {claim['notebook']}, in preparation."]
    return "\n".join([*lines, ""])
