"""Axes of a slider figure: where a number stands, which numbers are written, and when the vertical axis follows its curves.

Runs in JupyterLab and, under MicroPython, in the page: plain Python. Checked by tests/explore/test_axes.py.
"""

import math

# The drawing's coordinates: whole numbers, fine enough for a screen of several thousand pixels.
BOX = 10000
MARGIN_X, MARGIN_Y = 200, 400  # of the box, so that lines and dots on the axes' ends are seen whole
NARROW = 0.3  # curves that take less than this share of the vertical axis get an axis cut to them
FINEST = 0.02  # of the axis: no cut shows less, lest digits of rounding look like a result
SUPERSCRIPT = "⁰¹²³⁴⁵⁶⁷⁸⁹"


def horizontal(x: dict, argument: float) -> int:
    """The drawing's column of an argument on the x axis."""
    return MARGIN_X + round((BOX - 2 * MARGIN_X) * _fraction(x, argument))


def vertical(y: dict, value: float) -> int:
    """The drawing's row of a value on the y axis, counted from the top; None for a gap."""
    if value is None or (y["scale"] == "log10" and value <= 0.0):
        return None
    fraction = max(-1.0, min(2.0, _fraction(y, value)))  # far outside the box any place will do
    return BOX - MARGIN_Y - round((BOX - 2 * MARGIN_Y) * fraction)


def follow(y: dict, values: list) -> dict:
    """The axis for curves with these ``values`` (None is a gap): ``y`` itself, or cut to them where they lie in a narrow band.

    A cut axis begins and ends on round numbers, so that it stays where it is while the curves move a little. A logarithmic axis
    is not cut, nor are curves that leave ``y``.
    """
    there = [value / y["factor"] for value in values if value is not None]
    if y["scale"] != "linear" or not there:
        return y
    low, high, whole = min(there), max(there), y["high"] - y["low"]
    if low < y["low"] or high > y["high"] or high - low >= NARROW * whole:
        return y
    step = round_step(max(high - low, FINEST * whole) / 2)
    cut = dict(y)
    cut["low"] = max(y["low"], step * math.floor(low / step + 1e-9))
    cut["high"] = min(y["high"], step * math.ceil(high / step - 1e-9))
    if cut["high"] - cut["low"] < step / 2:  # a level curve on a round number
        cut["low"], cut["high"] = max(y["low"], low - step), min(y["high"], low + step)
    return cut


def label(y: dict, whole: dict) -> str:
    """The words of the vertical axis ``y``; a cut one says of which range of the ``whole`` it is."""
    words = f"{y['label']} ({y['unit']})" if y["unit"] else y["label"]
    if y is whole or (y["low"], y["high"]) == (whole["low"], whole["high"]):
        return words
    return f"{words}, axis cut to {y['low']:.4g} … {y['high']:.4g}"


def rows(y: dict) -> str:
    """SVG of the vertical axis: its lines and their numbers."""
    parts = []
    for place, words in ticks(y):
        row = percent(vertical(y, argument(y, place)))
        parts.append(
            f'<line class="explore-grid" x1="0" x2="100%" y1="{row}" y2="{row}" stroke="currentColor" opacity="0.2"/>'
            f'<text x="-8" y="{row}" dy="0.35em" text-anchor="end">{words}</text>'
        )
    return "".join(parts)


def ticks(axis: dict) -> list:
    """Places on an axis and their words: its own, or at most six round numbers, or powers of ten on a log10 axis."""
    if axis.get("words"):
        return list(enumerate(axis["words"]))
    low, high = axis["low"], axis["high"]
    step = round_step((high - low) / 5)
    if axis["scale"] == "log10":
        step = max(1.0, math.ceil(step))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    places = [step * k for k in range(first, last + 1)]
    if axis["scale"] == "log10":
        return [(place, _power_of_ten(round(place))) for place in places]
    return [(place, f"{place + 0.0:.6g}") for place in places]


def round_step(rough: float) -> float:
    """The smallest of 1, 2, 2.5, 5 times a power of ten that is at least ``rough``."""
    power = 10.0 ** math.floor(math.log10(rough))
    return next(s * power for s in (1, 2, 2.5, 5, 10) if s * power >= rough * (1 - 1e-9))


def percent(place: int) -> str:
    """A place in the drawing as a share of it."""
    return f"{100 * place / BOX:.2f}%"


def argument(axis: dict, place: float) -> float:
    """The formulas' argument at a place of an axis."""
    return axis["factor"] * (10.0**place if axis["scale"] == "log10" else place)


def _power_of_ten(exponent: int) -> str:
    if 0 <= exponent <= 3:
        return f"{10**exponent:,}"
    digits = "".join([SUPERSCRIPT[int(digit)] for digit in str(abs(exponent))])
    return f"10{'⁻' if exponent < 0 else ''}{digits}"


def _fraction(axis, value):
    position = value / axis["factor"]
    if axis["scale"] == "log10":
        position = math.log10(position)
    return (position - axis["low"]) / (axis["high"] - axis["low"])
