"""The breakdown point of pruned data, its bounds, and the same theorem at finite n: all from p, phi and psi alone.

A generator errs with probability p; a verifier keeps a right label with probability phi and a wrong one with probability psi.
Checked by tests/theory/beyond_collapse/test_breakdown.py.
"""

from collections import namedtuple

from lib.theory.checks import integer, probability, real
from lib.theory.lazy_walk import MAX_STEPS, positive_probability

BreakdownBounds = namedtuple("BreakdownBounds", ("p_minus", "p_plus"))
KeptCounts = namedtuple("KeptCounts", ("n00", "n01", "n10", "n11"))
Rates = namedtuple("Rates", ("p", "phi", "psi"))


def breakdown_point(phi: float, psi: float) -> float:
    """The label error up to which pruned data teach the right classifier: ``p_star = phi / (phi + psi)``.

    Theorem 3.2 writes 1 / (1 + psi/phi). phi, psi in [0, 1]; psi = 0 (an oracle) gives 1. Raises ValueError outside, and
    for phi = psi = 0, where nothing is kept. Checked by tests/theory/beyond_collapse/test_breakdown.py::test_breakdown_point.
    """
    phi, psi = _selection(phi, psi)
    return phi / (phi + psi)


def breakdown_bounds(phi: float, psi: float, t: float) -> BreakdownBounds:
    """Bounds ``(p_minus, p_plus)`` around the breakdown point, at slack t (Theorem D.3, eq. 19).

    ``p_minus = (1-t) phi / ((1-t) phi + (1+t) psi)`` and ``p_plus = (1+t) phi / ((1+t) phi + (1-t) psi)``.
    phi, psi in [0, 1], not both 0; t in [0, 1), where t = 0 gives the breakdown point twice. Raises ValueError outside.
    Checked by tests/theory/beyond_collapse/test_breakdown.py::test_breakdown_bounds.
    """
    phi, psi = _selection(phi, psi)
    t = real("t", t, 0.0, 1.0, open_high=True)
    low = (1.0 - t) * phi / ((1.0 - t) * phi + (1.0 + t) * psi)
    high = (1.0 + t) * phi / ((1.0 + t) * phi + (1.0 - t) * psi)
    return BreakdownBounds(low, high)


def theorem_accuracy(p: float, phi: float, psi: float) -> float:
    """Accuracy by Theorem 3.2, in the limit of infinite data: 1 for p below the breakdown point, 0 above it.

    At the breakdown point itself the theorem says nothing; 1/2 is our convention. p, phi, psi in [0, 1], phi and psi not
    both 0. Raises ValueError outside. Checked by tests/theory/beyond_collapse/test_breakdown.py::test_theorem_accuracy.
    """
    p = probability("p", p)
    p_star = breakdown_point(phi, psi)
    return 0.5 if p == p_star else 1.0 if p < p_star else 0.0


def kept_counts(n: int, p: float, phi: float, psi: float) -> KeptCounts:
    """Expected numbers ``N_kl`` of kept examples with true label k and given label l (eq. 14-16), balanced classes.

    ``n00 = n11 = n (1-p) phi / 2`` and ``n01 = n10 = n p psi / 2``. n in [1, 1e9]; the rest in [0, 1]. Raises ValueError
    outside. Checked by tests/theory/beyond_collapse/test_breakdown.py::test_kept_counts_monte_carlo.
    """
    n = integer("n", n, 1, MAX_STEPS)
    p, phi, psi = probability("p", p), probability("phi", phi), probability("psi", psi)
    right, wrong = 0.5 * n * (1.0 - p) * phi, 0.5 * n * p * psi
    return KeptCounts(right, wrong, wrong, right)


def perfect_accuracy_probability(n: int, p: float, phi: float, psi: float) -> float:
    """Probability that more right than wrong labels are kept, ``P(N01 + N10 < N00 + N11)``: Theorem 3.2 at finite n.

    If Condition D.1 with b = -a holds exactly, this is the event of perfect accuracy on new examples, whatever the ridge
    (tests/theory/beyond_collapse/test_fixed_point.py::test_majority_decides_new_examples). Each of the n examples is kept
    and right with probability (1-p) phi, kept and wrong with p psi, so the difference is a lazy walk. A tie, and nothing
    kept, count as not perfect: at the breakdown point the value is ``(1 - P(tie)) / 2``. n in [1, 1e9]; p, phi, psi in
    [0, 1]. Absolute error below 1e-10. Raises ValueError outside.
    Checked by tests/theory/test_lazy_walk.py::test_perfect_accuracy_probability_against_binomial_sums.
    """
    n = integer("n", n, 1, MAX_STEPS)
    p, phi, psi = probability("p", p), probability("phi", phi), probability("psi", psi)
    return positive_probability(n, (1.0 - p) * phi, p * psi)


def _selection(phi, psi):
    phi, psi = probability("phi", phi), probability("psi", psi)
    if phi + psi == 0.0:
        raise ValueError(f"phi + psi = {phi + psi!r} is outside (0, 2]: nothing is kept")
    # only the ratio counts; larger by a power of two, which is exact, no product underflows
    return (phi * 2.0**600, psi * 2.0**600) if phi + psi < 1e-200 else (phi, psi)
