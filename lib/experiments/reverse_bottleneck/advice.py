"""Numeric parts of notebook reverse-bottleneck/03 on the remarks of the paper: what its terms advise, and what then happens.

Learners pick one of three models from a handful of examples; all is enumerated. Errors are in units of the loss bound C = 1.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy import special, stats

from lib import seeds
from lib.experiments.reverse_bottleneck.generalization import STREAM
from lib.experiments.reverse_bottleneck.learners import SIGMA
from lib.experiments.reverse_bottleneck.trials import numbers
from lib.experiments.reverse_bottleneck.worlds import finite_world
from lib.theory import checks
from lib.theory.reverse_bottleneck import bounds, finite_chain, statements

MODELS = 3
FEW, MANY = 3, 30  # anchors and synthetic examples: ten times as many


class Learned(NamedTuple):
    """Expected loss on the task, expected loss in training, and I(S; W) in nats."""

    risk: float
    training: float
    information: float


def learned(truth: Sequence[float], source: Sequence[float], losses: np.ndarray, strength: float, n: int) -> Learned:
    """A learner that picks model w from n draws of ``source`` with probability ``~ exp(-strength * training loss of w)``.

    Parameters
    ----------
    truth, source : sequences of probabilities, 2 or 3
        The task, and where the examples come from.
    losses : array (models, kinds)
    strength : float
        At least 0; times the sum, not the mean, over the examples.
    n : int
        1 to 60.

    Raises
    ------
    ValueError
        Outside these ranges.

    Notes
    -----
    By counts of examples, not by sets. Checked by tests/experiments/reverse_bottleneck/test_advice.py, against
    :func:`lib.theory.reverse_bottleneck.finite_learner.generalization`.
    """
    n, kinds = checks.integer("n", n, 1, 60), checks.integer("kinds", len(source), 2, 3)
    strength = checks.real("strength", strength, 0.0, 1e6)
    counts = np.indices((n + 1,) * (kinds - 1)).reshape(kinds - 1, -1).T
    counts = counts[counts.sum(1) <= n]
    counts = np.column_stack([counts, n - counts.sum(1)])  # (sets, kinds)
    chances = stats.multinomial.pmf(counts, n, source)
    sums = counts @ np.asarray(losses, dtype=float).T  # (sets, models)
    picks = special.softmax(-strength * sums, axis=1)
    marginal = chances @ picks
    information = special.entr(marginal).sum() - chances @ special.entr(picks).sum(1)
    risk, training = marginal @ (losses @ np.asarray(truth)), chances @ (picks * sums / n).sum(1)
    return Learned(float(risk), float(training), max(0.0, float(information)))


def compression(seed: int, first: int, count: int) -> dict[str, list[float]]:
    """Random learners number ``first`` to ``first + count - 1``, once at full strength and once at a tenth of it.

    Two or three kinds of examples, one to eight of them, losses uniform in [0, 1]; the learner minimizes its training loss, with
    a strength from 1 to 100, evenly over the logarithm; the task is where the examples come from. Columns, weak less strong:
    "information" in nats, "risk", and "gap", the change of ``|E[R - R_S]|``. Source: Remarks 2 and 4 below Lemma 4.6 and 4 and 5
    below Theorem 4.10. Checked by tests/experiments/reverse_bottleneck/test_advice.py.
    """
    rows = []
    for k in numbers(first, count):
        rng = seeds.rng(seed, STREAM, "compression", k)
        kinds, n, strength = int(rng.integers(2, 4)), int(rng.integers(1, 9)), float(10 ** rng.uniform(0, 2))
        source, losses = rng.dirichlet(np.ones(kinds)), rng.uniform(size=(MODELS, kinds))
        strong, weak = (learned(source, source, losses, each, n) for each in (strength, strength / 10))
        gaps = [abs(each.risk - each.training) for each in (weak, strong)]
        rows.append((weak.information - strong.information, weak.risk - strong.risk, gaps[0] - gaps[1]))
    return _columns(("information", "risk", "gap"), rows)


def few_or_many(seed: int, first: int, count: int) -> dict[str, list[float]]:
    """Random tasks number ``first`` to ``first + count - 1``: ``FEW`` anchors from the task, or ``MANY`` examples of a generator.

    Task and generator are independent draws of a Dirichlet law of parameter 1; the learner as in :func:`compression`. Columns,
    anchors less synthetic, so that a positive number speaks for synthetic data: "bound", Lemma 4.8 less Theorem 4.7 as printed,
    with I(S; W) itself and the curation left out; "second term", the same without the divergence between the distributions;
    "risk", on the task. Source: the remark below Lemma 4.8. Checked by tests/experiments/reverse_bottleneck/test_advice.py.
    """
    rows = []
    for k in numbers(first, count):
        rng = seeds.rng(seed, STREAM, "few or many", k)
        kinds, strength = int(rng.integers(2, 4)), float(10 ** rng.uniform(0, 2))
        task, generator = rng.dirichlet(np.ones(kinds), 2)
        losses = rng.uniform(size=(MODELS, kinds))
        few, many = learned(task, task, losses, strength, FEW), learned(task, generator, losses, strength, MANY)
        second = bounds.anchor_error_bound(0, 1.0, SIGMA, FEW, few.information) - bounds.generalization_bound(
            0, 1.0, SIGMA, MANY, many.information
        )
        rows.append((second - np.abs(task - generator).sum() / 2, second, few.risk - many.risk))
    return _columns(("bound", "second term", "risk"), rows)


def anchor_relevance(seed: int, first: int, count: int) -> dict[str, list[float]]:
    """Finite worlds number ``first`` to ``first + count - 1``, each with a second learner W of the same synthetic data, nats.

    Columns, second less first: "H(anchor | W)", "bound" of Theorem 4.10, "H(S | W)", which Remark 4 would raise, and "GGMI". The
    anchors' own model W' stays as it is. Source: Remarks 2, 4 and 5 below Theorem 4.10. Checked by
    tests/experiments/reverse_bottleneck/test_advice.py.
    """
    rows = []
    for k in numbers(first, count):
        rng = seeds.rng(seed, STREAM, "anchor relevance", k)
        world = finite_world(rng, curation=("none", "map")[k % 2])
        other = world | {"learner": rng.dirichlet(np.full(3, 0.5), len(world["learner"])).tolist()}
        one, two = (_relevance(finite_chain.entropies(each)) for each in (world, other))
        rows.append([b - a for a, b in zip(one, two, strict=True)])
    return _columns(("H(anchor | W)", "bound", "H(S | W)", "GGMI"), rows)


def _relevance(h: dict) -> tuple[float, float, float, float]:
    account = statements.account(h)
    return h["AW"] - h["W"], account.ggmi_bound, h["SW"] - h["W"], account.ggmi


def _columns(names: Sequence[str], rows: Sequence[Sequence[float]]) -> dict[str, list[float]]:
    return {name: [float(x) for x in column] for name, column in zip(names, zip(*rows, strict=True), strict=True)}
