"""Random trials of an inequality: they run in blocks, and exceptions are counted.

A trial is a random world, learner or setting with a number of its own. Its stream of random numbers is named by that number, so
that the blocks decide nothing but who computes what.
"""

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from scipy import stats

from lib import statistics
from lib.runs import Run, Task
from lib.statistics import Count, Estimate
from lib.theory import checks

ROUNDING = 1e-9  # nats; sums of a few thousand terms of order one


def blocks(count: int, size: int = 2000) -> list[dict[str, int]]:
    """The trials from 0 to ``count`` in blocks of at most ``size``, as arguments ``first`` and ``count`` of a part.

    Raises ValueError unless both are whole and at least 1. Checked by tests/experiments/reverse_bottleneck/test_trials.py.
    """
    count, size = checks.integer("count", count, 1, 10**9), checks.integer("size", size, 1, 10**9)
    return [{"first": first, "count": min(size, count - first)} for first in range(0, count, size)]


def tried(run: Run, function: str, count: int, *, size: int = 2000, **arguments: object) -> dict[str, np.ndarray]:
    """Columns of all trials from 0 to ``count``, each block a part of the run.

    ``function``: as for :class:`lib.runs.Task`; it takes ``first``, ``count`` and the other arguments, and returns columns.
    Raises as :func:`blocks`, :func:`joined` and :meth:`lib.runs.run.Run.parts`. Checked by
    tests/experiments/reverse_bottleneck/test_trials.py.
    """
    return joined(run.parts([Task(function, **arguments, **block) for block in blocks(count, size)]))


def numbers(first: int, count: int) -> range:
    """The trials of one block. Raises ValueError unless first is whole and at least 0, count whole and at least 1.

    Checked by tests/experiments/reverse_bottleneck/test_trials.py.
    """
    first = checks.integer("first", first, 0, 10**9)
    return range(first, first + checks.integer("count", count, 1, 10**9))


def joined(parts: Iterable[Mapping[str, Sequence]]) -> dict[str, np.ndarray]:
    """The columns of all blocks under one another, by name. Every block has the same names.

    Raises ValueError for no block, or other names. Checked by tests/experiments/reverse_bottleneck/test_trials.py.
    """
    parts = list(parts)
    names = [list(part) for part in parts]
    if not parts or any(each != names[0] for each in names):
        raise ValueError(f"parts = columns {names}; allowed: at least one block, all with the same columns")
    return {name: np.concatenate([np.asarray(part[name]) for part in parts]) for name in names[0]}


def exceptions(slacks: Sequence[float] | np.ndarray, rounding: float = ROUNDING) -> Count:
    """Trials in which an inequality fails: its slack, larger side less smaller side, lies below ``-rounding``.

    Args: slacks (N,), N at least 1, finite, in any unit; rounding at least 0, in that unit. Raises ValueError outside. Checked
    by tests/experiments/reverse_bottleneck/test_trials.py.
    """
    slacks = np.asarray(slacks, dtype=float)
    rounding = checks.real("rounding", rounding, 0.0, 1.0)
    if slacks.ndim != 1 or not len(slacks) or not np.isfinite(slacks).all():
        raise ValueError(f"slacks = {slacks.tolist()[:5]}, shape {slacks.shape}; allowed: finite numbers, at least one")
    return statistics.exceptions(slacks < -rounding)


def rank_correlation(one: Sequence[float] | np.ndarray, other: Sequence[float] | np.ndarray) -> Estimate:
    """Spearman's rank correlation of two columns (N,) of independent trials, N at least 3.

    The error is ``1 / sqrt(N - 1)``, that of unrelated columns: right at 0, where a claim on a sign is decided, and too large
    elsewhere. Raises ValueError for other shapes, values that are not finite, or a column without two values. Checked by
    tests/experiments/reverse_bottleneck/test_trials.py.
    """
    one, other = np.asarray(one, dtype=float), np.asarray(other, dtype=float)
    good = one.ndim == 1 and one.shape == other.shape and len(one) >= 3
    if not good or any(not np.isfinite(each).all() or np.ptp(each) == 0 for each in (one, other)):
        raise ValueError(
            f"columns of shapes {one.shape} and {other.shape}; allowed: one length, at least 3, finite, not constant"
        )
    return Estimate(float(stats.spearmanr(one, other).statistic), 1 / math.sqrt(len(one) - 1))
