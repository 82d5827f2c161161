"""Theorem 4.2 in the paper's own symbols: corrected, as printed, and as the authors' public code has it.

Checked by tests/theory/random_matrices/test_closed_form.py.
"""

from collections import namedtuple

from lib.theory.random_matrices.equation import RidgeLimit, accuracy, checked_generator, setting, solve, state

_Symbols = namedtuple("_Symbols", ("delta_r", "delta_s", "delta_g", "c", "d", "h2", "a1", "b1", "label"))


def ridge_closed_form(
    *, p: int, n: int, m: int, n_hat: int, mu_norm: float, gamma: float, epsilon: float, psi: float, phi: float
) -> RidgeLimit:
    """Theorem 4.2 corrected, in the paper's own symbols: equal to the exact limit of a generator that knows the mean.

    delta_s without the factor alpha of eq. 7; ``b2 = b1 ((1 + delta_g)^-2 + h2 p/n_hat)``; h1 and the second moment as in
    notebook 02. Arguments (but for the generator), result and errors as for ridge.
    Checked by tests/theory/random_matrices/test_closed_form.py::test_closed_form.
    """
    s = setting(p=p, n=n, m=m, n_hat=n_hat, mu_norm=mu_norm, gamma=gamma, epsilon=epsilon, psi=psi, phi=phi)
    t = _printed_symbols(s, 1.0)
    damping = (1.0 + t.delta_g) ** -2
    a2, b2 = t.a1 * damping, t.b1 * (damping + s.eta / s.hat * t.h2)
    h1 = (1.0 - b2) * (1.0 - t.a1) - a2 * t.b1
    mean = t.c * s.mu2 / t.d
    signal = (1.0 - b2 + t.b1) * s.mu2**2 + s.mu2 / t.h2 * (1.0 - b2 + t.b1 * damping)
    second = (t.c / t.d) ** 2 * signal / h1
    second += (t.a1 * (1.0 - b2) + a2 * t.b1) / h1 * (1.0 - 2.0 * mean)
    second += t.b1 / h1 * (1.0 - 2.0 * t.label * mean)
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
    and other errors as for :func:`~lib.theory.random_matrices.ridge.ridge`; accuracy is nan where the printed variance is
    not positive.
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

    Arguments, result and errors as for :func:`ridge_as_printed`.
    Checked by tests/theory/random_matrices/test_closed_form.py::test_published_figure_3.
    """
    checked_generator(generator)
    s = setting(p=p, n=n, m=m, n_hat=n_hat, mu_norm=mu_norm, gamma=gamma, epsilon=epsilon, psi=psi, phi=phi)
    t = _printed_symbols(s, s.alpha)
    return _as_printed(s, t, t.b1)


def _printed_symbols(s, beta):
    """The paper's deltas, c, ``d = b + a |mu|^2``, h2, a1, b1 and lambda/alpha (Theorem 4.2)."""
    x = solve(s, beta)
    _, _, kappa, omega, _ = state(x, s, beta)
    kappa, delta_g = kappa.real, omega.real * x
    delta_s = beta * x / (1.0 + delta_g)
    label = s.lam / s.alpha if s.alpha else 0.0
    own = s.real / (1.0 + x)
    b = s.gamma + own + kappa / (1.0 + delta_g)
    h2 = 1.0 - (kappa / (b * (1.0 + delta_g))) ** 2 * s.eta / s.hat
    a1 = own * s.eta / ((1.0 + x) * h2 * b * b)
    b1 = kappa * s.eta / ((1.0 + delta_s) * (1.0 + delta_g) ** 2 * h2 * b * b)
    return _Symbols(x, delta_s, delta_g, own + kappa * label, b + (own + kappa) * s.mu2, h2, a1, b1, label)


def _as_printed(s, t, b2):
    h1 = 1.0 - t.a1 - b2
    mean = t.c * s.mu2 / t.d
    inner = t.c * (1.0 + t.b1 - b2) * s.mu2 + t.c / t.h2 - 2.0 * (t.a1 + t.label * t.b1) * t.d
    return _from_moments(mean, t.c * s.mu2 / (h1 * t.d * t.d) * inner + (t.a1 + t.b1) / h1, t)


def _from_moments(mean, second, t):
    variance = second - mean * mean
    return RidgeLimit(mean, variance, accuracy(mean, variance), t.delta_r, t.delta_s, t.delta_g)
