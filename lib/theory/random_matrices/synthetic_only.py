"""Corollary 4.3: ridge on synthetic rows alone, corrected and as printed, its critical label noise and its sharp limit.

Checked by tests/theory/random_matrices/test_synthetic_only.py.
"""

import math
from collections import namedtuple

from lib.theory.beyond_collapse.breakdown import breakdown_point
from lib.theory.checks import integer, probability, real
from lib.theory.gaussian import cdf
from lib.theory.random_matrices.equation import LARGEST, LEAST_KEPT, accuracy, quadratic, setting

SyntheticLimit = namedtuple("SyntheticLimit", ("mean", "variance", "accuracy", "delta_s"))


def synthetic_only(
    *, p: int, m: int, mu_norm: float, gamma: float, epsilon: float, psi: float, phi: float
) -> SyntheticLimit:
    """Corollary 4.3 corrected: ridge on m synthetic rows alone, drawn with the exact mean and covariance.

    ``delta_s = (eta - alpha - gamma + sqrt((alpha + gamma - eta)^2 + 4 eta gamma)) / (2 gamma)`` with eta = p/m; the rest
    as printed. The same as :func:`~lib.theory.random_matrices.ridge.ridge` with n = 0 and n_hat = inf, without
    its equation to solve.
    Args: p, m in [1, 1e15]; the others as for ridge, and something is kept.
    Returns a SyntheticLimit. Checked by tests/theory/random_matrices/test_synthetic_only.py::test_corollary.
    """
    s = _synthetic(p, m, mu_norm, gamma, epsilon, psi, phi)
    return _corollary(s, s.mu, s.gamma)


def synthetic_only_as_printed(
    *, p: int, m: int, mu_norm: float, gamma: float, epsilon: float, psi: float, phi: float
) -> SyntheticLimit:
    """Corollary 4.3 as printed, whose delta_s has ``eta alpha`` for eta. Arguments and result as for :func:`synthetic_only`.

    Accuracy is nan where the printed variance is not positive. Raises ArithmeticError where it cancels to less than six digits.
    Checked by tests/theory/random_matrices/test_synthetic_only.py::test_published_figure_4.
    """
    s = _synthetic(p, m, mu_norm, gamma, epsilon, psi, phi)
    return _corollary(s, s.mu, s.gamma, printed=True)


def verified_accuracy(
    *, n: int, p: float, phi: float, psi: float, dimension: int, mu_norm: float, ridge: float
) -> float:
    """Mean accuracy of least squares with a ridge in the mixture of "Beyond Model Collapse", in that paper's letters.

    ``x | y ~ N(y mu, sigma^2 I)``, ``sigma^2 = (1 - mu_norm^2) / dimension``; n examples with label error p, of which a
    verifier keeps right labels with probability phi and wrong ones with psi. It is :func:`synthetic_only` in units of
    sigma. n, dimension in [1, 1e15]; mu_norm in [0, 1); ridge in [1e-80, 1e80]; p, phi, psi in [0, 1],
    such that something is kept.
    Checked by tests/models/linear/test_ridge_mix.py::test_verified_accuracy.
    """
    n, dimension = integer("n", n, 1, LARGEST), integer("dimension", dimension, 1, LARGEST)
    p, phi, psi = probability("p", p), probability("phi", phi), probability("psi", psi)
    kept = phi * (1.0 - p) + psi * p
    if kept < LEAST_KEPT:
        raise ValueError(
            f"phi (1 - p) + psi p = {kept!r} is outside [1e-50, 1], for p = {p!r}, phi = {phi!r}, psi = {psi!r}: nothing is kept"
        )
    mu_norm, ridge = real("mu_norm", mu_norm, 0.0, 1.0, open_high=True), real("ridge", ridge, 1e-80, 1e80)
    variance = (1.0 - mu_norm) * (1.0 + mu_norm) / dimension
    # in units of sigma both may be beyond the ranges of a reader's arguments
    s = _synthetic(dimension, n, 0.0, 1.0, p, psi, phi)
    return _corollary(s, mu_norm / math.sqrt(variance), ridge / variance).accuracy


def critical_label_noise(*, psi: float, phi: float) -> float:
    """Label noise at which synthetic data alone teach chance: ``epsilon_star = 1 / (1 + psi/phi)`` (Section 4.2, psi its rho).

    The breakdown point of "Beyond Model Collapse". psi, phi in [0, 1], not both 0.
    Checked by tests/theory/random_matrices/test_synthetic_only.py::test_critical_label_noise.
    """
    psi, phi = probability("psi", psi), probability("phi", phi)
    if psi == 0.0 and phi == 0.0:
        raise ValueError(f"psi = {psi!r} and phi = {phi!r} keep nothing; allowed: at least one of them in (0, 1]")
    return breakdown_point(phi, psi)


def sharp_limit(*, mu_norm: float, epsilon: float, psi: float, phi: float) -> float:
    """Accuracy of :func:`synthetic_only` for infinite m: ``Phi(mu_norm)`` below the critical label noise, 1 minus that above.

    At the critical noise itself 1/2. mu_norm in [0, 1e6]; epsilon, psi, phi in [0, 1], psi and phi not both 0.
    Checked by tests/theory/random_matrices/test_synthetic_only.py::test_sharp_limit.
    """
    mu_norm, epsilon = real("mu_norm", mu_norm, 0.0, 1e6), probability("epsilon", epsilon)
    critical = critical_label_noise(psi=psi, phi=phi)
    return 0.5 if epsilon == critical else cdf(mu_norm if epsilon < critical else -mu_norm)


def _synthetic(p, m, mu_norm, gamma, epsilon, psi, phi):
    """A setting without real rows, whose generator knows all."""
    return setting(p=p, n=0, m=m, n_hat=math.inf, mu_norm=mu_norm, gamma=gamma, epsilon=epsilon, psi=psi, phi=phi)


def _corollary(s, mu, gamma, printed=False):
    """As printed, delta_s has ``eta alpha`` for eta; else no term of the variance is negative, and none is a difference."""
    eta = s.alpha * s.eta if printed else s.eta
    delta = quadratic(gamma, s.alpha * (1.0 - s.eta) if printed else s.spare, eta)
    v, w = 1.0 / (1.0 + delta), delta / (1.0 + delta)
    b = gamma + s.alpha * v  # the paper's b is larger by 1 + delta, and so is its d; b delta = eta
    d = s.alpha * v * mu * mu + b
    # the paper's 1 - h, and h
    lost = w * v / b if printed else s.alpha * v * w / b
    h = (gamma + v * (s.alpha - w)) / b if printed else (gamma + s.alpha * v * v) / b
    if printed and abs(h) < 1e-9:
        raise ArithmeticError(
            f"h = {h!r} of the printed corollary cancels: double precision leaves fewer than six digits"
        )
    size, spread = s.lam * v * mu / d, (b / d) ** 2
    # 1 - (lam/alpha)^2 (1 - spread), from right and wrong labels
    labels = 4.0 * (s.right / s.alpha) * (s.wrong / s.alpha) + (s.lam / s.alpha) ** 2 * spread
    variance = (lost * labels + size * size) / h
    mean = size * mu
    return SyntheticLimit(mean, variance, accuracy(mean, variance), delta)
