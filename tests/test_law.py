"""tests/law.py itself: it passes a function that keeps the law, and fails one for each way to break it."""

import math
import types

import numpy as np
import pytest
from law import HARD, check, check_all, missing, places, public_functions

from lib.theory import checks


def half(share, rows=(1.0,)):
    return checks.probability("share", share) / 2


def rows_of(rows):
    return [checks.real(f"rows[{i}]", x, 0, 1) for i, x in enumerate(checks.listed("rows", rows))]


@pytest.mark.parametrize("value", HARD.values(), ids=HARD)
def test_passes_what_keeps_the_law(value):
    check(half, {"share": 0.5}, "share", value)
    check(rows_of, {"rows": [0.5, 0.5]}, "rows", value)
    check(rows_of, {"rows": [0.5, 0.5]}, ("rows", 1), value)


def raising(error):
    def function(share):
        raise error

    return function


BROKEN = {
    "nan": lambda share: math.nan,
    "inf below": lambda share: {"a": [np.array([1.0, math.inf])]},
    "a traceback from below": lambda share: math.sqrt(share),
    "a ZeroDivisionError": lambda share: 1 / (share + 1),
    "a warning": lambda share: np.float64(share) / 0,
    "no name": raising(ValueError("x = -1 is outside [0, 1]")),
    "another value": raising(ValueError("share = 7 is outside [0, 1]")),
    "no range": raising(ValueError("share = -1 is bad")),
    "no words": raising(ArithmeticError("1e-7")),
}


@pytest.mark.parametrize("function", BROKEN.values(), ids=BROKEN)
def test_fails_what_breaks_it(function):
    with pytest.raises(AssertionError):
        check(function, {"share": 0.5}, "share", -1)


def test_a_number_is_a_number():
    """float16 in, float16 arithmetic out: caught."""
    with pytest.raises(AssertionError, match="for equal floats"):
        check(lambda share: share / 3, {"share": 0.5}, "share", HARD["float16"])


def test_infinity_where_the_docstring_says_so():
    def documented(x):
        """inf where x is 0."""
        return math.inf

    check(documented, {"x": 1.0}, "x", 0)
    with pytest.raises(AssertionError):
        check(lambda x: math.nan, {"x": 1.0}, "x", 0)


def test_functions_and_places():
    found = public_functions("lib.theory")
    assert "lib.theory.gaussian.cdf" in found
    assert "lib.theory.random_matrices.ridge.ridge" in found
    assert "lib.theory.random_matrices.synthetic_only.cdf" not in found  # only where it is defined
    assert list(public_functions("lib.theory.checks")) == sorted(public_functions("lib.theory.checks"))
    assert missing({"a": 1, "b": 2}, {"b": 3, "c": 4}) == ["a", "c"]
    assert places({"w": {"row": [0.5]}, "n": 1}) == [("w",), ("n",), ("w", "row"), ("w", "row", 0)]


def test_several_places_at_once():
    world = types.SimpleNamespace(seen=None)

    def keep(w, n):
        world.seen = (w, n)
        return 1.0

    check_all(keep, {"w": {"row": [0.5, 0.5]}, "n": 2}, {("w", "row", 1): 7, ("n",): 3})
    assert world.seen == ({"row": [0.5, 7]}, 3)
