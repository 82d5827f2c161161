"""What the book's pages show of the claims: the answer table of a chapter, the badges of a notebook, in MyST Markdown."""

from collections.abc import Mapping

from lib import arguments
from lib.claims import ledger
from lib.claims.state import CODES, counts, evidence, in_order, mended, of_the_papers, state, turning_point
from lib.claims.table import of
from lib.claims.words import anchor, brief
from lib.runs import records

DATA_PARAMETERS = ("dataset", "features", "images")  # parameters whose value is the name of a data set
BUNDLED = ("digits", "toy-news")  # what comes with scikit-learn, and what the book makes up: no download


def badge(verdict: str) -> str:
    """A verdict as HTML: its words, coloured by its code."""
    arguments.one_of("verdict", verdict, CODES)
    return f'<span class="verdict verdict-{CODES[verdict]}">{verdict}</span>'


def answers(claims: Mapping[str, Mapping], prefix: str) -> str:
    """The answer table of a chapter or notebook: claim, verdict with its condition and record, the number that it turns on.

    Where the verdict names no evidence, the laptop run decides. Chapters come in the order of the book's table of contents.
    Raises ValueError for a prefix that no claim has. Checked by tests/claims/test_page.py.
    """
    arguments.text("prefix", prefix, "a chapter or notebook that has claims")
    chosen = [claim for claim in claims.values() if claim["notebook"].startswith(prefix)]
    if not chosen:
        raise ValueError(f"prefix = {prefix!r} is no chapter or notebook; allowed: one that has claims")
    out = []
    for chapter in in_order(claim["id"].split("/")[0] for claim in chosen):
        out += ["| claim | verdict | measured |", "|---|---|---|"]
        for claim in chosen:
            if claim["id"].startswith(chapter + "/"):
                out.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in _cells(claim))} |")
        out.append("")
    return "\n".join(out)


def _cells(claim: Mapping) -> tuple[str, str, str]:
    verdict, row = state(claim)
    turning, after = turning_point(claim, row), mended(claim, row)
    numbers = [brief(*turning)] if turning else []
    if after:
        numbers.append(f"{'corrected' if after[0]['as'] == 'corrected' else 'under the condition'}: {brief(*after)}")
    words = [f"{field}: {' '.join(claim[field].split())}" for field in ("condition", "needs") if field in claim]
    words += [evidence(claim, row)] if row and ("record" in row or "laptop" in claim) else []
    name = f"[{claim['id'].split('/', 1)[1]}](#{anchor(claim['id'])}) {' '.join(claim['statement'].split())}"
    return name, " ".join([badge(verdict), "; ".join(words)]).strip(), "; ".join(numbers)


def tally(chapter: str, claims: Mapping[str, Mapping]) -> str:
    """How the claims of a chapter stand, in words: "43 claims: 20 reproduced, 23 undecided; and 3 statements of the book's own".

    Checked by tests/claims/test_page.py.
    """
    arguments.text("chapter", chapter, "the name of a chapter")
    own = [claim for claim in claims.values() if claim["id"].startswith(chapter + "/")]
    found = ", ".join(f"{n} {verdict}" for verdict, n in counts(own).items())
    theirs = len(of_the_papers(own))
    more = len(own) - theirs
    ours = f"; and {more} statement{'s' * (more > 1)} of the book's own" if more else ""
    return f"{theirs} claims: {found}{ours}"


def data(parameters: Mapping[str, object]) -> str:
    """Which data a run used, from its parameters: "bundled data", or "real data" with the names of the sets.

    Checked by tests/claims/test_page.py.
    """
    named = dict.fromkeys(str(parameters[name]) for name in DATA_PARAMETERS if name in parameters)
    real = [name for name in named if name not in BUNDLED]
    return f"real data: {', '.join(real)}" if real else "bundled data"


def badges(notebook: str) -> str:
    """Seconds, machine, data and verdicts of a notebook's last ledger, in one line; no data if the ledger has no parameters.

    Below it, where the notebook's record was made with older code, the reason why it stands.

    Checked by tests/claims/test_page.py.
    """
    committed = ledger.committed(notebook)
    if committed is None:
        return "*This notebook has no ledger yet: run `make ledger`.*"
    parts = [f"{committed['seconds']:.0f} s on {committed['provenance']['cores']} cores"]
    if "parameters" in committed:
        parts.append(data(committed["parameters"]))
    parts += [f"{n} {verdict}" for verdict, n in counts(of(notebook).values()).items()]
    line = " ".join(f'<span class="badge-book">{part}</span>' for part in parts)
    reason = records.standing(notebook)
    return f"{line}\n\n*The record was made with older code.* {reason}" if reason else line
