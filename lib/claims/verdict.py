"""From measured values to verdicts. A verdict is a code; the words of a claim, its condition among them, stand apart."""

import math
from collections.abc import Mapping

from lib.claims.table import KINDS
from lib.theory import checks

STANDARD_ERRORS = 3.0  # a test counts as decided beyond this many standard errors from its border

REPRODUCED, CORRECTED, FAILED = "reproduced", "reproduced with a correction", "not reproduced"
CONDITIONAL = "holds only under a condition"  # which one: claim["condition"]
UNDECIDED, OUT_OF_REACH, NOT_RUN = "undecided", "out of reach here", "not run yet"
OBSERVED = "tried on other data only"

# Value and standard error: a lib.statistics.Estimate or a plain pair; a lib.statistics.Count has its trials as the third.
Pair = tuple[float, float] | tuple[int, float, int]
UNMEASURED = None  # stands for the pair of a test that cannot be measured at this size, with too few seeds for instance
Measured = Mapping[str, Mapping[str, Pair | None]]  # claim id -> test name -> pair


def slack(test: Mapping, value: float) -> float:
    """Signed distance of a measured value from the border of a test; positive where the test holds.

    ``equals``: ``tolerance - |value - published|``; ``above``: ``value - published``; ``below``: ``published - value``;
    the last two widened by ``tolerance``. Raises ValueError for another kind, or a value that is not finite.
    Checked by tests/claims/test_verdict.py.
    """
    value = checks.finite("value", value)
    distance = {"equals": -abs(value - test["published"]), "above": value - test["published"]}
    distance["below"] = -distance["above"]
    if test["kind"] not in distance:
        raise ValueError(f"kind = {test['kind']!r} is not one of {', '.join(KINDS)}")
    return distance[test["kind"]] + test["tolerance"]


def judge(test: Mapping, value: float, standard_error: float, *, record: bool = False) -> str:
    """ "holds", "fails", or "undecided" when the value lies within the machine tolerance or three standard errors of the border.

    Of a laptop run a test's ``drift`` counts instead, where it has one; a ``record`` is one file and does not drift from one
    processor to another. An exact value has the error 0. Raises ValueError for a value that is not finite or a negative error.
    Checked by tests/claims/test_verdict.py.
    """
    try:
        value = checks.finite("value", value)
        standard_error = checks.real("standard_error", standard_error, 0, math.inf, open_high=True)
    except ValueError as error:
        raise ValueError(
            f"{error}, of test {test['name']!r}; hand over None if it cannot be measured at this size"
        ) from error
    margin = slack(test, value)
    machine = test["machine_tolerance"] if record else test.get("drift", test["machine_tolerance"])
    if abs(margin) <= max(machine, STANDARD_ERRORS * standard_error):
        return "undecided"
    return "holds" if margin > 0 else "fails"


def strongest(claim: Mapping, row: Mapping) -> tuple[str, str]:
    """The verdict on a claim, and the evidence it rests on: "record" or "laptop".

    ``row``: the claim's row of a ledger. A record, on the paper's data and as near its size as we came, decides where there is
    one; else the laptop run, if it has the paper's setting. A run on other data (the claim's ``laptop`` says which) is an
    observation and decides nothing. Checked by tests/claims/test_verdict.py.
    """
    if "record" in row:
        return row["record"]["verdict"], "record"
    return (OBSERVED if "laptop" in claim else row["verdict"]), "laptop"


def _together(outcomes: list[str]) -> str:
    """All must hold; one failure decides."""
    return next((word for word in ("fails", "undecided") if word in outcomes), "holds")


def verdict(claim: Mapping, measured: Mapping[str, Pair], *, record: bool = False) -> str:
    """The verdict on one claim from its measured tests, of a laptop run or of a ``record``.

    The tests ``as: stated`` decide first. If they fail, the tests ``as: corrected`` (or ``as: condition``) decide whether the
    claim is *reproduced with a correction* (or *holds only under a condition*). A test without a value is undecided, and so is
    the claim, where it would decide. Raises ValueError if the measured tests are not exactly those of the claim.
    Checked by tests/claims/test_verdict.py.
    """
    names = {test["name"] for test in claim["tests"]}
    if names != set(measured):
        raise ValueError(f"measured tests of {claim['id']} = {sorted(measured)}; allowed: exactly {sorted(names)}")
    outcomes: dict[str, list[str]] = {"stated": [], "corrected": [], "condition": []}
    for test in claim["tests"]:
        pair = measured[test["name"]]
        outcomes[test["as"]].append("undecided" if pair is UNMEASURED else judge(test, *pair[:2], record=record))
    stated = _together(outcomes["stated"])
    if stated != "fails":
        return REPRODUCED if stated == "holds" else UNDECIDED
    for role, code in (("corrected", CORRECTED), ("condition", CONDITIONAL)):
        if outcomes[role] and _together(outcomes[role]) == "holds":
            return code
    gaps = any(measured[test["name"]] is UNMEASURED for test in claim["tests"] if test["as"] != "stated")
    return UNDECIDED if gaps else FAILED
