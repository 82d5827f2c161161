"""The chain of the reverse-bottleneck paper with Gaussian numbers: every entropy is a log determinant. In nats.

``A = anchor a``, ``P = A + prompt_noise u``, ``Q = model_noise q``, ``M = h P + g Q``, ``S = M + curation_noise e``, ``W = S
+ learner_noise w``, ``V = A + learner_noise v``, all small letters independent standard normals; with ``correlation`` r the
model factor follows the prompt factor, ``Q = model_noise (r P / sd(P) + sqrt(1 - r^2) q)``. Letters as in
``lib.theory.reverse_bottleneck.statements``. One number stands for each variable; for d independent ones all entropies are d
times these.
"""

import math

from lib.theory.checks import integer, real
from lib.theory.reverse_bottleneck import statements

SCALES = (1e-70, 1e70)  # range of standard deviations and gains: products of four stay within floats

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

    Args: standard deviations ``anchor``, ``prompt_noise``, ``model_noise``, ``learner_noise`` in [1e-70, 1e70] (a noise of zero
    makes entropies infinite), ``curation_noise`` in [0, 1e70]; gains ``h`` and ``g`` of the two maps in [1e-70, 1e70];
    ``correlation`` of e_p and e_M in (-1, 1). Each entropy to 1e-12, however far the scales are apart: by the formula of Cauchy
    and Binet nothing cancels. Raises ValueError outside. Source: Definition 4.1 and Appendix C, Gaussian case. Checked by
    tests/theory/reverse_bottleneck/test_gaussian_chain.py::test_gaussian_entropies_against_samples.
    """
    anchor, prompt = _scale("anchor", anchor), _scale("prompt_noise", prompt_noise)
    model, learner = _scale("model_noise", model_noise), _scale("learner_noise", learner_noise)
    curation = real("curation_noise", curation_noise, 0.0, SCALES[1])
    h, g = _scale("h", h), _scale("g", g)
    r = real("correlation", correlation, -1.0, 1.0, open_low=True, open_high=True)
    # Loadings of A and M on independent noises: that of P, what of A is left given P, and what of Q is left given P
    size = _norm([anchor, prompt])
    of_p, rest, own = anchor * (anchor / size), anchor * (prompt / size), model * math.sqrt((1.0 - r) * (1.0 + r))
    from_p, from_q = h * size + g * model * r, g * own
    output, learnt = _norm([from_p, from_q]), _norm([curation, learner])  # of M, and of W given M
    data, result = _norm([output, curation]), _norm([output, learnt])  # of S and W
    # the volume that the loadings of a group span, its minors' norm; what the others of a group fix is taken off a row first
    volumes = {"A": anchor, "P": size, "Q": model, "H": h * size, "G": g * model, "M": output, "S": data, "W": result}
    volumes["V"] = _norm([anchor, learner])
    volumes["PM"], volumes["PW"] = size * from_q, size * _norm([from_q, learnt])
    volumes["HM"], volumes["HW"] = h * volumes["PM"], h * volumes["PW"]
    volumes["QW"] = _norm([own * (h * size), model * learnt])
    volumes["GW"] = g * volumes["QW"]
    volumes["MW"], volumes["SW"], volumes["AV"] = output * learnt, data * learner, anchor * learner
    for letter, noise in (("M", 0.0), ("S", curation), ("W", learnt)):
        volumes["A" + letter] = _norm([rest * from_p, of_p * from_q, rest * from_q, anchor * noise])
    volumes["PQ"] = size * own
    volumes["HG"], volumes["PQW"] = h * g * volumes["PQ"], volumes["PQ"] * learnt
    volumes["HGW"] = volumes["HG"] * learnt
    unit = 0.5 * math.log(2.0 * math.pi * math.e)  # entropy of one standard normal
    return {group: math.log(volumes[group]) + len(group) * unit for group in statements.GROUPS}


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


def _scale(name, value):
    return real(name, value, *SCALES)


def _norm(values):
    """Root of the sum of squares, also where a square would underflow."""
    largest = max([abs(x) for x in values])
    return largest * math.sqrt(sum([(x / largest) ** 2 for x in values])) if largest > 0.0 else 0.0
