"""Theorem B.1, corrected, for rows of any covariance that synthetic rows share: sums over the covariance's eigenvalues.

Checked by tests/theory/random_matrices/test_given_spectrum.py.
"""

from collections import namedtuple

from lib.theory.checks import integer, listed, probability, real
from lib.theory.random_matrices.equation import LARGEST, LEAST_KEPT, accuracy

SpectrumLimit = namedtuple("SpectrumLimit", ("mean", "variance", "accuracy", "delta"))


def ridge_on_spectrum(
    *, values: list, powers: list, n: int, m: int, gamma: float, epsilon: float, psi: float, phi: float
) -> SpectrumLimit:
    """Limit of the ridge classifier of eq. 6 on n real and m synthetic rows that have the same mean and covariance C.

    With eigenvalues ``c`` of C and ``s(b) = sum powers / (gamma + b c)``, the only equation is ``x = delta_r = delta_s =
    sum c / (gamma + B c) / N``, ``B = (pi + alpha (1 - pi)) / (1 + x)``. With ``u = (pi + lam (1 - pi)) / (1 + x)`` and
    ``g = 1 / (1 / s(B) + B)`` the mean is ``u g``, ``F = u^2 g + B x``, and the variance ``-dF/dt`` at t = 0, s and the sum
    taken at ``B + t``. The equation's right side is concave in x; Newton's method from above comes down to its root.

    Args: values, p numbers in [0, 1e12], not all 0, C's eigenvalues; powers, p numbers in [0, 1e12], the squared coordinates
    of the mean along the same directions; n and m in [0, 1e15], not both 0; gamma in [1e-12, 1e12]; epsilon, psi, phi in
    [0, 1], such that something is kept if n = 0. Raises ValueError outside. The accuracy is Phi(mean / sqrt(variance)).
    Source: Theorem B.1 with delta_s corrected; :func:`lib.array_theory.given_covariance.ridge_given` with both kinds alike.
    Checked by tests/theory/random_matrices/test_given_spectrum.py, against that function.
    """
    values = [real("values[%d]" % k, c, 0.0, 1e12) for k, c in enumerate(listed("values", values))]
    powers = [real("powers[%d]" % k, c, 0.0, 1e12) for k, c in enumerate(listed("powers", powers))]
    if len(values) != len(powers) or not any(values):
        raise ValueError(
            "values and powers have %d and %d numbers; allowed: as many of both, and a value above 0"
            % (len(values), len(powers))
        )
    n, m = integer("n", n, 0, LARGEST), integer("m", m, 0, LARGEST)
    if n + m == 0:
        raise ValueError("n + m = 0 is outside [1, 2e15]: there is nothing to train on")
    gamma = real("gamma", gamma, 1e-12, 1e12)
    epsilon = probability("epsilon", epsilon)
    right, wrong = probability("phi", phi) * (1.0 - epsilon), probability("psi", psi) * epsilon
    if n == 0 and right + wrong < LEAST_KEPT:
        raise ValueError("n = 0 and phi (1 - epsilon) + psi epsilon = %r: nothing is kept" % (right + wrong))
    total = n + m
    kept, signed = (n + (right + wrong) * m) / total, (n + (right - wrong) * m) / total
    x = sum(values) / (total * gamma)
    for _ in range(200):
        new, slope = _trace(values, gamma, kept / (1.0 + x), total)
        step = (x - new) / (1.0 - slope * kept / (1.0 + x) ** 2)
        x -= step
        if abs(step) <= 1e-15 * x:
            break
    b, u = kept / (1.0 + x), signed / (1.0 + x)
    slope = _trace(values, gamma, b, total)[1]  # less the derivative along b
    x_t = -slope / (1.0 - slope * b / (1.0 + x))
    b_t = -b * x_t / (1.0 + x)
    s = sum(power / (gamma + b * c) for c, power in zip(values, powers))
    if s == 0.0:
        return SpectrumLimit(0.0, -b * x_t / (1.0 + x), 0.5, x)
    s_t = -(1.0 + b_t) * sum(power * c / (gamma + b * c) ** 2 for c, power in zip(values, powers))
    g = 1.0 / (1.0 / s + b)
    variance = -b * x_t / (1.0 + x) + 2.0 * u * u * g * x_t / (1.0 + x) + (u * g) ** 2 * (b_t - s_t / s / s)
    return SpectrumLimit(u * g, variance, accuracy(u * g, variance), x)


def _trace(values, gamma, b, total):
    """``sum c / (gamma + b c) / N`` and less its derivative along b."""
    ratios = [c / (gamma + b * c) for c in values]
    return sum(ratios) / total, sum(r * r for r in ratios) / total
