"""Both sides of every statement of Section 4 of the reverse-bottleneck paper, from the joint entropies of a chain. In nats.

The chain is ``S_anchor -> e_p -> M(p) = h(e_p) + g(e_M) -> S_gen -> W``, and ``S_anchor -> W'`` for a model that is trained
on the anchors alone. Two worlds know their entropies: ``gaussian_chain`` and ``finite_chain``. Variables have one letter each:

A anchors S_anchor; P prompt factor e_p; Q model factor e_M; H h(e_p); G g(e_M); M output M(p); S synthetic data S_gen; W the
model trained on them; V the model W' trained on the anchors.

Checked by tests/theory/reverse_bottleneck/test_statements.py.
"""

from collections import namedtuple

from lib.theory.checks import real, shown
from lib.theory.reverse_bottleneck.bounds import ggmi, ggmi_bound, synthetic_information_bound

_LARGEST = 1e300  # of an entropy: sums of them stay finite

# Sets of variables whose joint entropy ``account`` reads
# fmt: off
GROUPS = (
    "A", "P", "Q", "H", "G", "M", "S", "W", "V",
    "HM", "PM", "PW", "QW", "HW", "GW", "MW", "SW", "AW", "AM", "AS", "AV", "HG", "HGW", "PQ", "PQW",
)
# fmt: on

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


def account(entropies: dict) -> Account:
    """Both sides of the statements of Section 4 from the joint entropies of a chain, in nats.

    Args: ``entropies``, a number in [-1e300, 1e300] for each of ``GROUPS``; the key "HM" is the joint entropy of H and M. All
    results to 1e-15 of the largest. Raises ValueError if one is missing or outside.
    Where H(S_anchor | W) is 0, alpha of Theorem 4.10 has no value; the bound
    needs only ``alpha H(S_anchor | W) = H(S_anchor | W')``, and is computed from that. Source: Definitions 4.1-4.3 and 4.9,
    Lemmas 4.5 and E.1, Theorem 4.10. Checked by tests/theory/reverse_bottleneck/test_statements.py::test_account_by_hand.
    """
    h = _allfinite(entropies)
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

    Args and errors as for ``account``. Source: eqs. 15-30.
    Checked by tests/theory/reverse_bottleneck/test_statements.py::test_steps.
    """
    h = _allfinite(entropies)
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


def _allfinite(entropies):
    if not isinstance(entropies, dict):
        raise ValueError(
            f"entropies = {shown(entropies)} is no dict; allowed: a number for each of {', '.join(GROUPS)}"
        )
    missing = [group for group in GROUPS if group not in entropies]
    if missing:
        raise ValueError(f"entropies lack {missing}; allowed: one for each of {', '.join(GROUPS)}")
    return {group: real(f"entropies[{group!r}]", entropies[group], -_LARGEST, _LARGEST) for group in GROUPS}
