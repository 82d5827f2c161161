"""The bounds of the reverse-bottleneck paper as functions of their terms. Information in nats.

Source: "Towards a Theoretical Understanding of Synthetic Data in LLM Post-Training: A Reverse-Bottleneck Perspective", Sections 3
and 4. Checked by tests/theory/reverse_bottleneck/test_bounds.py.
"""

import math

from lib.theory.checks import finite, integer, positive, probability, real
from lib.theory.elementary import representable


def generalization_bound(depth: int, contraction: float, sigma: float, n: int, information: float) -> float:
    """Bound of ``E[R(W) - R_S(W)]``: ``contraction^(depth/2) sqrt(2 sigma^2 information / n)``, without a unit or in that of
    the loss.

    Args: depth, number of contraction layers, [0, 1e6]; contraction in (0, 1]; sigma, sub-Gaussian parameter of the loss, in
    [0, inf) (half the range of a bounded loss); n examples, [1, 1e15]; information I(S; W) in nats, [0, inf). Raises
    ValueError outside, ArithmeticError for a bound beyond the largest float. Source: Lemma 4.4 (and 4.6 with the bound of I).
    Checked by
    tests/theory/reverse_bottleneck/test_finite_learner.py::test_finite_learners_keep_the_bound.
    """
    depth, contraction = integer("depth", depth, 0, 10**6), real("contraction", contraction, 0.0, 1.0, open_low=True)
    sigma = real("sigma", sigma, 0.0, math.inf, open_high=True)
    n, information = integer("n", n, 1, 10**15), real("information", information, 0.0, math.inf, open_high=True)
    if sigma == 0.0 or information == 0.0:
        return 0.0
    squared = 2.0 * (information / n) if information > 1e300 else 2.0 * information / n
    root = math.sqrt(squared) if squared > 1e-290 else math.sqrt(2.0 * information) / math.sqrt(n)
    kept = contraction ** (0.5 * depth)
    if kept * sigma > 1e-290:
        return representable("generalization bound", kept * sigma * root)
    # factors that underflow, and others that may be large: logarithms add what cannot be multiplied
    logarithm = 0.5 * depth * math.log(contraction) + math.log(sigma) + math.log(root)
    return math.exp(logarithm) if logarithm > -750.0 else 0.0


def absolute_generalization_bound(depth: int, contraction: float, sigma: float, n: int, information: float) -> float:
    """Bound of ``E|R(W) - R_S(W)|``: that of ``generalization_bound`` with ``information + ln 2`` in place of the information.

    The absolute value costs ln 2: under independence ``E exp(t |gap|) <= 2 exp(t^2 sigma^2 / 2n)``, and Donsker and Varadhan
    give ``E|gap| <= (I + ln 2 + t^2 sigma^2 / 2n) / t`` for every t > 0. With layers, their noise is averaged into the loss,
    whose parameter behind them is ``contraction^(depth/2) sigma``; for one draw of the noise the ln 2 does not contract.
    Arguments and errors as there. Source: derived in notebook reverse-bottleneck/02; corrects Lemma 4.8 and Theorem 4.7,
    which bound an absolute value.
    Checked by tests/theory/reverse_bottleneck/test_finite_learner.py::test_finite_learners_keep_the_bound.
    """
    information = real("information", information, 0.0, math.inf, open_high=True)
    return generalization_bound(depth, contraction, sigma, n, information + math.log(2.0))


def synthetic_information_bound(gain: float, bottleneck: float, entropy_model: float, slack: float) -> float:
    """Bound of I(S_gen; W) by Lemma 4.5: ``-gain + bottleneck + entropy_model + slack``, nats.

    Args: finite numbers; the fields of ``statements.Account``. The error is 1e-15 of the largest. Raises ValueError otherwise,
    ArithmeticError for a sum beyond the largest float. Source: Lemma 4.5, eq. 5.
    Checked by tests/theory/reverse_bottleneck/test_statements.py::test_account_by_hand.
    """
    terms = {"gain": gain, "bottleneck": bottleneck, "entropy_model": entropy_model, "slack": slack}
    gain, bottleneck, entropy_model, slack = [finite(name, term) for name, term in terms.items()]
    return representable("bound of the information", -gain + bottleneck + entropy_model + slack)


def synthetic_error_bound(
    loss_bound: float,
    tv_task: float,
    tv_generation: float,
    depth: int,
    contraction: float,
    sigma: float,
    n: int,
    gain: float,
    bottleneck: float,
    entropy_model: float,
    slack: float,
) -> float:
    """Bound of the expected error after training on synthetic data by Theorem 4.7, in units of the loss.

    ``C (TV(D, D_M) + TV(D_M, D_gen))`` plus ``generalization_bound`` with the bound of Lemma 4.5 for the information; a
    negative bound of the information counts as 0. Args: loss_bound C in (0, inf), both total variations in [0, 1], the others
    as above. Raises ValueError and ArithmeticError as they do. Source: Theorem 4.7, eq. 7. Checked by
    tests/theory/reverse_bottleneck/test_bounds.py::test_bounds_add_up.
    """
    divergence = probability("tv_task", tv_task) + probability("tv_generation", tv_generation)
    information = max(0.0, synthetic_information_bound(gain, bottleneck, entropy_model, slack))
    shift = positive("loss_bound", loss_bound) * divergence
    return representable("error bound", shift + generalization_bound(depth, contraction, sigma, n, information))


def anchor_error_bound(depth: int, contraction: float, sigma: float, m: int, information: float) -> float:
    """Bound of the expected error after training on m anchors by Lemma 4.8: ``generalization_bound`` with I(S_anchor; W').

    Arguments and errors as there, m for n. Source: Lemma 4.8, eq. 8, as printed; it holds for ``E[R - R_S]`` and not for the
    expected absolute value that the lemma names.
    Checked by tests/theory/reverse_bottleneck/test_finite_learner.py::test_lemma_48_fails_for_a_model_that_ignores_its_data.
    """
    return generalization_bound(depth, contraction, sigma, integer("m", m, 1, 10**15), information)


def ggmi(information_anchor: float, information_synthetic: float) -> float:
    """Generalization gain ``I(S_anchor; W') - I(S_gen; W)`` in nats. Args: both in [0, inf). Raises ValueError outside.

    Source: Definition 4.9, eq. 9. Checked by tests/theory/reverse_bottleneck/test_statements.py::test_account_by_hand.
    """
    anchor = real("information_anchor", information_anchor, 0.0, math.inf, open_high=True)
    return anchor - real("information_synthetic", information_synthetic, 0.0, math.inf, open_high=True)


def ggmi_bound(
    gain: float,
    alpha: float,
    h_anchor_given_w: float,
    h_anchor: float,
    h_synthetic: float,
    h_synthetic_given_w: float,
    h_anchor_given_model: float,
) -> float:
    """Bound of the generalization gain by Theorem 4.10, nats.

    ``gain - (alpha + 1) H(S_anchor | W) + 2 (H(S_anchor) - H(S_gen)) + H(S_gen | W) + H(S_anchor | W) - H(S_anchor | M(p))``,
    with ``alpha = H(S_anchor | W') / H(S_anchor | W)``. Args: finite numbers; entropies may be negative where they are
    differential. The error is 1e-15 of the largest term. Raises ValueError otherwise, ArithmeticError for a sum beyond
    the largest float. Source: Theorem 4.10, eq. 10. Checked by
    tests/theory/reverse_bottleneck/test_statements.py::test_slack_of_theorem_410.
    """
    alpha, gain = finite("alpha", alpha), finite("gain", gain)
    anchor, synthetic = finite("h_anchor", h_anchor), finite("h_synthetic", h_synthetic)
    given_w, given_model = (
        finite("h_anchor_given_w", h_anchor_given_w),
        finite("h_anchor_given_model", h_anchor_given_model),
    )
    rest = 2.0 * (anchor - synthetic) + finite("h_synthetic_given_w", h_synthetic_given_w) + (given_w - given_model)
    return representable("bound of the generalization gain", gain - (alpha + 1.0) * given_w + rest)
