"""Forms of a resolvent: drawn against numpy, limits against derivatives of the exact theory, gaps made up."""

import numpy as np
import pytest

from lib.experiments.random_matrices import lemmas
from lib.statistics import Estimate
from lib.theory.random_matrices.ridge import ridge

SETTING = {"p": 60, "n": 90, "m": 200, "n_hat": 120, "gamma": 0.2, "epsilon": 0.3, "psi": 0.2, "phi": 0.6}


def test_square_is_the_derivative_of_the_trace():
    """``tr Q^2 = -d tr Q / d gamma``, whatever the closed form says."""
    step = 1e-6
    traces = [lemmas.in_theory("corrected", **SETTING | {"gamma": 0.2 + d}).trace for d in (-step, step)]
    found = lemmas.in_theory("corrected", **SETTING)
    assert found.square == pytest.approx((traces[0] - traces[1]) / (2 * step), rel=1e-6)
    assert found.trace == pytest.approx(ridge(**SETTING, mu_norm=1.0).delta_r)
    printed = [lemmas.in_theory("printed", **SETTING | {"gamma": 0.2 + d}).trace for d in (-step, step)]
    assert lemmas.in_theory("printed", **SETTING).square != pytest.approx(
        (printed[0] - printed[1]) / (2 * step), rel=1e-3
    )


def test_forms_make_up_the_second_moment():
    """With no signal in the labels |w|^2 is noise alone: the weights of notebook 02 times the two traces."""
    found = lemmas.in_theory("corrected", **SETTING)
    limit = ridge(**SETTING, mu_norm=1e-9)
    pi, kept = 90 / 290, (0.6 * 0.7 + 0.2 * 0.3) * 200 / 290
    noise = pi / (1 + limit.delta_r) ** 2 * found.square
    noise += kept / (1 + limit.delta_s) ** 2 * found.square_generator
    assert noise == pytest.approx(limit.variance, rel=1e-9)


def test_drawn_meets_the_corrected_limits():
    draws = [lemmas.drawn(seed=1, draw=k, **SETTING) for k in range(60)]
    assert draws[0] == lemmas.drawn(seed=1, draw=0, **SETTING)
    assert draws[0] != draws[1]
    values, errors = np.mean(draws, 0), np.std(draws, 0, ddof=1) / 60**0.5
    for value, error, expected in zip(values, errors, lemmas.in_theory("corrected", **SETTING), strict=True):
        assert value == pytest.approx(expected, abs=4 * error + 1.5 * expected / 60)


def test_compared_and_measured():
    exact = lemmas.in_theory("corrected", **SETTING)
    rows = lemmas.compared({"one": [[v * 0.99 for v in exact], [v * 1.01 for v in exact]]}, {"one": SETTING})
    assert [row["form"] for row in rows] == list(exact._fields)
    assert rows[0]["drawn"].value == pytest.approx(exact.signal)
    assert isinstance(rows[0]["drawn"], Estimate)
    measured = lemmas.measured(rows)
    assert list(measured) == ["Q, printed", "Q C Q, printed", "Q, corrected", "Q C Q, corrected"]
    assert measured["Q C Q, corrected"] == pytest.approx((0, 0.01), abs=1e-12)
    printed = lemmas.in_theory("printed", **SETTING)
    assert measured["Q, printed"].value == pytest.approx(abs(printed.signal / exact.signal - 1))
