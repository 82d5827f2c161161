"""Supervised pruning in a Gaussian mixture: rates, as derived and as printed, and what infinitely many samples teach.

The mixture is ``x | y ~ N(y mu, sigma^2 I)``, y = +-1, E|x|^2 = 1; generator and verifier are linear. Angles in radians between
mu, the generator and the verifier: ``lib.theory.angles``. Checked by tests/theory/beyond_collapse/test_mixture.py.
"""

import math
from collections import namedtuple

from lib.theory.angles import triangle
from lib.theory.beyond_collapse.breakdown import Rates, breakdown_point
from lib.theory.checks import integer, real
from lib.theory.gaussian import bivariate_cdf, cdf, conditional_cdf, mills_ratio

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


def _mixture(mu_norm, dimension):
    mu_norm = real("mu_norm", mu_norm, 0.0, 1.0, open_low=True, open_high=True)
    return mu_norm, integer("dimension", dimension, 2, 10**9)


def _margins(mu_norm, dimension, theta_gen, theta_prune, theta):
    """(m_g, m_v, cos theta, sin theta): distances of the class mean from both borders, in units of sigma."""
    mu_norm, dimension = _mixture(mu_norm, dimension)
    theta_gen, theta_prune, theta = triangle(theta_gen, theta_prune, theta)
    m = mu_norm * math.sqrt(dimension / ((1.0 - mu_norm) * (1.0 + mu_norm)))
    return m * math.cos(theta_gen), m * math.cos(theta_prune), math.cos(theta), math.sin(theta)
