"""The law of Marchenko and Pastur: edges, mass and moments."""

import pytest
from scipy import integrate

from lib.theory.random_matrices.marchenko_pastur import (
    marchenko_pastur_atom,
    marchenko_pastur_density,
    marchenko_pastur_edges,
)

FIVE_DIGITS = 6e-6  # the references are rounded to five decimals


def test_marchenko_pastur():
    assert marchenko_pastur_edges(0.1) == pytest.approx((0.46754, 1.73246), abs=FIVE_DIGITS)
    assert marchenko_pastur_edges(0.01) == pytest.approx((0.81, 1.21), abs=1e-12)
    for ratio in (0.01, 0.1, 0.7, 1.5, 4.0):
        low, high = marchenko_pastur_edges(ratio)
        moments = [
            integrate.quad(lambda t, k=k, r=ratio: t**k * marchenko_pastur_density(t, r), low, high, limit=200)[0]
            for k in range(3)
        ]
        assert moments[0] + marchenko_pastur_atom(ratio) == pytest.approx(1, abs=1e-7)
        assert moments[1:] == pytest.approx([1, 1 + ratio], abs=1e-6)  # mean and second moment of a Wishart spectrum
    assert marchenko_pastur_density(0.5, 0.01) == 0
    assert marchenko_pastur_atom(0.5) == 0
