"""Formulas of "Maximizing the Potential of Synthetic Data: Insights from Random Matrix Theory" (El Firdoussi et al.).

Ridge on n real and m synthetic rows of dimension p. Real rows are ``y (mu + noise)``, standard Gaussian noise. A generator
knows mu (``known_mean``) or estimates it, with the covariance, on n_hat real rows: rows of its own (``independent``) or the
first n_hat training rows (``shared``, as Section 3 of the paper describes). A synthetic label is wrong with probability
epsilon; a verifier keeps a wrong one with probability rho (psi elsewhere in this book), a right one with phi.
Every function takes scalars and raises ValueError outside the ranges it names. Checked by
tests/theory/test_random_matrices.py and, against Monte Carlo, by tests/models/linear/test_ridge_mix.py.
"""

import math
from collections import namedtuple

from lib.theory.beyond_collapse import breakdown_point
from lib.theory.checks import integer, positive, probability, real
from lib.theory.gaussian import cdf

RidgeLimit = namedtuple("RidgeLimit", ("mean", "variance", "accuracy", "delta_r", "delta_s", "delta_g"))
SyntheticLimit = namedtuple("SyntheticLimit", ("mean", "variance", "accuracy", "delta_s"))
Edges = namedtuple("Edges", ("low", "high"))

GENERATORS = ("known_mean", "independent", "shared")
LARGEST = 10**15  # of p, n, m and n_hat

# A setting in the paper's proportions: eta = p/N, real = n/N, hat = n_hat/N, synthetic = m/N, N = n + m;
# alpha = E[q] and lam = E[q s], s the sign of a label's truth; mu2 = |mu|^2; own = hat for a shared generator, else 0.
_Setting = namedtuple("_Setting", ("eta", "real", "hat", "synthetic", "alpha", "lam", "mu2", "gamma", "own"))
_STEP = 1e-20  # of the complex step, relative: derivatives free of differences


def ridge(
    p: int,
    n: int,
    m: int,
    n_hat: int,
    mu_norm: float,
    gamma: float,
    epsilon: float,
    rho: float,
    phi: float,
    generator: str = "known_mean",
) -> RidgeLimit:
    """Exact limit of the ridge classifier of eq. 6 as p, n, m and n_hat grow in proportion.

    With x = delta_r, the weight ``omega`` of a generator row and ``kappa = alpha (1-pi) / (1 + delta_s)``, one equation,
    ``b x = p/N`` with ``b = gamma + pi_o/(1+x) + (pi_g + kappa)/(1 + omega x)``, fixes all. The mean of ``w . mu`` and
    ``F = v . w`` (eq. 6 without its inverse is v) follow, and ``variance = lim |w|^2 = -dF/dgamma``: derived in notebook
    02, Section "The exact theory". ``accuracy = Phi(mean / sqrt(variance))``.

    Args: p in [1, 1e15], n and m in [0, 1e15], not both 0; n_hat in [1, 1e15] or inf (the generator's covariance is then
    exact), at most n if shared; mu_norm in [0, 1e6]; gamma in [1e-100, 1e100]; epsilon, rho, phi in [0, 1], such that
    something is kept if n = 0; generator one of GENERATORS. Returns a RidgeLimit; its delta_g is ``omega x``, less x if shared.
    Raises ValueError outside, ArithmeticError with the residual if the equation is not solved to rounding.
    Source: Theorem 4.2, corrected, and its extension to estimated means.
    Checked by tests/theory/test_random_matrices.py::test_reference_values and ::test_limits.
    """
    s = _setting(p, n, m, n_hat, mu_norm, gamma, epsilon, rho, phi, generator)
    x = _solve(s, 1.0)
    v, w, kappa, omega, pulled = _state(x, s, 1.0)
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
    variance = (c * mean / d).real + x * f.imag / (
        s.gamma / v + pulled
    ).imag  # -F_gamma + F_x H_gamma / H_x, with H_gamma = x
    delta_s, delta_g = x * damping.real, (omega.real - (1.0 if s.own else 0.0)) * x
    return RidgeLimit(mean.real, variance, _accuracy(mean.real, variance), x, delta_s, delta_g)


def ridge_closed_form(
    p: int, n: int, m: int, n_hat: int, mu_norm: float, gamma: float, epsilon: float, rho: float, phi: float
) -> RidgeLimit:
    """Theorem 4.2 corrected, in the paper's own symbols: equal to :func:`ridge` for a generator that knows the mean.

    delta_s without the factor alpha of eq. 7; ``b2 = b1 ((1 + delta_g)^-2 + h2 p/n_hat)``; h1 and the second moment as in
    notebook 02. Arguments (but for the generator), result and errors as for ridge.
    Checked by tests/theory/test_random_matrices.py::test_closed_form.
    """
    s = _setting(p, n, m, n_hat, mu_norm, gamma, epsilon, rho, phi, "known_mean")
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
    p: int,
    n: int,
    m: int,
    n_hat: int,
    mu_norm: float,
    gamma: float,
    epsilon: float,
    rho: float,
    phi: float,
    generator: str = "known_mean",
) -> RidgeLimit:
    """Theorem 4.2 as printed (eq. 7 and 8), kept to compare: its delta_s and b2 are not right (notebook 02).

    The theorem does not tell generators apart, so ``generator`` changes nothing, and n_hat may be above n. Arguments, result
    and other errors as for :func:`ridge`; accuracy is nan where the printed variance is not positive.
    Checked by tests/theory/test_random_matrices.py::test_reference_values and ::test_published_figure_2.
    """
    _checked_generator(generator)
    s = _setting(p, n, m, n_hat, mu_norm, gamma, epsilon, rho, phi, "known_mean")
    t = _printed_symbols(s, s.alpha)
    return _as_printed(s, t, t.b1 * (1.0 + t.delta_g) ** -2)


def ridge_as_coded(
    p: int,
    n: int,
    m: int,
    n_hat: int,
    mu_norm: float,
    gamma: float,
    epsilon: float,
    rho: float,
    phi: float,
    generator: str = "known_mean",
) -> RidgeLimit:
    """The formula behind the lines of Figure 3: Theorem 4.2 as printed, but with ``b2 = b1``, as in the authors' public code.

    Arguments, result and errors as for :func:`ridge_as_printed`.
    Checked by tests/theory/test_random_matrices.py::test_reference_values and ::test_published_figure_3.
    """
    _checked_generator(generator)
    s = _setting(p, n, m, n_hat, mu_norm, gamma, epsilon, rho, phi, "known_mean")
    t = _printed_symbols(s, s.alpha)
    return _as_printed(s, t, t.b1)


def synthetic_only(
    p: int, m: int, mu_norm: float, gamma: float, epsilon: float, rho: float, phi: float
) -> SyntheticLimit:
    """Corollary 4.3 corrected: ridge on m synthetic rows alone, drawn with the exact mean and covariance.

    ``delta_s = (eta - alpha - gamma + sqrt((alpha + gamma - eta)^2 + 4 eta gamma)) / (2 gamma)`` with eta = p/m; the rest
    as printed. The same as :func:`ridge` with n = 0 and n_hat = inf, without its equation to solve.
    Args: p, m in [1, 1e15]; the others as for ridge, and something is kept.
    Returns a SyntheticLimit. Checked by tests/theory/test_random_matrices.py::test_corollary.
    """
    return _corollary(_setting(p, 0, m, math.inf, mu_norm, gamma, epsilon, rho, phi, "known_mean"), 1.0)


def synthetic_only_as_printed(
    p: int, m: int, mu_norm: float, gamma: float, epsilon: float, rho: float, phi: float
) -> SyntheticLimit:
    """Corollary 4.3 as printed, whose delta_s has ``eta alpha`` for eta. Arguments and result as for :func:`synthetic_only`.

    Accuracy is nan where the printed variance is not positive.
    Checked by tests/theory/test_random_matrices.py::test_published_figure_4.
    """
    s = _setting(p, 0, m, math.inf, mu_norm, gamma, epsilon, rho, phi, "known_mean")
    return _corollary(s, s.alpha)


def verified_accuracy(n: int, p: float, phi: float, psi: float, dimension: int, mu_norm: float, ridge: float) -> float:
    """Mean accuracy of least squares with a ridge in the mixture of "Beyond Model Collapse", in that paper's letters.

    ``x | y ~ N(y mu, sigma^2 I)``, ``sigma^2 = (1 - mu_norm^2) / dimension``; n examples with label error p, of which a
    verifier keeps right labels with probability phi and wrong ones with psi. It is :func:`synthetic_only` in units of
    sigma. n, dimension in [1, 1e15]; mu_norm in [0, 1); ridge in [1e-80, 1e80]; p, phi, psi in [0, 1],
    such that something is kept.
    Checked by tests/models/linear/test_ridge_mix.py::test_verified_accuracy.
    """
    mu_norm = real("mu_norm", mu_norm, 0.0, 1.0, open_high=True)
    variance = (1.0 - mu_norm**2) / integer("dimension", dimension, 1, LARGEST)
    length, gamma = mu_norm / math.sqrt(variance), real("ridge", ridge, 1e-80, 1e80) / variance
    return synthetic_only(dimension, n, length, gamma, p, psi, phi).accuracy


def critical_label_noise(rho: float, phi: float) -> float:
    """Label noise at which synthetic data alone teach chance: ``epsilon_star = 1 / (1 + rho/phi)`` (Section 4.2).

    The breakdown point of "Beyond Model Collapse" with psi = rho. rho, phi in [0, 1], not both 0.
    Checked by tests/theory/test_random_matrices.py::test_critical_label_noise.
    """
    rho, phi = probability("rho", rho), probability("phi", phi)
    if rho == 0.0 and phi == 0.0:
        raise ValueError("rho = phi = 0.0 keeps nothing; allowed: at least one of them in (0, 1]")
    return breakdown_point(phi, rho)


def sharp_limit(mu_norm: float, epsilon: float, rho: float, phi: float) -> float:
    """Accuracy of :func:`synthetic_only` for infinite m: ``Phi(mu_norm)`` below the critical label noise, 1 minus that above.

    At the critical noise itself 1/2. mu_norm in [0, 1e6]; epsilon, rho, phi in [0, 1], rho and phi not both 0.
    Checked by tests/theory/test_random_matrices.py::test_sharp_limit.
    """
    mu_norm, epsilon = real("mu_norm", mu_norm, 0.0, 1e6), probability("epsilon", epsilon)
    critical = critical_label_noise(rho, phi)
    return 0.5 if epsilon == critical else cdf(mu_norm if epsilon < critical else -mu_norm)


def figure3_label_noise(p: int, m: int, n_hat: int, mu_norm: float, gamma: float) -> float:
    """The label noise of Figure 3: error of a classifier trained on m clean synthetic rows alone, same ridge.

    Ranges as for :func:`ridge`. Checked by tests/theory/test_random_matrices.py::test_figure3_label_noise.
    """
    return 1.0 - ridge(p, 0, m, n_hat, mu_norm, gamma, 0.0, 1.0, 1.0).accuracy


def marchenko_pastur_edges(ratio: float) -> Edges:
    """Ends of the bulk, ``(1 -+ sqrt(ratio))^2``, ratio = p / n_hat > 0; Edges(low, high).

    Checked by tests/theory/test_random_matrices.py::test_marchenko_pastur.
    """
    root = math.sqrt(positive("ratio", ratio))
    return Edges((1.0 - root) ** 2, (1.0 + root) ** 2)


def marchenko_pastur_density(t: float, ratio: float) -> float:
    """Density at eigenvalue t of a sample covariance of n_hat standard Gaussian rows in dimension p, ratio = p/n_hat > 0.

    ``sqrt((high - t) (t - low)) / (2 pi ratio t)`` between the edges, 0 elsewhere and on them. For ratio > 1 it has mass
    1/ratio; :func:`marchenko_pastur_atom` has the rest. t real. Section 3.1 of the paper, Figure 1.
    Checked by tests/theory/test_random_matrices.py::test_marchenko_pastur.
    """
    t = real("t", t, -math.inf, math.inf)
    low, high = marchenko_pastur_edges(ratio)
    return math.sqrt((high - t) * (t - low)) / (2.0 * math.pi * ratio * t) if low < t < high else 0.0


def marchenko_pastur_atom(ratio: float) -> float:
    """Share of eigenvalues that are 0: ``1 - 1/ratio`` for ratio = p/n_hat above 1, else 0.

    Checked by tests/theory/test_random_matrices.py::test_marchenko_pastur.
    """
    return max(0.0, 1.0 - 1.0 / positive("ratio", ratio))


def _setting(p, n, m, n_hat, mu_norm, gamma, epsilon, rho, phi, generator):
    p, n, m = integer("p", p, 1, LARGEST), integer("n", n, 0, LARGEST), integer("m", m, 0, LARGEST)
    if n_hat != math.inf:
        n_hat = integer("n_hat", n_hat, 1, LARGEST)
    if n + m == 0:
        raise ValueError("n + m = 0 is outside [1, 2e15]: there is nothing to train on")
    _checked_generator(generator)
    if generator == "shared" and n_hat > n:
        raise ValueError(f"n_hat = {n_hat} is outside [1, n = {n}], the training rows that a shared generator may see")
    mu_norm = real("mu_norm", mu_norm, 0.0, 1e6)
    gamma = real("gamma", gamma, 1e-100, 1e100)
    epsilon, rho, phi = probability("epsilon", epsilon), probability("rho", rho), probability("phi", phi)
    right, wrong = phi * (1.0 - epsilon), rho * epsilon
    if n == 0 and right + wrong == 0.0:
        raise ValueError("n = 0 and phi (1 - epsilon) + rho epsilon = 0.0, outside (0, 1]: nothing is kept")
    total = n + m
    shares = (p / total, n / total, n_hat / total, m / total)
    own = n_hat / total if generator == "shared" else 0.0
    return _Setting(*shares, right + wrong, right - wrong, mu_norm**2, gamma, own)


def _checked_generator(generator):
    if generator not in GENERATORS:
        raise ValueError(f"generator = {generator!r} is not one of {', '.join(GENERATORS)}")


def _state(x, s, beta):
    """What follows from delta_r = x: complex v = 1/(1+x), w = x/(1+x), kappa, omega, and ``(b - gamma) x``.

    beta is 1, or alpha as eq. 7 has it. ``omega = e + g``, e = 1 for a shared generator, else 0, solves with
    ``g = kappa/hat = k (1 + omega x) / (1 + (omega + beta) x)`` a quadratic equation in g. All is written in v and w,
    whose imaginary parts are steps: so no derivative loses digits, be x = 1e-9 or 1e9.
    """
    step = _STEP / (1.0 + x)
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


def _solve(s, beta):
    """The root x = delta_r of the increasing function ``b(x) x - eta`` on (0, eta/gamma]: Newton's method in a bracket."""
    low, high = 0.0, s.eta / s.gamma
    x = s.eta / (s.gamma + s.real + s.alpha * s.synthetic)  # b is largest at x = 0, so the root is not below this
    for _ in range(200):
        v, _, _, _, pulled = _state(x, s, beta)
        residual = s.gamma * x + pulled.real - s.eta
        if abs(residual) <= 2e-16 * s.eta:
            return x
        low, high = (x, high) if residual < 0.0 else (low, x)
        slope = s.gamma - pulled.imag / _STEP * v.real  # dv/dx = -v^2, and v's step is _STEP v
        new = x - residual / slope
        if not low < new < high:
            new = 0.5 * (low + high)
        if abs(new - x) <= 4e-16 * x:
            return new
        x = new
    if abs(residual) <= 1e-13 * s.eta:  # where b x is flat, rounding moves x for ever
        return x
    raise ArithmeticError(f"delta_r = {x!r} leaves a residual of {residual!r} for p/N = {s.eta!r}")


_Symbols = namedtuple("_Symbols", ("delta_r", "delta_s", "delta_g", "c", "d", "h2", "a1", "b1", "label"))


def _printed_symbols(s, beta):
    """The paper's deltas, c, ``d = b + a |mu|^2``, h2, a1, b1 and lambda/alpha (Theorem 4.2)."""
    x = _solve(s, beta)
    _, _, kappa, omega, _ = _state(x, s, beta)
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


def _corollary(s, beta):
    q = s.alpha + s.gamma - s.eta * beta
    root = math.sqrt(q * q + 4.0 * s.eta * beta * s.gamma)
    delta = (root - q) / (2.0 * s.gamma) if q < 0.0 else 2.0 * s.eta * beta / (root + q)
    b = s.alpha + s.gamma * (1.0 + delta)
    d = s.alpha * s.mu2 + b
    lost = s.alpha * s.eta / (b * b)  # 1 - h
    h = 1.0 - lost
    mean = s.lam * s.mu2 / d
    second = s.lam**2 * s.mu2 / (h * d) * ((s.mu2 + 1.0) / d - 2.0 * lost / s.alpha) + lost / h
    variance = second - mean * mean
    return SyntheticLimit(mean, variance, _accuracy(mean, variance), delta)


def _from_moments(mean, second, t):
    variance = second - mean * mean
    return RidgeLimit(mean, variance, _accuracy(mean, variance), t.delta_r, t.delta_s, t.delta_g)


def _accuracy(mean, variance):
    return cdf(mean / math.sqrt(variance)) if variance > 0.0 else math.nan
