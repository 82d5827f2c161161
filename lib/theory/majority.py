"""The majority of real and kept synthetic labels: Theorem 3.2 of "Beyond Model Collapse" at finite size, with real rows.

Checked by tests/theory/test_synthesis.py.
"""

import math

from lib.theory.checks import integer, probability

LARGEST = 10**7  # of n and m
_NEGLIGIBLE = 40.0  # exp(-40) = 4e-18: where an integrand has fallen this far, the rest is dropped


def majority(p: float, phi: float, psi: float, n: int, m: int) -> float:
    """Probability that more labels are right than wrong among n real and the kept of m synthetic rows: Theorem 3.2 at finite
    size.

    The walk of :func:`lib.theory.lazy_walk.positive_probability` with a head start of n. With z on a circle through the
    saddle point it is ``(1 / 2 pi) int G(z)^m z^n / (z - 1) dt``, or 1 less the same of ``1 / (1 - z)`` inside the unit circle.
    p, phi, psi in [0, 1]; n, m in [0, 1e7]. A tie, and nothing kept, count as a failure. Absolute error below 1e-9. Raises
    ValueError outside. Checked by tests/theory/test_synthesis.py::test_majority_against_binomial_sums.
    """
    p, phi, psi = probability("p", p), probability("phi", phi), probability("psi", psi)
    n, m = integer("n", n, 0, LARGEST), integer("m", m, 0, LARGEST)
    up, down = (1.0 - p) * phi, p * psi
    if n > m or (n > 0 and down == 0.0):
        return 1.0
    if m == 0 or (n == 0 and up == 0.0):
        return 0.0
    if n == m:
        return 1.0 - down**m
    up, down = max(up, 1e-30), max(down, 1e-30)
    stay = max(0.0, 1.0 - up - down)
    # saddle point: n + m (up s - down / s) / G(s) = 0, a quadratic equation without a difference of equals
    a, b, c = (m + n) * up, n * stay, (m - n) * down
    root = math.sqrt(b * b + 4.0 * a * c)
    saddle = 2.0 * c / (b + root)
    whole = up * saddle + stay + down / saddle
    drift = (up * saddle - down / saddle) / whole
    deviation = math.sqrt(m * max(0.0, (up * saddle + down / saddle) / whole - drift * drift))
    least = 0.5 if deviation < 3.0 else 1.5 / deviation
    outside = saddle > 1.0  # the mean lies at or below the border: sum the upper tail
    place = max(least, min(5.0, math.log(saddle))) if outside else -max(least, min(5.0, -math.log(saddle)))
    tail = _tail(m, n, up, down, math.exp(place), 2 * max(32, math.ceil(8.0 * deviation)))
    return min(1.0, max(0.0, tail if outside else 1.0 - tail))


def _tail(m, n, up, down, radius, nodes):
    """Mean over a circle of ``G(z)^m z^n`` times ``1/(z-1)`` outside the unit circle or ``1/(1-z)`` inside it, real part."""
    half, total, j = nodes // 2, 0.0, 0
    while j <= half:  # the size falls from t = 0 to one minimum and may rise again towards pi
        term = _integrand(m, n, up, down, radius, math.pi * j / half)
        if term is None:
            break
        total += term if j in (0, half) else 2.0 * term
        j += 1
    k = half
    while k > j:
        term = _integrand(m, n, up, down, radius, math.pi * k / half)
        if term is None:
            break
        total += term if k == half else 2.0 * term
        k -= 1
    return total / nodes if radius > 1.0 else -total / nodes


def _integrand(m, n, up, down, radius, t):
    """Real part of ``G(z)^m z^n / (z - 1)``; None where negligible. G - 1 keeps its digits near z = 1, and m magnifies them."""
    half, outward, inward = math.sin(0.5 * t), up * radius, down / radius
    x = (radius - 1.0) * (up - inward) - 2.0 * (outward + inward) * half * half
    odd = (outward - inward) * math.sin(t)
    off = 2.0 * x + x * x + odd * odd
    if off <= -1.0:
        return None
    grown = 1.0 + off  # the rounding of 1 + off cancels in the quotient (Kahan); MicroPython has no math.log1p
    log_size = 0.5 * m * (off if grown == 1.0 else math.log(grown) * (off / (grown - 1.0))) + n * math.log(radius)
    if log_size < -_NEGLIGIBLE:
        return None
    phase = m * math.atan2(odd, 1.0 + x) + n * t
    across, along = radius * math.cos(t) - 1.0, radius * math.sin(t)
    return math.exp(log_size) * (math.cos(phase) * across + math.sin(phase) * along) / (across**2 + along**2)
