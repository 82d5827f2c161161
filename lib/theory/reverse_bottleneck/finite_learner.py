"""Learners on a finite alphabet, whose generalization error and information are sums. Information in nats.

Checked by tests/theory/reverse_bottleneck/test_finite_learner.py.
"""

import math
from collections import namedtuple

from lib.theory.checks import integer, listed, probabilities, probability, real

Generalization = namedtuple(
    "Generalization",
    (
        "gap",  # E[R(W) - R_S(W)]
        "absolute_gap",  # E|R(W) - R_S(W)|
        "information",  # I(S; W) in nats
        "shifted",  # E|R_truth(W) - R_S(W)|, the error of Lemma 3.1 and Theorem 4.7 where the truth is not the source
    ),
)


def generalization(truth: list, source: list, losses: list, scores: list, n: int, strength: float) -> Generalization:
    """Exact generalization of a learner that picks w from n examples z with probability ``~ exp(-strength sum
    scores[w][z_i])``.

    Args: ``source[z]``, probabilities of one of k kinds of examples, from which S holds n independent ones; ``truth[z]``, the
    same of the target task; ``losses[w][z]`` and ``scores[w][z]`` in [-1e6, 1e6], the latter what the learner minimizes:
    the losses themselves (a Gibbs learner), or anything else; n in [1, 60] with at most 1e6 kinds of sets,
    (n + k - 1)! / (n! (k - 1)!); strength in [0, 1e6]. At a strength of 0 the learner ignores its data, at a large one it is
    deterministic but for ties. R(w) is the mean loss under the source. Absolute errors of 1e-14, in nats and of the largest
    loss: a strength of 1e-7 leaves no digit of the information. Raises ValueError outside. Source: the setting of
    Lemmas 3.1, 4.4, 4.8.
    Checked by tests/theory/reverse_bottleneck/test_finite_learner.py::test_generalization_by_enumeration.
    """
    truth, source = probabilities("truth", truth), probabilities("source", source)
    losses, scores = _table("losses", losses), _table("scores", scores)
    kinds, models = len(source), len(losses)
    if models == 0 or len(truth) != kinds or len(scores) != models or any(len(row) != kinds for row in losses + scores):
        raise ValueError(
            f"truth, losses, scores do not fit {kinds} kinds of examples and {models} models; allowed: one number each"
        )
    n, strength = integer("n", n, 1, 60), real("strength", strength, 0.0, 1e6)
    sets = 1
    for k in range(1, kinds):
        sets = sets * (n + k) // k
    if sets > 10**6:
        raise ValueError(f"n = {n} of {kinds} kinds makes {sets} kinds of sets; allowed: at most 1e6")
    risks = [sum([p * loss for p, loss in zip(source, row)]) for row in losses]
    true_risks = [sum([p * loss for p, loss in zip(truth, row)]) for row in losses]
    gap, absolute, shifted, given = 0.0, 0.0, 0.0, 0.0
    marginal = [0.0] * models
    for counts in _compositions(n, kinds):
        chance = _multinomial(counts, source)
        if chance == 0.0:
            continue
        picks = _gibbs([strength * sum([c * x for c, x in zip(counts, row)]) for row in scores])
        for w, pick in enumerate(picks):
            if pick > 0.0:
                empirical = sum([c * loss for c, loss in zip(counts, losses[w])]) / n
                gap += chance * pick * (risks[w] - empirical)
                absolute += chance * pick * abs(risks[w] - empirical)
                shifted += chance * pick * abs(true_risks[w] - empirical)
                marginal[w] += chance * pick
                given -= chance * pick * math.log(pick)
    information = -sum([p * math.log(p) for p in marginal if p > 0.0]) - given
    return Generalization(gap, absolute, max(0.0, information), shifted)


def layered(losses: list, depth: int, flip: float) -> list:
    """Losses seen through ``depth`` layers, each of which replaces an example of one kind by a uniform one with probability
    flip.

    ``(1 - flip)^depth loss + (1 - (1 - flip)^depth) mean loss``: the range of the losses shrinks by that factor, and so does
    their sub-Gaussian parameter. The contraction coefficient of a layer, in the sense of Lemma 4.4, is ``(1 - flip)^2`` for
    two kinds. Args: losses in [-1e6, 1e6], rows of numbers; depth in [0, 1e6], flip in [0, 1]. Absolute error of 1e-10 of a row's
    largest loss. Raises ValueError outside.
    Checked by tests/theory/reverse_bottleneck/test_finite_learner.py::test_layers_contract.
    """
    kept = (1.0 - probability("flip", flip)) ** integer("depth", depth, 0, 10**6)
    return [[kept * loss + (1.0 - kept) * sum(row) / len(row) for loss in row] for row in _table("losses", losses)]


def total_variation(p: list, q: list) -> float:
    """``sup_A |p(A) - q(A)| = sum |p - q| / 2`` of two rows of probabilities of one length.

    Raises ValueError for anything else. Source: Definition A.4.
    Checked by tests/theory/reverse_bottleneck/test_finite_learner.py::test_lemma_31.
    """
    p, q = probabilities("p", p), probabilities("q", q)
    if len(p) != len(q):
        raise ValueError(f"q = {len(q)} probabilities for {len(p)}; allowed: as many")
    return min(1.0, 0.5 * sum([abs(x - y) for x, y in zip(p, q)]))  # rounding


def _table(name, table):
    """Rows of floats in [-1e6, 1e6], not checked for their lengths."""
    rows = [listed(f"{name}[{w}]", row) for w, row in enumerate(listed(name, table, "a list of rows"))]
    return [[real(f"{name}[{w}][{z}]", value, -1e6, 1e6) for z, value in enumerate(row)] for w, row in enumerate(rows)]


def _gibbs(energies):
    least = min(energies)
    weights = [math.exp(least - x) for x in energies]
    return [w / sum(weights) for w in weights]


def _compositions(n, kinds):
    """All counts of n examples of so many kinds."""
    if kinds == 1:
        yield [n]
        return
    for first in range(n + 1):
        for rest in _compositions(n - first, kinds - 1):
            yield [first] + rest


def _multinomial(counts, chances):
    """Probability of the counts; exact products, since n is small."""
    chance, left = 1.0, 0
    for count, p in zip(counts, chances):
        for k in range(1, count + 1):
            left += 1
            chance *= p * left / k
    return chance
