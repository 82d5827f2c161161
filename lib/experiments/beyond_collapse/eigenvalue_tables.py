"""Notebook beyond-collapse/04, tables: shares and their errors over repeats, from the values of its parts; the printed tables.

``values`` is what a record holds: by group ("beams", "models", "samples", "triplets", "scratch", "tuned", "longer", "spare") and
by name in it, the values of the repeats. A row is one such list. Shares are of test answers that are right; errors are the
spread over repeats and the noise of the test sets together, since three repeats alone may agree by luck.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.stats import rankdata

from lib.experiments.beyond_collapse.eigenvalues import TOLERANCES
from lib.statistics import Count, Estimate, exceptions, mean_and_error, share

Row = Sequence[Mapping]


def right(row: Row, tolerance: float, field: str = "hits") -> Estimate | None:
    """Share of right answers over the repeats of a row, at one of ``TOLERANCES``; None where a repeat learned nothing.

    Checked by tests/experiments/beyond_collapse/test_eigenvalue_tables.py.
    """
    shares = _shares(row, tolerance, field)
    if shares is None:
        return None
    if len(row) == 1:
        return share(row[0][field][TOLERANCES.index(tolerance)], row[0]["test"])
    return mean_and_error(shares, within=_noise(shares, row))


def gain(row: Row, other: Row, tolerance: float, field: str = "hits", other_field: str = "hits") -> Estimate | None:
    """How much larger the share of right answers of one row is than that of another, repeat by repeat.

    The noise of the test sets counts as if they were different ones, which is more than there is. Checked as :func:`right`.
    """
    ones, others = _shares(row, tolerance, field), _shares(other, tolerance, other_field)
    if ones is None or others is None:
        return None
    noise = _noise(ones, row) + _noise(others, other)
    return mean_and_error(np.subtract(ones, others).tolist(), within=noise)


def _shares(row: Row, tolerance: float, field: str) -> list[float] | None:
    """Share of right answers of each repeat; None where one learned nothing."""
    place = TOLERANCES.index(tolerance)
    if any(each[field] is None for each in row):
        return None
    return [each[field][place] / each["test"] for each in row]


def _noise(shares: Sequence[float], row: Row) -> float:
    """Variance of the mean share by the finite test sets; a share of 0 or 1 counts as nearly that."""
    errors = [share(round(p * each["test"]), each["test"]).standard_error for p, each in zip(shares, row, strict=True)]
    return float(np.square(errors).sum()) / len(errors) ** 2


def least(gains: Sequence[Estimate | None]) -> Estimate | None:
    """The smallest of some gains; None without any, or if one is missing."""
    return None if not gains or None in gains else min(gains, key=lambda each: each.value)


def largest(gains: Sequence[Estimate | None]) -> Estimate | None:
    """The largest of some gains; None without any, or if one is missing."""
    return None if not gains or None in gains else max(gains, key=lambda each: each.value)


def mean_gain(rows: Sequence[Row], others: Sequence[Row], tolerance: float) -> Estimate | None:
    """Mean of the gains of several rows over others; its error is that of the repeats' means. Checked as :func:`right`."""
    gains = [gain(row, other, tolerance) for row, other in zip(rows, others, strict=True)]
    if not gains or None in gains:
        return None
    place = TOLERANCES.index(tolerance)
    per_repeat = [
        np.mean([one["hits"][place] / one["test"] - two["hits"][place] / two["test"] for one, two in pairs])
        for pairs in zip(*(zip(row, other, strict=True) for row, other in zip(rows, others, strict=True)), strict=True)
    ]
    noise = sum(each.standard_error**2 for each in gains) / len(gains) ** 2
    return mean_and_error([float(each) for each in per_repeat], within=noise)


def triplet(rows: Row, tolerance: float, verifier: int, who: str = "kept") -> tuple[Estimate, Estimate, Estimate]:
    """Measured p, phi and psi of a verifier before greedy answers: the share of wrong ones, the shares that it keeps of right and
    of wrong ones. Checked as :func:`right`.

    ``verifier``: its place among the tolerances; ``who``: "kept", or "own" for the model's own likelihood as a verifier.
    """
    place = TOLERANCES.index(tolerance)
    total, good = sum(each["test"] for each in rows), sum(each["right"][place] for each in rows)
    kept_right, kept_wrong = (sum(each[who][place][verifier][k] for each in rows) for k in (0, 1))
    return share(total - good, total), _share(kept_right, good), _share(kept_wrong, total - good)


def _share(hits: int, count: int) -> Estimate:
    return share(hits, count) if count else Estimate(0.0, 0.0)


def own_choice(rows: Row, tolerance: float) -> Estimate:
    """By how much the answers that a model likes best are right more often than all its answers; as many as an oracle would keep.

    Checked as :func:`right`.
    """
    place = TOLERANCES.index(tolerance)
    draws = []
    for each in rows:
        kept = each["own"][place][place]
        draws.append(kept[0] / max(1, sum(kept)) - each["right"][place] / each["test"])
    counts = [max(1, sum(each["own"][place][place])) for each in rows]
    noise = sum(0.25 / count for count in counts) / len(counts) ** 2
    return mean_and_error(draws, within=noise)


def order(ones: Sequence[float], others: Sequence[float]) -> float:
    """Spearman's rank correlation of two lists of numbers; ties share their mean rank; nan where one list is all ties.

    Checked as :func:`right`.
    """
    ranks = rankdata(ones), rankdata(others)
    return float(np.corrcoef(*ranks)[0, 1]) if all(np.ptp(each) for each in ranks) else float("nan")


def follows(rows: Sequence[Row], tolerance: float) -> Estimate | None:
    """Rank correlation, over sets, of the share of wrong answers in a set and the share right of its learner, by repeat.

    It is -1 where fewer wrong answers always make a better learner. None where a repeat learned nothing. Checked as
    :func:`right`.
    """
    place = TOLERANCES.index(tolerance)
    repeats = list(zip(*rows, strict=True))
    if not repeats or any(each["hits"] is None for repeat in repeats for each in repeat):
        return None
    return mean_and_error(
        [order([each["wrong"][place] for each in one], [each["hits"][place] for each in one]) for one in repeats]
    )


def spread(row: Row, tolerance: float) -> float | None:
    """Share of right answers in the best repeat of a row less that in the worst; None where one learned nothing.

    Checked as :func:`right`.
    """
    shares = _shares(row, tolerance, "hits")
    return None if shares is None else max(shares) - min(shares)


def not_above(rows: Mapping[str, Sequence[float]], names: Sequence[str], bar: Sequence[float]) -> Count:
    """How many printed numbers of the rows ``names`` are not above the bar of their column. Checked as :func:`right`."""
    return exceptions([not value > limit for name in names for value, limit in zip(rows[name], bar, strict=True)])
