"""A verifier before stored answers: what a tolerance keeps, read off the curve of the answers' errors.

A curve holds, at ``tolerances`` in rising order, the share of answers whose relative error is below each. Between two of them the
share is read along a straight line in the logarithm of the tolerance; beyond the ends it stays.
"""

import math

from lib.theory import checks
from lib.theory.beyond_collapse.breakdown import breakdown_point


def share_right(tolerance: float, tolerances: list, curve: list) -> float:
    """Share of answers that are right at a tolerance above 0.

    Args: tolerances, numbers above 0 in rising order; curve, as many shares in [0, 1]. Raises ValueError outside these.
    Checked by tests/theory/beyond_collapse/test_stored_answers.py.
    """
    return _share("tolerance", tolerance, tolerances, curve)


def share_solved(tolerance: float, width: int, widths: list, tolerances: list, curves: list) -> float:
    """Share of questions with a right one among ``width`` answers: that of the largest stored width that is not above it.

    Args: widths, whole numbers from 1 on in rising order; curves, one of :func:`share_right` for each of them. Raises ValueError
    outside these, and for a width below the first. Checked as :func:`share_right`.
    """
    width = checks.integer("width", width, 1, 10**6)
    widths, curves = checks.listed("widths", widths, "whole numbers"), checks.listed("curves", curves, "curves")
    widths = [checks.integer(f"widths[{i}]", each, 1, 10**6) for i, each in enumerate(widths)]
    if len(widths) != len(curves) or not widths:
        raise ValueError(f"widths and curves are {len(widths)} and {len(curves)}; allowed: as many, at least one")
    if sorted(set(widths)) != widths:
        raise ValueError("widths are not in rising order; allowed: each above the one before")
    if width < widths[0]:
        raise ValueError(f"width = {width} is outside [widths[0], 1000000], widths[0] = {widths[0]}")
    place = max(k for k in range(len(widths)) if widths[k] <= width)
    return _share("tolerance", tolerance, tolerances, curves[place], f"curves[{place}]")


def wrong(tolerance: float, tolerances: list, curve: list) -> float:
    """p, the share of answers that are wrong at a tolerance. Arguments, errors and check as for :func:`share_right`."""
    return 1 - share_right(tolerance, tolerances, curve)


def kept_right(tolerance: float, verifier: float, tolerances: list, curve: list) -> float:
    """phi, the share that a verifier of tolerance ``verifier`` keeps of the answers that are right at ``tolerance``.

    1 if none is right. Arguments, errors and check as for :func:`share_right`.
    """
    right, kept = _share("tolerance", tolerance, tolerances, curve), _share("verifier", verifier, tolerances, curve)
    return min(right, kept) / right if right > 0 else 1.0


def kept_wrong(tolerance: float, verifier: float, tolerances: list, curve: list) -> float:
    """psi, the share that it keeps of those that are wrong; 0 if none is. Else as :func:`kept_right`."""
    right, kept = _share("tolerance", tolerance, tolerances, curve), _share("verifier", verifier, tolerances, curve)
    return max(0.0, kept - right) / (1 - right) if right < 1 else 0.0


def border(tolerance: float, verifier: float, tolerances: list, curve: list) -> float:
    """p*, the breakdown point that these phi and psi stand for: :func:`lib.theory.beyond_collapse.breakdown.breakdown_point`.

    Raises ArithmeticError where the verifier keeps nothing. Else as :func:`kept_right`.
    """
    phi, psi = (kept(tolerance, verifier, tolerances, curve) for kept in (kept_right, kept_wrong))
    if phi == 0 and psi == 0:
        raise ArithmeticError("a verifier that keeps no answer has no breakdown point: there is nothing to learn from")
    return breakdown_point(phi, psi)


def _share(name: str, tolerance: float, tolerances: list, curve: list, own: str = "curve") -> float:
    tolerance = checks.positive(name, tolerance)
    tolerances, curve = checks.listed("tolerances", tolerances, "numbers"), checks.listed(own, curve, "shares")
    tolerances = [checks.positive(f"tolerances[{i}]", each) for i, each in enumerate(tolerances)]
    curve = [checks.real(f"{own}[{i}]", each, 0.0, 1.0) for i, each in enumerate(curve)]
    if len(tolerances) != len(curve) or not tolerances:
        raise ValueError(
            f"tolerances and {own} have {len(tolerances)} and {len(curve)} numbers; allowed: as many, at least one"
        )
    if sorted(set(tolerances)) != tolerances:
        raise ValueError("tolerances are not in rising order; allowed: each above the one before")
    if tolerance <= tolerances[0]:
        return curve[0]
    for k in range(1, len(curve)):
        if tolerance <= tolerances[k]:
            along = _log_ratio(tolerance, tolerances[k - 1]) / _log_ratio(tolerances[k], tolerances[k - 1])
            return curve[k - 1] + (curve[k] - curve[k - 1]) * along
    return curve[-1]


def _log_ratio(x, y):
    """``log(x / y)`` for x >= y, also where the ratio has no float."""
    return math.log(x / y) if x / y < 1e300 else math.log(x) - math.log(y)
