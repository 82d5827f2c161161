"""lib.theory.elementary against 50 digits."""

import math
import random

import mpmath
import pytest

from lib.theory.elementary import representable, turn_less


@pytest.mark.parametrize("turns", [0, 1, 2])
def test_turn_less(turns):
    """Angles that add up to the turn but for 1e-15 and more: every digit of what is left."""
    draws = random.Random(turns)
    for _ in range(300):
        one, other = draws.uniform(0, math.pi), draws.uniform(0, math.pi)
        last = turns * math.pi - one - other + 10 ** draws.uniform(-15, -1)
        with mpmath.workdps(50):
            exact = float(turns * mpmath.pi - sum(map(mpmath.mpf, (one, other, last))))
        assert turn_less(turns, [one, other, last]) == pytest.approx(exact, rel=1e-15, abs=1e-31)


def test_representable():
    assert representable("bound", -1.5e308) == -1.5e308
    for beyond in (math.inf, -math.inf, 10**400):
        with pytest.raises(ArithmeticError, match=r"bound is beyond 1\.8e308"):
            representable("bound", beyond)
    with pytest.raises(ValueError, match="bound = nan"):
        representable("bound", math.nan)
