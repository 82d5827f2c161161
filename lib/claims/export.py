"""All claims as data for other programs: claims.json, claims.csv, their version, and how to cite one of them."""

import csv
import functools
import io
import json
from collections.abc import Mapping
from hashlib import sha256

import yaml

from lib import arguments
from lib.claims.state import CODES, evidence, papers, state, turning_point
from lib.claims.table import FORMS, roots
from lib.claims.verdict import Pair
from lib.claims.words import anchor, border
from lib.paths import ROOT

PLAIN = (
    "where",
    "form",
    "notebook",
    "statement",
    "condition",
    "correction",
    "derivation",
    "effect",
    "needs",
    "reply",
    "answer",
    "laptop",
    "paper_profile",
    "record",
    "whose",
)
COLUMNS = ("id", "paper", "where", "form", "verdict", "statement", "condition", "quantity", "measured", "standard_error",
           "claimed", "evidence", "notebook", "permalink", "version", "cite")  # fmt: skip


@functools.cache
def book() -> dict[str, object]:
    """The book's own reference, from CITATION.cff."""
    return yaml.safe_load((ROOT / "CITATION.cff").read_text())


def version(rows: list[dict]) -> str:
    """The book's version, and a digest of what the claims say and how they stand: equal content has an equal version.

    Checked by tests/claims/test_export.py.
    """
    content = json.dumps(rows, sort_keys=True, ensure_ascii=False).encode()
    return f"{book()['version']}+claims.{sha256(content).hexdigest()[:8]}"


def citation(claim_id: str, stamp: str, address: str = "") -> str:
    """How to cite one claim: authors, title, version, its id, its permalink if the book has an address."""
    arguments.text("stamp", stamp, "a version")
    arguments.text("address", address, "the address of the book, or nothing")
    arguments.text("claim_id", claim_id, "the id of a claim")
    link = f" {permalink(claim_id, address)}" if address else ""
    return f"{cited(f'claim {claim_id}', stamp)}{link}"


def cited(what: str, stamp: str) -> str:
    """How to cite one piece of the book, such as "claim ID": authors, title, version, the piece.

    Checked by tests/claims/test_export.py.
    """
    arguments.text("what", what, "a piece of the book")
    arguments.text("stamp", stamp, "a version")
    authors = ", ".join(author["name"] for author in book()["authors"])
    return f"{authors}: {book()['title']}. Version {stamp}, {what}."


def permalink(claim_id: str, address: str = "") -> str:
    """Where a claim stands: below the book's ``address`` (with a slash at its end), or from its root."""
    arguments.text("address", address, "the address of the book, or nothing")
    return f"{address}book/claims.html#{anchor(claim_id)}"


def rows(claims: Mapping[str, Mapping]) -> list[dict]:
    """The claims as plain JSON data, each with verdict, evidence and all its tests with their values.

    Checked by tests/claims/test_export.py.
    """
    return [_row(claim) for claim in claims.values()]


def _row(claim: Mapping) -> dict:
    verdict, row = state(claim)
    found = {"id": claim["id"], "paper": claim["id"].split("/")[0], "verdict": CODES[verdict]}
    found |= {field: " ".join(claim[field].split()) for field in PLAIN if field in claim}
    if "root" in claim:
        found["root"] = {
            "name": claim["root"],
            **{field: text.strip() for field, text in roots()[claim["root"]].items()},
        }
    if row:
        runs = {"laptop": row, **({"record": row["record"]} if "record" in row else {})}
        found["evidence"] = evidence(claim, row)
        found["runs"] = {name: CODES[run["verdict"]] for name, run in runs.items()}
        if turning := turning_point(claim, row):
            found["turns_on"] = turning[0]["name"]
    else:
        runs = {}
    found["tests"] = [
        dict(test) | {name: _measured(run["measured"][test["name"]]) for name, run in runs.items()}
        for test in claim.get("tests", [])
    ]
    return found


def _measured(pair: Pair | None) -> dict[str, float] | None:
    if pair is None:  # not to be measured at this size
        return None
    value, error, *trials = pair
    return {"value": value, "standard_error": error, **({"trials": trials[0]} if trials else {})}


def as_json(claims: Mapping[str, Mapping], address: str = "") -> str:
    """The content of claims.json: version, what codes and forms there are, and the claims, each with how to cite it.

    Checked by tests/claims/test_export.py.
    """
    listed = rows(claims)
    stamp = version(listed)
    content = {
        "title": book()["title"],
        "version": stamp,
        "licence": "CC-BY-4.0",
        "papers": papers(),
        "verdicts": {code: words for words, code in CODES.items()},
        "forms": list(FORMS),
        "claims": [
            row | {"permalink": permalink(row["id"], address), "cite": citation(row["id"], stamp, address)}
            for row in listed
        ],
    }
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def as_csv(claims: Mapping[str, Mapping], address: str = "") -> str:
    """The content of claims.csv: one line a claim, with the number that its verdict turns on, and how to cite it.

    Checked by tests/claims/test_export.py.
    """
    stamp = version(rows(claims))
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for claim in claims.values():
        verdict, row = state(claim)
        line = {field: " ".join(claim.get(field, "").split()) for field in COLUMNS if field in claim}
        line |= {"paper": claim["id"].split("/")[0], "verdict": CODES[verdict], "evidence": evidence(claim, row)}
        line |= {
            "permalink": permalink(claim["id"], address),
            "version": stamp,
            "cite": citation(claim["id"], stamp, address),
        }
        if turning := turning_point(claim, row):
            test, (value, error, *_) = turning
            line |= {"quantity": test["quantity"], "measured": value, "standard_error": error, "claimed": border(test)}
        writer.writerow(line)
    return out.getvalue()
