"""The claims as data: ``data/claims/<chapter>.yml``, read once per process and checked."""

import functools
import math
import re
import sys
from collections.abc import Mapping
from pathlib import Path

import yaml

from lib import arguments
from lib.paths import ROOT
from lib.runs.files import corrupt, wrong

FOLDER = ROOT / "data" / "claims"
ROOTS = ROOT / "data" / "roots.yml"
KINDS = ("equals", "above", "below")
ROLES = ("stated", "corrected", "condition")
FORMS = ("theorem", "figure", "number", "sentence")  # what a claim is in its paper; a lemma or definition is a theorem
DECIDED = ("before", "after a look")  # when a test was fixed: before its first run, or after a look at results
REQUIRED = ("id", "where", "form", "notebook", "statement")
# laptop: the data of the laptop run where they are not the paper's; paper_profile: what a run with that profile has
# in its place, if anything; record: how far the record goes; root: claims that share one
# cause, see data/roots.yml; whose: "the book" for a statement that no paper makes; reply and answer: the strongest objection the
# paper's authors could raise, and ours to it
# derivation and effect: of a correction, three lines and what it does to the paper's conclusions; a root has them for its claims
OPTIONAL = ("tests", "correction", "condition", "needs", "laptop", "paper_profile", "record", "root", "whose", "reply", "answer",
            "derivation", "effect")  # fmt: skip
EFFECTS = (
    "None",
    "Narrower",
    "Changed",
)  # what a correction leaves of the paper's conclusions: all, all under a condition, other ones
OF_A_ROOT = {field: str for field in ("words", "printed", "corrected", "derivation", "effect")}
NUMBERS = ("published", "tolerance", "machine_tolerance")
THE_BOOK = "the book"
DECISIVE = ("kind", *NUMBERS, "as")  # what a verdict depends on; the rest of a test is for readers
OF_A_TEST = ("name", "as", "quantity", "kind", *NUMBERS, "reason", "decided")
NAME = re.compile(r"[\w.-]*[\w-](/[\w.-]*[\w-])*")  # of an id and of a notebook, which become paths and addresses
# drift: how far the laptop run of a trained network moves between kinds of processor, where that is more than machine_tolerance
DRIFT = "drift"


@functools.cache
def claims() -> dict[str, dict]:
    """All claims by id, chapter by chapter; read once per process and shared, so do not change them.

    Raises ValueError that names the file and the id of a claim that is not as :func:`read` wants it.
    Checked by tests/claims/test_table.py.
    """
    return {key: claim for path in sorted(FOLDER.glob("*.yml")) for key, claim in read(path).items()}


@functools.cache
def roots() -> dict[str, dict[str, str]]:
    """The roots by name, from data/roots.yml: one cause of several corrections, each with the fields of ``OF_A_ROOT``.

    Raises ValueError naming the file if it is corrupt, or a derivation or effect is not as :func:`read` wants it.
    Checked by tests/claims/test_table.py.
    """
    try:
        content = yaml.safe_load(ROOTS.read_text())
    except yaml.YAMLError as error:
        raise corrupt(ROOTS, str(error)) from error
    if complaint := wrong(content, {...: OF_A_ROOT}):
        raise corrupt(ROOTS, complaint)
    for name, root in content.items():
        if complaints := _complaints_of_a_correction(root):
            raise corrupt(ROOTS, f"{name}: {'; '.join(complaints)}")
    return content


def of(notebook: str) -> dict[str, dict]:
    """The claims that ``notebook`` (such as "beyond-collapse/01-phase-transition") has to decide, by id."""
    return {key: claim for key, claim in claims().items() if claim["notebook"] == notebook and "tests" in claim}


def test(claim_id: str, name: str) -> dict[str, object]:
    """What decides one test of a claim: ``kind``, ``published``, ``tolerance``, ``machine_tolerance`` and ``as``; no words.

    Raises ValueError for an unknown claim or test, naming those there are. Checked by tests/claims/test_table.py.
    """
    arguments.text("claim_id", claim_id, "the id of a claim")
    arguments.text("name", name, "the name of a test of it")
    if claim_id not in claims():
        chapter = [key for key in claims() if key.split("/")[0] == claim_id.split("/")[0]] or sorted(claims())
        raise ValueError(f"claim_id = {claim_id!r} is not one of {', '.join(chapter)}")
    own = {each["name"]: each for each in claims()[claim_id].get("tests", [])}
    if name not in own:
        raise ValueError(f"name = {name!r} is no test of {claim_id}; allowed: {', '.join(map(repr, own))}")
    return {field: own[name][field] for field in (*DECISIVE, DRIFT) if field in own[name]}


test.__test__ = False  # pytest takes a function of this name for one of its own


def numbers(notebook: str) -> list[dict[str, object]]:
    """All that decides the verdicts of ``notebook``, as JSON: ids, tests' names, kinds, roles and numbers, in order; no words.

    Two tables of claims with equal numbers give a notebook equal output, so who rewords a claim executes nothing again.
    Checked by tests/claims/test_table.py.
    """
    return [
        {
            "id": key,
            "tests": [
                {field: each[field] for field in ("name", *DECISIVE, DRIFT) if field in each} for each in claim["tests"]
            ],
        }
        for key, claim in of(notebook).items()
    ]


def of_record(claim: Mapping[str, object]) -> str:
    """What the committed record of a claim is, in words: how far it goes, or that it has the paper's size.

    Checked by tests/claims/test_ledger.py.
    """
    return f"record: {claim['record']}" if "record" in claim else "record at the paper's size"


def read(path: Path) -> dict[str, dict]:
    """The claims of one file by id.

    Raises ValueError, naming the file and the id, unless: an id appears once, and it and its notebook start with the name of
    the file; fields are known, and none that is required lacks; forms are in ``FORMS``, kinds in ``KINDS``, roles in ``ROLES``; a
    test was ``DECIDED`` before or after a look; numbers are finite, a tolerance at least 0, a machine tolerance above 0 and, so
    that the test can hold, not as wide as what the test allows (but for the sign of a value), a drift above it; a claim has a
    ``correction`` (``condition``) if and only if a test has that role, a ``reply`` if and only if an ``answer``, and no ``root``
    that data/roots.yml lacks; a correction without a root has a ``derivation`` of three lines and an ``effect`` that begins with
    one of ``EFFECTS``, and no other claim has them.
    Checked by tests/claims/test_table.py.
    """
    path = arguments.path("path", path)
    try:
        listed = yaml.safe_load(path.read_text())
    except yaml.YAMLError as error:
        raise ValueError(f"{path.name} is no YAML: {error}") from error
    if not isinstance(listed, list) or not all(isinstance(claim, dict) and "id" in claim for claim in listed):
        raise ValueError(f"{path.name} is not a list of claims, each with an id")
    table: dict[str, dict] = {}
    for claim in listed:
        complaints = _complaints(claim, path.stem)
        if str(claim["id"]) in table:
            complaints.append("the id appears twice; allowed: once")
        if complaints:
            raise ValueError(f"{path.name}, id = {claim['id']!r}: {'; '.join(complaints)}")
        table[claim["id"]] = claim
    return table


def _complaints(claim: Mapping, chapter: str) -> list[str]:
    """What is wrong with one claim, in words."""
    found = [f"{field} is missing" for field in REQUIRED if field not in claim]
    found += [f"unknown field {field!r}" for field in claim if field not in REQUIRED + OPTIONAL]
    for field in claim:
        if field != "tests" and not (isinstance(claim[field], str) and claim[field].strip()):
            found.append(f"{field} = {claim[field]!r} is not a text")
    if claim.get("form", FORMS[0]) not in FORMS:
        found.append(f"form = {claim['form']!r} is not one of {', '.join(FORMS)}")
    if claim.get("whose", THE_BOOK) != THE_BOOK:
        found.append(f"whose = {claim['whose']!r} is not {THE_BOOK!r}")
    if ("reply" in claim) != ("answer" in claim):
        found.append("a reply and an answer need one another")
    if "paper_profile" in claim and "laptop" not in claim:
        found.append("paper_profile needs laptop, which says what the other runs have in the paper's place")
    if "root" in claim and str(claim["root"]) not in roots():
        found.append(f"root = {claim['root']!r} is not one of {', '.join(roots())}")
    if "correction" in claim and "root" not in claim:
        found += _complaints_of_a_correction(claim)
    elif "derivation" in claim or "effect" in claim:
        found.append(
            "derivation and effect belong to a correction without a root; allowed: there, or in data/roots.yml"
        )
    for field in ("id", "notebook"):
        if not str(claim.get(field, chapter + "/")).startswith(chapter + "/"):
            found.append(f"{field} = {claim[field]!r} does not start with {chapter + '/'!r}, as its file's name asks")
        elif not NAME.fullmatch(str(claim.get(field, chapter))):
            found.append(
                f"{field} = {claim[field]!r} is no name; allowed: letters, digits, '-', '_', '.', and '/' between"
            )
    tests = claim.get("tests", [])
    if not isinstance(tests, list) or not all(isinstance(each, dict) for each in tests):
        return [*found, "tests is not a list of tests"]
    for each in tests:
        found += [f"test {each.get('name')!r}: {words}" for words in _complaints_of_a_test(each)]
    if len({str(each.get("name")) for each in tests}) < len(tests):
        found.append("two tests have one name")
    for field, role in (("correction", "corrected"), ("condition", "condition")):
        if (field in claim) != any(each.get("as") == role for each in tests):
            found.append(f"a {field} and a test with as = {role!r} need one another")
    return found


def _complaints_of_a_correction(entry: Mapping) -> list[str]:
    """What is wrong with the derivation and the effect of a correction, or of a root, in words."""
    found, lines = [], str(entry.get("derivation", "")).splitlines()
    if len(lines) != 3 or not all(line.strip() for line in lines):
        found.append(f"derivation has {len(lines)} lines; allowed: exactly three, none of them empty")
    if not str(entry.get("effect", "")).startswith(tuple(f"{word}: " for word in EFFECTS)):
        found.append(
            f"effect = {str(entry.get('effect'))[:40]!r} does not begin with one of {', '.join(EFFECTS)}, and a colon"
        )
    return found


def _complaints_of_a_test(each: Mapping) -> list[str]:
    if set(each) - {DRIFT} != set(OF_A_TEST):
        return [f"fields {sorted(map(str, each))}; allowed: exactly {sorted(OF_A_TEST)}, and {DRIFT}"]
    found = [
        f"{field} = {each[field]!r} is not one of {', '.join(allowed)}"
        for field, allowed in (("kind", KINDS), ("as", ROLES), ("decided", DECIDED))
        if each[field] not in allowed
    ]
    for field in ("name", "quantity", "reason"):
        if not isinstance(each[field], str) or not each[field].strip():
            found.append(f"{field} = {each[field]!r} is not a text")
    for field, low in zip(NUMBERS, (-math.inf, 0, 0), strict=True):
        value = each[field]
        plain = _finite(value)
        if not plain or value < low or (field == "machine_tolerance" and value == 0):
            found.append(f"{field} = {value!r} is not a finite number" + (" of the allowed sign" if plain else ""))
    if not found:
        found += _too_wide(each)
    return found


def _too_wide(each: Mapping) -> list[str]:
    """A test that a machine tolerance keeps from ever holding or failing, and a drift that is none."""
    one_sided = abs(each["published"]) + each["tolerance"] if each["published"] else math.inf  # 0 asks for a sign
    room = each["tolerance"] if each["kind"] == "equals" else one_sided
    found = []
    if each["machine_tolerance"] >= room:
        found.append(f"machine_tolerance = {each['machine_tolerance']} is outside (0, {room:g}), what the test allows")
    drift = each.get(DRIFT, math.inf)
    if DRIFT in each and not (_finite(drift) and drift > each["machine_tolerance"]):
        found.append(f"drift = {drift!r} is not a number above machine_tolerance = {each['machine_tolerance']}")
    return found


def _finite(value: object) -> bool:
    """Whether a value is a number that a double holds."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max
