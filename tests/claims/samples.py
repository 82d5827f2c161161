"""Small claims for the tests of lib.claims."""


def rule(kind="equals", published=0.5, tolerance=0.1, role="stated", name="value", machine=1e-6):
    return {"name": name, "as": role, "kind": kind, "published": published, "tolerance": tolerance,
            "machine_tolerance": machine, "quantity": "q", "reason": "r", "decided": "before"}  # fmt: skip


def claim(name="claim", **changes):
    plain = {"id": f"chapter/{name}", "where": "Theorem 1", "form": "theorem", "notebook": "chapter/notebook"}
    return {**plain, "statement": "It holds.", "tests": [rule()], **changes}


CONDITIONAL = claim(
    correction="of the formula",
    condition="large n",
    tests=[rule(name="printed"), rule(name="mended", role="corrected"), rule(name="large", role="condition")],
)
