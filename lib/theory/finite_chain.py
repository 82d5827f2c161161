"""The chain of the reverse-bottleneck paper on small alphabets: every probability is enumerated. Entropies in nats.

A world is a dict of tables. ``anchor[a]``, probability of anchors a; ``prompt[a][p]``, of the prompt factor; ``model[p][q]``,
of the model factor (equal rows make the two independent); ``h[p]`` and ``g[q]``, whole numbers at least 0, whose sum is M;
``curation[p][m][s]``, of the synthetic data (equal for all p unless it is a rejection); ``learner[s][w]`` and
``anchor_learner[a][v]``, of the two models. Letters as in ``lib.theory.reverse_bottleneck``.
"""

import math
from collections import namedtuple

from lib.theory import reverse_bottleneck
from lib.theory.checks import integer, probability, real

_LARGEST = 10**6  # numbers in a table of repeated worlds
_SUM = 1e-9  # how far the sum of a row of probabilities may be from 1

Generalization = namedtuple(
    "Generalization",
    (
        "gap",  # E[R(W) - R_S(W)]
        "absolute_gap",  # E|R(W) - R_S(W)|
        "information",  # I(S; W) in nats
        "shifted",  # E|R_truth(W) - R_S(W)|, the error of Lemma 3.1 and Theorem 4.7 where the truth is not the source
    ),
)


def entropies(world: dict) -> dict:
    """Joint entropies in nats of all groups of ``reverse_bottleneck.GROUPS``.

    Args: ``world`` as above. Raises ValueError for a table that is missing, of another shape, or whose rows are no
    probabilities. Checked by tests/theory/test_reverse_bottleneck.py::test_finite_entropies_by_hand.
    """
    _check(world)
    tables = {group: {} for group in reverse_bottleneck.GROUPS}
    places = [(group, ["APQHGMSWV".index(letter) for letter in group], table) for group, table in tables.items()]
    for outcome, chance in _outcomes(world):
        for group, indices, table in places:
            if "V" not in group:
                key = tuple([outcome[i] for i in indices])
                table[key] = table.get(key, 0.0) + chance
    for a, weight in enumerate(world["anchor"]):
        for v, chance in enumerate(world["anchor_learner"][a]):
            for group, key in (("V", v), ("AV", (a, v))):
                tables[group][key] = tables[group].get(key, 0.0) + weight * chance
    return {group: entropy(table.values()) for group, table in tables.items()}


def account(world: dict) -> reverse_bottleneck.Account:
    """``reverse_bottleneck.account`` of a world; arguments and errors as for ``entropies``.

    Checked by tests/theory/test_reverse_bottleneck.py::test_finite_entropies_by_hand.
    """
    return reverse_bottleneck.account(entropies(world))


def entropy(chances) -> float:
    """``-sum p ln p`` in nats of numbers p at least 0 that sum to 1; a p of 0 adds 0.

    Raises ValueError for a number below 0 or another sum. Source: Definition A.1.
    Checked by tests/theory/test_reverse_bottleneck.py::test_finite_entropies_by_hand.
    """
    chances = _row("chances", list(chances))
    return -sum([p * math.log(p) for p in chances if p > 0.0])


def total_variation(p: list, q: list) -> float:
    """``sup_A |p(A) - q(A)| = sum |p - q| / 2`` of two rows of probabilities of one length.

    Raises ValueError for anything else. Source: Definition A.4.
    Checked by tests/theory/test_reverse_bottleneck.py::test_lemma_31.
    """
    p, q = _row("p", p), _row("q", q)
    if len(p) != len(q):
        raise ValueError(f"q = {len(q)} probabilities for {len(p)}; allowed: as many")
    return min(1.0, 0.5 * sum([abs(x - y) for x, y in zip(p, q)]))  # rounding


def rejection(model: list, h: list, g: list, keep: list) -> list:
    """The table ``curation`` of rejection sampling: M is kept with probability ``keep[m]``, else drawn again from the same
    prompt.

    Args: ``model``, ``h``, ``g`` of a world; ``keep`` in [0, 1] for every m from 0 to max h + max g. Raises ValueError
    outside, and if a prompt has nothing to keep. Checked by
    tests/theory/test_reverse_bottleneck.py::test_rejection_may_raise_the_entropy.
    """
    keep = [probability(f"keep[{m}]", each) for m, each in enumerate(keep)]
    size = max(h) + max(g) + 1
    if len(keep) != size:
        raise ValueError(f"keep = {len(keep)} probabilities; allowed: {size}, one for every m")
    curation = []
    for p, row in enumerate(model):
        accepted = [0.0] * size
        for q, chance in enumerate(row):
            accepted[h[p] + g[q]] += chance * keep[h[p] + g[q]]
        total = sum(accepted)
        if total <= 0.0:
            raise ValueError(f"keep = {keep} leaves nothing of prompt factor {p}; allowed: something for each")
        curation.append(
            [[(s == m) * keep[m] + (1.0 - keep[m]) * accepted[s] / total for s in range(size)] for m in range(size)]
        )
    return curation


def generalization(truth: list, source: list, losses: list, scores: list, n: int, strength: float) -> Generalization:
    """Exact generalization of a learner that picks w from n examples z with probability ``~ exp(-strength sum
    scores[w][z_i])``.

    Args: ``source[z]``, probabilities of one of k kinds of examples, from which S holds n independent ones; ``truth[z]``, the
    same of the target task; ``losses[w][z]`` real; ``scores[w][z]`` real, what the learner minimizes: the losses
    themselves (a Gibbs learner), or anything else; n in [1, 60] with k^n at most 1e6 kinds of sets; strength in [0, 1e6]. At a
    strength of 0 the learner ignores its data, at a large one it is deterministic but for ties. R(w) is the mean loss
    under the source. Raises ValueError outside. Source: the setting of Lemmas 3.1, 4.4, 4.8.
    Checked by tests/theory/test_reverse_bottleneck.py::test_generalization_by_enumeration.
    """
    truth, source = _row("truth", truth), _row("source", source)
    kinds, models = len(source), len(losses)
    if len(truth) != kinds or len(scores) != models or any(len(row) != kinds for row in losses + scores):
        raise ValueError(
            f"truth, losses, scores do not fit {kinds} kinds of examples and {models} models; allowed: one number each"
        )
    for name, table in (("losses", losses), ("scores", scores)):
        for w, row in enumerate(table):
            for z, value in enumerate(row):
                real(f"{name}[{w}][{z}]", value, -1e6, 1e6)
    n, strength = integer("n", n, 1, 60), real("strength", strength, 0.0, 1e6)
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
    two kinds. Args: depth in [0, 1e6], flip in [0, 1]. Raises ValueError outside. Checked by
    tests/theory/test_reverse_bottleneck.py::test_layers_contract.
    """
    kept = (1.0 - probability("flip", flip)) ** integer("depth", depth, 0, 10**6)
    return [[kept * loss + (1.0 - kept) * sum(row) / len(row) for loss in row] for row in losses]


def repeated(world: dict, n: int) -> dict:
    """The world of n independent examples of a world: S is the whole data set, and the tables of the learners are left out.

    Factors, outputs and data become tuples, coded as digits: ``h`` and ``g`` in a base that no sum exceeds, so that M = h + g
    still adds each example by itself. ``curation`` gives the data in their own base, first example first. Raises ValueError
    unless n is whole in [1, 6], and for a table of more than a million numbers. Checked by
    tests/theory/test_reverse_bottleneck.py::test_repeated_worlds.
    """
    n = integer("n", n, 1, 6)
    base = max(world["h"]) + max(world["g"]) + 1
    numbers = (len(world["h"]) * base * len(world["curation"][0][0])) ** n
    if numbers > _LARGEST:
        raise ValueError(f"n = {n} makes a table of {numbers} numbers; allowed: at most {_LARGEST}")
    model = _power_rows(world["model"], n)
    h, g = _digits(world["h"], n, base), _digits(world["g"], n, base)
    prompts = len(world["h"])
    curation = []
    for p in range(prompts**n):
        rows = [[1.0]]
        for place in range(n):
            of_one = world["curation"][p // prompts ** (n - 1 - place) % prompts]
            rows = [[x * y for x in row for y in other] for row in rows for other in of_one]
        curation.append(rows)
    return {
        "anchor": _power_rows([world["anchor"]], n)[0],
        "prompt": _power_rows(world["prompt"], n),
        "model": model,
        "h": h,
        "g": g,
        "curation": curation,
    }


def _outcomes(world):
    """All outcomes (a, p, q, h, g, m, s, w) of positive probability, with it."""
    h, g = world["h"], world["g"]
    for a, weight in enumerate(world["anchor"]):
        for p, prompted in enumerate(world["prompt"][a]):
            for q, modelled in enumerate(world["model"][p]):
                before = weight * prompted * modelled
                if before == 0.0:
                    continue
                m = h[p] + g[q]
                for s, curated in enumerate(world["curation"][p][m]):
                    if curated > 0.0:
                        for w, learned in enumerate(world["learner"][s]):
                            if learned > 0.0:
                                yield (a, p, q, h[p], g[q], m, s, w), before * curated * learned


def _check(world):
    names = ("anchor", "prompt", "model", "h", "g", "curation", "learner", "anchor_learner")
    if sorted(world) != sorted(names):
        raise ValueError(f"world has {sorted(world)}; allowed: {sorted(names)}")
    anchors, prompts, models = len(world["anchor"]), len(world["h"]), len(world["g"])
    for name, count in (("h", prompts), ("g", models)):
        for i in range(count):
            integer(f"{name}[{i}]", world[name][i], 0, 10**9)
    outputs = max(world["h"]) + max(world["g"]) + 1
    _row("anchor", world["anchor"])
    _table("prompt", world["prompt"], anchors, prompts)
    _table("model", world["model"], prompts, models)
    data = len(world["learner"])
    if len(world["curation"]) != prompts:
        raise ValueError(f"curation has {len(world['curation'])} tables; allowed: {prompts}, one a prompt factor")
    for p, table in enumerate(world["curation"]):
        _table(f"curation[{p}]", table, outputs, data)
    _table("learner", world["learner"], data, len(world["learner"][0]))
    _table("anchor_learner", world["anchor_learner"], anchors, len(world["anchor_learner"][0]))


def _table(name, table, rows, columns):
    if len(table) != rows or any(len(row) != columns for row in table):
        raise ValueError(f"{name} has {len(table)} rows of {[len(row) for row in table]}; allowed: {rows} of {columns}")
    for i, row in enumerate(table):
        _row(f"{name}[{i}]", row)


def _row(name, row):
    checked = [real(f"{name}[{i}]", x, 0.0, 1.0 + _SUM) for i, x in enumerate(row)]
    if abs(sum(checked) - 1.0) > _SUM:
        raise ValueError(f"{name} sums to {sum(checked)!r}; allowed: 1")
    return checked


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


def _power_rows(table, n):
    """The table of n independent draws: rows and columns run over tuples, the first place slowest."""
    rows = [[1.0]]
    for _ in range(n):
        rows = [[x * y for x in row for y in other] for row in rows for other in table]
    return rows


def _digits(values, n, base):
    """Sum of the values of n places as digits of a base, over all tuples, the first place slowest."""
    found = [0]
    for _ in range(n):
        found = [x * base + y for x in found for y in values]
    return found
