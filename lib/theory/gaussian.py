"""Gaussian integrals in one, two and three dimensions, on ``math`` alone.

The bivariate cdf rests on one conditional probability, integrated where it does not cancel, so that it keeps a small
*relative* error in the far tails too (psi of a good verifier at p = 1e-38). Checked by tests/theory/test_gaussian.py.
"""

import math

from lib.theory.angles import TOLERANCE
from lib.theory.checks import real

SQRT2 = math.sqrt(2.0)
_HALF_LOG_2PI = 0.5 * math.log(2.0 * math.pi)
_NEGLIGIBLE = 26.0  # exp(-26) = 5e-12: where an integrand has fallen this far, the rest is dropped
_LAYER = 7.0  # cdf(-7) = 1e-12: half width of the step of a Gaussian cdf, in standard deviations


def pdf(x: float) -> float:
    """Standard normal density, ``exp(-x^2/2) / sqrt(2 pi)``; 0 at +-inf.

    Checked by tests/theory/test_gaussian.py::test_pdf_and_cdf_against_scipy.
    """
    x = real("x", x, -math.inf, math.inf)
    return math.exp(-0.5 * x * x - _HALF_LOG_2PI)


def cdf(x: float) -> float:
    """Standard normal distribution function, ``erfc(-x / sqrt 2) / 2``: no cancellation in the lower tail.

    Checked by tests/theory/test_gaussian.py::test_pdf_and_cdf_against_scipy.
    """
    return _cdf(real("x", x, -math.inf, math.inf))


def mills_ratio(x: float) -> float:
    """Upper tail over density, ``(1 - cdf(x)) / pdf(x)``, for x >= 0; relative error 1e-12 where both underflow.

    Checked by tests/theory/test_gaussian.py::test_mills_ratio_against_scipy.
    """
    x = real("x", x, 0.0, math.inf)
    if x < 25.0:
        return math.sqrt(0.5 * math.pi) * math.exp(0.5 * x * x) * math.erfc(x / SQRT2)
    # asymptotic series; the first term left out, 10395 / x^12, is below 2e-13 here
    u = 1.0 / (x * x)
    return (1.0 - u * (1.0 - 3.0 * u * (1.0 - 5.0 * u * (1.0 - 7.0 * u * (1.0 - 9.0 * u))))) / x


def bivariate_cdf(x: float, y: float, rho: float) -> float:
    """``P(X <= x, Y <= y)`` for standard normal X, Y with correlation rho.

    Args: x, y real or +-inf; rho in [-1, 1]. Absolute error below 1e-11, relative error below 1e-9 in the tails.
    Raises ValueError for anything else. The paper writes Phi_2(x, y; rho) (Appendix D.6).
    Checked by tests/theory/test_gaussian.py::test_bivariate_cdf_against_scipy.
    """
    x = real("x", x, -math.inf, math.inf)
    return _cdf(x) * conditional_cdf(y, x, rho)


def conditional_cdf(y: float, x: float, rho: float, sine: float = None) -> float:
    """``P(Y <= y | X <= x)`` for standard normal X, Y with correlation rho.

    The smaller of x and y, if negative, is the variable to integrate over: the integrand then falls from its end point
    and nothing cancels. Two positive limits are reflected by
    ``P(X <= x, Y <= y) = cdf(x) + cdf(y) - 1 + P(X <= -x, Y <= -y)``.

    Args: x, y real or +-inf; rho in [-1, 1]; ``sine = sqrt(1 - rho^2)``, for callers that know the angle itself and so
    lose no digits near +-1. Relative error below 1e-9 down to 1e-300, then 0; x = -inf takes the limit of a point mass
    that no y above rho * x stops: 0 or 1 by the sign of rho. Raises ValueError for bad limits or rho.
    Checked by tests/theory/test_gaussian.py::test_conditional_cdf_in_the_tails_against_mpmath.
    """
    x = real("x", x, -math.inf, math.inf)
    y = real("y", y, -math.inf, math.inf)
    rho = real("rho", rho, -1.0, 1.0)
    if y == math.inf or y == -math.inf:
        return 1.0 if y > 0.0 else 0.0
    if x == math.inf:
        return _cdf(y)
    if x == -math.inf:
        return _cdf(y) if rho == 0.0 else 1.0 if rho > 0.0 else 0.0
    if sine is None:
        sine = math.sqrt((1.0 - rho) * (1.0 + rho))
    if x > 0.0 and y > 0.0:
        low, high = (-x, -y) if x > y else (-y, -x)
        joint = 0.5 * (math.erf(x / SQRT2) + math.erf(y / SQRT2)) + _cdf(low) * _given_lower(low, high, rho, sine)
        return min(1.0, joint / _cdf(x))
    if x <= y:
        return _given_lower(x, y, rho, sine)
    return min(1.0, _cdf_ratio(y, x) * _given_lower(y, x, rho, sine))


def orthant_probability(rho12: float, rho13: float, rho23: float) -> float:
    """``P(X1 > 0, X2 > 0, X3 > 0)`` for a centred Gaussian triple with these correlations.

    ``1/8 + (arcsin rho12 + arcsin rho13 + arcsin rho23) / (4 pi)`` (Sheppard), to 1e-16. Each argument in [-1, 1]. Raises
    ValueError, with the smallest eigenvalue, if the three are no correlation matrix. Section 3.4 of "Beyond Model
    Collapse" names these probabilities. Checked by tests/theory/test_gaussian.py::test_orthant_probability_monte_carlo.
    """
    rho12 = real("rho12", rho12, -1.0, 1.0)
    rho13 = real("rho13", rho13, -1.0, 1.0)
    rho23 = real("rho23", rho23, -1.0, 1.0)
    smallest = _smallest_eigenvalue(rho12, rho13, rho23)
    # these are cosines of the angles of three directions; rounded ones of one plane give -1e-16
    if smallest < -TOLERANCE:
        raise ValueError(
            f"(rho12, rho13, rho23) = ({rho12!r}, {rho13!r}, {rho23!r}) is no correlation matrix: "
            f"its smallest eigenvalue {smallest:.3g} is outside [0, 1]"
        )
    return max(0.0, 0.125 + (math.asin(rho12) + math.asin(rho13) + math.asin(rho23)) / (4.0 * math.pi))


def _cdf(x):
    return 0.5 * math.erfc(-x / SQRT2)


def _cdf_ratio(x, y):
    """``cdf(x) / cdf(y)`` for x <= min(y, 0), also where either underflows (with y > 0 the ratio does so itself)."""
    if x > -35.0 or y > 0.0:
        return _cdf(x) / _cdf(y)
    return math.exp(0.5 * (y - x) * (y + x)) * mills_ratio(-x) / mills_ratio(-y)


def _given_lower(low, high, rho, sine):
    """``P(Y <= high | X <= low)`` for low <= min(high, 0).

    With X = low - u it is the integral over u > 0 of ``exp(low u - u^2/2) cdf(centre + slope u)`` over Mills' ratio.
    """
    if rho == 1.0:
        return 1.0
    if rho == -1.0:  # Y = -X: the part of X <= low that lies above -high
        return max(0.0, 1.0 - _cdf_ratio(-high, low)) if -high < low else 0.0
    slope = rho / sine
    # (high - rho low) / sine, in the form that keeps its digits as rho nears the one end or the other
    side = 1.0 if rho >= 0.0 else -1.0
    centre = (high - side * low) / sine + side * low * sine / (1.0 + abs(rho))
    start = _cdf(centre)
    if start < 1e-300:
        return 0.0
    end = _fall_length(-low, _NEGLIGIBLE - math.log(start))
    if centre < 0.0:  # there cdf(z) / cdf(centre) < exp((centre^2 - z^2) / 2), a sharper bound while z < 0
        sharper = sine * _fall_length(sine * (centre * slope - low), _NEGLIGIBLE)
        if centre + slope * sharper <= 0.0:
            end = sharper
    # The cdf is a step of width 1/slope; it gets an interval of its own.
    cuts = [0.0]
    if slope != 0.0:
        for cut in sorted((-(centre + _LAYER) / slope, -(centre - _LAYER) / slope)):
            if cuts[-1] < cut < end:
                cuts.append(cut)
    cuts.append(end)
    total = 0.0
    for left, right in zip(cuts, cuts[1:]):
        half = 0.5 * (right - left)
        middle = left + half
        part = 0.0
        for node, weight in GAUSS:
            u = middle + half * node
            part += weight * math.exp(u * (low - 0.5 * u)) * math.erfc(-(centre + slope * u) / SQRT2)
        total += half * part
    return min(1.0, 0.5 * total / mills_ratio(-low))


def _fall_length(rate, fall):
    """The u > 0 with ``rate u + u^2/2 = fall``, without cancellation (rate >= 0)."""
    return 2.0 * fall / (rate + math.sqrt(rate * rate + 2.0 * fall))


def _smallest_eigenvalue(r12, r13, r23):
    """Of the 3 x 3 matrix with ones on its diagonal: the trigonometric root of its cubic."""
    largest = max(abs(r12), abs(r13), abs(r23))
    if largest == 0.0:
        return 1.0
    a, b, c = r12 / largest, r13 / largest, r23 / largest  # their squares and product may underflow
    q = (a * a + b * b + c * c) / 3.0
    cosine = max(-1.0, min(1.0, a * b * c / q**1.5))
    return 1.0 + 2.0 * largest * math.sqrt(q) * math.cos((math.acos(cosine) + 2.0 * math.pi) / 3.0)


def _gauss_legendre(n):
    """Nodes and weights on [-1, 1], by Newton's method on the Legendre recurrence; a list of n pairs."""
    rule = []
    for k in range(n):
        x = math.cos(math.pi * (k + 0.75) / (n + 0.5))
        for _ in range(6):  # quadratic from a start good to 1e-3: 4 are enough
            previous, current = 1.0, x
            for j in range(2, n + 1):
                previous, current = current, ((2 * j - 1) * x * current - (j - 1) * previous) / j
            slope = n * (x * current - previous) / (x * x - 1.0)
            x -= current / slope
        rule.append((x, 2.0 / ((1.0 - x * x) * slope * slope)))
    return rule


GAUSS = _gauss_legendre(24)  # pairs of a node in [-1, 1] and its weight
