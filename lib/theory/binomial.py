"""Tails of the binomial law, and the exact interval of a share: what can be said of a share after counting.

Plain Python that keeps its digits up to a thousand million counts: the incomplete beta function by its continued fraction, with a
prefactor (Loader, 2000) in which no large logarithms cancel. Checked by tests/theory/test_binomial.py.
"""

import math
from collections import namedtuple

from lib.theory import checks

Interval = namedtuple("Interval", ("value", "low", "high", "of"))

LARGEST = 10**9  # of a count
_STEPS = 10**6  # of a continued fraction, which needs about as many as the root of the count
_HALF_LOG_2PI = 0.5 * math.log(2.0 * math.pi)


def lower_tail(hits: int, of: int, share: float) -> float:
    """``P(X <= hits)`` for X binomial: ``of`` draws, each with probability ``share``.

    0 <= hits <= of <= 1e9; share in [0, 1]. Raises ValueError outside. Relative error below 1e-10.
    Checked by tests/theory/test_binomial.py::test_tail_is_scipys.
    """
    hits, of = _counts(hits, of)
    share = checks.probability("share", share)
    if hits == of or share == 0.0:
        return 1.0
    return 0.0 if share == 1.0 else _beta(of - hits, hits + 1, 1.0 - share, share)


def interval(hits: int, of: int, confidence: float = 0.95) -> Interval:
    """A share of a count with its exact (Clopper-Pearson) confidence interval; None in [0, 1] when there is nothing to count.

    It covers the true share at least as often as ``confidence`` says, whatever that share is, and each of its ends at least as
    often as ``(1 + confidence) / 2``. 0 <= hits <= of <= 1e9; 0 < confidence < 1. Raises ValueError outside.
    Checked by tests/theory/test_binomial.py::test_interval_is_scipys and ::test_coverage.
    """
    hits, of = _counts(hits, of)
    confidence = checks.real("confidence", confidence, 0.0, 1.0, open_low=True, open_high=True)
    if of == 0:
        return Interval(None, 0.0, 1.0, 0)
    tail = 0.5 * (1.0 - confidence)
    return Interval(hits / of, _low(hits, of, tail), 1.0 - _low(of - hits, of, tail), of)


def _counts(hits, of):
    of = checks.integer("of", of, 0, LARGEST)
    hits = checks.integer("hits", hits, 0, LARGEST)
    if hits > of:
        raise ValueError(f"of = {of} are fewer than hits = {hits}; allowed: hits are at most of")
    return hits, of


def _low(hits, of, tail):
    """The share at which ``hits`` or more have the probability ``tail``: Newton's steps on its logarithm, kept in a bracket."""
    if hits == 0:
        return 0.0
    a, b, wanted = hits, of - hits + 1, math.log(tail)
    low, high = 0.0, hits / of
    x = high * math.exp(wanted / hits) if b == 1 else _wilson(hits, of, wanted)
    for _ in range(200):
        if not low < x < high:
            x = 0.5 * (low + high)
            if not low < x < high:
                break
        reached = _beta(a, b, x, 1.0 - x)
        distance = (math.log(reached) if reached > 0.0 else -math.inf) - wanted
        low, high = (low, x) if distance > 0.0 else (x, high)
        if abs(distance) < 1e-13:
            break
        slope = a * b / (a + b) * _pmf(a, a + b, x, 1.0 - x) / (x * (1.0 - x))
        step = distance * reached / slope if slope > 0.0 and reached > 0.0 else math.inf
        moved = x - step
        if abs(step) < 1e-15 * x:
            break
        x = moved
    return x


def _wilson(hits, of, log_tail):
    """A start: the lower end of Wilson's interval, with a normal quantile that is right to a few per cent."""
    t = math.sqrt(-2.0 * log_tail)
    z = max(0.0, t - (2.30753 + 0.27061 * t) / (1.0 + 0.99229 * t + 0.04481 * t * t))
    share, each = hits / of, z * z / of
    return (share + each / 2.0 - z * math.sqrt(share * (1.0 - share) / of + each / of / 4.0)) / (1.0 + each)


def _beta(a, b, x, y):
    """The regularized incomplete beta function ``I_x(a, b)`` of whole a, b >= 1, with y = 1 - x."""
    if x <= 0.0 or y <= 0.0:
        return 0.0 if x <= 0.0 else 1.0
    if x > (a + 1.0) / (a + b + 2.0):
        return 1.0 - _lower_beta(b, a, y, x)
    return _lower_beta(a, b, x, y)


def _lower_beta(a, b, x, y):
    front = b / (a + b) * _pmf(a, a + b, x, y)
    return front * _fraction(a, b, x) if front > 0.0 else 0.0


def _fraction(a, b, x):
    """The continued fraction of I_x(a, b) over its prefactor, by Lentz' rule."""
    c, d = 1.0, 1.0 - (a + b) * x / (a + 1.0)
    d = 1.0 / d
    total = d
    for k in range(1, _STEPS):
        twice = a + 2 * k
        even = k * (b - k) * x / ((twice - 1.0) * twice)
        d, c = 1.0 / (1.0 + even * d), 1.0 + even / c
        total *= d * c
        odd = -(a + k) * (a + b + k) * x / (twice * (twice + 1.0))
        d, c = 1.0 / (1.0 + odd * d), 1.0 + odd / c
        total *= d * c
        if abs(d * c - 1.0) < 1e-15:
            return total
    raise ArithmeticError(f"the continued fraction has not settled after {_STEPS} steps")


def _pmf(k, n, x, y):
    """``P(X = k)`` for 0 < k < n, without the cancellation of logarithms of factorials (Loader, 2000)."""
    exponent = _stirling(n) - _stirling(k) - _stirling(n - k) - _deviance(k, n * x) - _deviance(n - k, n * y)
    return math.exp(exponent) * math.sqrt(n / (2.0 * math.pi * k * (n - k))) if exponent > -745.0 else 0.0


def _stirling(n):
    """``ln n!`` less Stirling's formula."""
    if n < 16:
        factorial = 1.0
        for k in range(2, n + 1):
            factorial *= k
        return math.log(factorial) - (n + 0.5) * math.log(n) + n - _HALF_LOG_2PI
    square = float(n) * n
    return (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - 1 / 1188 / square) / square) / square) / square) / n


def _deviance(k, mean):
    """``k ln(k / mean) + mean - k``, by a series where k is near the mean."""
    if mean == 0.0:
        return math.inf
    if abs(k - mean) >= 0.1 * (k + mean):
        return k * math.log(k / mean) + mean - k
    v = (k - mean) / (k + mean)
    total, term, j = (k - mean) * v, 2.0 * k * v, 1
    while True:
        term *= v * v
        more = total + term / (2 * j + 1)
        if more == total:
            return total
        total, j = more, j + 1
