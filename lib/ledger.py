"""The ledger: what a paper says, what a notebook measured, and the verdict that follows from both.

``data/claims.yml`` holds the claims with their tolerances, written before the first run. A notebook's last cell hands its
measured values to :func:`close`, which prints one verdict a claim and stores the values. Nothing here knows a paper.
"""

import math
import time
from collections.abc import Mapping
from pathlib import Path

import yaml

from lib import records

ROOT = Path(__file__).resolve().parent.parent
STANDARD_ERRORS = 3.0  # a test counts as decided beyond this many standard errors from its border
STARTED = time.monotonic()  # the first import of the ledger marks the start of a notebook's work

REPRODUCED, CORRECTED, FAILED = "reproduced", "reproduced with a correction", "not reproduced"
UNDECIDED, OUT_OF_REACH, NOT_RUN = "undecided", "out of reach here", "not run yet"

Measured = Mapping[str, Mapping[str, tuple[float, float]]]  # claim id -> test name -> (value, standard error)


def claims() -> dict[str, dict]:
    """All claims by id, from data/claims.yml. Raises ValueError if an id appears twice. Checked by tests/test_ledger.py."""
    listed = yaml.safe_load((ROOT / "data" / "claims.yml").read_text())
    table = {claim["id"]: claim for claim in listed}
    if len(table) != len(listed):
        ids = [claim["id"] for claim in listed]
        raise ValueError(f"id = {max(ids, key=ids.count)!r} appears twice in claims.yml; allowed: once")
    return table


def slack(test: Mapping, value: float) -> float:
    """Signed distance of a measured value from the border of a test; positive where the test holds.

    ``equals``: ``tolerance - |value - published|``; ``above``: ``value - published``; ``below``: ``published - value``;
    the last two widened by ``tolerance``. Raises ValueError for another kind. Checked by tests/test_ledger.py.
    """
    distance = {"equals": -abs(value - test["published"]), "above": value - test["published"]}
    distance["below"] = -distance["above"]
    if test["kind"] not in distance:
        raise ValueError(f"kind = {test['kind']!r} is not one of {', '.join(distance)}")
    return distance[test["kind"]] + test["tolerance"]


def judge(test: Mapping, value: float, standard_error: float) -> str:
    """ "holds", "fails", or "undecided" when the value lies within the machine tolerance or three standard errors of the border.

    Raises ValueError for a value that is not finite or a negative standard error. Checked by tests/test_ledger.py.
    """
    if not math.isfinite(value):
        raise ValueError(f"value = {value!r} of test {test['name']!r} is not finite")
    if not 0 <= standard_error < math.inf:
        raise ValueError(f"standard_error = {standard_error!r} of test {test['name']!r} is outside [0, inf)")
    margin = slack(test, value)
    if abs(margin) <= max(test["machine_tolerance"], STANDARD_ERRORS * standard_error):
        return "undecided"
    return "holds" if margin > 0 else "fails"


def _together(outcomes: list[str]) -> str:
    """All must hold; one failure decides."""
    return next((word for word in ("fails", "undecided") if word in outcomes), "holds")


def verdict(claim: Mapping, measured: Mapping[str, tuple[float, float]]) -> str:
    """The verdict on one claim from its measured tests.

    The tests ``as: stated`` decide first. If they fail, the tests ``as: corrected`` (or ``as: condition``) decide whether the
    claim is *reproduced with a correction* (or *holds only under* the claim's ``condition``). Raises ValueError if the
    measured tests are not exactly those of the claim. Checked by tests/test_ledger.py.
    """
    names = {test["name"] for test in claim["tests"]}
    if names != set(measured):
        raise ValueError(f"measured tests of {claim['id']} = {sorted(measured)}; allowed: exactly {sorted(names)}")
    outcomes: dict[str, list[str]] = {"stated": [], "corrected": [], "condition": []}
    for test in claim["tests"]:
        outcomes[test["as"]].append(judge(test, *measured[test["name"]]))
    stated = _together(outcomes["stated"])
    if stated != "fails":
        return REPRODUCED if stated == "holds" else UNDECIDED
    for role, words in (("corrected", CORRECTED), ("condition", f"holds only under {claim.get('condition')}")):
        if outcomes[role] and _together(outcomes[role]) == "holds":
            return words
    return FAILED


def close(notebook: str, measured: Measured, *, profile: str, record: Measured | None = None) -> None:
    """Close a notebook: judge its claims, print id and verdict, store the values in runs/<profile>/<notebook>/ledger.json.

    Parameters
    ----------
    notebook : str
        Such as "beyond-collapse/01-phase-transition".
    measured : mapping
        Claim id to test name to (value, standard error), measured by this run.
    profile : str
        Which profile ran; verdicts of different profiles are stored apart.
    record : mapping, optional
        The same, measured by the committed record at the paper's size; printed on lines of their own.

    Notes
    -----
    Raises ValueError unless exactly the claims of this notebook are measured. Checked by tests/test_ledger.py.
    """
    expected = {key: claim for key, claim in claims().items() if claim["notebook"] == notebook and "tests" in claim}
    if set(expected) != set(measured) or not set(record or {}) <= set(expected):
        raise ValueError(f"measured claims of {notebook} = {sorted(measured)}; allowed: exactly {sorted(expected)}")
    rows = {}
    for key, claim in expected.items():
        rows[key] = {"verdict": verdict(claim, measured[key]), "measured": _plain(measured[key])}
        print(f"{key}: {rows[key]['verdict']}")
        if record and key in record:
            rows[key]["record"] = {"verdict": verdict(claim, record[key]), "measured": _plain(record[key])}
            print(f"{key}: {rows[key]['record']['verdict']} (record at the paper's size)")
    content = {
        "notebook": notebook,
        "profile": profile,
        "seconds": round(time.monotonic() - STARTED, 1),
        "provenance": records.provenance(),
        "claims": rows,
    }
    records.write_json(records.runs_folder() / profile / notebook / "ledger.json", content)


def _plain(tests: Mapping[str, tuple[float, float]]) -> dict[str, list[float]]:
    """Plain floats for JSON."""
    return {name: [float(value), float(error)] for name, (value, error) in tests.items()}


def committed(notebook: str) -> dict | None:
    """The committed ledger of a notebook, or None if it has none yet."""
    path = ROOT / "data" / "ledger" / f"{notebook}.json"
    return records.read_json(path) if path.exists() else None


def moved(old: Mapping, new: Mapping) -> list[str]:
    """Differences between two ledgers of one notebook that exceed the machine tolerance or change a verdict, in words.

    Empty when they agree. Checked by tests/test_ledger.py.
    """
    complaints = []
    table = claims()
    if set(old["claims"]) != set(new["claims"]):
        return [f"claims {sorted(set(old['claims']) ^ set(new['claims']))} stand in one ledger only"]
    for key, row in new["claims"].items():
        tests = {test["name"]: test for test in table[key]["tests"]}
        for run, before, after in [
            ("this run", old["claims"][key], row),
            ("record", old["claims"][key].get("record"), row.get("record")),
        ]:
            if (before is None) != (after is None):
                complaints.append(f"{key} ({run}) stands in one ledger only")
                continue
            if before is None:
                continue
            if before["verdict"] != after["verdict"]:
                complaints.append(f"{key} ({run}): {before['verdict']} -> {after['verdict']}")
            for name, (value, _) in after["measured"].items():
                change = abs(value - before["measured"][name][0])
                if change > tests[name]["machine_tolerance"]:
                    complaints.append(f"{key} ({run}) {name}: moved by {change:.3g}")
    return complaints
