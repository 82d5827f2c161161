"""lib.theory.logistic: the sigmoid, and the scalar equation of one cluster. Its border is tested in test_tolerance.py."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from lib.theory.logistic import cluster_logits, sigmoid


@given(st.floats(-700, 800))  # scipy's is 0 where numbers turn subnormal
def test_sigmoid(z):
    assert sigmoid(z) == pytest.approx(special.expit(z), rel=1e-14, abs=0)


def test_sigmoid_at_infinity():
    assert (sigmoid(-math.inf), sigmoid(math.inf)) == (0.0, 1.0)


def test_cluster_logits_solve_eq_31():
    rng = np.random.default_rng(0)
    for _ in range(300):
        right, wrong = rng.integers(0, 10 ** rng.integers(1, 9), 2)
        a, gamma = rng.uniform(0.001, 0.999), 10 ** rng.uniform(-4, 8)
        z_right, z_wrong = cluster_logits(right, wrong, a, gamma)
        A, B = special.expit(z_right) / gamma, special.expit(z_wrong) / gamma
        terms = a * right * A, a * wrong * B
        score = terms[0] - terms[1]
        tolerance = 1e-10 * (1 + sum(terms) + (1 - a) / gamma)  # of the terms that cancel
        assert z_right == pytest.approx(-score - (1 - a) * A, rel=0, abs=tolerance)
        assert z_wrong == pytest.approx(score - (1 - a) * B, rel=0, abs=tolerance)


def test_empty_cluster_and_balance():
    assert cluster_logits(0, 0, 0.3, 1e12) == pytest.approx((0.0, 0.0), abs=1e-11)
    z_right, z_wrong = cluster_logits(7, 7, 0.3, 2.0)
    assert z_right == pytest.approx(z_wrong, abs=1e-14)


def test_the_majority_wins_the_score():
    z_right, z_wrong = cluster_logits(8, 7, 0.3, 2.0)
    score = 0.3 * (8 * sigmoid(z_right) - 7 * sigmoid(z_wrong)) / 2.0
    assert score > 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((-1, 2, 0.3, 1), "right = -1.0 is outside"),
        ((1, math.nan, 0.3, 1), "wrong = nan is outside"),
        ((1, 2, 1.0, 1), r"a = 1.0 is outside \(0, 1\)"),
        ((1, 2, 0.3, 0), r"gamma = 0.0 is outside \[1e-100, 1e\+100\]"),
    ],
)
def test_bad_input(arguments, message):
    with pytest.raises(ValueError, match=message):
        cluster_logits(*arguments)
