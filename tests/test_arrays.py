"""lib.arrays: what passes is a float64 array, what does not is named."""

from fractions import Fraction

import numpy as np
import pytest

from lib import arrays


@pytest.mark.parametrize(
    "values", [[1, 2], (1.0, 2.0), np.float16([1, 2]), [Fraction(1), 2], np.array([1, 2], dtype=object)]
)
def test_real_numbers_pass(values):
    found = arrays.finite("x", values)
    assert found.dtype == np.float64
    assert found.tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([0.5, np.nan], "x holds nan; allowed"),
        ([0.5, 1e200], r"x holds 1e\+200; allowed: numbers in \[-1e\+100, 1e\+100\]"),
        (["0.5"], r"x = \['0.5'\] is no array"),
        ([["0.5", 1.0]], "is no array"),
        ([10**400], "is no array"),
        ([0.5, [1.0]], "is no array"),
        ([None], "is no array|x holds nan"),
        ([1j], "is no array"),
        ({}, "is no array"),
    ],
)
def test_others_are_named(values, message):
    with pytest.raises(ValueError, match=message):
        arrays.finite("x", values)
