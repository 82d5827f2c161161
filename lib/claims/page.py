"""The claims as the reader sees them: tables and badges in MyST Markdown, from data/claims and the committed ledgers."""

from collections import Counter
from collections.abc import Mapping

from lib.claims import ledger
from lib.claims.table import of, roots
from lib.claims.verdict import CONDITIONAL, CORRECTED, FAILED, NOT_RUN, OUT_OF_REACH, REPRODUCED, Pair, strongest
from lib.paths import ROOT
from lib.runs import records

RANK = {REPRODUCED: "holds", CORRECTED: "mended", FAILED: "fails"}
WORDS = {
    "correction": "The correction",
    "condition": "The condition",
    "needs": "It would need",
    "reply": "What its authors could reply",
    "answer": "Our answer",
}
DATA_PARAMETERS = ("dataset", "features", "images")  # parameters whose value is the name of a data set
BUNDLED = "digits"  # the set that comes with scikit-learn and needs no download


def anchor(claim_id: str) -> str:
    """Page anchor of a claim: "beyond-collapse/theorem-3.2" becomes "claim-beyond-collapse-theorem-3-2"."""
    return "claim-" + claim_id.replace("/", "-").replace(".", "-")


def number(value: float) -> str:
    """Four significant digits."""
    return f"{value:.4g}"


def result(test: Mapping, measured: Pair | None) -> str:
    """One test in words: quantity, measured value with its error, or count with its trials, against the border.

    Checked by tests/claims/test_page.py.
    """
    border = {
        "equals": f"published {number(test['published'])}, tolerance {number(test['tolerance'])}",
        "above": f"must be above {number(test['published'] - test['tolerance'])}",
        "below": f"must be below {number(test['published'] + test['tolerance'])}",
    }[test["kind"]]
    if measured is None:
        return f"{test['quantity']}: {border}"  # not run, or not to be measured at this size
    value, error, *trials = measured
    spread = f" of {trials[0]}" if trials else f" ± {number(error)}" if error else ""
    digits = f"{value:.0f}" if trials else number(value)
    return f"{test['quantity']}: **{digits}**{spread} ({border})"


def state(claim: Mapping) -> tuple[str, Mapping | None]:
    """Verdict of a claim by its strongest evidence, and its ledger row, from the committed ledger of its notebook."""
    if "needs" in claim:
        return OUT_OF_REACH, None
    committed = ledger.committed(claim["notebook"])
    if committed is None or claim["id"] not in committed["claims"]:
        return NOT_RUN, None
    row = committed["claims"][claim["id"]]
    return strongest(claim, row)[0], row


def evidence(claim: Mapping, row: Mapping | None) -> str:
    """What a verdict rests on, in words, and what else was seen: the record, the laptop run, or an observation on other data.

    Checked by tests/claims/test_page.py.
    """
    if row is None:
        return ""
    seen = shown(claim, row["verdict"])
    if "record" in row:
        words = f"record at the paper's size{' (' + claim['record'] + ')' if 'record' in claim else ''}"
        return f"{words}; {'on ' + claim['laptop'] if 'laptop' in claim else 'laptop run'}: {seen}"
    return f"on {claim['laptop']}: {seen}" if "laptop" in claim else "laptop run"


def shown(claim: Mapping, verdict: str) -> str:
    """A verdict for the reader: where it is that the claim holds only under a condition, that condition."""
    return f"holds only under {claim['condition'].strip()}" if verdict == CONDITIONAL else verdict


def block(claim: Mapping) -> str:
    """One claim as a definition with a permalink of its own."""
    verdict, row = state(claim)
    mark = f'<span class="verdict verdict-{RANK.get(verdict, "open")}">{shown(claim, verdict)}</span>'
    lines = [f"({anchor(claim['id'])})=", f"### {claim['id'].split('/', 1)[1]}", ""]
    lines += [f"{mark} · {claim['where']} · {claim['form']}", "", claim["statement"].strip(), ""]
    if row:
        lines += [f"Evidence: {evidence(claim, row)}.", ""]
    for test in claim.get("tests", []):
        role = {"stated": "As stated", "corrected": "Corrected", "condition": "Under the condition"}[test["as"]]
        measured = row["measured"][test["name"]] if row else None
        decided = {"before": "fixed before the run", "after a look": "fixed after a look at results"}[test["decided"]]
        lines.append(f"- {role}. {result(test, measured)}. *Tolerance*, {decided}: {test['reason']}")
        if row and "record" in row:
            lines.append(f"  At the paper's size: {result(test, row['record']['measured'][test['name']])}.")
    if row and "record" in row and records.standing(claim["notebook"]):
        lines += ["", "The record was made with older code; the notebook says why it stands."]
    if "root" in claim:
        lines += ["", f"One root with others, {claim['root']}: {roots()[claim['root']].strip()}"]
    for field, words in WORDS.items():
        if field in claim:
            lines += ["", f"{words}: {claim[field].strip()}"]
    if row:
        lines += ["", f"Notebook: [{claim['notebook']}](/book/{claim['notebook']}.ipynb)."]
    elif verdict == NOT_RUN:
        lines += ["", f"Notebook: {claim['notebook']}, in preparation."]
    return "\n".join([*lines, ""])


def place(chapter: str) -> int:
    """Where a chapter stands in the book's table of contents; one that it does not list comes last."""
    contents = (ROOT / "_toc.yml").read_text()
    found = contents.find(f"book/{chapter}/")
    return found if found >= 0 else len(contents)


def table(claims: Mapping[str, Mapping], prefix: str | None = None) -> str:
    """All claims, chapter by chapter: a summary table, then one block each. With a chapter or notebook as ``prefix``: a summary.

    Chapters come in the order of the book's table of contents. Raises ValueError for a prefix that no claim has.
    Checked by tests/claims/test_page.py.
    """
    chosen = [claim for claim in claims.values() if claim["notebook"].startswith(prefix or "")]
    if prefix is not None and not chosen:
        raise ValueError(f"prefix = {prefix!r} is no chapter or notebook that has claims")
    out = []
    for chapter in sorted(dict.fromkeys(claim["id"].split("/")[0] for claim in chosen), key=place):
        own = [claim for claim in chosen if claim["id"].startswith(chapter + "/")]
        if prefix is None:
            counts = Counter(state(claim)[0] for claim in own)
            out += [f"## {chapter}", "", "; ".join(f"{n} {word}" for word, n in counts.most_common()) + ".", ""]
        out += ["| claim | where | verdict | evidence |", "|---|---|---|---|"]
        for claim in own:
            name, (verdict, row) = claim["id"].split("/", 1)[1], state(claim)
            cells = (f"[{name}](#{anchor(claim['id'])})", claim["where"], shown(claim, verdict), evidence(claim, row))
            out.append(f"| {' | '.join(cells)} |")
        out.append("")
        if prefix is None:
            out += [block(claim) for claim in own]
    return "\n".join(out)


def data(parameters: Mapping[str, object]) -> str:
    """Which data a run used, from its parameters: "bundled data", or "real data" with the names of the sets.

    Checked by tests/claims/test_page.py.
    """
    named = dict.fromkeys(str(parameters[name]) for name in DATA_PARAMETERS if name in parameters)
    real = [name for name in named if name != BUNDLED]
    return f"real data: {', '.join(real)}" if real else "bundled data"


def badges(notebook: str) -> str:
    """Seconds, machine, data and verdicts of a notebook's last ledger, in one line; no data if the ledger has no parameters.

    Below it, where the notebook's record was made with older code, the reason why it stands.

    Checked by tests/claims/test_page.py.
    """
    committed = ledger.committed(notebook)
    if committed is None:
        return "*This notebook has no ledger yet: run `make ledger`.*"
    counts = Counter(state(claim)[0] for claim in of(notebook).values())
    parts = [f"{committed['seconds']:.0f} s on {committed['provenance']['cores']} cores"]
    if "parameters" in committed:
        parts.append(data(committed["parameters"]))
    parts += [f"{n} {word}" for word, n in counts.most_common()]
    line = " ".join(f'<span class="badge-book">{part}</span>' for part in parts)
    reason = records.standing(notebook)
    return f"{line}\n\n*The record at the paper's size was made with older code.* {reason}" if reason else line
