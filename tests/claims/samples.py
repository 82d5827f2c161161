"""Small claims for the tests of lib.claims."""

from lib.claims import ledger, page


def rule(kind="equals", published=0.5, tolerance=0.1, role="stated", name="value", machine=1e-6):
    return {"name": name, "as": role, "kind": kind, "published": published, "tolerance": tolerance,
            "machine_tolerance": machine, "quantity": "q", "reason": "r", "decided": "before"}  # fmt: skip


def claim(name="claim", **changes):
    plain = {"id": f"chapter/{name}", "where": "Theorem 1", "form": "theorem", "notebook": "chapter/notebook"}
    return {**plain, "statement": "It holds.", "tests": [rule()], **changes}


CONDITIONAL = claim(
    correction="of the formula",
    derivation="One.\nTwo.\nThree.",
    effect="None: nothing rests on it.",
    condition="large n",
    tests=[rule(name="printed"), rule(name="mended", role="corrected"), rule(name="large", role="condition")],
)


def small_book(monkeypatch):
    """Claims for the tests of what the pages show, with a ledger: two that were run, one out of reach, one that waits."""
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
    values["large"] = [0.5, 0.0]
    rows["c/under"]["record"] = rows["c/under"] | {}
    book = {"seconds": 12.3, "provenance": {"cores": 2}, "claims": rows}
    monkeypatch.setattr(ledger, "committed", lambda notebook: book if notebook == "c/01" else None)
    found = {claim["id"]: claim for claim in (run, far, new, under)}
    monkeypatch.setattr(page, "of", lambda notebook: {k: v for k, v in found.items() if v["notebook"] == notebook})
    return found
