"""Theorem 4.2, corrected and extended to generators that estimate the mean: the exact limit of ridge on both kinds of rows.

Checked by tests/theory/random_matrices/test_ridge.py and, against Monte Carlo, by tests/models/linear/test_ridge_mix.py.
"""

from lib.theory.random_matrices.equation import RidgeLimit, accuracy, setting, solve, state


def ridge(
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
    """Exact limit of the ridge classifier of eq. 6 as p, n, m and n_hat grow in proportion.

    With x = delta_r, the weight ``omega`` of a generator row and ``kappa = alpha (1-pi) / (1 + delta_s)``, one equation,
    ``b x = p/N`` with ``b = gamma + pi_o/(1+x) + (pi_g + kappa)/(1 + omega x)``, fixes all. The mean of ``w . mu`` and
    ``F = v . w`` (eq. 6 without its inverse is v) follow, and ``variance = lim |w|^2 = -dF/dgamma``: derived in notebook
    02, Section "The exact theory". ``accuracy = Phi(mean / sqrt(variance))``.

    Args: p in [1, 1e15], n and m in [0, 1e15], not both 0; n_hat in [1, 1e15] or inf (the generator's covariance is then
    exact), at most n if shared; mu_norm in [0, 1e6]; gamma in [1e-100, 1e100]; epsilon, psi, phi in [0, 1], such that
    something is kept if n = 0; generator one of GENERATORS. Returns a RidgeLimit; its delta_g is ``omega x``, less x if shared.
    Raises ValueError outside, ArithmeticError with the residual if the equation is not solved to rounding.
    Source: Theorem 4.2, corrected, and its extension to estimated means.
    Checked by tests/theory/random_matrices/test_ridge.py::test_reference_values and ::test_limits.
    """
    s = setting(
        p=p, n=n, m=m, n_hat=n_hat, mu_norm=mu_norm, gamma=gamma, epsilon=epsilon, psi=psi, phi=phi, generator=generator
    )
    x = solve(s, 1.0)
    v, w, kappa, omega, pulled = state(x, s, 1.0)
    label = s.lam / s.alpha if s.alpha else 0.0
    damping = v / (v + omega * w)  # 1 / (1 + omega delta_r)
    other, own, tau = (s.real - s.own) * v, s.own * damping, kappa * label
    pull = other + own + kappa * damping  # b - gamma
    if generator == "known_mean":
        a, c = other + kappa, other + tau
    else:
        a, c = pull, other + own + tau * damping
    d = s.gamma + pull + a * s.mu2
    mean = c * s.mu2 / d
    if generator == "known_mean":
        mean_s = mean
    else:
        learnt = (1.0 + label * (omega - 1.0)) / omega if s.own else label
        mean_s = learnt + (mean - learnt) * damping
    f = other * (mean - 1.0) + (s.own + tau) * mean_s - kappa  # F but for a constant
    # -F_gamma + F_x H_gamma / H_x, where H = b x - p/N and H_gamma = x
    variance = (c * mean / d).real + x * f.imag / (s.gamma / v + pulled).imag
    delta_s, delta_g = x * damping.real, (omega.real - (1.0 if s.own else 0.0)) * x
    return RidgeLimit(mean.real, variance, accuracy(mean.real, variance), x, delta_s, delta_g)


def figure3_label_noise(*, p: int, m: int, n_hat: int, mu_norm: float, gamma: float) -> float:
    """The label noise of Figure 3: error of a classifier trained on m clean synthetic rows alone, same ridge.

    Ranges as for :func:`ridge`. Checked by tests/theory/random_matrices/test_ridge.py::test_figure3_label_noise.
    """
    clean = ridge(p=p, n=0, m=m, n_hat=n_hat, mu_norm=mu_norm, gamma=gamma, epsilon=0.0, psi=1.0, phi=1.0)
    return 1.0 - clean.accuracy
