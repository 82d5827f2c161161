"""Logistic ridge on one cluster of examples with equal inner products: a scalar equation, solved by bisection.

Checked by tests/theory/test_cluster_logits.py.
"""

import math

from lib.theory.checks import real

RIDGES = (1e-100, 1e100)  # range of gamma, the ridge times the sample size


def sigmoid(z: float) -> float:
    """``1 / (1 + exp(-z))``, without overflow. Checked by tests/theory/test_cluster_logits.py::test_sigmoid."""
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
    product (unit norms); gamma in [1e-100, 1e100]: ridge times sample size.
    Raises ValueError outside, and ArithmeticError with the residual
    if it stays above 1e-11 of the largest term. Checked by tests/theory/test_cluster_logits.py::test_cluster_logits_solve_eq_31.
    """
    right, wrong = real("right", right, 0.0, 1e15), real("wrong", wrong, 0.0, 1e15)
    a = real("a", a, 0.0, 1.0, open_low=True, open_high=True)
    gamma = real("gamma", gamma, *RIDGES)
    own = (1.0 - a) / gamma  # what an example adds to its own score, beyond its share in the mean

    def pulls(u):  # of both kinds of example on the score
        from_right = a * right * sigmoid(_damped_logit(-u, own)) / gamma
        return from_right, a * wrong * sigmoid(_damped_logit(u, own)) / gamma

    def excess(u):
        from_right, from_wrong = pulls(u)
        return from_right - from_wrong - u

    u = _falling_root(excess, -a * wrong / gamma, a * right / gamma)
    residual, scale = excess(u), 1.0 + sum(pulls(u))
    if not abs(residual) <= 1e-11 * scale:
        raise ArithmeticError(
            f"residual of eq. 31 = {residual!r} is outside [-1e-11, 1e-11] times its terms, {scale!r}"
        )
    return _damped_logit(-u, own), _damped_logit(u, own)


def tolerated_wrong_labels(right: float, a: float, gamma: float) -> float:
    """How many wrong labels a cluster with so many right ones bears: it is perfectly accurate if and only if wrong is less.

    ``right 2 A0 - (1-a) / a``, where ``A0 = sigmoid(-(1-a) (1/2 + A0) / gamma)``. At the border the wrong examples score 0, so
    ``gamma B = 1/2`` and ``u = (1-a) B``; then ``gamma A = A0``, and ``u = a (right A - wrong B)`` gives the number.
    As gamma grows it tends to ``right - (1-a) / a``. Propositions E.3 and E.4 of "Beyond Model Collapse" print ``right``:
    they drop the terms in 1-a of eq. 31, the pull of an example on its own score. right in [0, 1e15]; a in [1e-300, 1);
    gamma in [1e-100, 1e100]. To 1e-13 of the larger of both terms. Raises ValueError outside.
    Checked by tests/theory/test_tolerance.py.
    """
    right = real("right", right, 0.0, 1e15)
    a = real("a", a, 1e-300, 1.0, open_high=True)
    own = (1.0 - a) / real("gamma", gamma, *RIDGES)
    return 2.0 * right * sigmoid(_damped_logit(-0.5 * own, own)) - (1.0 - a) / a


def _damped_logit(score, own):
    """The z with ``z + own sigmoid(z) = score``."""
    return _falling_root(lambda z: score - z - own * sigmoid(z), score - own, score)


def _falling_root(function, low, high):
    """Root of a falling function with ``function(low) >= 0 >= function(high)``, by Ridders' method.

    Each round halves the bracket at least, so that 200 rounds reach the last digit from any start.
    """
    f_low, f_high = function(low), function(high)
    if f_low <= 0.0 or f_high >= 0.0:  # an end is the root, up to rounding
        return low if f_low <= 0.0 else high
    root = low
    for _ in range(200):
        middle = 0.5 * (low + high)
        f_middle = function(middle)
        spread = math.sqrt(f_middle * f_middle - f_low * f_high)
        step = (middle - low) * f_middle / spread if spread > 0.0 else 0.0  # 0 where the squares underflow
        previous, root = root, middle + step
        f_root = function(root)
        for x, f in ((middle, f_middle), (root, f_root)):
            if f > 0.0 and x > low:
                low, f_low = x, f
            elif f <= 0.0 and x < high:
                high, f_high = x, f
        if f_root == 0.0 or f_high == 0.0 or abs(root - previous) <= 1e-15 * (1.0 + abs(root)):
            break
    return high if f_high == 0.0 else root
