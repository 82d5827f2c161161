"""Means and shares with their standard errors, and counts of exceptions."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from lib import arrays
from lib.theory import checks
from lib.theory.estimate import Estimate

ROUNDING = 1e-14  # a mean of numbers below this share of the largest is a sum that has cancelled


def mean_and_error(draws: Tensor, *, within: float = 0.0) -> Estimate:
    """Mean of independent draws (N,), N at least 1, and its standard error.

    ``within``: variance of the mean that the draws share and their spread does not show, for instance over common test images.
    One draw alone shows no spread: its error is that of ``within``. A spread below 1e-150 counts as none. Raises ValueError for
    no draws, a value outside [-1e100, 1e100], or a ``within`` outside [0, 1e100]. Checked by tests/test_statistics.py.
    """
    draws = torch.from_numpy(arrays.finite("draws", draws.cpu() if isinstance(draws, Tensor) else draws)).flatten()
    if len(draws) == 0:
        raise ValueError(f"draws has shape {tuple(draws.shape)}; allowed: (N,), N at least 1")
    within = checks.real("within", within, 0.0, arrays.LARGEST)
    between = draws.var().item() / len(draws) if len(draws) > 1 else 0.0
    return Estimate(draws.mean().item(), math.sqrt(between + within))


def means_and_errors(draws: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard error of many values at once, over the draws on the first axis: (N, ...) gives two arrays (...).

    N is at least 2. Raises ValueError for fewer draws and for a value outside [-1e100, 1e100].
    Checked by tests/test_statistics.py.
    """
    stacked = arrays.finite("draws", draws)
    if stacked.ndim == 0 or len(stacked) < 2:
        raise ValueError(f"draws has shape {stacked.shape}; allowed: at least two on the first axis")
    return stacked.mean(0), stacked.std(0, ddof=1) / len(stacked) ** 0.5


def ratio(numerators: ArrayLike, denominators: ArrayLike) -> Estimate:
    """Mean of ``numerators`` (N,) over mean of ``denominators`` (N,), of the same N >= 2 draws, by the delta method.

    The error is that of ``numerator - ratio denominator`` over the mean denominator, good where this mean is many errors from 0.
    Raises ValueError for lengths that differ, fewer draws, values outside [-1e100, 1e100], or denominators whose mean is 0, and
    ArithmeticError for a ratio beyond 1e100.
    Checked by tests/test_statistics.py.
    """
    above, below = arrays.finite("numerators", numerators), arrays.finite("denominators", denominators)
    if above.ndim != 1 or above.shape != below.shape or len(above) < 2:
        raise ValueError(
            f"numerators and denominators have shapes {above.shape} and {below.shape}; allowed: (N,) for both, N at least two"
        )
    (top, bottom), _ = means_and_errors(np.stack([above, below], axis=1))
    if bottom == 0:
        raise ValueError("denominators have mean 0; allowed: any other")
    if abs(top) > arrays.LARGEST * abs(bottom):
        raise ArithmeticError(
            f"ratio of the means {top:g} and {bottom:g} is beyond 1e100: double precision leaves no error of it"
        )
    value = top / bottom
    return Estimate(float(value), float(means_and_errors(above - value * below)[1] / abs(bottom)))


def part_of(numerators: ArrayLike, denominators: ArrayLike) -> Estimate | None:
    """:func:`ratio` of a part to its whole, of two gains for instance; None where the mean whole is 0 up to rounding.

    Raises as :func:`ratio` for all else. Checked by tests/test_statistics.py.
    """
    whole = arrays.finite("denominators", denominators)
    if whole.ndim == 1 and len(whole) and abs(whole.mean()) <= ROUNDING * abs(whole).max():
        return None
    return ratio(numerators, whole)


def share(hits: int, count: int) -> Estimate:
    """``hits / count`` with a standard error that is not 0 at a share of 0 or 1.

    The error is that of (hits + 2) / (count + 4), the rule of Agresti and Coull (1998): nobody has seen no exception in n
    trials and knows that there is none. Raises ValueError unless 0 <= hits <= count and count >= 1.
    Checked by tests/test_statistics.py.
    """
    count = checks.integer("count", count, 1, 2**53)
    hits = checks.integer("hits", hits, 0, 2**53)
    if hits > count:
        raise ValueError(f"hits = {hits} is outside [0, count = {count}]")
    moved = (hits + 2) / (count + 4)
    return Estimate(hits / count, math.sqrt(moved * (1 - moved) / (count + 4)))


class Count(NamedTuple):
    """How many of ``trials`` are exceptions to a statement about every one of them: exact, so that its standard error is 0.

    One exception refutes such a statement, so its test asks for none; an :class:`Estimate` of their share cannot tell none from
    few. No exception among N trials bounds their probability below 3/N at 95 % (the rule of three). In text: "0 of 2000".
    """

    value: int
    standard_error: float
    trials: int

    @property
    def share(self) -> Estimate:
        """Share of trials that are exceptions, an estimate of their probability: see :func:`share`."""
        return share(self.value, self.trials)

    def __str__(self) -> str:
        return f"{self.value} of {self.trials}"


def exceptions(failed: ArrayLike) -> Count:
    """How many of N trials fail, from booleans (N,), N at least 1; a trial that does not count is left out before.

    Raises ValueError for no trial, or for what is not a list of booleans. Checked by tests/test_statistics.py.
    """
    try:
        failed = np.asarray(failed)
    except ValueError:  # rows of different lengths
        raise ValueError(f"failed = {checks.shown(failed)} is no array; allowed: (N,) of bool, N at least 1") from None
    if failed.ndim != 1 or not len(failed) or failed.dtype != bool:
        raise ValueError(
            f"failed has shape {failed.shape} and type {failed.dtype}; allowed: (N,) of bool, N at least 1"
        )
    return Count(int(failed.sum()), 0.0, len(failed))


def difference(one: Estimate, other: Estimate) -> Estimate:
    """``one - other`` of two independent estimates. Raises ValueError for what is none. Checked by tests/test_statistics.py."""
    one, other = _estimate("one", one), _estimate("other", other)
    return Estimate(one.value - other.value, math.hypot(one.standard_error, other.standard_error))


def average(estimates: Sequence[Estimate]) -> Estimate:
    """Mean of independent estimates. Raises ValueError for none, and for what is no estimate.

    Checked by tests/test_statistics.py.
    """
    estimates = [_estimate(f"estimates[{i}]", each) for i, each in enumerate(checks.listed("estimates", estimates))]
    if not estimates:
        raise ValueError("estimates = []; allowed: at least one")
    values, errors = zip(*estimates, strict=True)
    return Estimate(math.fsum(values) / len(values), math.hypot(*errors) / len(errors))


def relative_gap(expected: float, measured: Estimate) -> Estimate:
    """``|expected / measured - 1|``, with its error by the delta method: how far a formula is from what was measured.

    ``expected`` in [-1e100, 1e100]. Raises ValueError outside, for what is no estimate, and if the magnitude of the measured
    value is outside [1e-100, 1e100]. Checked by tests/test_statistics.py.
    """
    expected = checks.real("expected", expected, -arrays.LARGEST, arrays.LARGEST)
    value, error = _estimate("measured", measured)
    if abs(value) < 1 / arrays.LARGEST:
        raise ValueError(f"measured = {value:g}; allowed: any other number, of magnitude in [1e-100, 1e+100]")
    return Estimate(abs(expected / value - 1), abs(expected) * error / value**2)


def _estimate(name: str, estimate: Estimate) -> Estimate:
    """An estimate in plain floats; of a :class:`Count`, its share of trials is not asked for."""
    given = [estimate.value, estimate.standard_error] if isinstance(estimate, Count) else estimate
    if not isinstance(given, (tuple, list)) or len(given) != 2:
        raise ValueError(f"{name} = {checks.shown(estimate)} is no estimate; allowed: a value and its standard error")
    value = checks.real(f"{name}.value", given[0], -arrays.LARGEST, arrays.LARGEST)
    return Estimate(value, checks.real(f"{name}.standard_error", given[1], 0.0, arrays.LARGEST))
