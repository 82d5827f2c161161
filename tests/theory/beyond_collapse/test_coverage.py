"""lib.theory.beyond_collapse.coverage against exact binomials and all choices."""

import itertools
import math
from fractions import Fraction

import pytest

from lib.theory.beyond_collapse.coverage import covered


@pytest.mark.parametrize(("n", "right"), [(5, 0), (5, 1), (5, 3), (5, 5), (1, 1)])
def test_all_choices(n, right):
    for k in range(1, n + 1):
        choices = list(itertools.combinations(range(n), k))
        expected = Fraction(sum(min(choice) < right for choice in choices), len(choices))
        assert covered(n, right, k) == pytest.approx(float(expected), abs=1e-15)


@pytest.mark.parametrize(("n", "right", "k"), [(50, 7, 10), (1000, 3, 400), (10**6, 5, 10**4)])
def test_exact_binomials(n, right, k):
    expected = 1 - Fraction(math.comb(n - right, k), math.comb(n, k))
    assert covered(n, right, k) == pytest.approx(float(expected), rel=1e-9)
