"""The bounds of the reverse-bottleneck paper as functions of their terms, and the account of a world's entropies. In nats.

The chain is ``S_anchor -> e_p -> M(p) = h(e_p) + g(e_M) -> S_gen -> W``, and ``S_anchor -> W'`` for a model that is trained
on the anchors alone. ``account`` takes the joint entropies of such a chain and gives both sides of every statement of Section
4. Two worlds know their entropies: ``lib.theory.gaussian_chain`` and ``lib.theory.finite_chain``. Variables have one letter
each:

A anchors S_anchor; P prompt factor e_p; Q model factor e_M; H h(e_p); G g(e_M); M output M(p); S synthetic data S_gen; W the
model trained on them; V the model W' trained on the anchors.

Source: "Towards a Theoretical Understanding of Synthetic Data in LLM Post-Training: A Reverse-Bottleneck Perspective".
"""

import math
from collections import namedtuple

from lib.theory.checks import integer, positive, probability, real

# Sets of variables whose joint entropy ``account`` reads
GROUPS = (
    "A",
    "P",
    "Q",
    "H",
    "G",
    "M",
    "S",
    "W",
    "V",
    "HM",
    "PM",
    "PW",
    "QW",
    "HW",
    "GW",
    "MW",
    "SW",
    "AW",
    "AM",
    "AS",
    "AV",
)
GROUPS += ("HG", "HGW", "PQ", "PQW")

Account = namedtuple(
    "Account",
    (
        "gain",  # information gain Delta I = H(M) - I(h; M), Definition 4.2
        "bottleneck",  # B_syn = I(e_M; W) + I(e_p; W), Definition 4.3
        "entropy_model",  # H(e_M)
        "prompt_loss",  # (lambda - 1) I(e_p; M) = max(0, H(e_p | M)), with the smallest lambda that Lemma E.1 allows
        "curation_loss",  # delta_epsilon = I(M; W) - I(S; W), step 17
        "slack",  # delta_(epsilon, p) = prompt_loss - curation_loss
        "information",  # I(S_gen; W), what Lemma 4.5 bounds
        "information_bound",  # the right side of Lemma 4.5
        "synergy",  # I(h; g | W) - I(h; g): step 21 holds exactly where it is at most 0
        "factor_synergy",  # I(e_p; e_M | W) - I(e_p; e_M)
        "information_anchor",  # I(S_anchor; W')
        "information_transfer",  # I(S_anchor; S_gen): what the synthetic data keep of the anchors
        "ggmi",  # Definition 4.9
        "ggmi_bound",  # Theorem 4.10
    ),
)
Steps = namedtuple(
    "Steps",
    (
        "eq_15",  # H(M) - H(S)
        "eq_16",  # I(M; W) - I(S; W)
        "eq_18",  # the smaller of H(e_p) - H(h) and H(e_M) - H(g)
        "eq_19",  # I(e_p; W) - I(h; W)
        "eq_20",  # I(e_M; W) - I(g; W)
        "eq_21",  # I(h; W) + I(g; W) - I(M; W)
        "eq_23",  # I(h; M) - I(e_p; M), which the step takes for one another
        "lemma_e2",  # H(e_M) - (H(M) - H(e_p))
        "lemma_45",  # information_bound - information
        "eq_28",  # H(M) - H(S)
        "eq_29",  # I(A; M) - I(h; M)
        "theorem_410",  # ggmi_bound - ggmi
    ),
)


def generalization_bound(depth: int, contraction: float, sigma: float, n: int, information: float) -> float:
    """Bound of ``E[R(W) - R_S(W)]``: ``contraction^(depth/2) sqrt(2 sigma^2 information / n)``, without a unit or in that of
    the loss.

    Args: depth, number of contraction layers, [0, 1e6]; contraction in (0, 1]; sigma, sub-Gaussian parameter of the loss, in
    [0, inf) (half the range of a bounded loss); n examples, at least 1; information I(S; W) in nats, [0, inf). Raises
    ValueError outside. Source: Lemma 4.4 (and 4.6 with the bound of I). Checked by
    tests/theory/test_reverse_bottleneck.py::test_finite_learners_keep_the_bound.
    """
    depth, contraction = integer("depth", depth, 0, 10**6), real("contraction", contraction, 0.0, 1.0, open_low=True)
    sigma = real("sigma", sigma, 0.0, math.inf, open_high=True)
    n, information = integer("n", n, 1, 10**15), real("information", information, 0.0, math.inf, open_high=True)
    return contraction ** (0.5 * depth) * sigma * math.sqrt(2.0 * information / n)


def absolute_generalization_bound(depth: int, contraction: float, sigma: float, n: int, information: float) -> float:
    """Bound of ``E|R(W) - R_S(W)|``: that of ``generalization_bound`` with ``information + ln 2`` in place of the information.

    The absolute value costs ln 2: under independence ``E exp(t |gap|) <= 2 exp(t^2 sigma^2 / 2n)``, and Donsker and Varadhan
    give ``E|gap| <= (I + ln 2 + t^2 sigma^2 / 2n) / t`` for every t > 0. With layers, their noise is averaged into the loss,
    whose parameter behind them is ``contraction^(depth/2) sigma``; for one draw of the noise the ln 2 does not contract.
    Arguments and errors as there. Source: derived in notebook reverse-bottleneck/02; corrects Lemma 4.8 and Theorem 4.7,
    which bound an absolute value. Checked by tests/theory/test_reverse_bottleneck.py::test_finite_learners_keep_the_bound.
    """
    information = real("information", information, 0.0, math.inf, open_high=True)
    return generalization_bound(depth, contraction, sigma, n, information + math.log(2.0))


def synthetic_information_bound(gain: float, bottleneck: float, entropy_model: float, slack: float) -> float:
    """Bound of I(S_gen; W) by Lemma 4.5: ``-gain + bottleneck + entropy_model + slack``, nats.

    Args: finite numbers; the fields of ``Account``. Raises ValueError otherwise. Source: Lemma 4.5, eq. 5.
    Checked by tests/theory/test_reverse_bottleneck.py::test_account_by_hand.
    """
    terms = {"gain": gain, "bottleneck": bottleneck, "entropy_model": entropy_model, "slack": slack}
    gain, bottleneck, entropy_model, slack = [_finite(name, term) for name, term in terms.items()]
    return -gain + bottleneck + entropy_model + slack


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
    as above. Raises ValueError outside. Source: Theorem 4.7, eq. 7. Checked by
    tests/theory/test_reverse_bottleneck.py::test_bounds_add_up.
    """
    divergence = probability("tv_task", tv_task) + probability("tv_generation", tv_generation)
    information = max(0.0, synthetic_information_bound(gain, bottleneck, entropy_model, slack))
    return positive("loss_bound", loss_bound) * divergence + generalization_bound(
        depth, contraction, sigma, n, information
    )


def anchor_error_bound(depth: int, contraction: float, sigma: float, m: int, information: float) -> float:
    """Bound of the expected error after training on m anchors by Lemma 4.8: ``generalization_bound`` with I(S_anchor; W').

    Arguments and errors as there, m for n. Source: Lemma 4.8, eq. 8, as printed; it holds for ``E[R - R_S]`` and not for the
    expected absolute value that the lemma names.
    Checked by tests/theory/test_reverse_bottleneck.py::test_lemma_48_fails_for_a_model_that_ignores_its_data.
    """
    return generalization_bound(depth, contraction, sigma, integer("m", m, 1, 10**15), information)


def ggmi(information_anchor: float, information_synthetic: float) -> float:
    """Generalization gain ``I(S_anchor; W') - I(S_gen; W)`` in nats. Args: both in [0, inf). Raises ValueError outside.

    Source: Definition 4.9, eq. 9. Checked by tests/theory/test_reverse_bottleneck.py::test_account_by_hand.
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
    differential. Raises ValueError otherwise. Source: Theorem 4.10, eq. 10. Checked by
    tests/theory/test_reverse_bottleneck.py::test_slack_of_theorem_410.
    """
    alpha, gain = _finite("alpha", alpha), _finite("gain", gain)
    anchor, synthetic = _finite("h_anchor", h_anchor), _finite("h_synthetic", h_synthetic)
    given_w, given_model = (
        _finite("h_anchor_given_w", h_anchor_given_w),
        _finite("h_anchor_given_model", h_anchor_given_model),
    )
    rest = 2.0 * (anchor - synthetic) + _finite("h_synthetic_given_w", h_synthetic_given_w) + (given_w - given_model)
    return gain - (alpha + 1.0) * given_w + rest


def account(entropies: dict) -> Account:
    """Both sides of the statements of Section 4 from the joint entropies of a chain, in nats.

    Args: ``entropies``, a finite number for each of ``GROUPS``; the key "HM" is the joint entropy of H and M. Raises
    ValueError if one is missing or not finite. Where H(S_anchor | W) is 0, alpha of Theorem 4.10 has no value; the bound
    needs only ``alpha H(S_anchor | W) = H(S_anchor | W')``, and is computed from that. Source: Definitions 4.1-4.3 and 4.9,
    Lemmas 4.5 and E.1, Theorem 4.10. Checked by tests/theory/test_reverse_bottleneck.py::test_account_by_hand.
    """
    h = _all_finite(entropies)
    gain = h["HM"] - h["H"]
    bottleneck = _information(h, "Q", "W") + _information(h, "P", "W")
    prompt_loss = max(0.0, h["PM"] - h["M"])
    information = _information(h, "S", "W")
    curation_loss = _information(h, "M", "W") - information
    anchor_given_w = h["AW"] - h["W"]
    information_anchor = _information(h, "A", "V")
    bound = ggmi_bound(gain, 0.0, anchor_given_w, h["A"], h["S"], h["SW"] - h["W"], h["AM"] - h["M"]) - (
        h["AV"] - h["V"]
    )
    return Account(
        gain,
        bottleneck,
        h["Q"],
        prompt_loss,
        curation_loss,
        prompt_loss - curation_loss,
        information,
        synthetic_information_bound(gain, bottleneck, h["Q"], prompt_loss - curation_loss),
        _given_w(h, "H", "G") - _information(h, "H", "G"),
        _given_w(h, "P", "Q") - _information(h, "P", "Q"),
        information_anchor,
        _information(h, "A", "S"),
        ggmi(max(0.0, information_anchor), max(0.0, information)),
        bound,
    )


def steps(entropies: dict) -> Steps:
    """Right side less left side of every step of the proofs in Appendices E and F: a step holds where its number is not
    negative.

    Args and errors as for ``account``. Source: eqs. 15-30. Checked by tests/theory/test_reverse_bottleneck.py::test_steps.
    """
    h = _all_finite(entropies)
    found = account(entropies)
    shrunk = h["M"] - h["S"]
    return Steps(
        shrunk,
        found.curation_loss,
        min(h["P"] - h["H"], h["Q"] - h["G"]),
        _information(h, "P", "W") - _information(h, "H", "W"),
        _information(h, "Q", "W") - _information(h, "G", "W"),
        _information(h, "H", "W") + _information(h, "G", "W") - _information(h, "M", "W"),
        _information(h, "H", "M") - _information(h, "P", "M"),
        h["Q"] - h["M"] + h["P"],
        found.information_bound - found.information,
        shrunk,
        _information(h, "A", "M") - _information(h, "H", "M"),
        found.ggmi_bound - found.ggmi,
    )


def _information(h, one, other):
    return h[one] + h[other] - h[one + other if one + other in h else other + one]


def _given_w(h, one, other):
    """I(one; other | W)."""
    return h[one + "W"] + h[other + "W"] - h[one + other + "W"] - h["W"]


def _all_finite(entropies):
    missing = [group for group in GROUPS if group not in entropies]
    if missing:
        raise ValueError(f"entropies lack {missing}; allowed: one for each of {', '.join(GROUPS)}")
    return {group: _finite(f"entropies[{group!r}]", entropies[group]) for group in GROUPS}


def _finite(name, value):
    return real(name, value, -math.inf, math.inf, open_low=True, open_high=True)
