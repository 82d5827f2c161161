"""The ledger of a notebook: its measured values and verdicts, closed by its last cell and compared with the committed one."""

from collections.abc import Mapping
from pathlib import Path

from lib import arguments
from lib.claims import table
from lib.claims.verdict import UNMEASURED, Measured, Pair, verdict
from lib.paths import ROOT, below, runs_folder
from lib.runs import clock, notebooks
from lib.runs.files import NUMBER, read_json, write_json
from lib.runs.provenance import provenance

FOLDER = ROOT / "data" / "ledger"
OWN = "parameters of this run's own"
ROUNDING = 1e-8  # how far a number that is read from a committed record may move between machines
OF_A_RUN = {"verdict": str, "measured": {...: ([NUMBER], None)}}
LEDGER = {
    "notebook": str,
    "profile": str,
    "parameters?": dict,
    "seconds": NUMBER,
    "provenance": {"cores": int},
    "claims": {...: OF_A_RUN | {"record?": OF_A_RUN}},
}


def close(
    notebook: str,
    measured: Measured,
    *,
    profile: str,
    record: Measured | None = None,
    parameters: Mapping[str, object] | None = None,
) -> None:
    """Close a notebook: judge its claims, print id and verdict, store the values in ledger.json of the run's folder.

    Parameters
    ----------
    notebook : str
        Such as "beyond-collapse/01-phase-transition".
    measured : mapping
        Claim id to test name to :class:`lib.statistics.Estimate`, plain (value, standard error) or, of exceptions,
        :class:`lib.statistics.Count`, measured by this run. None for a test that cannot be measured at this size: what it would
        decide is undecided, and the line that is printed says so.
    profile : str
        Which profile ran; verdicts of different profiles are stored apart.
    record : mapping, optional
        The same, measured by the committed record; printed on lines of their own.
    parameters : mapping, optional
        What :func:`lib.parameters.check` returned. They choose the folder (:func:`lib.runs.notebooks.folder`) and are stored, so
        that ``make ledger`` can refuse a ledger of other parameters than the laptop's; it refuses one without parameters too.

    Notes
    -----
    Stores as ``seconds`` what the notebook worked (:func:`lib.runs.clock.worked`). Raises ValueError
    unless exactly the claims of this notebook are measured, and UnwritableError if the runs folder takes no file.
    Checked by tests/claims/test_ledger.py.
    """
    for field, given in (("measured", measured), ("record", record), ("parameters", parameters)):
        if given is not None or field == "measured":
            arguments.mapping(field, given, "values by name")
    arguments.text("profile", profile, "the name of a profile")
    expected = table.of(notebook)
    if set(expected) != set(measured) or not set(record or {}) <= set(expected):
        raise ValueError(f"measured claims of {notebook} = {sorted(measured)}; allowed: exactly {sorted(expected)}")
    rows = {}
    for key, claim in expected.items():
        rows[key] = {"verdict": verdict(claim, measured[key]), "measured": _plain(measured[key])}
        if record and key in record:
            rows[key]["record"] = {"verdict": verdict(claim, record[key], record=True), "measured": _plain(record[key])}
    content = {
        "notebook": notebook,
        "profile": profile,
        **({} if parameters is None else {"parameters": dict(parameters)}),
        "seconds": round(clock.worked(), 1),
        "provenance": provenance(),
        "claims": rows,
    }
    for key, words in verdicts(content):
        print(f"{key}: {words}")
    if parameters is None:
        folder = below(below(runs_folder(), profile, what="profile"), notebook, what="notebook")
    else:
        folder = notebooks.folder(notebook, {**parameters, "profile": profile})
    write_json(folder / "ledger.json", content)


def _gaps(tests: Mapping[str, Pair | None]) -> str:
    """In words, which tests were not measured."""
    names = [name for name, pair in tests.items() if pair is UNMEASURED]
    return f" ({', '.join(names)}: not measured at this size)" if names else ""


def _own_parameters(content: Mapping) -> bool:
    """Whether the run of a ledger had parameters of its reader's own. One that does not tell had those of its profile."""
    chosen = content.get("parameters")
    return bool(chosen) and bool(notebooks.differing(content["notebook"], {**chosen, "profile": content["profile"]}))


def _observed(claim: Mapping[str, object], profile: str, own: bool) -> str:
    """That a run on other data than the claim's decides nothing, in words; of the reduced run that a record
    is made of, how far it goes.

    What the claim says of a run's data holds for the parameters of its profile, and not for a reader's ``own``.
    """
    if "laptop" not in claim:
        return ""
    if profile == "reduced" and "record" in claim and not own:  # the run that the record is made of
        return f" ({claim['record']})"
    other = OWN if own else claim.get("paper_profile") if profile == "paper" else claim["laptop"]
    return f" (an observation: {other})" if other else ""


def _plain(tests: Mapping[str, Pair | None]) -> dict[str, list[float] | None]:
    """Plain numbers for JSON: value, error and, of a count, its trials; null for what was not measured."""
    return {
        name: None if pair is UNMEASURED else [float(pair[0]), float(pair[1]), *map(int, pair[2:])]
        for name, pair in tests.items()
    }


def read(path: Path) -> dict:
    """A ledger of a file. Raises ValueError naming the file if it is corrupt. Checked by tests/claims/test_ledger.py."""
    return read_json(path, LEDGER)


def committed(notebook: str) -> dict | None:
    """The committed ledger of a notebook, or None if it has none yet. Raises ValueError as :func:`read`."""
    path = below(FOLDER, notebook, ending=".json", what="notebook")
    return read(path) if path.exists() else None


def verdicts(content: Mapping) -> list[tuple[str, str]]:
    """Claims and verdicts of a ledger, for a reader: this run's, then the record's. Checked by tests/claims/test_ledger.py."""
    there = {key: table.claims().get(key, {}) for key in content["claims"]}
    own = any("laptop" in claim for claim in there.values()) and _own_parameters(content)
    found = []
    for key, row in content["claims"].items():
        claim = there[key]
        found.append((key, row["verdict"] + _gaps(row["measured"]) + _observed(claim, content["profile"], own)))
        if "record" in row:
            found.append((key, f"{row['record']['verdict']} ({table.of_record(claim)})"))
    return found


def moved(old: Mapping, new: Mapping) -> list[str]:
    """Differences between two ledgers of one notebook, in words: of values and errors beyond the machine tolerance, of trials, of
    verdicts. What is read from a committed record is computed without a draw or a training, so there only rounding may differ.

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
    for name, new in after["measured"].items():
        test = table.test(key, name)
        tolerance = ROUNDING if run == "record" else test.get("drift", test["machine_tolerance"])
        if words := _moved_numbers(before["measured"][name], new, tolerance):
            complaints.append(f"{key} ({run}) {name}: {words}")
    return complaints


def _moved_numbers(old: list | None, new: list | None, tolerance: float) -> str:
    """What moved in one test's value, error and trials, in words; trials are counted, so none of them may differ."""
    if old is None or new is None:
        return "" if old is new else "measured in one ledger only"
    words = [f"moved by {abs(new[0] - old[0]):.3g}"] * (abs(new[0] - old[0]) > tolerance)
    words += [f"standard error moved by {abs(new[1] - old[1]):.3g}"] * (abs(new[1] - old[1]) > tolerance)
    words += [f"trials {old[2:]} -> {new[2:]}"] * (old[2:] != new[2:])
    return ", ".join(words)
