"""Theorem 4.2 in the paper's own symbols: corrected, as printed, and as the authors' public code has it.

Checked by tests/theory/random_matrices/test_closed_form.py.
"""

import math
from collections import namedtuple

from lib.theory.random_matrices.equation import RidgeLimit, accuracy, checked_generator, setting, solve

_Symbols = namedtuple("_Symbols", ("delta_r", "delta_s", "delta_g", "c", "d", "h2", "a1", "b1", "label"))


def ridge_closed_form(
    *, p: int, n: int, m: int, n_hat: int, mu_norm: float, gamma: float, epsilon: float, psi: float, phi: float
) -> RidgeLimit:
    """Theorem 4.2 corrected, in the paper's own symbols: equal to the exact limit of a generator that knows the mean.

    delta_s without the factor alpha of eq. 7; ``b2 = b1 ((1 + delta_g)^-2 + h2 p/n_hat)``; h1 and the second moment as in
    notebook 02. Arguments (but for the generator), result and errors as for ridge; these formulas cancel where ridge does not,
    and raise ArithmeticError where that leaves fewer than six digits.
    Checked by tests/theory/random_matrices/test_closed_form.py::test_closed_form.
    """
    s = setting(p=p, n=n, m=m, n_hat=n_hat, mu_norm=mu_norm, gamma=gamma, epsilon=epsilon, psi=psi, phi=phi)
    t = _printed_symbols(s, 1.0)
    damping, mu2 = (1.0 + t.delta_g) ** -2, s.mu * s.mu
    a2, b2 = t.a1 * damping, t.b1 * (damping + s.eta / s.hat * t.h2)
    h1 = _sum("h1", (1.0 - b2) * (1.0 - t.a1), -a2 * t.b1)
    mean = t.c * mu2 / t.d
    signal = (1.0 - b2 + t.b1) * mu2 * mu2 + mu2 / t.h2 * (1.0 - b2 + t.b1 * damping)
    second = (
        (t.c / t.d) ** 2 * signal / h1,
        (t.a1 * (1.0 - b2) + a2 * t.b1) / h1 * (1.0 - 2.0 * mean),
        t.b1 / h1 * (1.0 - 2.0 * t.label * mean),
    )
    return _from_moments(mean, second, t)


def ridge_as_printed(
    *,
    p: int,
    n: int,
    m: int,
    n_hat: int,
    mu_norm: float,
    gamma: float,
    epsilon: float,
    psi: float,
    phi: float,
    generator: str = "known_mean",
) -> RidgeLimit:
    """Theorem 4.2 as printed (eq. 7 and 8), kept to compare: its delta_s and b2 are not right (notebook 02).

    The theorem does not tell generators apart, so ``generator`` changes nothing, and n_hat may be above n. Arguments, result
    and other errors as for :func:`ridge_closed_form`; accuracy is nan where the printed variance is not positive.
    Checked by tests/theory/random_matrices/test_closed_form.py::test_published_figure_2.
    """
    checked_generator(generator)
    s = setting(p=p, n=n, m=m, n_hat=n_hat, mu_norm=mu_norm, gamma=gamma, epsilon=epsilon, psi=psi, phi=phi)
    t = _printed_symbols(s, s.alpha)
    return _as_printed(s, t, t.b1 * (1.0 + t.delta_g) ** -2)


def ridge_as_coded(
    *,
    p: int,
    n: int,
    m: int,
    n_hat: int,
    mu_norm: float,
    gamma: float,
    epsilon: float,
    psi: float,
    phi: float,
    generator: str = "known_mean",
) -> RidgeLimit:
    """The formula behind the lines of Figure 3: Theorem 4.2 as printed, but with ``b2 = b1``, as in the authors' public code.

    Arguments, result and errors as for :func:`ridge_as_printed`; accuracy is nan where the variance is not positive.
    Checked by tests/theory/random_matrices/test_closed_form.py::test_published_figure_3.
    """
    checked_generator(generator)
    s = setting(p=p, n=n, m=m, n_hat=n_hat, mu_norm=mu_norm, gamma=gamma, epsilon=epsilon, psi=psi, phi=phi)
    t = _printed_symbols(s, s.alpha)
    return _as_printed(s, t, t.b1)


def _printed_symbols(s, beta):
    """The paper's deltas, c, ``d = b + a |mu|^2``, h2, a1, b1 and lambda/alpha (Theorem 4.2)."""
    at = solve(s, beta)
    x, kappa, delta_g = at.x, at.kappa, at.omega * at.x
    delta_s = beta * x / (1.0 + delta_g)
    label = s.lam / s.alpha if s.alpha else 0.0
    own = s.real / (1.0 + x)
    b = s.gamma + own + kappa / (1.0 + delta_g)
    h2 = _sum("h2", 1.0, -((kappa / (b * (1.0 + delta_g))) ** 2) * s.eta / s.hat)
    a1 = own * s.eta / ((1.0 + x) * h2 * b * b)
    b1 = kappa * s.eta / ((1.0 + delta_s) * (1.0 + delta_g) ** 2 * h2 * b * b)
    return _Symbols(x, delta_s, delta_g, own + kappa * label, b + (own + kappa) * s.mu * s.mu, h2, a1, b1, label)


def _as_printed(s, t, b2):
    h1 = _sum("h1", 1.0, -t.a1, -b2)
    signal = t.c * s.mu * s.mu / (h1 * t.d * t.d)
    second = (
        signal * (t.c * (1.0 + t.b1 - b2) * s.mu * s.mu + t.c / t.h2),
        -2.0 * signal * (t.a1 + t.label * t.b1) * t.d,
        (t.a1 + t.b1) / h1,
    )
    return _from_moments(t.c * s.mu * s.mu / t.d, second, t)


def _from_moments(mean, second, t):
    """A RidgeLimit from the mean and the terms of the second moment."""
    variance = _sum("the variance", *second, -mean * mean)
    return RidgeLimit(mean, variance, accuracy(mean, variance), t.delta_r, t.delta_s, t.delta_g)


def _sum(name, *terms):
    """Their sum, unless it cancels so far, or a term is so large, that double precision leaves fewer than six digits."""
    total, size = sum(terms), sum([abs(term) for term in terms])
    if not (abs(total) >= 1e-9 * size and size < math.inf):
        raise ArithmeticError(
            f"{name} = {total!r} of Theorem 4.2 cancels among terms of size {size!r}: double precision cannot give six digits"
        )
    return total
