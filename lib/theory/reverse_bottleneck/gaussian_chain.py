"""The chain of the reverse-bottleneck paper with Gaussian numbers: every entropy is a log determinant. In nats.

``A = anchor a``, ``P = A + prompt_noise u``, ``Q = model_noise q``, ``M = h P + g Q``, ``S = M + curation_noise e``, ``W = S
+ learner_noise w``, ``V = A + learner_noise v``, all small letters independent standard normals; with ``correlation`` r the
model factor follows the prompt factor, ``Q = model_noise (r P / sd(P) + sqrt(1 - r^2) q)``. Letters as in
``lib.theory.reverse_bottleneck.statements``. One number stands for each variable; for d independent ones all entropies are d
times these.
"""

import math

from lib.theory.checks import integer, positive, real
from lib.theory.reverse_bottleneck import statements

# The terms of Lemma 4.5 in the order of ``term_bar``
TERMS = ("gain", "bottleneck", "entropy_model", "prompt_loss", "curation_loss")


def entropies(
    anchor: float = 1.0,
    prompt_noise: float = 0.5,
    model_noise: float = 1.0,
    curation_noise: float = 0.5,
    learner_noise: float = 1.0,
    h: float = 1.0,
    g: float = 1.0,
    correlation: float = 0.0,
) -> dict:
    """Joint differential entropies in nats of all groups of ``statements.GROUPS``, as a dict.

    Args: standard deviations ``anchor``, ``prompt_noise``, ``model_noise``, ``learner_noise`` positive (a noise of zero makes
    entropies infinite), ``curation_noise`` in [0, inf); gains ``h`` and ``g`` of the two maps, positive; ``correlation`` of
    e_p and e_M in (-1, 1). Raises ValueError outside. Source: Definition 4.1 and Appendix C, Gaussian case. Checked by
    tests/theory/reverse_bottleneck/test_gaussian_chain.py::test_gaussian_entropies_against_samples.
    """
    anchor, prompt = positive("anchor", anchor), positive("prompt_noise", prompt_noise)
    model, learner = positive("model_noise", model_noise), positive("learner_noise", learner_noise)
    curation = real("curation_noise", curation_noise, 0.0, math.inf, open_high=True)
    h, g = positive("h", h), positive("g", g)
    r = real("correlation", correlation, -1.0, 1.0, open_low=True, open_high=True)
    # loadings on the independent noises a, u, q, e, w, v
    follow, own = model * r / math.sqrt(anchor * anchor + prompt * prompt), model * math.sqrt(1.0 - r * r)
    loadings = {"A": [anchor, 0.0, 0.0, 0.0, 0.0, 0.0], "P": [anchor, prompt, 0.0, 0.0, 0.0, 0.0]}
    loadings["Q"] = [follow * anchor, follow * prompt, own, 0.0, 0.0, 0.0]
    loadings["H"] = [h * x for x in loadings["P"]]
    loadings["G"] = [g * x for x in loadings["Q"]]
    loadings["M"] = [x + y for x, y in zip(loadings["H"], loadings["G"])]
    loadings["S"] = loadings["M"][:3] + [curation, 0.0, 0.0]
    loadings["W"] = loadings["S"][:4] + [learner, 0.0]
    loadings["V"] = loadings["A"][:5] + [learner]
    return {group: _entropy([loadings[letter] for letter in group]) for group in statements.GROUPS}


def account(
    anchor: float = 1.0,
    prompt_noise: float = 0.5,
    model_noise: float = 1.0,
    curation_noise: float = 0.5,
    learner_noise: float = 1.0,
    h: float = 1.0,
    g: float = 1.0,
    correlation: float = 0.0,
) -> statements.Account:
    """``statements.account`` of this world. Arguments and errors as for ``entropies``.

    Checked by tests/theory/reverse_bottleneck/test_gaussian_chain.py::test_gaussian_account_by_hand.
    """
    return statements.account(
        entropies(anchor, prompt_noise, model_noise, curation_noise, learner_noise, h, g, correlation)
    )


def term_bar(
    bar: int,
    prompt_noise: float = 0.5,
    model_noise: float = 1.0,
    curation_noise: float = 0.5,
    learner_noise: float = 1.0,
) -> float:
    """Term number ``bar`` of Lemma 4.5 with its sign, nats, in the order of ``TERMS``, counted from 0.

    Information gain and curation loss lower the bound, so that they come with a minus. Raises ValueError for another bar, and
    as ``entropies`` does. Checked by tests/theory/reverse_bottleneck/test_gaussian_chain.py::test_bars_add_up.
    """
    name = TERMS[integer("bar", bar, 0, len(TERMS) - 1)]
    value = getattr(account(1.0, prompt_noise, model_noise, curation_noise, learner_noise), name)
    return -value if name in ("gain", "curation_loss") else value


def total_bar(
    bar: int,
    prompt_noise: float = 0.5,
    model_noise: float = 1.0,
    curation_noise: float = 0.5,
    learner_noise: float = 1.0,
) -> float:
    """The bars to the right of ``term_bar``: their sum, which is the bound of Lemma 4.5, and the information that it bounds;
    nats.

    Errors as there. Checked by tests/theory/reverse_bottleneck/test_gaussian_chain.py::test_bars_add_up.
    """
    name = ("information_bound", "information")[integer("bar", bar, len(TERMS), len(TERMS) + 1) - len(TERMS)]
    return getattr(account(1.0, prompt_noise, model_noise, curation_noise, learner_noise), name)


def ggmi_slack(
    prompt_noise: float = 0.5, model_noise: float = 1.0, curation_noise: float = 0.5, learner_noise: float = 1.0
) -> float:
    """Bound of Theorem 4.10 less the generalization gain, nats: negative where the theorem fails.

    ``ln(sd(M) / sd(S)) + I(A; M) - I(h; M)``, whatever the learner does. Arguments and errors as for ``entropies``. Source:
    derived in notebook reverse-bottleneck/03.
    Checked by tests/theory/reverse_bottleneck/test_statements.py::test_slack_of_theorem_410.
    """
    found = account(1.0, prompt_noise, model_noise, curation_noise, learner_noise)
    return found.ggmi_bound - found.ggmi


def _entropy(rows):
    """``(ln det(L L') + k ln(2 pi e)) / 2`` of k variables with loadings L, by elimination."""
    gram = [[sum([x * y for x, y in zip(one, other)]) for other in rows] for one in rows]
    logarithm = 0.0
    for k in range(len(gram)):
        logarithm += math.log(gram[k][k])
        for i in range(k + 1, len(gram)):
            ratio = gram[i][k] / gram[k][k]
            for j in range(k + 1, len(gram)):
                gram[i][j] -= ratio * gram[k][j]
    return 0.5 * (logarithm + len(gram) * math.log(2.0 * math.pi * math.e))
