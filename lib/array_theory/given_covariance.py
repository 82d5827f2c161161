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

import numpy as np
from scipy.optimize import brentq

from lib.array_theory._setting import RidgeLimit, accuracy, limit, moments, setting
from lib.theory import checks
from lib.theory.random_matrices.equation import LARGEST

SLACK = 1e-9  # relative width within which delta_r and delta_s are certified


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
        Ridge, in [1e-60, 1e60].
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
    n, real, synthetic, alpha, lam, gamma = setting(n, m, gamma, epsilon, psi, phi)
    mean, covariance, _, _ = moments("mean", mean, "covariance", covariance)
    second = moments("synthetic_mean", synthetic_mean, "synthetic_covariance", synthetic_covariance, len(mean))
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
    return limit(margin, -float(d_f), margin + delta[0] if n else np.nan, delta)


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
    ArithmeticError
        If rounding leaves delta_r or the variance fewer than six digits: a small ridge, as many rows kept as dimensions.

    Notes
    -----
    Checked by tests/array_theory/test_given_covariance.py::test_shared_against_monte_carlo and ::test_shared_identity.
    """
    n, real, synthetic, alpha, lam, gamma = setting(n, m, gamma, epsilon, psi, phi)
    n = checks.integer("n", n, 1, LARGEST)
    n_hat = checks.integer("n_hat", n_hat, 1, LARGEST)
    if n_hat > n:
        raise ValueError(f"n_hat = {n_hat} is outside [1, n = {n}]")
    if not isinstance(synthetic_mean, str) or synthetic_mean not in ("estimated", "known"):
        raise ValueError(f"synthetic_mean = {checks.shown(synthetic_mean)} is not one of 'estimated', 'known'")
    mean, covariance, values, vectors = moments("mean", mean, "covariance", covariance)
    if not values.any():
        raise ValueError("covariance has trace 0, allowed: above 0")
    total, known = n / real, synthetic_mean == "known"
    own, other = n_hat / total, (n - n_hat) / total
    kept, power = alpha * synthetic / own, (vectors.T @ mean) ** 2  # kept synthetic rows for each generator row

    # All in v = 1/(1+x) and w = x/(1+x); complex steps are of the size of what they move: no derivative loses digits.
    def weight(v, w, t=0.0):
        """omega = e + g, e = 1 + t, and g: ``w g^2 + (v + (1 + e - kept) w) g = kept (v + e w)``; derivatives by hand."""
        e, one, rest = 1 + t.real, v.real, w.real
        q, start = one + (1 + e - kept) * rest, one + e * rest
        root = np.sqrt(q * q + 4 * kept * rest * start)
        # never a difference of equals
        g = 2 * kept * start / (q + root) if q >= 0 else (root - q) / (2 * rest)
        damping = g / (one + (e + g) * rest)  # kept - g = w damping
        return e + g + 1j * (t.imag + (damping * v.imag + rest * rest * damping * t.imag) / root)

    def trace(v, w, t=0.0, t_hat=0.0):
        """tr(C Q0) / N, B, omega. t C is added to the inverse of Q, and t_hat times the mean of r r' over generator rows."""
        omega = weight(v, w, t_hat / own)
        b = other * v + own * omega * v / (v + omega * w)
        return (values / (gamma + (b + t) * values)).sum() / total, b, omega

    def form(v, w, t=0.0, t_hat=0.0):
        """F but for a constant, m, m_hat, delta_s at delta_r = w / v."""
        _, b, omega = trace(v, w, t, t_hat)
        one, both = v + omega * w, v + (omega + 1) * w
        s = (power / (gamma + (b + t) * values)).sum()
        pull, kappa = lam * synthetic * one / both, alpha * synthetic * one / both
        u, u_hat = other * v + known * pull, own + (not known) * pull
        # K = [[a, damped], [damped, x_hat + damped v / one]] between mu and mu_hat, all here over a, which is large for a small
        # ridge. If the mean is known, the inverse of K gains kappa [[2, -1], [-1, 0]], that of C_s + mu_s mu_s' less the mean
        # of r r'; ``turn`` is kappa times K's determinant.
        x_hat, damped = w / (own * one), v / one
        m_real, m_hat = 0.0 * x_hat, x_hat * u_hat
        if power.any():
            g, turn = kappa / own, kappa * known * x_hat
            scale = b + 1 / s + turn * own * (2 * omega - g)
            m_real = (u + (damped + turn) * u_hat) / scale
            m_hat = m_hat + ((damped + turn) * u + (damped * damped + turn * (2 * v + g * w) / one) * u_hat) / scale
        # other x / (1 + x) = other - other v, and kappa delta_s = alpha synthetic - kappa
        f = other * v * (m_real - 1) + own * m_hat + pull * (m_real if known else m_hat) - kappa
        return f, m_real, m_hat, w / one

    def parts(x):
        return complex(1 / (1 + x)), complex(x / (1 + x))

    high = values.sum() / (total * gamma)
    # trace / x falls, since x B(x) rises as omega x does; the root lies between the trace at 0 and that without rows
    low = trace(*parts(1e-30 * high))[0].real * (1 - 1e-12)
    x = brentq(lambda x: trace(*parts(x))[0].real / x - 1, low, high, xtol=1e-300, rtol=1e-15, maxiter=1000)
    v, w = parts(x)
    step = 1e-20j  # complex: derivatives without cancellation
    turned = v - step * v * w, w + step * v * w  # along log x

    steady = 1 - trace(*turned)[0].imag / (x * step.imag)
    if steady < 1e-8:  # as many rows kept as dimensions, and a small ridge: rounding moves the root
        raise ArithmeticError(
            f"delta_r = {x!r} has fewer than six digits in double precision at so small a gamma = {gamma!r}"
        )

    def fall(name, size):
        """-dF/dt along x(t), the root moved by what is added: t or t_hat, in steps of its size."""
        added = {name: step * size}
        x_t = trace(v, w, **added)[0].imag / steady / x
        return -(form(v, w, **added)[0].imag + form(*turned)[0].imag / step.imag * x_t) / (step.imag * size)

    _, m_real, m_hat, delta_s = [each.real for each in form(v, w)]
    variance = fall("t", trace(v, w)[1].real)
    found = limit(m_real, variance, m_real + x, (x, delta_s))
    seen = accuracy(m_hat, max(fall("t_hat", own) - m_hat**2, 1e-12 * m_hat**2))  # from there on it is 0 or 1
    return found._replace(train_accuracy=(n_hat * seen + (n - n_hat) * found.train_accuracy) / n)


def _traces(covariances, shares, gamma, total, delta):
    """Q0, the products C_k Q0 and ``tr(C_k Q0) / N`` at given deltas."""
    matrix = gamma * np.eye(len(covariances[0]))
    for share, d, c in zip(shares, delta, covariances, strict=True):
        matrix += share / (1 + d) * c
    q0 = np.linalg.inv(matrix)
    products = [c @ q0 for c in covariances]
    return q0, products, np.array([np.trace(product) for product in products]) / total
