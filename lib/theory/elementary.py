"""What ``math`` lacks, or lacks in MicroPython, to keep digits where numbers cancel, overflow or are tiny.

Checked by tests/theory/test_elementary.py.
"""

import math

from lib.theory.checks import finite, listed, real

_PI_REST = 1.2246467991473532e-16  # pi - math.pi


def turn_less(turns: int, angles: list) -> float:
    """``turns pi`` less the sum of some angles, with the digits that pi and the sum have beyond a float.

    By so much three angles miss to be flat. Args: turns, a number in [0, 2]; angles, finite numbers. To 1e-31 absolutely.
    Raises ValueError outside. Checked by tests/theory/test_elementary.py::test_turn_less.
    """
    turns, rest = real("turns", turns, 0.0, 2.0), 0.0
    left = turns * math.pi
    for i, each in enumerate(listed("angles", angles)):
        each = -finite(f"angles[{i}]", each)
        total = left + each
        part = total - left
        rest += (left - (total - part)) + (each - part)  # what the sum rounded away (Knuth)
        left = total
    return left + (rest + turns * _PI_REST)


def representable(what: str, value: float) -> float:
    """``value``, or ArithmeticError where it has run over the largest float: a bound, a moment. ``what`` names it.

    Checked by tests/theory/test_elementary.py::test_representable.
    """
    number = real(what, value, -math.inf, math.inf)
    if number in (math.inf, -math.inf):
        raise ArithmeticError(f"{what} is beyond 1.8e308, the largest number that double precision can hold")
    return number
