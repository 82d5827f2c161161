"""The page of corrections: every correction to a printed formula or sentence, grouped by its root, in MyST Markdown."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lib import arguments
from lib.claims import export, page
from lib.claims.state import in_order, state
from lib.claims.table import EFFECTS, roots
from lib.claims.words import FIELDS, ROLES, anchor, result

LEFT = {  # how many corrections have each effect on their paper, in words
    "None": "leave the conclusions of their paper as they are",
    "Narrower": "leave them under a condition, or with a term more",
    "Changed": "change one of them",
}


@dataclass(frozen=True)
class Entry:
    """One correction: a root with all its claims, or a claim without a root. ``name`` is the root's, or the id of the claim."""

    name: str
    printed: str
    corrected: str
    derivation: tuple[str, ...]
    effect: str
    words: str
    claims: tuple[Mapping, ...]

    @property
    def chapter(self) -> str:
        """The chapter whose paper it corrects."""
        return self.claims[0]["id"].split("/")[0]

    @property
    def title(self) -> str:
        """Its name for a reader: that of a root, such as "Spurious alpha", or where a single claim stands in its paper."""
        single = self.name == self.claims[0]["id"]
        return self.claims[0]["where"] if single else self.name.replace("-", " ").capitalize()

    @property
    def anchor(self) -> str:
        """Its anchor in the page."""
        return anchor(self.name).replace("claim-", "correction-", 1)


def entries(claims: Mapping[str, Mapping]) -> list[Entry]:
    """The corrections, paper by paper in the order of the book, and in each paper the roots before the single ones.

    A claim belongs to the one entry of its root, or, if it has a correction and no root, is an entry of its own; all others
    belong to none. Checked by tests/claims/test_corrections.py.
    """
    found: dict[str, list[Mapping]] = {}
    for claim in claims.values():
        if "root" in claim or "correction" in claim:
            found.setdefault(claim.get("root", claim["id"]), []).append(claim)
    listed = [_entry(name, own) for name, own in found.items()]
    order = in_order(entry.chapter for entry in listed)
    return sorted(listed, key=lambda entry: (order.index(entry.chapter), entry.name == entry.claims[0]["id"]))


def _entry(name: str, own: list[Mapping]) -> Entry:
    if "root" in own[0]:
        source = roots()[name]
    else:
        source = own[0] | {"printed": own[0]["statement"], "corrected": own[0]["correction"], "words": ""}
    texts = {field: " ".join(source[field].split()) for field in ("printed", "corrected", "effect", "words")}
    return Entry(name, derivation=tuple(source["derivation"].strip().splitlines()), claims=tuple(own), **texts)


def summary(claims: Mapping[str, Mapping]) -> str:
    """How many corrections there are, in how many claims, and how many of them touch a conclusion, in one sentence.

    Checked by tests/claims/test_corrections.py.
    """
    listed = entries(claims)
    found = Counter(entry.effect.split(":")[0] for entry in listed)
    parts = [f"{found[effect]} {LEFT[effect]}" for effect in EFFECTS if found[effect]]
    touched = sum(len(entry.claims) for entry in listed)
    return f"{len(listed)} corrections, in {touched} claims: {'; '.join(parts)}."


def text(entry: Entry, stamp: str) -> str:
    """One correction for the page: printed, corrected, three lines of derivation, its effect, what its claims measured, what the
    authors could reply and our answer, and how to cite it with the version ``stamp``.

    Checked by tests/claims/test_corrections.py.
    """
    arguments.text("stamp", stamp, "a version")
    lines = [entry.words, ""] if entry.words else []
    lines += [f"**Printed.** {entry.printed}", "", f"**Corrected.** {entry.corrected}", "", "**Derivation.**", ""]
    lines += [f"{k}. {line.strip()}" for k, line in enumerate(entry.derivation, 1)]
    lines += ["", f"**Effect on the paper's conclusions.** {entry.effect}", ""]
    for claim in entry.claims:
        lines += [*_claim(claim), ""]
    return "\n".join([*lines, f"**Cite** {citation(entry.name, stamp)}", ""])


def _claim(claim: Mapping) -> Iterator[str]:
    """What one claim measured, by the evidence that decides beside any other, and what is said for and against it."""
    verdict, row = state(claim)
    name, statement = claim["id"].split("/", 1)[1], " ".join(claim["statement"].split())
    yield f"**Claim [{name}](#{anchor(claim['id'])})** ({claim['where']}): {statement} {page.badge(verdict)}"
    yield ""
    for field in ("correction", "condition"):
        if field in claim and "root" in claim:
            yield from (f"*{FIELDS[field]}*: {' '.join(claim[field].split())}", "")
    runs = {"": row, "In the record, ": row.get("record") if row else None}
    for test in claim.get("tests", []):
        for lead, run in runs.items():
            if run or not (lead or row):
                measured = run["measured"][test["name"]] if run else None
                role = ROLES[test["as"]]
                yield f"- {lead}{role.lower() if lead else role}: {result(test, measured)}."
    for field in ("reply", "answer"):
        if field in claim:
            yield from ("", f"*{FIELDS[field]}*: {' '.join(claim[field].split())}")


def citation(name: str, stamp: str) -> str:
    """How to cite one correction, from CITATION.cff: authors, title, version, its name.

    Checked by tests/claims/test_corrections.py.
    """
    arguments.text("name", name, "a root, or the id of a claim")
    return export.cited(f"correction {name}", stamp)
