"""Numeric parts of notebook reverse-bottleneck/03: the slack of Theorem 4.10 in random worlds."""

from collections.abc import Mapping, Sequence

import numpy as np

from lib import seeds
from lib.experiments.reverse_bottleneck.trials import numbers
from lib.experiments.reverse_bottleneck.worlds import CURATIONS, finite_world, gaussian_world
from lib.theory.reverse_bottleneck import finite_chain, gaussian_chain, statements

STREAM = "reverse-bottleneck/03"


def finite(seed: int, curation: str, noisy_prompt: bool, first: int, count: int) -> dict[str, list[float]]:
    """Columns of :func:`row` for finite worlds number ``first`` to ``first + count - 1`` of one kind of curation, nats.

    Raises ValueError for another kind than those of ``lib.experiments.reverse_bottleneck.worlds``.
    Checked by tests/experiments/reverse_bottleneck/test_generalization.py.
    """
    rows = []
    for k in numbers(first, count):
        rng = seeds.rng(seed, STREAM, "finite world", curation, noisy_prompt, k)
        rows.append(row(finite_chain.entropies(finite_world(rng, curation=curation, noisy_prompt=noisy_prompt))))
    return _columns(rows)


def gaussian(seed: int, first: int, count: int) -> dict[str, list[float]]:
    """Columns of :func:`row` for Gaussian worlds number ``first`` to ``first + count - 1``, nats.

    Checked by tests/experiments/reverse_bottleneck/test_generalization.py.
    """
    worlds = (gaussian_world(seeds.rng(seed, STREAM, "Gaussian world", k)) for k in numbers(first, count))
    return _columns([row(gaussian_chain.entropies(**world)) for world in worlds])


def row(entropies: dict) -> dict[str, float]:
    """What Theorem 4.10 hangs on in one world, in nats.

    "slack", bound less GGMI; "step 28", H(M) - H(S); "step 29", I(anchor; M) - I(h; M); and the two informations of step 29. Args
    and errors as for :func:`lib.theory.reverse_bottleneck.statements.account`. Source: Theorem 4.10, eqs. 28 and 29.
    Checked by tests/experiments/reverse_bottleneck/test_generalization.py.
    """
    h, steps = entropies, statements.steps(entropies)
    return {
        "slack": steps.theorem_410,
        "step 28": steps.eq_28,
        "step 29": steps.eq_29,
        "I(anchor; M)": h["A"] + h["M"] - h["AM"],
        "I(h; M)": h["H"] + h["M"] - h["HM"],
    }


def other_learners(seed: int, first: int, count: int) -> dict[str, list[float]]:
    """Finite worlds of all kinds, each with its own learners and with others, nats.

    Returns "change", how much other learners move the slack of Theorem 4.10, and "distance", how far the slack is from the sum of
    steps 28 and 29; absolute values. Source: derived in notebook reverse-bottleneck/03. Checked by
    tests/experiments/reverse_bottleneck/test_generalization.py.
    """
    rows = []
    for k in numbers(first, count):
        rng = seeds.rng(seed, STREAM, "other learners", k)
        kind = {"curation": CURATIONS[k % len(CURATIONS)], "noisy_prompt": k % 2 == 1, "dependent": k % 4 >= 2}
        world = finite_world(rng, **kind)
        others = {name: rng.dirichlet(np.ones(3), len(world[name])).tolist() for name in ("learner", "anchor_learner")}
        one, two = (row(finite_chain.entropies(each)) for each in (world, world | others))
        rows.append({"change": abs(one["slack"] - two["slack"]), "distance": abs(identity_gap(one))})
    return _columns(rows)


def identity_gap(columns: Mapping[str, float | np.ndarray]) -> float | np.ndarray:
    """Slack of Theorem 4.10 less the sum of steps 28 and 29, nats: 0 but for rounding.

    Checked by tests/experiments/reverse_bottleneck/test_generalization.py.
    """
    return columns["slack"] - columns["step 28"] - columns["step 29"]


def corrected(columns: Mapping[str, np.ndarray], steps: Sequence[str] = ("step 28", "step 29")) -> np.ndarray:
    """Slack (N,) in nats of the bound of Theorem 4.10 with what the ``steps`` dropped added to it, where they dropped anything.

    Checked by tests/experiments/reverse_bottleneck/test_generalization.py.
    """
    return columns["slack"] + sum(np.maximum(0.0, -columns[name]) for name in steps)


def _columns(rows: list[dict[str, float]]) -> dict[str, list[float]]:
    return {name: [row[name] for row in rows] for name in rows[0]}
