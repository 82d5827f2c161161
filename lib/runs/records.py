"""Committed records: reading them, and whether the code of today would make them again."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml

from lib.paths import ROOT, below
from lib.runs import keys
from lib.runs.files import corrupt, read_json, wrong

REFERENCE = ROOT / "data" / "reference"
ROW = {"function": str, "arguments": dict, "key": str}
RECORD = {
    "notebook": str,
    "complete": bool,
    "parameters": dict,
    "provenance": dict,
    "parts?": [ROW],
    "values": object,
    "tensors?": str,
}


def reference(notebook: str) -> dict[str, object]:
    """The committed record of ``notebook`` at the paper's size. Raises ValueError naming the file if it is absent or corrupt."""
    path = below(REFERENCE, notebook, ending=".json", what="notebook")
    if not path.exists():
        raise ValueError(
            f"no reference record {path.relative_to(ROOT)}; run the paper profile, then `make record`; "
            "allowed: a notebook with one"
        )
    return read(path)


def tensors(notebook: str) -> dict[str, object]:
    """The tensors by name that stand beside the committed record of ``notebook``, such as the weights of a small network.

    Raises ValueError naming the file if it is absent, corrupt, or not the one whose digest the record has.
    Checked by tests/runs/test_records.py.
    """
    return tensors_beside(below(REFERENCE, notebook, ending=".json", what="notebook"), reference(notebook))


def tensors_beside(path: Path, record: Mapping[str, object]) -> dict:
    """The same of a record that was read from ``path``."""
    from lib.training import checkpoint  # heavy, for tensors only

    beside = path.with_suffix(".safetensors")
    if not beside.exists():
        raise corrupt(path, f"{beside.name}, whose tensors belong to it, is not there")
    found, _ = checkpoint.load(beside)
    if checkpoint.digest(found) != record.get("tensors"):
        raise corrupt(beside, f"its tensors do not have the digest that {path.name} states")
    return found


def read(path: Path) -> dict[str, object]:
    """A record of a file. Raises ValueError naming the file if it is corrupt. Checked by tests/runs/test_records.py."""
    return read_json(path, RECORD)


def outdated(record: Mapping[str, object]) -> list[dict]:
    """The parts of a record that the code of today would not give the same key; all of them if it names no parts at all.

    A part whose function is gone counts too. Checked by tests/runs/test_records.py.
    """
    rows = record.get("parts")
    if not rows:
        return [{"function": "all", "arguments": {}, "key": ""}]
    return [row for row in rows if not _current(row)]


def _current(row: Mapping[str, object]) -> bool:
    try:
        return keys.key(row["function"], row["arguments"]) == row["key"]
    except ValueError:  # no such function any more
        return False


def standing(notebook: str) -> str | None:
    """How the committed record of a notebook stands: None without one, "" if today's code would make it again, else the reason
    why it is kept all the same.

    Raises ValueError if it is outdated and nobody wrote down a reason. Checked by tests/runs/test_records.py.
    """
    if not below(REFERENCE, notebook, ending=".json", what="notebook").exists():
        return None
    if not outdated(reference(notebook)):
        return ""
    if notebook not in reasons():
        raise ValueError(
            f"the record of {notebook} was made with older code, and data/reference/older-code.yml has no reason"
        )
    return reasons()[notebook].strip()


@cache
def reasons() -> dict[str, str]:
    """Why a record made with older code still stands, by notebook, from data/reference/older-code.yml.

    Checked by tests/runs/test_records.py: every record is current or has a reason, and no current one has.
    """
    path = REFERENCE / "older-code.yml"
    try:
        content = yaml.safe_load(path.read_text()) or {}
    except yaml.YAMLError as error:
        raise corrupt(path, str(error)) from error
    if complaint := wrong(content, {...: str}):
        raise corrupt(path, complaint)
    return content
