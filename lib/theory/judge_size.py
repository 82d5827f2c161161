"""How large a table of labels must be to decide: the number of rows at which an exact interval excludes one half.

Checked by tests/theory/test_judge_size.py and, through the judge, by tests/theory/test_judge.py.
"""

import math

from lib.theory import checks
from lib.theory.binomial import LARGEST, lower_tail

MISSED = 0.2  # of all tables of the size that is advised would not decide
_SMOOTH = 10**5  # rows from which the normal law tells how many are needed to within a hundredth


def more(
    wrong: int, kept: int, rows: int, confidence: float = 0.95, missed: float = MISSED, varies: bool = False
) -> int:
    """How many rows more decide on a share but for ``missed`` of all tables, with the same shares; None if no number does.

    ``wrong`` of the ``kept`` of ``rows`` rows count against the rest of the kept. The number of kept rows is found at which the
    exact interval of the share excludes one half with probability 1 - missed, by exact tails up to 100,000 and by the normal law
    beyond; rows are that number over the share kept. Where the number kept ``varies``, one half of ``missed`` is for the share
    and one for too few kept ones (by the normal law). 0 <= wrong <= kept <= rows <= 1e9; confidence in (0, 1), missed in
    (0, 0.5). None also beyond 1e9 rows, where nothing is kept and at one half itself. Raises ValueError outside.
    Checked by tests/theory/test_judge_size.py.
    """
    rows = checks.integer("rows", rows, 0, LARGEST)
    kept = checks.integer("kept", kept, 0, LARGEST)
    wrong = checks.integer("wrong", wrong, 0, LARGEST)
    for name, few, other, many in (("wrong", wrong, "kept", kept), ("kept", kept, "rows", rows)):
        if few > many:
            raise ValueError(f"{other} = {many} are fewer than {name} = {few}; allowed: at least as many")
    confidence = checks.real("confidence", confidence, 0.0, 1.0, open_low=True, open_high=True)
    missed = checks.real("missed", missed, 0.0, 0.5, open_low=True, open_high=True)
    if varies is not True and varies is not False:
        raise ValueError(f"varies = {checks.shown(varies)} is no truth value; allowed: True or False")
    if kept == 0 or 2 * wrong == kept:
        return None
    varies = varies and kept < rows
    missed = 0.5 * missed if varies else missed
    share = min(wrong, kept - wrong) / kept  # a mirror: above the border as below it
    tail = 0.5 * (1.0 - confidence)
    spread = 0.5 * _z(tail) + math.sqrt(share * (1.0 - share)) * _z(missed)
    wanted = spread * spread / (0.5 - share) / (0.5 - share)  # by the normal law
    if wanted > LARGEST:
        return None
    if wanted > _SMOOTH:
        wanted = math.ceil(wanted)
    else:
        wanted = max(1, math.floor(0.95 * wanted) - 3)
        while _power(wanted, share, tail) < 1.0 - missed:
            wanted = max(wanted + 1, math.floor(wanted * 1.005))
    total = -(-wanted * rows // kept)
    if varies:  # so many that wanted lies this many deviations below what is kept on average
        part = kept / rows
        half = 0.5 * _z(missed) * math.sqrt(1.0 - part)
        root = half + math.sqrt(half * half + wanted)
        total = max(total, math.ceil(root * root / part))
    return max(0, total - rows) if total <= LARGEST else None


def _power(kept, share, tail):
    """How often a table of so many kept rows has so few wrong ones that its interval lies below one half."""
    most = max(0, math.floor(0.5 * kept - 0.5 * _z(tail) * math.sqrt(kept)))
    while lower_tail(most, kept, 0.5) < tail:
        most += 1
    while most >= 0 and lower_tail(most, kept, 0.5) >= tail:
        most -= 1
    return lower_tail(most, kept, share) if most >= 0 else 0.0


def _z(tail):
    """The normal quantile with this much above it, for tails up to one half: by halving."""
    low, high = 0.0, 40.0
    for _ in range(60):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if 0.5 * math.erfc(middle / math.sqrt(2.0)) > tail else (low, middle)
    return low
