"""The chain of the reverse-bottleneck paper on small alphabets: every probability is enumerated. Entropies in nats.

A world is a dict of tables. ``anchor[a]``, probability of anchors a; ``prompt[a][p]``, of the prompt factor; ``model[p][q]``,
of the model factor (equal rows make the two independent); ``h[p]`` and ``g[q]``, whole numbers at least 0, whose sum is M;
``curation[p][m][s]``, of the synthetic data (equal for all p unless it is a rejection); ``learner[s][w]`` and
``anchor_learner[a][v]``, of the two models. Letters as in ``lib.theory.reverse_bottleneck.statements``.
"""

import math

from lib.theory.checks import integer, listed, probabilities, probability, shown
from lib.theory.reverse_bottleneck import statements

_LARGEST = 10**6  # numbers in a table of repeated worlds
_HIGHEST = 10**6  # value of h and of g: a table has a row for every sum
_ONE_EACH = "one a prompt factor"
_NAMES = ("anchor", "prompt", "model", "h", "g", "curation", "learner", "anchor_learner")


def entropies(world: dict) -> dict:
    """Joint entropies in nats of all groups of ``statements.GROUPS``.

    Args: ``world`` as above. Raises ValueError for a table that is missing, of another shape, or whose rows are no
    probabilities. Checked by tests/theory/reverse_bottleneck/test_finite_chain.py::test_finite_entropies_by_hand.
    """
    world = _checked(world, _NAMES)
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

    Raises ValueError for a number below 0, another sum, or what is no row. Source: Definition A.1.
    Checked by tests/theory/reverse_bottleneck/test_finite_chain.py::test_finite_entropies_by_hand.
    """
    chances = probabilities("chances", chances)
    return -sum([p * math.log(p) for p in chances if p > 0.0])


def rejection(model: list, h: list, g: list, keep: list) -> list:
    """The table ``curation`` of rejection sampling: M is kept with probability ``keep[m]``, else drawn again from the same
    prompt.

    Args: ``model``, ``h``, ``g`` of a world; ``keep`` in [0, 1] for every m from 0 to max h + max g. Raises ValueError
    outside, and if a prompt has nothing to keep. Checked by
    tests/theory/reverse_bottleneck/test_finite_chain.py::test_rejection_may_raise_the_entropy.
    """
    keep = [probability(f"keep[{m}]", each) for m, each in enumerate(listed("keep", keep))]
    h, g = _outputs("h", h), _outputs("g", g)
    model = _table("model", model, len(h), len(g))
    size = max(h) + max(g) + 1
    if len(keep) != size:
        raise ValueError(f"keep has {len(keep)} probabilities; allowed: {size}, one for every sum m of h and g")
    curation = []
    for p, row in enumerate(model):
        accepted = [0.0] * size
        for q, chance in enumerate(row):
            accepted[h[p] + g[q]] += chance * keep[h[p] + g[q]]
        total = sum(accepted)
        if total <= 0.0:
            raise ValueError(f"keep = {shown(keep)} leaves nothing of prompt factor {p}; allowed: something for each")
        curation.append(
            [[(s == m) * keep[m] + (1.0 - keep[m]) * accepted[s] / total for s in range(size)] for m in range(size)]
        )
    return curation


def repeated(world: dict, n: int) -> dict:
    """The world of n independent examples of a world: S is the whole data set, and the tables of the learners are left out.

    Factors, outputs and data become tuples, coded as digits: ``h`` and ``g`` in a base that no sum exceeds, so that M = h + g
    still adds each example by itself. ``curation`` gives the data in their own base, first example first. Raises ValueError
    unless n is whole in [1, 6], for a table of more than a million numbers, and for tables as in ``entropies``. Checked by
    tests/theory/reverse_bottleneck/test_finite_chain.py::test_repeated_worlds.
    """
    n, world = integer("n", n, 1, 6), _checked(world, _NAMES[:-2])
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


def _checked(world, names):
    """The world as lists of plain numbers; with ``curation`` alone, the number of its columns is that of the data."""
    if not isinstance(world, dict) or sorted([str(name) for name in world]) != sorted(names):
        given = sorted([str(name) for name in world]) if isinstance(world, dict) else shown(world)
        raise ValueError(f"world has {given}; allowed: {sorted(names)}")
    h, g = _outputs("h", world["h"]), _outputs("g", world["g"])
    anchor = probabilities("anchor", world["anchor"])
    tables = listed("curation", world["curation"], _ONE_EACH)
    if len(tables) != len(h):
        raise ValueError(f"curation has {len(tables)} tables; allowed: {len(h)}, {_ONE_EACH}")
    data = _columns("learner", world["learner"])[0] if "learner" in names else _columns("curation[0]", tables[0])[1]
    outputs = max(h) + max(g) + 1
    fitting = ", a row for each sum of h and g, a column for each row of learner"
    checked = {
        "anchor": anchor,
        "prompt": _table("prompt", world["prompt"], len(anchor), len(h)),
        "model": _table("model", world["model"], len(h), len(g)),
        "h": h,
        "g": g,
        "curation": [_table(f"curation[{p}]", table, outputs, data, fitting) for p, table in enumerate(tables)],
    }
    for name, rows in (("learner", data), ("anchor_learner", len(anchor))):
        if name in names:
            checked[name] = _table(name, world[name], rows, _columns(name, world[name])[1])
    return checked


def _outputs(name, values):
    values = [integer(f"{name}[{i}]", each, 0, _HIGHEST) for i, each in enumerate(listed(name, values))]
    if not values:
        raise ValueError(f"{name} = [] is empty; allowed: at least one whole number")
    return values


def _columns(name, table):
    """Numbers of rows and of columns of the first one."""
    rows = listed(name, table, "a list of rows")
    return len(rows), len(listed(f"{name}[0]", rows[0])) if rows else 0


def _table(name, table, rows, columns, fitting=""):
    table = [listed(f"{name}[{i}]", row) for i, row in enumerate(listed(name, table, "a list of rows"))]
    if len(table) != rows or any([len(row) != columns for row in table]):
        raise ValueError(
            f"{name} has {len(table)} rows of {[len(row) for row in table]}; allowed: {rows} of {columns}{fitting}"
        )
    return [probabilities(f"{name}[{i}]", row) for i, row in enumerate(table)]


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
