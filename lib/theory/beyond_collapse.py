"""Formulas of "Beyond Model Collapse: Scaling Up with Synthesized Data Requires Reinforcement" (Feng et al.).

A generator errs with probability p; a verifier keeps a right label with probability phi and a wrong one with probability
psi; a linear model learns from what is kept. Angles are in radians, between the Bayes direction, the generator and the
verifier. Functions take and return scalars. Checked by tests/theory/test_beyond_collapse.py and test_mixture_rates.py.
"""

import math
from collections import namedtuple

from lib.theory.checks import angle, integer, positive, probability, real
from lib.theory.gaussian import bivariate_cdf, cdf, conditional_cdf, mills_ratio
from lib.theory.lazy_walk import MAX_STEPS, positive_probability
from lib.theory.logistic import cluster_logits, sigmoid

BreakdownBounds = namedtuple("BreakdownBounds", ("p_minus", "p_plus"))
KeptCounts = namedtuple("KeptCounts", ("n00", "n01", "n10", "n11"))
Rates = namedtuple("Rates", ("p", "phi", "psi"))
FixedPoint = namedtuple("FixedPoint", ("A", "B", "C", "D", "accuracy"))
PopulationClassifier = namedtuple(
    "PopulationClassifier", ("along_mu", "along_generator", "along_verifier", "accuracy", "agreement")
)

_ROUNDING = 1e-9  # angles may break a triangle inequality by this much: sums of rounded multiples of pi do


def breakdown_point(phi: float, psi: float) -> float:
    """The label error up to which pruned data teach the right classifier: ``p_star = phi / (phi + psi)``.

    Theorem 3.2 writes 1 / (1 + psi/phi). phi, psi in [0, 1]; psi = 0 (an oracle) gives 1. Raises ValueError outside, and
    for phi = psi = 0, where nothing is kept. Checked by tests/theory/test_beyond_collapse.py::test_breakdown_point.
    """
    phi, psi = _selection(phi, psi)
    return phi / (phi + psi)


def breakdown_bounds(phi: float, psi: float, t: float) -> BreakdownBounds:
    """Bounds ``(p_minus, p_plus)`` around the breakdown point, at slack t (Theorem D.3, eq. 19).

    ``p_minus = (1-t) phi / ((1-t) phi + (1+t) psi)`` and ``p_plus = (1+t) phi / ((1+t) phi + (1-t) psi)``.
    phi, psi in [0, 1], not both 0; t in [0, 1), where t = 0 gives the breakdown point twice. Raises ValueError outside.
    Checked by tests/theory/test_beyond_collapse.py::test_breakdown_bounds.
    """
    phi, psi = _selection(phi, psi)
    t = real("t", t, 0.0, 1.0, open_high=True)
    low = (1.0 - t) * phi / ((1.0 - t) * phi + (1.0 + t) * psi)
    high = (1.0 + t) * phi / ((1.0 + t) * phi + (1.0 - t) * psi)
    return BreakdownBounds(low, high)


def theorem_accuracy(p: float, phi: float, psi: float) -> float:
    """Accuracy by Theorem 3.2, in the limit of infinite data: 1 for p below the breakdown point, 0 above it.

    At the breakdown point itself the theorem says nothing; 1/2 is our convention. p, phi, psi in [0, 1], phi and psi not
    both 0. Raises ValueError outside. Checked by tests/theory/test_beyond_collapse.py::test_theorem_accuracy.
    """
    p = probability("p", p)
    p_star = breakdown_point(phi, psi)
    return 0.5 if p == p_star else 1.0 if p < p_star else 0.0


def kept_counts(n: int, p: float, phi: float, psi: float) -> KeptCounts:
    """Expected numbers ``N_kl`` of kept examples with true label k and given label l (eq. 14-16), balanced classes.

    ``n00 = n11 = n (1-p) phi / 2`` and ``n01 = n10 = n p psi / 2``. n in [1, 1e9]; the rest in [0, 1]. Raises ValueError
    outside. Checked by tests/theory/test_beyond_collapse.py::test_kept_counts_monte_carlo.
    """
    n = integer("n", n, 1, MAX_STEPS)
    p, phi, psi = probability("p", p), probability("phi", phi), probability("psi", psi)
    right, wrong = 0.5 * n * (1.0 - p) * phi, 0.5 * n * p * psi
    return KeptCounts(right, wrong, wrong, right)


def perfect_accuracy_probability(n: int, p: float, phi: float, psi: float) -> float:
    """Probability that more right than wrong labels are kept, ``P(N01 + N10 < N00 + N11)``: Theorem 3.2 at finite n.

    If Condition D.1 with b = -a holds exactly, this is the event of perfect accuracy on new examples, whatever the ridge
    (tests/theory/test_fixed_point.py::test_majority_decides_new_examples). Each of the n examples is kept and right with
    probability (1-p) phi, kept and wrong with p psi, so the difference is a lazy walk. A tie, and nothing kept, count as
    not perfect: at the breakdown point the value is ``(1 - P(tie)) / 2``. n in [1, 1e9]; p, phi, psi in [0, 1]. Absolute
    error below 1e-10. Raises ValueError outside.
    Checked by tests/theory/test_lazy_walk.py::test_perfect_accuracy_probability_against_binomial_sums.
    """
    n = integer("n", n, 1, MAX_STEPS)
    p, phi, psi = probability("p", p), probability("phi", phi), probability("psi", psi)
    return positive_probability(n, (1.0 - p) * phi, p * psi)


def fixed_point(n00: float, n01: float, n10: float, n11: float, a: float, b: float, gamma: float) -> FixedPoint:
    """Logistic ridge on kept data that satisfy Condition D.1 exactly: coefficients (eq. 31) and accuracy (eq. 41).

    The fit is ``w = sum alpha_i x_i`` with alpha = A, -B, C, -D for (true, given) label (1,1), (1,0), (0,1), (0,0), where
    ``gamma A = sigmoid(-(a s + b t) - (1-a) A)``, ``gamma B = sigmoid((a s + b t) - (1-a) B)``,
    ``gamma C = sigmoid(-(b s + a t) - (1-a) C)``, ``gamma D = sigmoid((b s + a t) - (1-a) D)``,
    ``s = n11 A - n10 B``, ``t = n01 C - n00 D``.
    The accuracy is that on the kept examples against their true labels: those of type A and D are right if gamma A, gamma D
    < 1/2, those of type B and C if gamma B, gamma C > 1/2.

    Args: counts n_kl >= 0 (k true, l given label; not all 0); a in (0, 1) and b = -a or b = 0: inner products of examples
    of the same and of opposite classes, with unit norms; gamma = N lambda > 0, N all examples, lambda the ridge of eq. 1.
    Raises ValueError outside, and ArithmeticError with the residual of eq. 31 if the solver does not reach it.
    Propositions E.3 and E.4 drop the terms in 1-a, by which an example speaks for its own label; with them, a wrong label
    may be learned by heart by a model that is right on new examples (``lib.theory.logistic.tolerated_wrong_labels``).
    Checked by tests/theory/test_fixed_point.py::test_against_logistic_ridge.
    """
    n00, n01 = real("n00", n00, 0.0, 1e15), real("n01", n01, 0.0, 1e15)
    n10, n11 = real("n10", n10, 0.0, 1e15), real("n11", n11, 0.0, 1e15)
    a = real("a", a, 0.0, 1.0, open_low=True, open_high=True)
    b = real("b", b, -1.0, 1.0)
    gamma = positive("gamma", gamma)
    total = n00 + n01 + n10 + n11
    if total == 0.0:
        raise ValueError(f"n00 + n01 + n10 + n11 = {total!r} is outside (0, inf)")
    if b == -a:  # mirror images: one problem for both classes, D = A and C = B
        z_a, z_b = cluster_logits(n11 + n00, n10 + n01, a, gamma)
        z_c, z_d = z_b, z_a
    elif b == 0.0:  # orthogonal classes do not see each other
        z_a, z_b = cluster_logits(n11, n10, a, gamma)
        z_d, z_c = cluster_logits(n00, n01, a, gamma)
    else:
        raise ValueError(f"b = {b!r} is outside {{{-a!r}, 0}}, the two cases of Condition D.1")
    right = n11 * (z_a < 0.0) + n00 * (z_d < 0.0) + n10 * (z_b > 0.0) + n01 * (z_c > 0.0)
    A, B, C, D = [sigmoid(z) / gamma for z in (z_a, z_b, z_c, z_d)]
    return FixedPoint(A, B, C, D, right / total)


def noiseless_rates(theta_gen: float, theta_prune: float, theta: float) -> Rates:
    """Rates (p, phi, psi) of supervised pruning (eq. 5) for labels ``y = sign(mu . x)`` and isotropic Gaussian x.

    ``p = theta_gen / pi``, ``phi = (2 pi - theta_gen - theta_prune - theta) / (2 (pi - theta_gen))``,
    ``psi = (theta_gen + theta_prune - theta) / (2 theta_gen)``: ratios of orthant probabilities (derived for this book;
    Section 3.4 only says that they are some). Hence ``(1-p) phi - p psi = 1 - (theta_gen + theta_prune) / pi``.
    psi at theta_gen = 0 and phi at theta_gen = pi are probabilities given an event of probability 0; they take the value
    1/2: the limit at fixed theta_prune and theta, and the mean over directions of w_gen around mu (or -mu).

    Args: angles in [0, pi] that three directions can have. Raises ValueError that names the broken triangle inequality.
    Checked by tests/theory/test_beyond_collapse.py::test_noiseless_rates_monte_carlo.
    """
    theta_gen, theta_prune, theta = _triangle(theta_gen, theta_prune, theta)
    kept_right = 2.0 * math.pi - theta_gen - theta_prune - theta
    kept_wrong = theta_gen + theta_prune - theta
    phi = kept_right / (2.0 * (math.pi - theta_gen)) if theta_gen < math.pi else 0.5
    psi = kept_wrong / (2.0 * theta_gen) if theta_gen > 0.0 else 0.5
    return Rates(theta_gen / math.pi, _clip(phi), _clip(psi))


def angles_theorem_accuracy(theta_gen: float, theta_prune: float, theta: float) -> float:
    """``theorem_accuracy`` of supervised pruning, noiseless labels or mixture: 1 if theta_gen + theta_prune < pi, else 0.

    In ``noiseless_rates`` and ``mixture_rates`` ``(1-p) phi - p psi`` has the sign of ``pi - theta_gen - theta_prune``, whatever
    theta is (derived for this book). 1/2 where the sum is pi. Args: angles in [0, pi] that three directions can have. Raises
    ValueError for others. Checked by tests/theory/test_angles.py.
    """
    theta_gen, theta_prune, theta = _triangle(theta_gen, theta_prune, theta)
    spare = math.pi - theta_gen - theta_prune
    return 0.5 if abs(spare) < _ROUNDING else 1.0 if spare > 0.0 else 0.0


def noiseless_breakdown_point(theta_gen: float, theta_prune: float, theta: float) -> float:
    """``breakdown_point`` at the rates of ``noiseless_rates``: theta moves it, but never across p.

    Args as there. Raises ValueError for other angles, and for theta = pi, where nothing is kept.
    Checked by tests/theory/test_angles.py.
    """
    rates = noiseless_rates(theta_gen, theta_prune, theta)
    return breakdown_point(rates.phi, rates.psi)


def noiseless_accuracy(theta_gen: float, theta_prune: float, theta: float) -> float:
    """Agreement with the Bayes classifier that infinitely many kept examples teach in the model of ``noiseless_rates``.

    A kept label agrees with w_gen and with w_prune; the two are exchangeable, so the model learns w_gen + w_prune, and
    ``accuracy = 1 - arccos((cos theta_gen + cos theta_prune) / (2 cos(theta / 2))) / pi``:
    no step (derived for this book; Condition D.1 fails here, a = b = 0).

    Args: angles in [0, pi] that three directions can have. Raises ValueError for others, and for theta = pi, where nothing
    is kept. Checked by tests/theory/test_beyond_collapse.py::test_noiseless_accuracy_monte_carlo.
    """
    theta_gen, theta_prune, theta = _triangle(theta_gen, theta_prune, theta)
    if theta >= math.pi - _ROUNDING:
        raise ValueError(f"theta = {theta!r} is outside [0, pi): generator and verifier never agree")
    cosine = (math.cos(theta_gen) + math.cos(theta_prune)) / (2.0 * math.cos(0.5 * theta))
    return 1.0 - math.acos(max(-1.0, min(1.0, cosine))) / math.pi


def mixture_rates(mu_norm: float, dimension: int, theta_gen: float, theta_prune: float, theta: float) -> Rates:
    """Rates (p, phi, psi) of supervised pruning for the mixture ``x | y ~ N(y mu, sigma^2 I)``, y = +-1, E|x|^2 = 1.

    With ``sigma = sqrt((1 - mu_norm^2) / dimension)``, ``m_g = mu_norm cos(theta_gen) / sigma``,
    ``m_v = mu_norm cos(theta_prune) / sigma``:
    ``p = Phi(-m_g)``, ``phi = Phi2(m_g, m_v; cos theta) / Phi(m_g)``, ``psi = Phi2(-m_g, -m_v; cos theta) / Phi(-m_g)``.
    This corrects Appendix D.6 twice (see ``mixture_rates_as_printed``). Hence
    ``(1-p) phi - p psi = Phi(m_g) - Phi(-m_v)``, free of theta.

    Args: mu_norm in (0, 1); dimension in [2, 1e9]; angles in [0, pi] that three directions can have. Relative error of psi
    below 1e-8 down to 1e-300, then 0, also where p underflows. Raises ValueError outside.
    Checked by tests/theory/test_mixture_rates.py::test_psi_against_mpmath and ::test_mixture_rates_monte_carlo.
    """
    m_g, m_v, cosine, sine = _margins(mu_norm, dimension, theta_gen, theta_prune, theta)
    phi = conditional_cdf(m_v, m_g, cosine, sine)
    psi = conditional_cdf(-m_v, -m_g, cosine, sine)
    return Rates(cdf(-m_g), phi, psi)


def mixture_breakdown_point(
    mu_norm: float, dimension: int, theta_gen: float, theta_prune: float, theta: float
) -> float:
    """``breakdown_point`` at the rates of ``mixture_rates``: theta moves it, but never across p.

    Args as there. Raises ValueError outside, and where nothing is kept. Checked by tests/theory/test_angles.py.
    """
    rates = mixture_rates(mu_norm, dimension, theta_gen, theta_prune, theta)
    return breakdown_point(rates.phi, rates.psi)


def mixture_rates_as_printed(
    mu_norm: float, dimension: int, theta_gen: float, theta_prune: float, theta: float
) -> Rates:
    """(p, phi, psi) as Appendix D.6 prints them, for the ledger: not rates of any pruning.

    ``c1 = -mu_norm dimension (1 - mu_norm^2) cos theta_prune``, c2 likewise with theta_gen, ``p = Phi(c2)``,
    ``phi = (1 - Phi(c1) - Phi(c2) + Phi2(c1, c2; cos theta)) / (1 - Phi(c2))`` and
    ``psi = (Phi(c1) + Phi(c2) - Phi2(c1, c2; cos theta)) / Phi(c2)``.
    Eq. 23 scales the noise by ``1 / ((1 - mu_norm^2) dimension)`` where E|x|^2 = 1 asks for the square root of
    ``(1 - mu_norm^2) / dimension``. psi's numerator is the probability of a union, hence psi >= 1.

    Args as in ``mixture_rates``. psi is inf where Phi(c2) underflows and nan nowhere. Raises ValueError outside.
    Checked by tests/theory/test_mixture_rates.py::test_printed_psi_is_at_least_one.
    """
    mu_norm, dimension = _mixture(mu_norm, dimension)
    theta_gen, theta_prune, theta = _triangle(theta_gen, theta_prune, theta)
    scale = -mu_norm * dimension * (1.0 - mu_norm * mu_norm)
    c1, c2 = scale * math.cos(theta_prune), scale * math.cos(theta_gen)
    both = bivariate_cdf(c1, c2, math.cos(theta))
    p = cdf(c2)
    phi = conditional_cdf(-c1, -c2, math.cos(theta), math.sin(theta))
    return Rates(p, phi, (cdf(c1) + p - both) / p if p > 0.0 else math.inf)


def population_classifier(
    mu_norm: float, dimension: int, theta_gen: float, theta_prune: float, theta: float
) -> PopulationClassifier:
    """What supervised pruning teaches from infinitely many mixture samples at fixed dimension, under a strong ridge.

    The direction learned is the mean of q y' x over the draws (derived for this book by Stein's lemma):
    ``along_mu mu + along_generator w_gen + along_verifier w_prune`` with ``along_mu = (1-p) phi - p psi``,
    ``along_generator = sigma pdf(m_g)``, ``along_verifier = sigma pdf(m_v)``, unit w_gen and w_prune, and m_g, m_v, sigma as in
    ``mixture_rates``. The first coefficient changes sign at the breakdown point, where theta_gen + theta_prune = pi. The others,
    of order 1/sqrt(dimension), make the step a crossover. Coefficients below 1e-308 are 0; the direction is kept.
    accuracy: probability of the true label, ``Phi(mu_norm cos(alpha) / sigma)``, alpha the angle between direction and mu.
    agreement: probability of the Bayes classifier's decision, which the paper calls accuracy.

    Args as in ``mixture_rates``. Raises ValueError outside, and where the direction vanishes.
    Checked by tests/theory/test_mixture_rates.py::test_population_classifier_monte_carlo.
    """
    m_g, m_v, cosine, _ = _margins(mu_norm, dimension, theta_gen, theta_prune, theta)
    sigma = math.sqrt((1.0 - mu_norm) * (1.0 + mu_norm) / dimension)
    m_mu = mu_norm / sigma
    # Phi(m_g) - Phi(-m_v) = Phi(m_v) - Phi(-m_g). Of a good generator and a bad verifier, or the reverse, both terms may
    # underflow, as may the densities: all are computed larger by exp(shift), which leaves the direction alone.
    shift = 0.5 * min(m_g * m_g, m_v * m_v) if m_g * m_v < 0.0 else 0.0
    density_g, density_v = [math.exp(shift - 0.5 * m * m) / math.sqrt(2.0 * math.pi) for m in (m_g, m_v)]
    if shift == 0.0:
        gap = cdf(m_v) - cdf(-m_g)
    else:
        gap = density_v * mills_ratio(abs(m_v)) - density_g * mills_ratio(abs(m_g))
        gap = gap if m_g > 0.0 else -gap
    cos_gen, cos_prune = math.cos(theta_gen), math.cos(theta_prune)
    x, g, v = gap * mu_norm, sigma * density_g, sigma * density_v
    # the part along mu, and the squared length of the part across
    parallel = x + g * cos_gen + v * cos_prune
    across = (g * math.sin(theta_gen)) ** 2 + (v * math.sin(theta_prune)) ** 2
    across = max(0.0, across + 2.0 * g * v * (cosine - cos_gen * cos_prune))
    length = math.sqrt(parallel * parallel + across)
    if length <= 1e-12 * (abs(x) + g + v):
        raise ValueError(f"length of the learned direction = {length!r} is outside (0, inf): opposite parts cancel")
    cos_alpha = max(-1.0, min(1.0, parallel / length))
    accuracy = cdf(m_mu * cos_alpha)
    # both classifiers say +1, or both -1, given y = 1
    agreement = cdf(m_mu) - cdf(-m_mu * cos_alpha) + 2.0 * bivariate_cdf(-m_mu, -m_mu * cos_alpha, cos_alpha)
    size = math.exp(-shift)
    return PopulationClassifier(gap * size, g * size, v * size, accuracy, agreement)


def _selection(phi, psi):
    phi, psi = probability("phi", phi), probability("psi", psi)
    if phi + psi == 0.0:
        raise ValueError(f"phi + psi = {phi + psi!r} is outside (0, 2]: nothing is kept")
    return phi, psi


def _mixture(mu_norm, dimension):
    mu_norm = real("mu_norm", mu_norm, 0.0, 1.0, open_low=True, open_high=True)
    return mu_norm, integer("dimension", dimension, 2, 10**9)


def _margins(mu_norm, dimension, theta_gen, theta_prune, theta):
    """(m_g, m_v, cos theta, sin theta): distances of the class mean from both borders, in units of sigma."""
    mu_norm, dimension = _mixture(mu_norm, dimension)
    theta_gen, theta_prune, theta = _triangle(theta_gen, theta_prune, theta)
    m = mu_norm * math.sqrt(dimension / ((1.0 - mu_norm) * (1.0 + mu_norm)))
    return m * math.cos(theta_gen), m * math.cos(theta_prune), math.cos(theta), math.sin(theta)


def _triangle(theta_gen, theta_prune, theta):
    """The three angles, if three directions can have them."""
    theta_gen, theta_prune, theta = (
        angle("theta_gen", theta_gen),
        angle("theta_prune", theta_prune),
        angle("theta", theta),
    )
    low = abs(theta_gen - theta_prune)
    high = min(theta_gen + theta_prune, 2.0 * math.pi - theta_gen - theta_prune)
    if not low - _ROUNDING <= theta <= high + _ROUNDING:
        raise ValueError(
            f"theta = {theta!r} is outside [{low:.6g}, {high:.6g}], the triangle inequality on the sphere "
            f"for theta_gen = {theta_gen!r}, theta_prune = {theta_prune!r}"
        )
    return theta_gen, theta_prune, theta


def _clip(x):
    return max(0.0, min(1.0, x))
