"""Supervised pruning of labels without noise: rates, breakdown point and accuracy from three angles.

Labels are ``y = sign(mu . x)``, x an isotropic Gaussian; generator and verifier are linear. Angles in radians between mu, the
generator and the verifier: ``lib.theory.angles``. Checked by tests/theory/beyond_collapse/test_noiseless.py.
"""

import math

from lib.theory.angles import TOLERANCE, excess, triangle
from lib.theory.beyond_collapse.breakdown import Rates, breakdown_point
from lib.theory.elementary import turn_less


def noiseless_rates(theta_gen: float, theta_prune: float, theta: float) -> Rates:
    """Rates (p, phi, psi) of supervised pruning (eq. 5) for labels ``y = sign(mu . x)`` and isotropic Gaussian x.

    ``p = theta_gen / pi``, ``phi = (2 pi - theta_gen - theta_prune - theta) / (2 (pi - theta_gen))``,
    ``psi = (theta_gen + theta_prune - theta) / (2 theta_gen)``: ratios of orthant probabilities (derived for this book;
    Section 3.4 only says that they are some). Hence ``(1-p) phi - p psi = 1 - (theta_gen + theta_prune) / pi``.
    psi at theta_gen = 0 and phi at theta_gen = pi are probabilities given an event of probability 0; they take the value
    1/2: the limit at fixed theta_prune and theta, and the mean over directions of w_gen around mu (or -mu).

    Args: angles in [0, pi] that three directions can have. Raises ValueError that names the broken triangle inequality.
    Checked by tests/theory/beyond_collapse/test_noiseless.py::test_noiseless_rates_monte_carlo.
    """
    theta_gen, theta_prune, theta = triangle(theta_gen, theta_prune, theta)
    # sums of three angles, not rounded: they may be as small as the side that divides them
    spare = math.pi - theta_gen
    kept_right = 2.0 * spare - excess(theta_prune, theta, theta_gen)
    kept_wrong = excess(theta_gen, theta_prune, theta)
    phi = kept_right / (2.0 * spare) if spare > 0.0 else 0.5
    psi = kept_wrong / (2.0 * theta_gen) if theta_gen > 0.0 else 0.5
    return Rates(theta_gen / math.pi, _clip(phi), _clip(psi))


def angles_theorem_accuracy(theta_gen: float, theta_prune: float, theta: float) -> float:
    """``theorem_accuracy`` of supervised pruning, noiseless labels or mixture: 1 if theta_gen + theta_prune < pi, else 0.

    In ``noiseless_rates`` and ``mixture_rates`` ``(1-p) phi - p psi`` has the sign of ``pi - theta_gen - theta_prune``, whatever
    theta is (derived for this book). 1/2 where the sum is pi. Args: angles in [0, pi] that three directions can have. Raises
    ValueError for others. Checked by tests/theory/test_angles.py.
    """
    theta_gen, theta_prune, theta = triangle(theta_gen, theta_prune, theta)
    spare = math.pi - theta_gen - theta_prune
    return 0.5 if abs(spare) < TOLERANCE else 1.0 if spare > 0.0 else 0.0


def noiseless_breakdown_point(theta_gen: float, theta_prune: float, theta: float) -> float:
    """``breakdown_point`` at the rates of ``noiseless_rates``: theta moves it, but never across p.

    Args as there. Raises ValueError for other angles, and for theta = pi, where nothing is kept.
    Checked by tests/theory/test_angles.py.
    """
    rates = noiseless_rates(theta_gen, theta_prune, theta)
    if rates.phi + rates.psi == 0.0:
        raise ValueError(
            f"phi + psi = 0.0 is outside (0, 2] for theta_gen = {float(theta_gen)!r}, theta_prune = {float(theta_prune)!r}, "
            f"theta = {float(theta)!r}: nothing is kept"
        )
    return breakdown_point(rates.phi, rates.psi)


def noiseless_accuracy(theta_gen: float, theta_prune: float, theta: float) -> float:
    """Agreement with the Bayes classifier that infinitely many kept examples teach in the model of ``noiseless_rates``.

    A kept label agrees with w_gen and with w_prune; the two are exchangeable, so the model learns w_gen + w_prune, and
    ``accuracy = 1 - arccos((cos theta_gen + cos theta_prune) / (2 cos(theta / 2))) / pi``:
    no step (derived for this book; Condition D.1 fails here, a = b = 0).

    Args: angles in [0, pi] that three directions can have. Raises ValueError for others, and for theta = pi, where nothing
    is kept. Checked by tests/theory/beyond_collapse/test_noiseless.py::test_noiseless_accuracy_monte_carlo.
    """
    theta_gen, theta_prune, theta = triangle(theta_gen, theta_prune, theta)
    if theta >= math.pi - TOLERANCE:
        raise ValueError(f"theta = {theta!r} is outside [0, pi): generator and verifier never agree")
    length = math.cos(0.5 * theta)
    cosine = (math.cos(theta_gen) + math.cos(theta_prune)) / (2.0 * length)
    if length > 0.1 and abs(cosine) < 0.99:
        return 1.0 - math.acos(cosine) / math.pi
    # half of w_gen + w_prune along mu and across it: the arccosine would lose half of the digits where the sum is near mu, and
    # all of them where generator and verifier cancel
    turned = 0.5 * (theta_gen - theta_prune)
    closing = math.sin(0.5 * turn_less(1, [theta_gen, theta_prune]))  # cosine of half the sum
    along, across = closing * math.cos(turned), closing * math.sin(turned)
    flat = max(0.0, math.sin(0.5 * turn_less(2, [theta_gen, theta_prune, theta])))
    flat *= max(0.0, math.sin(-0.5 * turn_less(0, [theta_gen, theta_prune, -theta])))
    return 1.0 - math.atan2(math.sqrt(across * across + flat), along) / math.pi


def _clip(x):
    return max(0.0, min(1.0, x))
