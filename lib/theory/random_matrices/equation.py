"""The equation that fixes the limits of ridge on real and synthetic rows: a checked setting, and its root delta_r.

Checked by tests/theory/random_matrices/test_ridge.py.
"""

import math
from collections import namedtuple

from lib.theory.checks import integer, probability, real
from lib.theory.gaussian import cdf

RidgeLimit = namedtuple("RidgeLimit", ("mean", "variance", "accuracy", "delta_r", "delta_s", "delta_g"))

GENERATORS = ("known_mean", "independent", "shared")
LARGEST = 10**15  # of p, n, m and n_hat

# A setting in the paper's proportions: eta = p/N, real = n/N, hat = n_hat/N, synthetic = m/N, N = n + m;
# alpha = E[q] and lam = E[q s], s the sign of a label's truth; mu2 = |mu|^2; own = hat for a shared generator, else 0.
Setting = namedtuple("Setting", ("eta", "real", "hat", "synthetic", "alpha", "lam", "mu2", "gamma", "own"))
STEP = 1e-20  # of the complex step, relative: derivatives free of differences


def setting(
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
) -> Setting:
    """A setting in the paper's proportions. Arguments, ranges and errors as for :func:`~lib.theory.random_matrices.ridge.ridge`.

    Checked by tests/theory/random_matrices/test_ridge.py::test_bad_input.
    """
    p, n, m = integer("p", p, 1, LARGEST), integer("n", n, 0, LARGEST), integer("m", m, 0, LARGEST)
    if n_hat != math.inf:
        n_hat = integer("n_hat", n_hat, 1, LARGEST)
    if n + m == 0:
        raise ValueError("n + m = 0 is outside [1, 2e15]: there is nothing to train on")
    checked_generator(generator)
    if generator == "shared" and n_hat > n:
        raise ValueError(f"n_hat = {n_hat} is outside [1, n = {n}], the training rows that a shared generator may see")
    mu_norm = real("mu_norm", mu_norm, 0.0, 1e6)
    gamma = real("gamma", gamma, 1e-100, 1e100)
    epsilon, psi, phi = probability("epsilon", epsilon), probability("psi", psi), probability("phi", phi)
    right, wrong = phi * (1.0 - epsilon), psi * epsilon
    if n == 0 and right + wrong == 0.0:
        raise ValueError("n = 0 and phi (1 - epsilon) + psi epsilon = 0.0, outside (0, 1]: nothing is kept")
    total = n + m
    shares = (p / total, n / total, n_hat / total, m / total)
    own = n_hat / total if generator == "shared" else 0.0
    return Setting(*shares, right + wrong, right - wrong, mu_norm**2, gamma, own)


def checked_generator(generator: str) -> str:
    """``generator``, or ValueError if it is none of GENERATORS.

    Checked by tests/theory/random_matrices/test_ridge.py::test_bad_input.
    """
    if generator not in GENERATORS:
        raise ValueError(f"generator = {generator!r} is not one of {', '.join(GENERATORS)}")
    return generator


def state(x: float, s: Setting, beta: float) -> tuple:
    """What follows from delta_r = x: complex v = 1/(1+x), w = x/(1+x), kappa, omega, and ``(b - gamma) x``.

    beta is 1, or alpha as eq. 7 has it. ``omega = e + g``, e = 1 for a shared generator, else 0, solves with
    ``g = kappa/hat = k (1 + omega x) / (1 + (omega + beta) x)`` a quadratic equation in g. All is written in v and w,
    whose imaginary parts are steps: so no derivative loses digits, be x = 1e-9 or 1e9.
    Checked by tests/theory/random_matrices/test_ridge.py::test_against_high_precision.
    """
    step = STEP / (1.0 + x)
    v, w = complex(1.0 / (1.0 + x), step), complex(x / (1.0 + x), -step)
    kept = s.alpha * s.synthetic
    if s.hat == math.inf:
        kappa, omega = kept * v / (v + beta * w), complex(0.0)
    else:
        e = 1.0 if s.own else 0.0
        k, start = kept / s.hat, v + e * w
        q = start + (beta - k) * w
        root = (q * q + 4.0 * k * start * w) ** 0.5
        g = 2.0 * k * start / (q + root) if q.real >= 0.0 else (root - q) / (2.0 * w)  # never a difference of equals
        kappa, omega = s.hat * g, e + g
    return v, w, kappa, omega, (s.real - s.own) * w + (s.own + kappa) * w / (v + omega * w)


def solve(s: Setting, beta: float) -> float:
    """The root x = delta_r of the increasing function ``b(x) x - eta`` on (0, eta/gamma]: Newton's method in a bracket.

    beta as for :func:`state`. Raises ArithmeticError with the residual if the root is not found to rounding.
    Checked by tests/theory/random_matrices/test_ridge.py::test_every_random_setting_has_an_answer.
    """
    low, high = 0.0, s.eta / s.gamma
    x = s.eta / (s.gamma + s.real + s.alpha * s.synthetic)  # b is largest at x = 0, so the root is not below this
    for _ in range(200):
        v, _, _, _, pulled = state(x, s, beta)
        residual = s.gamma * x + pulled.real - s.eta
        if abs(residual) <= 2e-16 * s.eta:
            return x
        low, high = (x, high) if residual < 0.0 else (low, x)
        slope = s.gamma - pulled.imag / STEP * v.real  # dv/dx = -v^2, and v's step is STEP v
        new = x - residual / slope
        if not low < new < high:
            new = 0.5 * (low + high)
        if abs(new - x) <= 4e-16 * x:
            return new
        x = new
    if abs(residual) <= 1e-13 * s.eta:  # where b x is flat, rounding moves x for ever
        return x
    raise ArithmeticError(f"delta_r = {x!r} leaves a residual of {residual!r} for p/N = {s.eta!r}")


def accuracy(mean: float, variance: float) -> float:
    """``Phi(mean / sqrt(variance))``, or nan where the variance is not positive.

    Checked by tests/theory/random_matrices/test_ridge.py::test_reference_values.
    """
    return cdf(mean / math.sqrt(variance)) if variance > 0.0 else math.nan
