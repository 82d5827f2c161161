"""Validators of numpy arrays, beside those of numbers in ``lib.theory.checks`` and of tensors in ``lib.tensors``.

Checked by tests/test_arrays.py.
"""

import warnings

import numpy as np
from numpy.typing import ArrayLike

from lib.theory import checks

LARGEST = 1e100  # of a magnitude: squares and sums stay finite


def finite(name: str, values: ArrayLike, *, largest: float = LARGEST) -> np.ndarray:
    """Return ``values`` as a float64 array, if they are real numbers of magnitudes up to ``largest``, in rows of one length.

    Text is no number here, though numpy would read it. Raises ValueError with name, value and range.
    """
    allowed = f"numbers in [-{largest:g}, {largest:g}], in rows of one length"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            given = np.asarray(values)
            if given.dtype.kind not in "fiubO" or any(
                isinstance(x, (str, bytes)) for x in given.flat if given.dtype == object
            ):
                raise TypeError
            array = np.asarray(given, dtype=float)
    except (TypeError, ValueError, OverflowError, RuntimeError, Warning):
        raise ValueError(f"{name} = {checks.shown(values)} is no array of real numbers; allowed: {allowed}") from None
    wrong = array[~(np.abs(array) <= largest)]
    if wrong.size:
        raise ValueError(f"{name} holds {wrong[0]:g}; allowed: {allowed}")
    return array
