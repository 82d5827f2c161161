"""The equation that fixes the limits of ridge on real and synthetic rows: a checked setting, and its root delta_r.

Checked by tests/theory/random_matrices/test_ridge.py.
"""

import math
from collections import namedtuple

from lib.theory.checks import finite, integer, probability, real, shown
from lib.theory.gaussian import cdf

RidgeLimit = namedtuple("RidgeLimit", ("mean", "variance", "accuracy", "delta_r", "delta_s", "delta_g"))

GENERATORS = ("known_mean", "independent", "shared")
LARGEST = 10**15  # of p, n, m and n_hat

# A setting in the paper's proportions: eta = p/N, real = n/N, hat = n_hat/N, synthetic = m/N, N = n + m; alpha = E[q] and
# lam = E[q s], s the sign of a label's truth; right and wrong, their halves alpha +- lam; mu = |mu|; own = hat for a shared
# generator, else 0; spare = real + alpha synthetic - eta, rows less dimensions, to its own last digits.
Setting = namedtuple(
    "Setting",
    ("eta", "real", "hat", "synthetic", "alpha", "lam", "right", "wrong", "mu", "gamma", "own", "spare"),
)
# What follows from x = delta_r: v = 1/(1+x), w = x/(1+x), kappa, omega and pulled = (b - gamma) x; root is that of the quadratic
# equation for omega; the slopes are derivatives along v, x moving with it.
State = namedtuple(
    "State", ("x", "v", "w", "kappa", "omega", "pulled", "root", "kappa_slope", "omega_slope", "pulled_slope")
)
LEAST_KEPT = 1e-50  # share of synthetic rows, where there are no real ones: variances stay within floats


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
    """A setting in the paper's proportions; hat is inf where n_hat is. Arguments, ranges and errors as for
    :func:`~lib.theory.random_matrices.ridge.ridge`.

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
    if n == 0 and right + wrong < LEAST_KEPT:
        raise ValueError(
            f"n = 0 and phi (1 - epsilon) + psi epsilon = {right + wrong!r}, outside [1e-50, 1], for "
            f"epsilon = {epsilon!r}, psi = {psi!r}, phi = {phi!r}: nothing is kept"
        )
    total = n + m
    shares = (p / total, n / total, n_hat / total, m / total)
    own = n_hat / total if generator == "shared" else 0.0
    spare = (n - p + (right + wrong) * m) / total
    if abs(spare) < 1e-3 * p / total:
        spare = _exact_spare(n - p, m, total, epsilon, psi, phi)
    rates = (right + wrong, right - wrong, right, wrong)
    return Setting(*shares, *rates, mu_norm, gamma, own, spare)


def _exact_spare(rows, m, total, epsilon, psi, phi):
    """``(rows + (phi + epsilon (psi - phi)) m) / total`` in whole numbers: near 0 its rounding would be all that is left."""
    (e, e_power), (q, q_power), (f, f_power) = [_whole(x) for x in (epsilon, psi, phi)]
    terms = ((rows, 0), (f * m, f_power), (e * q * m, e_power + q_power), (-e * f * m, e_power + f_power))
    low = max(-900, min([0] + [power for number, power in terms if number]))  # what is below does not count
    top = sum([number << power - low if power >= low else number >> low - power for number, power in terms])
    return top / (total << -low) if low < 0 else top / total


def _whole(x):
    """x as a whole number times a power of two."""
    mantissa, power = math.frexp(x)
    return int(mantissa * 2.0**53), power - 53


def checked_generator(generator: str) -> str:
    """``generator``, or ValueError if it is none of GENERATORS.

    Checked by tests/theory/random_matrices/test_ridge.py::test_bad_input.
    """
    if not isinstance(generator, str) or generator not in GENERATORS:
        raise ValueError(f"generator = {shown(generator)} is not one of {', '.join(GENERATORS)}")
    return generator


def state(x: float, s: Setting, beta: float) -> State:
    """What follows from delta_r = x in a Setting, as a State.

    beta is 1, or alpha as eq. 7 has it. ``omega = e + g``, e = 1 for a shared generator, else 0, solves with
    ``g = kappa/hat = k (1 + omega x) / (1 + (omega + beta) x)`` a quadratic equation in g. All is written in v and w, in
    sums of what has one sign: so nothing loses digits, be x = 1e-9 or 1e9. Args: x in [0, inf), beta in [0, 1].
    Raises ValueError outside.
    Checked by tests/theory/random_matrices/test_ridge.py::test_against_high_precision.
    """
    s, beta = _checked(s, beta)
    return State(*_state(real("x", x, 0.0, math.inf, open_high=True), s, beta))


def solve(s: Setting, beta: float) -> State:
    """The State at the root x = delta_r of the increasing function ``b(x) x - eta`` on (0, eta/gamma].

    In closed form where generator rows do not matter, else by Newton's method in a bracket. beta as for :func:`state`. Raises
    ValueError outside, and ArithmeticError if rounding leaves less than seven digits of the root: a small ridge, with as many
    rows kept as dimensions. Checked by tests/theory/random_matrices/test_ridge.py::test_every_random_setting_has_an_answer.
    """
    s, beta = _checked(s, beta)
    if (s.hat == math.inf and beta == 1.0) or s.alpha * s.synthetic == 0.0:
        return State(*_state(_root(s.gamma, s.spare, s.eta), s, beta))
    low, high = 0.0, s.eta / s.gamma
    x = s.eta / (s.gamma + s.real + s.alpha * s.synthetic)  # b is largest at x = 0, so the root is not below this
    for _ in range(400):
        at = _state(x, s, beta)
        v, pulled, pulled_slope = at[1], at[5], at[9]
        residual = s.gamma * x + pulled - s.eta
        low, high = (x, high) if residual < 0.0 else (low, x)
        slope = s.gamma - pulled_slope * v * v  # dv/dx = -v^2
        new = x - residual / slope
        if not low < new < high:
            # a root of another size than the bracket's middle is found by its logarithm
            new = math.sqrt(low) * math.sqrt(high) if low > 0.0 else 0.5 * (low + high)
        if abs(new - x) <= 4e-16 * x or abs(residual) <= 2e-16 * s.eta:
            break
        x = new
    # what rounding leaves open
    if not abs(residual) <= 1e-13 * s.eta or 4e-16 * s.eta > 1e-7 * slope * x:
        raise ArithmeticError(
            f"delta_r = {x!r} leaves a residual of {residual!r} for p/N = {s.eta!r}: double precision cannot give "
            f"six digits at so small a ridge, gamma = {s.gamma!r}"
        )
    return State(*at)


def quadratic(gamma: float, spare: float, eta: float) -> float:
    """The positive root x of ``gamma x^2 + (gamma + spare) x = eta``: delta without a generator's rows.

    Args: gamma and eta in [1e-120, 1e120]; spare, rows less dimensions, in [-1e120, 1e120]. Raises ValueError outside.
    Checked by tests/theory/random_matrices/test_small_ridges.py::test_small_ridges_against_mpmath.
    """
    gamma, eta = real("gamma", gamma, 1e-120, 1e120), real("eta", eta, 1e-120, 1e120)
    return _root(gamma, real("spare", spare, -1e120, 1e120), eta)


def _root(gamma, spare, eta):
    q, product = spare + gamma, 2.0 * math.sqrt(gamma) * math.sqrt(eta)
    larger = max(abs(q), product)
    root = larger * math.sqrt((q / larger) ** 2 + (product / larger) ** 2)
    return 0.5 * (root - q) / gamma if q < 0.0 else 2.0 * eta / (root + q)


def accuracy(mean: float, variance: float) -> float:
    """``Phi(mean / sqrt(variance))``, nan where the variance is not positive. Args: finite numbers; raises ValueError for others.

    Checked by tests/theory/random_matrices/test_ridge.py::test_reference_values.
    """
    mean, variance = finite("mean", mean), finite("variance", variance)
    return cdf(mean / math.sqrt(variance)) if variance > 0.0 else math.nan


def _checked(s, beta):
    if not isinstance(s, Setting):
        raise ValueError(f"s = {shown(s)} is no setting; allowed: what random_matrices.equation.setting gives")
    return s, probability("beta", beta)


def _state(x, s, beta):
    """The fields of a State, of checked arguments."""
    v, w = 1.0 / (1.0 + x), x / (1.0 + x)
    kept = s.alpha * s.synthetic
    if s.hat == math.inf:
        both = v + beta * w
        kappa, omega, root, omega_slope, kappa_slope = kept * v / both, 0.0, both, 0.0, kept * beta / both / both
    else:
        e = 1.0 if s.own else 0.0
        k, start = kept / s.hat, v + e * w
        q = start + (beta - k) * w
        root = math.sqrt(q * q + 4.0 * k * start * w)
        g = 2.0 * k * start / (q + root) if q >= 0.0 else (root - q) / (2.0 * w)  # never a difference of equals
        omega = e + g
        omega_slope = g * beta / ((v + omega * w) * root)
        kappa, kappa_slope = s.hat * g, s.hat * omega_slope
    # kappa / (v + omega w) = kept / (v + (omega + beta) w), which has no small difference in its slope
    one, both = v + omega * w, v + (omega + beta) * w
    other = s.real - s.own
    pulled = other * w + s.own * w / one + kept * w / both
    pulled_slope = -(other + (1.0 + omega_slope * w * w) * (s.own / one / one + kept / both / both))
    return x, v, w, kappa, omega, pulled, root, kappa_slope, omega_slope, pulled_slope
