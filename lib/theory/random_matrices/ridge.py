"""Theorem 4.2, corrected and extended to generators that estimate the mean: the exact limit of ridge on both kinds of rows.

Checked by tests/theory/random_matrices/test_ridge.py and, against Monte Carlo, by tests/models/linear/test_ridge_mix.py.
"""

from lib.theory.random_matrices.equation import RidgeLimit, accuracy, setting, solve


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
    02, Section "The exact theory". ``accuracy = Phi(mean / sqrt(variance))``. The derivative is written out as a sum of
    squares, so that no ridge and no size makes it cancel.

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
    at = solve(s, 1.0)
    x, v, w, omega = at.x, at.v, at.w, at.omega
    # right and wrong labels among those kept, and the sign that a kept label has on average
    right, wrong = (s.right / s.alpha, s.wrong / s.alpha) if s.alpha else (0.5, 0.5)
    label = s.lam / s.alpha if s.alpha else 0.0
    one, both, kept = v + omega * w, v + (omega + 1.0) * w, s.alpha * s.synthetic
    damping = v / one  # 1 / (1 + omega delta_r)
    other, seen = (s.real - s.own) * v, s.own * damping + kept * v / both
    pull = other + seen  # b - gamma
    seen_slope = s.own * (omega - at.omega_slope * v * w) / one / one
    seen_slope += kept * (omega + 1.0 - at.omega_slope * v * w) / both / both
    pull_slope = s.real - s.own + seen_slope
    # mean = c mu^2 / d; ``spread`` is -dF/dv for F = v . w, less its part by pull, as a sum of squares: notebook 02
    if generator == "known_mean":
        a, c, lost = other + at.kappa, other + label * at.kappa, 2.0 * wrong * at.kappa
        d = s.gamma + pull + a * s.mu * s.mu
        below = (s.gamma + pull + lost * s.mu * s.mu) / d  # 1 - mean
        above = (s.gamma + pull + 2.0 * (other + right * at.kappa) * s.mu * s.mu) / d  # 1 + mean
        spread = s.real * below**2 + at.kappa_slope * (right * below**2 + wrong * above**2)
    else:
        # what a generator row teaches: its own label and those of its synthetic rows
        missed = 2.0 * wrong * ((omega - 1.0) / omega if s.own else 1.0)
        learnt = 1.0 - missed if missed < 0.5 else (1.0 + label * (omega - 1.0)) / omega if s.own else label
        c = other + learnt * seen
        d = s.gamma + pull * (1.0 + s.mu * s.mu)
        below = (s.gamma + pull + missed * seen * s.mu * s.mu) / d
        apart = (learnt * (s.gamma + pull) - missed * other * s.mu * s.mu) / d  # learnt - mean
        spread = (s.real - s.own) * below**2 + seen_slope * apart**2
        if s.own:
            mean_s = learnt - apart * damping
            turned = (omega - 1.0) * (1.0 + learnt) + 2.0 * mean_s
            spread += at.kappa_slope * 2.0 * wrong / omega * turned
        else:
            spread += at.kappa_slope * 4.0 * right * wrong
    size = c * s.mu / d
    slope = s.gamma / v / v - at.pulled_slope  # -dH/dv, where H = b x - p/N and dH/dgamma = x
    variance = size * size + x / slope * (spread + size * size * pull_slope)
    mean = size * s.mu
    delta_s, delta_g = x * damping, (omega - (1.0 if s.own else 0.0)) * x
    return RidgeLimit(mean, variance, accuracy(mean, variance), x, delta_s, delta_g)


def figure3_label_noise(*, p: int, m: int, n_hat: int, mu_norm: float, gamma: float) -> float:
    """The label noise of Figure 3: error of a classifier trained on m clean synthetic rows alone, same ridge.

    Ranges as for :func:`ridge`. Checked by tests/theory/random_matrices/test_ridge.py::test_figure3_label_noise.
    """
    clean = ridge(p=p, n=0, m=m, n_hat=n_hat, mu_norm=mu_norm, gamma=gamma, epsilon=0.0, psi=1.0, phi=1.0)
    return 1.0 - clean.accuracy
