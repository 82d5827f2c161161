"""The chain of the reverse-bottleneck paper on small alphabets: every probability is enumerated. Entropies in nats.

A world is a dict of tables. ``anchor[a]``, probability of anchors a; ``prompt[a][p]``, of the prompt factor; ``model[p][q]``,
of the model factor (equal rows make the two independent); ``h[p]`` and ``g[q]``, whole numbers at least 0, whose sum is M;
``curation[p][m][s]``, of the synthetic data (equal for all p unless it is a rejection); ``learner[s][w]`` and
``anchor_learner[a][v]``, of the two models. Letters as in ``lib.theory.reverse_bottleneck.statements``.
"""

import math

from lib.theory.checks import integer, probabilities, probability
from lib.theory.reverse_bottleneck import statements

_LARGEST = 10**6  # numbers in a table of repeated worlds


def entropies(world: dict) -> dict:
    """Joint entropies in nats of all groups of ``statements.GROUPS``.

    Args: ``world`` as above. Raises ValueError for a table that is missing, of another shape, or whose rows are no
    probabilities. Checked by tests/theory/reverse_bottleneck/test_finite_chain.py::test_finite_entropies_by_hand.
    """
    _check(world)
    tables = {group: {} for group in statements.GROUPS}
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


def account(world: dict) -> statements.Account:
    """``statements.account`` of a world; arguments and errors as for ``entropies``.

    Checked by tests/theory/reverse_bottleneck/test_finite_chain.py::test_finite_entropies_by_hand.
    """
    return statements.account(entropies(world))


def entropy(chances) -> float:
    """``-sum p ln p`` in nats of numbers p at least 0 that sum to 1; a p of 0 adds 0.

    Raises ValueError for a number below 0 or another sum. Source: Definition A.1.
    Checked by tests/theory/reverse_bottleneck/test_finite_chain.py::test_finite_entropies_by_hand.
    """
    chances = probabilities("chances", list(chances))
    return -sum([p * math.log(p) for p in chances if p > 0.0])


def rejection(model: list, h: list, g: list, keep: list) -> list:
    """The table ``curation`` of rejection sampling: M is kept with probability ``keep[m]``, else drawn again from the same
    prompt.

    Args: ``model``, ``h``, ``g`` of a world; ``keep`` in [0, 1] for every m from 0 to max h + max g. Raises ValueError
    outside, and if a prompt has nothing to keep. Checked by
    tests/theory/reverse_bottleneck/test_finite_chain.py::test_rejection_may_raise_the_entropy.
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


def repeated(world: dict, n: int) -> dict:
    """The world of n independent examples of a world: S is the whole data set, and the tables of the learners are left out.

    Factors, outputs and data become tuples, coded as digits: ``h`` and ``g`` in a base that no sum exceeds, so that M = h + g
    still adds each example by itself. ``curation`` gives the data in their own base, first example first. Raises ValueError
    unless n is whole in [1, 6], and for a table of more than a million numbers. Checked by
    tests/theory/reverse_bottleneck/test_finite_chain.py::test_repeated_worlds.
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
    probabilities("anchor", world["anchor"])
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
        probabilities(f"{name}[{i}]", row)


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
