"""Means and shares with their standard errors."""

import math
from typing import NamedTuple

import torch
from torch import Tensor

from lib.theory import checks


class Estimate(NamedTuple):
    """A measured value and its standard error, >= 0, in the same unit."""

    value: float
    standard_error: float


def mean_and_error(draws: Tensor, *, within: float = 0.0) -> Estimate:
    """Mean of independent draws (N,), N at least 1, and its standard error.

    ``within``: variance of the mean that the draws share and their spread does not show, for instance over common test images.
    One draw alone shows no spread: its error is that of ``within``. Raises ValueError for no draws, a value that is not finite,
    or a negative ``within``. Checked by tests/test_statistics.py.
    """
    draws = torch.as_tensor(draws, dtype=torch.float64).flatten()
    if len(draws) == 0 or not draws.isfinite().all():
        raise ValueError(f"draws = {draws.tolist()[:5]}, {len(draws)} in all; allowed: finite numbers, at least one")
    within = checks.real("within", within, 0.0, math.inf, open_high=True)
    between = draws.var().item() / len(draws) if len(draws) > 1 else 0.0
    return Estimate(draws.mean().item(), math.sqrt(between + within))


def share(hits: int, count: int) -> Estimate:
    """``hits / count`` with a standard error that is not 0 at a share of 0 or 1.

    The error is that of (hits + 2) / (count + 4), the rule of Agresti and Coull (1998): nobody has seen no exception in n
    trials and knows that there is none. Raises ValueError unless 0 <= hits <= count and count >= 1.
    Checked by tests/test_statistics.py.
    """
    count = checks.integer("count", count, 1, 2**53)
    hits = checks.integer("hits", hits, 0, count)
    moved = (hits + 2) / (count + 4)
    return Estimate(hits / count, math.sqrt(moved * (1 - moved) / (count + 4)))


def difference(one: Estimate, other: Estimate) -> Estimate:
    """``one - other`` of two independent estimates. Checked by tests/test_statistics.py."""
    return Estimate(one.value - other.value, math.hypot(one.standard_error, other.standard_error))
