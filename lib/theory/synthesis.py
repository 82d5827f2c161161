"""One setting, four lenses: what kept rows of a given label error are worth by each of the four papers, and a threshold's trade.

The setting is the isotropic mixture ``x | y ~ N(y mu, I)``, y = +-1, in ``dimension`` columns: n real rows with right labels, and
m synthetic ones whose labels are wrong with probability p; a verifier keeps right ones with probability phi, wrong ones with psi.
The generator knows mean and covariance. A ridge classifier (eq. 6 of "Maximizing the Potential of Synthetic Data") learns
from all. ``r``, the mean of its score on a clean row of class +1 over its standard deviation, decides accuracy and bits alike.
The law of the majority at finite size: ``lib.theory.majority``. Derived in notebook synthesis/01. Checked by
tests/theory/test_synthesis.py.
"""

import math
from collections import namedtuple

from lib.theory.beyond_collapse.breakdown import breakdown_point
from lib.theory.checks import integer, probability, real
from lib.theory.gaussian import cdf
from lib.theory.random_matrices.ridge import ridge
from lib.theory.usable_information import binary_entropy, margin_cross_entropy

LN2 = math.log(2.0)
LARGEST = 10**7  # of n, m and dimension
_WIDTH = 8.0  # half width of the integrals in standard deviations
_HIGHEST = 30.0  # of |r|: from there on one classifier is as good as another

Kept = namedtuple("Kept", ("share", "error", "bits_kept", "bits_drawn", "bits_rejected"))
Bound = namedtuple("Bound", ("error", "bound", "loose"))


def border(p: float, phi: float, psi: float, n: int, m: int) -> float:
    """The step at the border of n real and m synthetic rows: 1 where kept right labels outnumber wrong ones on average, else 0.

    On average ``n + m ((1-p) phi - p psi)`` more labels are right than wrong: with n = 0 that is the breakdown point of "Beyond
    Model Collapse", and real rows move it, to ``(phi + n/m) / (phi + psi)``. 1/2 at the border itself. p, phi, psi in [0,
    1]; n, m in [0, 1e7]. Raises ValueError outside, and where nothing is kept.
    Checked by tests/theory/test_synthesis.py::test_border_is_where_ridge_guesses.
    """
    signed = _rows(p, phi, psi, n, m)[1]
    return 0.5 if signed == 0.0 else 1.0 if signed > 0.0 else 0.0


def border_error(phi: float, psi: float, n: int, m: int) -> float:
    """Label error of that border, ``(phi + n/m) / (phi + psi)``; above 1 where no error makes real and kept rows teach the
    opposite.

    phi, psi in [0, 1], not both 0; n in [0, 1e7], m in [1, 1e7]. At most 1e300. Raises ValueError outside.
    Checked by tests/theory/test_synthesis.py::test_border_is_where_ridge_guesses.
    """
    n, m = integer("n", n, 0, LARGEST), integer("m", m, 1, LARGEST)
    star = breakdown_point(phi, psi)  # which checks them
    phi, psi = float(phi), float(psi)
    return min(1e300, star + n / m / (phi + psi)) if phi + psi > 1e-290 else 1e300 if n else star


def signal(p: float, phi: float, psi: float, n: int, m: int, dimension: int, gamma: float, mu_norm: float) -> float:
    """r of ridge in the limit of many columns and rows, within +-30: accuracy is ``Phi(r)``.

    :func:`lib.theory.random_matrices.ridge.ridge` with a generator that knows all. p, phi, psi in [0, 1]; n, m in [0, 1e7], not
    both 0; dimension in [1, 1e7]; gamma in [1e-100, 1e100]; mu_norm in [0, 1e6]. Raises ValueError outside.
    Checked by tests/theory/test_synthesis.py::test_signal_of_a_strong_ridge.
    """
    p, phi, psi = probability("p", p), probability("phi", phi), probability("psi", psi)
    n, m = integer("n", n, 0, LARGEST), integer("m", m, 0, LARGEST)
    _rows(p, phi, psi, n, m)  # something is kept
    dimension, mu_norm = integer("dimension", dimension, 1, LARGEST), real("mu_norm", mu_norm, 0.0, 1e6)
    limit = ridge(p=dimension, n=n, m=m, n_hat=math.inf, mu_norm=mu_norm, gamma=gamma, epsilon=p, psi=psi, phi=phi)
    if limit.variance <= 0.0:
        return 0.0 if limit.mean == 0.0 else math.copysign(_HIGHEST, limit.mean)
    return max(-_HIGHEST, min(_HIGHEST, limit.mean / math.sqrt(limit.variance)))


def accuracy(p: float, phi: float, psi: float, n: int, m: int, dimension: int, gamma: float, mu_norm: float) -> float:
    """Lens 2, accuracy of ridge on clean rows. Arguments and errors as for :func:`signal`.

    Checked by tests/theory/test_synthesis.py::test_signal_of_a_strong_ridge.
    """
    return cdf(signal(p, phi, psi, n, m, dimension, gamma, mu_norm))


def effective_rows(p: float, phi: float, psi: float, n: int, m: int) -> float:
    """Clean rows that n real and the kept of m synthetic ones are worth to a strong ridge; negative where they teach the
    opposite.

    ``(n + m lambda)^2 / (n + m alpha)`` with the sign of ``n + m lambda``, alpha = (1-p) phi + p psi and lambda = (1-p) phi
    - p psi. For an endless ridge ``r = +-mu^2 / sqrt(mu^2 + dimension / |effective rows|)`` exactly. Arguments and errors as
    for :func:`border`. Checked by tests/theory/test_synthesis.py::test_signal_of_a_strong_ridge.
    """
    rows, signed = _rows(p, phi, psi, n, m)
    return signed * abs(signed) / rows


def rows_that_help(p: float, phi: float, psi: float, n: int) -> float:
    """Synthetic rows m from which on they raise the accuracy of a strong ridge beside n real ones; 0 if any do, inf if none do.

    ``n (alpha - 2 lambda) / lambda^2`` where more than a quarter of the kept labels are wrong, and lambda > 0: derived from
    :func:`effective_rows`. Below a quarter every row helps. Beyond the breakdown point none does. Ranges and errors as there.
    Checked by tests/theory/test_synthesis.py::test_rows_that_help.
    """
    alpha, lam = _rows(p, phi, psi, 0, 1)
    n = integer("n", n, 0, LARGEST)
    if lam <= 0.0:
        return math.inf
    excess = alpha - 2.0 * lam
    if excess <= 0.0 or n == 0:
        return 0.0
    return n * (excess / lam) / lam if lam > 1e-140 else math.inf


def bits_at_its_word(
    p: float, phi: float, psi: float, n: int, m: int, dimension: int, gamma: float, mu_norm: float
) -> float:
    """Lens 3, bits on clean rows of the ridge direction with the confidence that its own rows, kept and real, justify.

    The margin of a clean row is ``c u``, u ~ N(r, 1); c maximizes the likelihood on held-out rows of the kind it learned from, of
    whose labels a share q is wrong: ``E[u sigmoid(c u)] = (1-q) r``. Then the bits are ``1 - E log2(1 + exp(-c u))``, below
    0 where r < 0. To 1e-9. Arguments and errors as for :func:`signal`.
    Checked by tests/theory/test_synthesis.py::test_bits_against_scipy.
    """
    r = signal(p, phi, psi, n, m, dimension, gamma, mu_norm)
    rows, signed = _rows(p, phi, psi, n, m)
    return 1.0 - margin_cross_entropy(*_margin(r, 0.5 * (1.0 - signed / rows)))


def bits_if_turned(
    p: float, phi: float, psi: float, n: int, m: int, dimension: int, gamma: float, mu_norm: float
) -> float:
    """Lens 3, bits on clean rows of the same direction once its sign and scale are fitted on clean rows: of r^2 alone.

    ``1 - E log2(1 + exp(-M))``, M ~ N(2 r^2, 4 r^2): V may flip labels. Arguments and errors as for :func:`signal`.
    Checked by tests/theory/test_synthesis.py::test_bits_against_scipy.
    """
    r = signal(p, phi, psi, n, m, dimension, gamma, mu_norm)
    return 1.0 - margin_cross_entropy(2.0 * r * r, 2.0 * abs(r))


def channel(p: float, phi: float, psi: float) -> Kept:
    """Lens 4: the channel true label -> generated label -> kept, balanced classes. A Kept.

    share alpha of rows kept; error q, share of wrong ones among them; ``bits_kept = 1 - h(q)``, information of a kept label
    about the true one; ``bits_drawn = alpha (1 - h(q))``, that of a drawn row whose label is erased if it is not kept;
    bits_rejected, what the erased labels would have added, a drawn row. p, phi, psi in [0, 1], such that something is kept.
    Raises ValueError outside. Checked by tests/theory/test_synthesis.py::test_channel_against_tables.
    """
    p, phi, psi = probability("p", p), probability("phi", phi), probability("psi", psi)
    alpha, lam = _rows(p, phi, psi, 0, 1)
    q = min(1.0, max(0.0, 0.5 * (1.0 - lam / alpha)))
    lost_right, lost_wrong = (1.0 - p) * (1.0 - phi), p * (1.0 - psi)
    lost = lost_right + lost_wrong
    rejected = lost * _bits(lost_wrong / lost) if lost > 0.0 else 0.0
    return Kept(alpha, q, _bits(q), alpha * _bits(q), rejected)


def bits_without_verifier(p: float) -> float:
    """Information of a generated label about the true one, ``1 - h(p)`` bits a drawn row. p in [0, 1]; ValueError outside.

    Checked by tests/theory/test_synthesis.py::test_channel_against_tables.
    """
    return _bits(probability("p", p))


def error_bound(
    p: float, phi: float, psi: float, n: int, m: int, dimension: int, gamma: float, mu_norm: float
) -> Bound:
    """Lens 4: what Theorem 4.7 says of ridge's error at best, its information term set to 0. A Bound: error, bound, loose.

    The kept rows differ from clean ones in a share q of labels, at total variation ``q (2 Phi(mu) - 1)``; the error on them is
    ``q + (1 - 2q) error``. ``bound`` is their sum and ``loose = bound - error = 2 q (accuracy - Phi(-mu))``. Arguments and
    errors as for :func:`signal`. Checked by tests/theory/test_synthesis.py::test_error_bound.
    """
    right = accuracy(p, phi, psi, n, m, dimension, gamma, mu_norm)
    rows, signed = _rows(p, phi, psi, n, m)
    q, wrong = 0.5 * (1.0 - signed / rows), 1.0 - right
    loose = 2.0 * q * (right - cdf(-float(mu_norm)))
    return Bound(wrong, wrong + loose, loose)


def threshold_rates(threshold: float, strength: float) -> tuple:
    """(phi, psi) of a verifier that keeps scores above ``threshold``: right labels score N(strength/2, 1), wrong ones
    N(-strength/2, 1).

    threshold in [-40, 40], strength in [0, 40], in standard deviations. Raises ValueError outside.
    Checked by tests/theory/test_synthesis.py::test_thresholds.
    """
    threshold, strength = real("threshold", threshold, -40.0, 40.0), real("strength", strength, 0.0, 40.0)
    return cdf(0.5 * strength - threshold), cdf(-0.5 * strength - threshold)


def _rows(p, phi, psi, n, m):
    """Rows kept on average, and right labels less wrong ones."""
    p, phi, psi = probability("p", p), probability("phi", phi), probability("psi", psi)
    n, m = integer("n", n, 0, LARGEST), integer("m", m, 0, LARGEST)
    right, wrong = (1.0 - p) * phi, p * psi
    rows = n + m * (right + wrong)
    if rows < 1e-50:
        raise ValueError(f"n + m ((1-p) phi + p psi) = {rows!r} is outside [1e-50, 2e7]: nothing is kept")
    return rows, n + m * (right - wrong)


def _bits(q):
    """1 - h(q), without cancellation near q = 1/2."""
    u = (1.0 - 2.0 * q) ** 2
    if u > 1e-4:
        return 1.0 - binary_entropy(q)
    return u * (1.0 / 2.0 + u * (1.0 / 12.0 + u * (1.0 / 30.0 + u / 56.0))) / LN2


def _margin(r, q):
    """Mean and deviation of the margin ``c u``: c solves ``E[u sigmoid(c u)] = (1-q) r``; Newton's method in a bracket."""
    if abs(r) < 1e-12:
        return 0.0, 0.0
    low, high = 0.0, 2.0 * _HIGHEST
    c = min(high, max(0.0, 2.0 * r * (1.0 - 2.0 * q)))
    for _ in range(60):
        value, slope = _pull(c, r)
        low, high = (c, high) if value < (1.0 - q) * r else (low, c)
        new = c - (value - (1.0 - q) * r) / slope if slope > 0.0 else 0.5 * (low + high)
        if not low <= new <= high:
            new = 0.5 * (low + high)
        if abs(new - c) <= 1e-12 * max(1.0, c):
            break
        c = new
    return new * r, new


def _pull(c, r):
    """``E[u sigmoid(c u)]`` and its slope in c, u ~ N(r, 1), by the trapezoidal rule, which converges exponentially."""
    step = min(0.5, 0.6 / max(c, 1e-9))
    value = slope = 0.0
    for k in range(math.ceil(-_WIDTH / step), math.floor(_WIDTH / step) + 1):
        z = k * step
        u = r + z
        weight = math.exp(-0.5 * z * z)
        small = math.exp(-min(700.0, abs(c * u)))
        upper = 1.0 / (1.0 + small) if u >= 0.0 else small / (1.0 + small)
        value += weight * u * upper
        slope += weight * u * u * small / (1.0 + small) ** 2
    scale = step / math.sqrt(2.0 * math.pi)
    return value * scale, slope * scale
