"""The ledger of a notebook: its measured values and verdicts, closed by its last cell and compared with the committed one."""

import time
from collections.abc import Mapping

import psutil

from lib.claims import table
from lib.claims.verdict import Measured, Pair, verdict
from lib.paths import ROOT, runs_folder
from lib.runs.provenance import provenance
from lib.runs.store import read_json, write_json

FOLDER = ROOT / "data" / "ledger"


def close(
    notebook: str,
    measured: Measured,
    *,
    profile: str,
    record: Measured | None = None,
    parameters: Mapping[str, object] | None = None,
) -> None:
    """Close a notebook: judge its claims, print id and verdict, store the values in runs/<profile>/<notebook>/ledger.json.

    Parameters
    ----------
    notebook : str
        Such as "beyond-collapse/01-phase-transition".
    measured : mapping
        Claim id to test name to :class:`lib.statistics.Estimate`, plain (value, standard error) or, of exceptions,
        :class:`lib.statistics.Count`, measured by this run.
    profile : str
        Which profile ran; verdicts of different profiles are stored apart.
    record : mapping, optional
        The same, measured by the committed record at the paper's size; printed on lines of their own.
    parameters : mapping, optional
        What :func:`lib.parameters.check` returned. They are stored, so that ``make ledger`` can refuse a ledger that was made
        with other parameters than the laptop's; it refuses one without parameters too.

    Notes
    -----
    Stores as ``seconds`` the age of the process, give or take one: a notebook's work starts with its kernel. Raises ValueError
    unless exactly the claims of this notebook are measured. Checked by tests/claims/test_ledger.py.
    """
    expected = table.of(notebook)
    if set(expected) != set(measured) or not set(record or {}) <= set(expected):
        raise ValueError(f"measured claims of {notebook} = {sorted(measured)}; allowed: exactly {sorted(expected)}")
    rows = {}
    for key, claim in expected.items():
        rows[key] = {"verdict": verdict(claim, measured[key]), "measured": _plain(measured[key])}
        print(f"{key}: {rows[key]['verdict']}")
        if record and key in record:
            rows[key]["record"] = {"verdict": verdict(claim, record[key], record=True), "measured": _plain(record[key])}
            print(f"{key}: {rows[key]['record']['verdict']} (record at the paper's size)")
    content = {
        "notebook": notebook,
        "profile": profile,
        **({} if parameters is None else {"parameters": dict(parameters)}),
        "seconds": round(time.time() - psutil.Process().create_time(), 1),
        "provenance": provenance(),
        "claims": rows,
    }
    write_json(runs_folder() / profile / notebook / "ledger.json", content)


def _plain(tests: Mapping[str, Pair]) -> dict[str, list[float]]:
    """Plain numbers for JSON: value, error and, of a count, its trials."""
    return {name: [float(value), float(error), *map(int, trials)] for name, (value, error, *trials) in tests.items()}


def committed(notebook: str) -> dict | None:
    """The committed ledger of a notebook, or None if it has none yet."""
    path = FOLDER / f"{notebook}.json"
    return read_json(path) if path.exists() else None


def moved(old: Mapping, new: Mapping) -> list[str]:
    """Differences between two ledgers of one notebook that exceed the machine tolerance or change a verdict, in words.

    Empty when they agree. Checked by tests/claims/test_ledger.py.
    """
    if set(old["claims"]) != set(new["claims"]):
        return [f"claims {sorted(set(old['claims']) ^ set(new['claims']))} stand in one ledger only"]
    complaints = []
    for key, row in new["claims"].items():
        before = old["claims"][key]
        complaints += _moved_in_one_run(key, "this run", before, row)
        complaints += _moved_in_one_run(key, "record", before.get("record"), row.get("record"))
    return complaints


def _moved_in_one_run(key: str, run: str, before: Mapping | None, after: Mapping | None) -> list[str]:
    if before is None or after is None:
        return [] if before is after else [f"{key} ({run}) stands in one ledger only"]
    complaints = []
    if before["verdict"] != after["verdict"]:
        complaints.append(f"{key} ({run}): {before['verdict']} -> {after['verdict']}")
    if set(before["measured"]) != set(after["measured"]):
        tests = sorted(set(before["measured"]) ^ set(after["measured"]))
        return [*complaints, f"{key} ({run}): tests {tests} stand in one ledger only"]
    for name, (value, *_) in after["measured"].items():
        change, test = abs(value - before["measured"][name][0]), table.test(key, name)
        if change > test.get("drift", test["machine_tolerance"]):
            complaints.append(f"{key} ({run}) {name}: moved by {change:.3g}")
    return complaints
