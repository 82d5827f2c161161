"""The fixed point of logistic ridge on data that satisfy Condition D.1 exactly.

Checked by tests/theory/beyond_collapse/test_fixed_point.py.
"""

from collections import namedtuple

from lib.theory.checks import real
from lib.theory.logistic import RIDGES, cluster_logits, sigmoid

FixedPoint = namedtuple("FixedPoint", ("A", "B", "C", "D", "accuracy"))


def fixed_point(n00: float, n01: float, n10: float, n11: float, a: float, b: float, gamma: float) -> FixedPoint:
    """Logistic ridge on kept data that satisfy Condition D.1 exactly: coefficients (eq. 31) and accuracy (eq. 41).

    The fit is ``w = sum alpha_i x_i`` with alpha = A, -B, C, -D for (true, given) label (1,1), (1,0), (0,1), (0,0), where
    ``gamma A = sigmoid(-(a s + b t) - (1-a) A)``, ``gamma B = sigmoid((a s + b t) - (1-a) B)``,
    ``gamma C = sigmoid(-(b s + a t) - (1-a) C)``, ``gamma D = sigmoid((b s + a t) - (1-a) D)``,
    ``s = n11 A - n10 B``, ``t = n01 C - n00 D``.
    The accuracy is that on the kept examples against their true labels: those of type A and D are right if gamma A, gamma D
    < 1/2, those of type B and C if gamma B, gamma C > 1/2.

    Args: counts n_kl >= 0 (k true, l given label; not all 0); a in (0, 1) and b = -a or b = 0: inner products of examples
    of the same and of opposite classes, with unit norms; gamma = N lambda in [1e-100, 1e100], N all examples, lambda the
    ridge of eq. 1.
    Raises ValueError outside, and ArithmeticError with the residual of eq. 31 if the solver does not reach it.
    Propositions E.3 and E.4 drop the terms in 1-a, by which an example speaks for its own label; with them, a wrong label
    may be learned by heart by a model that is right on new examples (``lib.theory.logistic.tolerated_wrong_labels``).
    Checked by tests/theory/beyond_collapse/test_fixed_point.py::test_against_logistic_ridge.
    """
    n00, n01 = real("n00", n00, 0.0, 1e15), real("n01", n01, 0.0, 1e15)
    n10, n11 = real("n10", n10, 0.0, 1e15), real("n11", n11, 0.0, 1e15)
    a = real("a", a, 0.0, 1.0, open_low=True, open_high=True)
    b = real("b", b, -1.0, 1.0)
    gamma = real("gamma", gamma, *RIDGES)
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
        raise ValueError(f"b = {b!r} is outside {{-a, 0}}, the two cases of Condition D.1, for a = {a!r}")
    right = n11 * (z_a < 0.0) + n00 * (z_d < 0.0) + n10 * (z_b > 0.0) + n01 * (z_c > 0.0)
    A, B, C, D = [sigmoid(z) / gamma for z in (z_a, z_b, z_c, z_d)]
    return FixedPoint(A, B, C, D, right / total)
