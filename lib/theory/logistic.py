"""Logistic ridge on one cluster of examples with equal inner products: a scalar equation, solved by bisection.

Checked by tests/theory/test_logistic.py.
"""

import math

from lib.theory.checks import positive, real


def sigmoid(z: float) -> float:
    """``1 / (1 + exp(-z))``, without overflow. Checked by tests/theory/test_logistic.py::test_sigmoid."""
    z = real("z", z, -math.inf, math.inf)
    if z >= 0.0:
        return 1.0 / (1.0 + math.exp(-z))
    return math.exp(z) / (1.0 + math.exp(z))


def cluster_logits(right: float, wrong: float, a: float, gamma: float) -> tuple:
    """The logits (z_right, z_wrong) of eq. 31 of "Beyond Model Collapse" for a cluster that sees no other.

    With ``A = sigmoid(z_right) / gamma``, ``B = sigmoid(z_wrong) / gamma`` they solve
    ``z_right = -u - (1-a) A``, ``z_wrong = u - (1-a) B``, ``u = a (right A - wrong B)``.
    u is the score that the cluster's mean direction gives; the right side falls in u, so the root is unique and bracketed.

    Args: right, wrong in [0, 1e15]: examples with the cluster's true and with the other label; a in (0, 1): their inner
    product (unit norms); gamma > 0: ridge times sample size. Raises ValueError outside, and ArithmeticError with the residual
    where rounding keeps it above 1e-9. Checked by tests/theory/test_logistic.py::test_cluster_logits_solve_eq_31.
    """
    right, wrong = real("right", right, 0.0, 1e15), real("wrong", wrong, 0.0, 1e15)
    a = real("a", a, 0.0, 1.0, open_low=True, open_high=True)
    gamma = positive("gamma", gamma)
    own = (1.0 - a) / gamma  # what an example adds to its own score, beyond its share in the mean

    def excess(u):
        z_right, z_wrong = _damped_logit(-u, own), _damped_logit(u, own)
        return a * (right * sigmoid(z_right) - wrong * sigmoid(z_wrong)) / gamma - u

    u = _falling_root(excess, -a * wrong / gamma, a * right / gamma)
    residual = excess(u)
    if not abs(residual) <= 1e-9 * (1.0 + abs(u)):
        raise ArithmeticError(f"eq. 31 is solved to {residual!r} only, for right = {right!r}, wrong = {wrong!r}")
    return _damped_logit(-u, own), _damped_logit(u, own)


def tolerated_wrong_labels(right: float, a: float, gamma: float) -> float:
    """How many wrong labels a cluster with so many right ones bears: it is perfectly accurate if and only if wrong is less.

    ``right 2 A0 - (1-a) / a``, where ``A0 = sigmoid(-(1-a) (1/2 + A0) / gamma)``. At the border the wrong examples score 0, so
    ``gamma B = 1/2`` and ``u = (1-a) B``; then ``gamma A = A0``, and ``u = a (right A - wrong B)`` gives the number.
    As gamma grows it tends to ``right - (1-a) / a``. Propositions E.3 and E.4 of "Beyond Model Collapse" print ``right``: they drop
    the terms in 1-a of eq. 31, the pull of an example on its own score. right in [0, 1e15]; a in (0, 1); gamma > 0. Raises
    ValueError outside. Checked by tests/theory/test_tolerance.py.
    """
    right = real("right", right, 0.0, 1e15)
    a = real("a", a, 0.0, 1.0, open_low=True, open_high=True)
    own = (1.0 - a) / positive("gamma", gamma)
    return 2.0 * right * sigmoid(_damped_logit(-0.5 * own, own)) - (1.0 - a) / a


def _damped_logit(score, own):
    """The z with ``z + own sigmoid(z) = score``."""
    return _falling_root(lambda z: score - z - own * sigmoid(z), score - own, score)


def _falling_root(function, low, high):
    """Root of a falling function with ``function(low) >= 0 >= function(high)``, to the last digits."""
    while high - low > 1e-15 * (1.0 + abs(low) + abs(high)):
        middle = 0.5 * (low + high)
        if not low < middle < high:
            break
        if function(middle) > 0.0:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)
