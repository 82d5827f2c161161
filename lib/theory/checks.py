"""Validators of scalar arguments: each returns the plain number, or raises a ValueError with name, value and range.

They accept Python's and numpy's real numbers (numpy registers its scalars with ``numbers``), and reject bool, nan, text
and arrays. What comes back is a plain float or int: formulas compute with that alone, since a float16 that they were given
would do their arithmetic in three digits. Checked by tests/theory/test_checks.py.
"""

import math

try:
    from numbers import Integral, Real
except ImportError:  # MicroPython has no such module, and no numpy scalars either
    Integral, Real = int, (int, float)

_SUM = 1e-9  # how far the sum of a row of probabilities may be from 1
_WIDTH = 80  # of a value in a message


def real(name: str, value: float, low: float, high: float, open_low: bool = False, open_high: bool = False) -> float:
    """Return ``value`` as a float if ``low <= value <= high``; an open end excludes the limit itself.

    A number beyond the largest float counts as infinite. Raises ValueError, for instance "label_error = 1.2 is outside [0, 1]".
    """
    if not _is_number(value, Real):
        raise ValueError(f"{name} = {shown(value)} is not a real number in {_interval(low, high, open_low, open_high)}")
    number = _float(value)
    above = number > low if open_low else number >= low
    below = number < high if open_high else number <= high
    if not (above and below):  # also true for nan
        given = shown(value) if number in (math.inf, -math.inf) else repr(number)
        raise ValueError(f"{name} = {given} is outside {_interval(low, high, open_low, open_high)}")
    return number


def integer(name: str, value: int, low: int, high: int) -> int:
    """Return ``value`` as an int if it is a whole number (1000.0 counts as one) with ``low <= value <= high``.

    Raises ValueError, for instance "n = 2.5 is not a whole number in [1, 1000]".
    """
    if not _is_number(value, Real):
        raise ValueError(f"{name} = {shown(value)} is not a real number in [{low}, {high}]")
    number = value if _is_number(value, Integral) else _float(value)
    if number != number or number in (math.inf, -math.inf) or number != int(number):
        raise ValueError(f"{name} = {shown(value)} is not a whole number in [{low}, {high}]")
    if not low <= number <= high:
        given = int(number) if abs(number) < 1e15 else shown(value)
        raise ValueError(f"{name} = {given} is outside [{low}, {high}]")
    return int(number)


def listed(name: str, values: list, allowed: str = "a list of numbers") -> list:
    """Return ``values`` as a list, whatever it holds: a list, tuple, array or other row, but no text and no dict.

    Raises ValueError, for instance "losses = 3 is no list; allowed: a list of numbers".
    """
    if not isinstance(values, (str, bytes, dict, type)):
        try:
            return list(values)
        except TypeError:
            pass
    raise ValueError(f"{name} = {shown(values)} is no list; allowed: {allowed}")


def shown(value) -> str:
    """A value as an error shows it: a real number as the plain number, anything else as Python writes it, cut off at 80."""
    if _is_number(value, Real):
        number = _float(value)
        if number in (math.inf, -math.inf) and value != number:  # has more digits than anybody reads, or Python writes
            return f"a number {'above 1.8e308' if number > 0.0 else 'below -1.8e308'}"
        return repr(int(value) if _is_number(value, Integral) else number)
    try:
        text = repr(value)
    except ValueError:  # holds a whole number too long to write
        text = f"a {type(value).__name__}"
    return text if len(text) <= _WIDTH else text[: _WIDTH - 3] + "..."


def probability(name: str, value: float) -> float:
    """Return ``value`` as a float in [0, 1], or raise ValueError."""
    return real(name, value, 0.0, 1.0)


def angle(name: str, value: float) -> float:
    """Return ``value`` as a float in [0, pi] (radians: the angle between two vectors), or raise ValueError."""
    return real(name, value, 0.0, math.pi)


def positive(name: str, value: float) -> float:
    """Return ``value`` as a float in (0, inf), or raise ValueError."""
    return real(name, value, 0.0, math.inf, open_low=True, open_high=True)


def finite(name: str, value: float) -> float:
    """Return ``value`` as a float in (-inf, inf), or raise ValueError."""
    return real(name, value, -math.inf, math.inf, open_low=True, open_high=True)


def probabilities(name: str, values: list) -> list:
    """Return ``values`` as floats, at least 0, with a sum of 1 to within 1e-9.

    Raises ValueError, for instance "prompt[2] sums to 0.9; allowed: 1".
    """
    values = listed(name, values, "probabilities whose sum is 1")
    checked = [real(f"{name}[{i}]", x, 0.0, 1.0 + _SUM) for i, x in enumerate(values)]
    if abs(sum(checked) - 1.0) > _SUM:
        raise ValueError(f"{name} sums to {sum(checked)!r}; allowed: 1")
    return checked


def _is_number(value, kind) -> bool:
    return isinstance(value, kind) and not isinstance(value, bool)


def _float(value) -> float:
    try:
        return float(value)
    except OverflowError:  # a whole number or a fraction
        return math.inf if value > 0 else -math.inf


def _interval(low, high, open_low, open_high) -> str:
    left, right = "(" if open_low else "[", ")" if open_high else "]"
    return f"{left}{_limit(low)}, {_limit(high)}{right}"


def _limit(value) -> str:
    return "pi" if value == math.pi else f"{value:g}"
