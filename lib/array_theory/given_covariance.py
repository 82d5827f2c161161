"""Exact limits of the ridge classifier of eq. 6 for real rows of any covariance.

Fold labels into features: real rows are ``r = y x ~ N(mu, C)``. Synthetic rows are ``t ~ N(mu_s, C_s)`` up to their sign,
kept with probability ``alpha = phi (1 - epsilon) + psi epsilon`` (psi is the paper's rho); the mean of bit times sign is
``lam = phi (1 - epsilon) - psi epsilon``. With N = n + m and ``v = (sum r + sum q s t) / N`` the classifier is ``w = Q v``,
``Q = (gamma I + (sum r r' + sum q t t') / N)^-1``. A fresh real row has margin ``w . r ~ N(w . mu, w' C w)``, so that the
limits of these two numbers are enough. Both functions get the second one from the same remark: v does not
depend on t in ``F(t) = v' (Q^-1 + t C)^-1 v``, hence ``w' C w = -dF/dt`` at t = 0.

Source: El Firdoussi et al., "Maximizing the Potential of Synthetic Data", Theorem B.1 with delta_s corrected, and its
extension to a generator that is fitted on the training rows. With C = I these are the formulas of
:mod:`lib.theory.random_matrices.ridge`. float64 throughout.
"""

from collections import namedtuple

import numpy as np
from scipy.optimize import brentq

from lib.theory import checks, gaussian

RidgeLimit = namedtuple("RidgeLimit", ("mean", "variance", "accuracy", "train_accuracy", "delta_r", "delta_s"))

SLACK = 1e-9  # relative width within which delta_r and delta_s are certified
LARGEST = 10**15  # of n and m


def ridge_given(
    mean, covariance, synthetic_mean, synthetic_covariance, *, n, m, gamma, epsilon, psi, phi
) -> RidgeLimit:
    """Limits for a generator that is given, and independent of the n training rows.

    Let k run over the two kinds of rows, with shares ``pi_k = (n, alpha m) / N``, signed ones ``c_k = (n, lam m) / N``,
    ``A_k = pi_k / (1 + delta_k)`` and ``Q0 = (gamma I + A_r C + A_s C_s)^-1``. Then ``delta_k = tr(C_k Q0) / N``, and with
    ``K = [mu, mu_s]' Q0 [mu, mu_s]``, ``G = K (I + diag(A) K)^-1``, ``u_k = c_k / (1 + delta_k)``::

        mean = (G u)_r        F = u' G u + sum_k A_k delta_k        variance = -dF/dt, with Q0(t) = (Q0^-1 + t C)^-1

    Derivation. (1) Leaving row i of kind k out, ``Q r_i = Q_-i r_i / (1 + delta_k)``. (2) So Q behaves like
    ``(gamma I + sum_k A_k (C_k + mu_k mu_k'))^-1`` and Q v like that matrix times ``sum_k u_k mu_k``; G is the matrix
    between the means. (3) ``F = v . w`` is a sum of ``r_i . w = (r_i . w_-i + delta_k) / (1 + delta_k)`` over the rows.

    The map ``delta -> tr(C_k Q0) / N`` is increasing and concave (a parallel sum of matrices), and has one fixed point.
    Newton's method from ``tr(C_k) / (N gamma)`` above it comes down to it and never passes it. The result is certified:
    the map moves ``(1 - SLACK) delta`` up and ``(1 + SLACK) delta`` down, so the fixed point lies between.

    Parameters
    ----------
    mean, covariance : (p,) and (p, p) arrays
        mu and C of a real row times its label. C is symmetric with no negative eigenvalue, not 0.
    synthetic_mean, synthetic_covariance : (p,) and (p, p) arrays
        mu_s and C_s of a synthetic row times its true label.
    n, m : int
        Real and synthetic rows, pruned ones included, in [0, 1e15], not both 0.
    gamma : float
        Ridge, positive.
    epsilon, psi, phi : float
        Label noise; shares of wrong and of right labels that the verifier keeps. In [0, 1]; if n = 0 something is kept.

    Returns
    -------
    RidgeLimit
        mean and variance of the margin of a fresh row, its accuracy ``Phi(mean / sqrt(variance))``, the accuracy
        ``Phi((mean + delta_r) / sqrt(variance))`` on the n training rows themselves (nan if n = 0), delta_r and delta_s.

    Raises
    ------
    ValueError
        With name, value and allowed range; a covariance says its smallest eigenvalue.
    ArithmeticError
        With the residual, if rounding leaves the deltas uncertified.

    Notes
    -----
    Checked by tests/array_theory/test_given_covariance.py::test_given_against_monte_carlo and ::test_given_identity.
    """
    n, real, synthetic, alpha, lam, gamma = _setting(n, m, gamma, epsilon, psi, phi)
    mean, covariance, _, _ = _moments("mean", mean, "covariance", covariance)
    second = _moments("synthetic_mean", synthetic_mean, "synthetic_covariance", synthetic_covariance, len(mean))
    covariances, means = (covariance, second[1]), np.stack([mean, second[0]], axis=1)  # (p, 2)
    shares, signed = np.array([real, alpha * synthetic]), np.array([real, lam * synthetic])
    total = n / real if n else m / synthetic
    if not covariance.any():
        raise ValueError("covariance has trace 0, allowed: above 0")

    delta = np.array([np.trace(c) for c in covariances]) / (total * gamma)
    for _ in range(200):
        q0, products, new = _traces(covariances, shares, gamma, total, delta)
        overlaps = np.array([[(a * b.T).sum() for b in products] for a in products]) / total  # tr(C_i Q0 C_j Q0) / N
        slopes = overlaps * shares / (1 + delta) ** 2  # d(tr C_i Q0 / N) / d delta_j
        step = np.linalg.solve(np.eye(2) - slopes, delta - new)
        delta = delta - step
        if (np.abs(step) <= 1e-12 * delta).all():  # Newton squares it: what is left is rounding
            break
    for side in (-1, 1):  # the map must move up from below, and down from above
        near = (1 + side * SLACK) * delta
        moved = side * (near - _traces(covariances, shares, gamma, total, near)[2])
        if (moved < 0).any():
            raise ArithmeticError(f"delta = {delta.tolist()} is not certified: residual {moved.min():.3g} beside it")

    weights, pull = shares / (1 + delta), signed / (1 + delta)
    kernel = means.T @ q0 @ means  # (2, 2), K
    right = np.linalg.inv(np.eye(2) + weights[:, None] * kernel)  # K right = G
    between = kernel @ right
    # derivatives with respect to t
    d_delta = -np.linalg.solve(np.eye(2) - slopes, overlaps[:, 0])
    d_weights, d_pull = -weights * d_delta / (1 + delta), -pull * d_delta / (1 + delta)
    seen = q0 @ means
    change = covariance + sum(d * c for d, c in zip(d_weights, covariances, strict=True))
    d_between = -right.T @ (seen.T @ change @ seen) @ right - between @ (d_weights[:, None] * between)
    d_f = 2 * pull @ between @ d_pull + pull @ d_between @ pull + (shares * d_delta / (1 + delta) ** 2).sum()
    margin = float((between @ pull)[0])
    return _limit(margin, -float(d_f), margin + delta[0] if n else np.nan, delta)


def ridge_shared(
    mean, covariance, *, n, m, n_hat, gamma, epsilon, psi, phi, synthetic_mean: str = "estimated"
) -> RidgeLimit:
    """Limits for a generator whose covariance, and mean, are estimated on the first n_hat training rows.

    A generator row enters the Gram matrix with weight ``omega``: once itself, and through every synthetic row. With
    ``pi_g = n_hat / N``, ``pi_o = (n - n_hat) / N``, ``kappa = alpha (1 - pi) / (1 + delta_s)``, ``omega = 1 + kappa / pi_g``
    and ``delta_s = x / (1 + omega x)`` everything follows from one equation for x = delta_r::

        x = tr(C Q0) / N        Q0 = (gamma I + B C)^-1        B = pi_o / (1 + x) + pi_g omega / (1 + omega x)

    Derivation. (1) Given the generator, synthetic rows act as ``kappa (C_hat + mu_hat mu_hat') = kappa / n_hat sum r r'``,
    so that leaving generator row i out gives ``Q r_i = Q_-i r_i / (1 + omega x)``. (2) Let Q1 be the resolvent with these
    weights. ``a = mu' Q1 mu = s / (1 + B s)`` with ``s = mu' Q0 mu``; averages over generator rows give
    ``mu' Q1 mu_hat = a / (1 + omega x)`` and ``mu_hat' Q1 mu_hat = (x / pi_g + a / (1 + omega x)) / (1 + omega x)``.
    (3) v acts as ``pi_o / (1 + x) mu + pi_g mu_hat + lam (1 - pi) / (1 + delta_s) mu_s``, which gives the limits m of
    ``w . mu``, m_hat of ``w . mu_hat``, m_s of ``w . mu_s``, and ``F = pi_o (m + x) / (1 + x) + pi_g m_hat +
    (1 - pi) (lam m_s + alpha delta_s) / (1 + delta_s)``. Adding t C to the inverse of Q replaces B by B + t in Q0, and the
    variance is -dF/dt. Adding ``t / n_hat sum r r'`` replaces omega by omega + t / pi_g, and -dF/dt is the second moment of
    the margins of generator rows.

    Parameters
    ----------
    mean, covariance : (p,) and (p, p) arrays
        As for :func:`ridge_given`.
    n, m, gamma, epsilon, psi, phi
        As for :func:`ridge_given`, with n at least 1.
    n_hat : int
        In [1, n].
    synthetic_mean : str
        "estimated": mu_s = mu_hat, the mean of the same n_hat rows (Section 3 of the paper). "known": mu_s = mu, and C_s is
        their covariance about mu. The mean over all rows, in the authors' Figure 6, comes close to that. Then the inverse
        of Q is that of Q1 plus ``kappa (2 mu mu' - mu mu_hat' - mu_hat mu')``.

    Returns
    -------
    RidgeLimit
        As for :func:`ridge_given`; train_accuracy averages over the generator's rows, whose margins are Gaussian with
        mean m_hat, and the other training rows.

    Raises
    ------
    ValueError
        With name, value and allowed range; a covariance says its smallest eigenvalue.

    Notes
    -----
    Checked by tests/array_theory/test_given_covariance.py::test_shared_against_monte_carlo and ::test_shared_identity.
    """
    n, real, synthetic, alpha, lam, gamma = _setting(n, m, gamma, epsilon, psi, phi)
    n = checks.integer("n", n, 1, LARGEST)
    n_hat = checks.integer("n_hat", n_hat, 1, n)
    if synthetic_mean not in ("estimated", "known"):
        raise ValueError(f"synthetic_mean = {synthetic_mean!r} is not one of 'estimated', 'known'")
    mean, covariance, values, vectors = _moments("mean", mean, "covariance", covariance)
    if not values.any():
        raise ValueError("covariance has trace 0, allowed: above 0")
    total, known = n / real, synthetic_mean == "known"
    own, other = n_hat / total, (n - n_hat) / total
    kept, power = alpha * synthetic / own, (vectors.T @ mean) ** 2  # kept synthetic rows for each generator row

    def weight(x, t=0.0):
        """omega, t added to it: ``x g^2 + (1 + (1 + e) x - kept x) g = kept (1 + e x)`` for e = 1 + t, g = omega - e."""
        e = 1 + t
        b = 1 + (1 + e - kept) * x
        root = np.sqrt(b * b + 4 * kept * x * (1 + e * x))
        # never a difference of equals
        return e + (2 * kept * (1 + e * x) / (b + root) if b.real >= 0 else (root - b) / (2 * x))

    def trace(x, t=0.0, t_hat=0.0):
        """tr(C Q0) / N, B, omega. t C is added to the inverse of Q, and t_hat times the mean of r r' over generator rows."""
        omega = weight(x, t_hat / own)
        b = other / (1 + x) + own * omega / (1 + omega * x)
        return (values / (gamma + (b + t) * values)).sum() / total, b, omega

    def form(x, t=0.0, t_hat=0.0):
        """F, m, m_hat, delta_s at delta_r = x."""
        _, b, omega = trace(x, t, t_hat)
        delta_s = x / (1 + omega * x)
        s = (power / (gamma + (b + t) * values)).sum()
        a = s / (1 + b * s)
        damped = a / (1 + omega * x)
        kernel = np.array([[a, damped], [damped, (x / own + damped) / (1 + omega * x)]])  # between mu and mu_hat
        pull, kappa = lam * synthetic / (1 + delta_s), alpha * synthetic / (1 + delta_s)
        u = np.array([other / (1 + x), own], dtype=kernel.dtype)
        u[0 if known else 1] += pull
        swap = kappa * known * np.array([[2, -1], [-1, 0]])  # C_s + mu_s mu_s' less the mean of r r', in mu and mu_hat
        m_real, m_hat = np.linalg.solve(np.eye(2) + kernel @ swap, kernel @ u)
        f = other * (m_real + x) / (1 + x) + own * m_hat + pull * (m_real if known else m_hat) + kappa * delta_s
        return f, m_real, m_hat, delta_s

    high = values.sum() / (total * gamma)
    # trace(x) / x falls, since x B(x) rises as omega x does; the root lies between trace(0) and the trace without rows
    x = brentq(lambda x: trace(x)[0] / x - 1, trace(1e-30 * high)[0] * (1 - 1e-12), high, xtol=1e-300, rtol=1e-15)
    step = 1e-20j  # complex: derivatives without cancellation
    turned = x * (1 + step)

    def fall(**added):
        """-dF/dt along x(t), the root moved by what is added."""
        x_t = trace(x + 0j, **added)[0].imag / (1 - trace(turned)[0].imag / (x * step.imag))
        return -(form(x + 0j, **added)[0].imag + form(turned)[0].imag / (x * step.imag) * x_t) / step.imag

    _, m_real, m_hat, delta_s = form(x)
    variance = fall(t=step)
    limit = _limit(m_real, variance, m_real + x, (x, delta_s))
    seen = _accuracy(m_hat, fall(t_hat=step) - m_hat**2)
    return limit._replace(train_accuracy=(n_hat * seen + (n - n_hat) * limit.train_accuracy) / n)


def _setting(n, m, gamma, epsilon, psi, phi):
    """n, n/N, m/N, alpha, lam, gamma, checked."""
    n, m = checks.integer("n", n, 0, LARGEST), checks.integer("m", m, 0, LARGEST)
    if n + m == 0:
        raise ValueError("n + m = 0 is outside [1, 2e15]: there is nothing to train on")
    epsilon, psi = checks.probability("epsilon", epsilon), checks.probability("psi", psi)
    right, wrong = checks.probability("phi", phi) * (1 - epsilon), psi * epsilon
    if n == 0 and right + wrong == 0:
        raise ValueError("n = 0 and phi (1 - epsilon) + psi epsilon = 0, outside (0, 1]: nothing is kept")
    return n, n / (n + m), m / (n + m), right + wrong, right - wrong, checks.positive("gamma", gamma)


def _moments(mean_name, mean, covariance_name, covariance, dimension=None):
    """Mean (p,), covariance (p, p), its eigenvalues (rounding below 0 cut off) and eigenvectors, checked."""
    mean, covariance = np.asarray(mean, dtype=float), np.asarray(covariance, dtype=float)
    p = mean.size if dimension is None else dimension
    for name, array, shape in ((mean_name, mean, (p,)), (covariance_name, covariance, (p, p))):
        if array.shape != shape or p == 0:
            raise ValueError(f"{name} has shape {array.shape}, allowed: {shape if p else '(p,) with p at least 1'}")
        if not np.isfinite(array).all():
            raise ValueError(f"{name} holds nan or inf, allowed: finite numbers")
    largest = np.abs(covariance).max()
    skew = np.abs(covariance - covariance.T).max()
    if skew > 1e-10 * largest:
        raise ValueError(
            f"{covariance_name} differs from its transpose by {skew:.3g}, allowed: [0, {1e-10 * largest:.3g}]"
        )
    values, vectors = np.linalg.eigh(covariance)
    if values[0] < -1e-10 * largest:
        raise ValueError(f"{covariance_name} has smallest eigenvalue {values[0]:.6g}, allowed: [0, inf)")
    return mean, covariance, np.clip(values, 0, None), vectors


def _traces(covariances, shares, gamma, total, delta):
    """Q0, the products C_k Q0 and ``tr(C_k Q0) / N`` at given deltas."""
    matrix = gamma * np.eye(len(covariances[0]))
    for share, d, c in zip(shares, delta, covariances, strict=True):
        matrix += share / (1 + d) * c
    q0 = np.linalg.inv(matrix)
    products = [c @ q0 for c in covariances]
    return q0, products, np.array([np.trace(product) for product in products]) / total


def _accuracy(mean, variance):
    """Phi(mean / sqrt(variance)); nan for no margin at all."""
    return gaussian.cdf(float(mean) / float(variance) ** 0.5) if variance > 0 and mean == mean else float("nan")


def _limit(mean, variance, train_mean, delta):
    """A RidgeLimit in plain floats; train_mean is the mean of a training margin on the scale of sqrt(variance)."""
    accuracies = _accuracy(mean, variance), _accuracy(train_mean, variance)
    return RidgeLimit(float(mean), float(variance), *accuracies, float(delta[0]), float(delta[1]))
