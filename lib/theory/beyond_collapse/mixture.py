"""Supervised pruning in a Gaussian mixture: rates, as derived and as printed, and what infinitely many samples teach.

The mixture is ``x | y ~ N(y mu, sigma^2 I)``, y = +-1, E|x|^2 = 1; generator and verifier are linear. Angles in radians between
mu, the generator and the verifier: ``lib.theory.angles``. Checked by tests/theory/beyond_collapse/test_mixture.py.
"""

import math
from collections import namedtuple

from lib.theory.angles import triangle
from lib.theory.beyond_collapse.breakdown import Rates, breakdown_point
from lib.theory.checks import integer, real
from lib.theory.elementary import turn_less
from lib.theory.gaussian import GAUSS, bivariate_cdf, cdf, conditional_cdf, mills_ratio

ROOT_2PI = math.sqrt(2.0 * math.pi)
PopulationClassifier = namedtuple(
    "PopulationClassifier", ("along_mu", "along_generator", "along_verifier", "accuracy", "agreement")
)


def mixture_rates(mu_norm: float, dimension: int, theta_gen: float, theta_prune: float, theta: float) -> Rates:
    """Rates (p, phi, psi) of supervised pruning for the mixture ``x | y ~ N(y mu, sigma^2 I)``, y = +-1, E|x|^2 = 1.

    With ``sigma = sqrt((1 - mu_norm^2) / dimension)``, ``m_g = mu_norm cos(theta_gen) / sigma``,
    ``m_v = mu_norm cos(theta_prune) / sigma``:
    ``p = Phi(-m_g)``, ``phi = Phi2(m_g, m_v; cos theta) / Phi(m_g)``, ``psi = Phi2(-m_g, -m_v; cos theta) / Phi(-m_g)``.
    This corrects Appendix D.6 twice (see ``mixture_rates_as_printed``). Hence
    ``(1-p) phi - p psi = Phi(m_g) - Phi(-m_v)``, free of theta.

    Args: mu_norm in (0, 1); dimension in [2, 1e9]; angles in [0, pi] that three directions can have. Relative error of psi
    below 1e-8 down to 1e-300, then 0, also where p underflows. Raises ValueError outside.
    Checked by tests/theory/beyond_collapse/test_mixture.py::test_psi_against_mpmath and ::test_mixture_rates_monte_carlo.
    """
    *_, theta, m_g, m_v = _margins(mu_norm, dimension, theta_gen, theta_prune, theta)
    cosine, sine = math.cos(theta), math.sin(theta)
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
    if rates.phi + rates.psi == 0.0:
        setting = ", ".join(
            [
                f"mu_norm = {float(mu_norm)!r}, dimension = {int(dimension)}",
                f"theta_gen = {float(theta_gen)!r}, theta_prune = {float(theta_prune)!r}, theta = {float(theta)!r}",
            ]
        )
        raise ValueError(f"phi + psi = 0.0 is outside (0, 2] for {setting}: nothing is kept")
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
    Checked by tests/theory/beyond_collapse/test_mixture.py::test_printed_psi_is_at_least_one.
    """
    mu_norm, dimension = _mixture(mu_norm, dimension)
    theta_gen, theta_prune, theta = triangle(theta_gen, theta_prune, theta)
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
    Checked by tests/theory/beyond_collapse/test_mixture.py::test_population_classifier_monte_carlo.
    """
    mu_norm, dimension, theta_gen, theta_prune, theta, m_g, m_v = _margins(
        mu_norm, dimension, theta_gen, theta_prune, theta
    )
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
    across = max(0.0, across + 2.0 * g * v * (math.cos(theta) - cos_gen * cos_prune))
    length = math.sqrt(parallel * parallel + across)
    # opposite parts may cancel, and a class mean far from a border magnifies every error: then the same without cancellation
    magnified = 1.0 + m_mu if shift > 0.0 else 1.0
    if length <= 1e-4 * magnified * (abs(x) + g + v) or shift > 1e5:
        gap, g, v, parallel, across = _flat(m_mu, sigma, theta_gen, theta_prune, theta)
        length, shift = math.sqrt(parallel * parallel + across), 0.5 * min(m_g * m_g, m_v * m_v)
    if length <= 1e-15 * (g + v):
        raise ValueError(
            f"length of the learned direction = {length!r} is outside [1e-15, inf) of its parts, which cancel at "
            f"mu_norm = {mu_norm!r}, dimension = {dimension}, "
            f"theta_gen = {theta_gen!r}, theta_prune = {theta_prune!r}, theta = {theta!r}"
        )
    cos_alpha = max(-1.0, min(1.0, parallel / length))
    accuracy = cdf(m_mu * cos_alpha)
    # both classifiers say +1, or both -1, given y = 1
    agreement = cdf(m_mu) - cdf(-m_mu * cos_alpha) + 2.0 * bivariate_cdf(-m_mu, -m_mu * cos_alpha, cos_alpha)
    size = math.exp(-shift)
    return PopulationClassifier(gap * size, g * size, v * size, accuracy, agreement)


def _flat(m, sigma, theta_gen, theta_prune, theta):
    """(gap, g, v, parallel, across) of ``population_classifier``, all without cancellation, whatever cancels in the direction.

    The gap integrates the density from -m_g to m_v, and the part along mu ``density(x) (m^2 + 1 - x^2) sigma / m``, which is not
    negative for |x| <= m. The part across is that of opposite vectors, and what a triangle not flat adds to it. Densities are
    relative to the larger one.
    """
    closing = math.sin(0.5 * turn_less(1, [theta_gen, theta_prune]))  # cosine of half the sum of the two
    sides = [theta_gen, -theta_prune] if theta_gen > theta_prune else [-theta_gen, theta_prune]
    turned, turning = 0.5 * (theta_gen - theta_prune), math.sin(0.5 * turn_less(1, sides))  # turning is cos(turned)
    half, middle = m * closing * turning, m * math.sin(0.5 * (theta_gen + theta_prune)) * math.sin(turned)
    product = half * middle  # (m_v^2 - m_g^2) / 4
    near = theta_gen if product > 0.0 else theta_prune  # of the larger density: the integral starts at its end
    start, room = m * abs(math.cos(near)), (m * math.sin(near)) ** 2
    start = -start if math.cos(theta_gen) * math.cos(theta_prune) > 0.0 else start  # the interval runs across 0
    # as far as the density matters, in pieces over which it falls by e^10 at most
    length = min(2.0 * abs(half), 80.0 / (start + math.sqrt(start * start + 80.0)))
    gap, parallel = 0.0, 0.0
    for piece in range(4):
        for node, weight in GAUSS:
            u = 0.125 * length * (2 * piece + 1 + node)
            part = 0.125 * length * weight * math.exp(-u * (start + 0.5 * u)) / ROOT_2PI
            gap += part
            parallel += part * (max(0.0, room - u * (2.0 * start + u)) + 1.0) * sigma / m
    far = math.exp(-2.0 * abs(product))
    g, v = [sigma * each / ROOT_2PI for each in ((1.0, far) if product > 0.0 else (far, 1.0))]
    less = g - v if abs(product) > 1.0 else 2.0 * math.sqrt(g) * math.sqrt(v) * math.sinh(product)
    across = less * math.sin(theta_gen) + 2.0 * v * closing * math.sin(turned)
    flat = max(0.0, math.sin(0.5 * turn_less(2, [theta_gen, theta_prune, theta])))
    flat *= max(0.0, math.sin(-0.5 * turn_less(0, [theta_gen, theta_prune, -theta])))
    side = 1.0 if half > 0.0 else -1.0
    return side * gap, g, v, side * parallel, across * across + 4.0 * g * v * flat


def _mixture(mu_norm, dimension):
    mu_norm = real("mu_norm", mu_norm, 0.0, 1.0, open_low=True, open_high=True)
    return mu_norm, integer("dimension", dimension, 2, 10**9)


def _margins(mu_norm, dimension, theta_gen, theta_prune, theta):
    """The arguments, checked, and (m_g, m_v): distances of the class mean from both borders, in units of sigma."""
    mu_norm, dimension = _mixture(mu_norm, dimension)
    theta_gen, theta_prune, theta = triangle(theta_gen, theta_prune, theta)
    m = mu_norm * math.sqrt(dimension / ((1.0 - mu_norm) * (1.0 + mu_norm)))
    return mu_norm, dimension, theta_gen, theta_prune, theta, m * math.cos(theta_gen), m * math.cos(theta_prune)
