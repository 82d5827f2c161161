"""How likely a lazy random walk ends above its start: the law of "more right than wrong labels" at finite n.

One contour integral instead of a double sum of binomial terms: about 20 to 70 nodes whatever n is, so that a slider can
recompute 120 points between two frames. Checked by tests/theory/test_lazy_walk.py.
"""

import math

from lib.theory.checks import integer, probability

# exp(-30) = 1e-13: a probability or an integrand below this is dropped
_NEGLIGIBLE = 30.0
MAX_STEPS = 10**9


def positive_probability(n: int, up: float, down: float) -> float:
    """``P(S > 0)`` for the sum S of n independent steps: +1 with probability up, -1 with probability down, else 0.

    With the generating function ``G(z) = 1 - up - down + up z + down / z`` of one step, on a circle of radius s > 1,
    ``P(S > 0) = sum_{k > 0} [z^k] G(z)^n = (1 / 2 pi) int G(s e^{it})^n / (s e^{it} - 1) dt``,
    by the trapezoid rule, which converges geometrically on a circle. A walk that tends upwards is mirrored first:
    ``1 - P(-S >= 0)``, whose kernel is ``z / (z - 1)``.

    Args: n in [1, 1e9]; up, down in [0, 1] with up + down <= 1. Absolute error below 1e-10. Raises ValueError otherwise.
    Checked by tests/theory/test_lazy_walk.py::test_against_binomial_sums.
    """
    n = integer("n", n, 1, MAX_STEPS)
    up = probability("up", up)
    down = probability("down", down)
    if up + down > 1.0 + 1e-12:
        raise ValueError(f"up + down = {up + down!r} is outside [0, 1]")
    if up == 0.0:
        return 0.0
    if down == 0.0:
        return 1.0 - math.exp(n * _log1p(-up)) if up < 1.0 else 1.0
    # Chernoff: P(S > 0) <= (1 - (sqrt up - sqrt down)^2)^n while up < down
    gap = math.sqrt(up) - math.sqrt(down)
    if n * gap * gap > _NEGLIGIBLE:
        return 1.0 if up > down else 0.0
    if up > down:
        return 1.0 - _upper_tail(n, down, up, False)
    return _upper_tail(n, up, down, True)


def _upper_tail(n, up, down, strict):
    """``P(S > 0)``, or ``P(S >= 0)`` if not strict, for up <= down, both positive."""
    root = math.sqrt(up) * math.sqrt(down)
    stay = max(0.0, 1.0 - up - down)
    # Standard deviation of S under the tilt that centres it; the walk spreads over about this many sites.
    deviation = math.sqrt(n * 2.0 * root / (stay + 2.0 * root))
    # The radius: the saddle point, but far enough from the pole at 1 that the rule below (nodes = 16 deviations, hence
    # an aliasing error of s^-nodes <= e^-24) resolves it; for narrow walks 64 nodes at 1/2 do (e^-32). Where up is tiny
    # the saddle point may lie beyond the range of floats; e^5 is as good.
    saddle = 0.5 * (math.log(down) - math.log(up))
    log_radius = min(5.0, max(saddle, 0.5 if deviation < 3.0 else 1.5 / deviation))
    nodes = 2 * max(32, math.ceil(8.0 * deviation))
    radius = math.exp(log_radius)
    total = 0.0
    # |G| falls from t = 0 to one minimum and may rise again towards pi (walks that rarely rest know odd from even).
    j = 0
    while j <= nodes // 2:
        term = _integrand(n, up, down, radius, 2.0 * math.pi * j / nodes, strict)
        if term is None:
            break
        total += term if j in (0, nodes // 2) else 2.0 * term
        j += 1
    k = nodes // 2
    while k > j:
        term = _integrand(n, up, down, radius, 2.0 * math.pi * k / nodes, strict)
        if term is None:
            break
        total += term if k == nodes // 2 else 2.0 * term
        k -= 1
    return min(1.0, max(0.0, total / nodes))


def _integrand(n, up, down, radius, t, strict):
    """Real part of ``G(z)^n / (z - 1)`` at ``z = radius e^{it}`` (times z if not strict); None where it is negligible."""
    cosine, sine = math.cos(t), math.sin(t)
    outward, inward = up * radius, down / radius
    odd = (outward - inward) * sine
    even = 1.0 - up - down + (outward + inward) * cosine
    if even > 0.5:  # near z = 1 take the logarithm from G - 1, whose digits n will magnify
        half = math.sin(0.5 * t)
        x = (radius - 1.0) * (up - inward) - 2.0 * (outward + inward) * half * half
        log_size, phase = 0.5 * _log1p(2.0 * x + x * x + odd * odd), math.atan2(odd, 1.0 + x)
    else:
        size = even * even + odd * odd
        if size == 0.0:
            return None
        log_size, phase = 0.5 * math.log(size), math.atan2(odd, even)
    if n * log_size < -_NEGLIGIBLE:
        return None
    size, phase = math.exp(n * log_size), n * phase
    real, imag = size * math.cos(phase), size * math.sin(phase)
    # 1 / (z - 1), and z / (z - 1) = 1 + 1 / (z - 1)
    x, y = radius * cosine - 1.0, radius * sine
    kernel = (real * x + imag * y) / (x * x + y * y)
    return kernel if strict else kernel + real


def _log1p(x):
    """``log(1 + x)``; MicroPython has no math.log1p. The rounding of 1 + x cancels in the quotient (Kahan)."""
    rounded = 1.0 + x
    return x if rounded == 1.0 else math.log(rounded) * (x / (rounded - 1.0))
