"""Misprints read literally, against limits worked out by hand."""

import pytest

from lib.experiments.random_matrices import misprints
from lib.experiments.random_matrices import printed_theorem as theorem
from lib.statistics import Estimate
from lib.theory.gaussian import cdf
from lib.theory.random_matrices.ridge import ridge


def test_low_dimension():
    """alpha = 0.76, lambda = 0.68: a = 0.88, c = 0.84."""
    found = misprints.low_dimension()
    assert found["printed"] == pytest.approx(0.84 / 1.76)
    assert found["corrected"] == pytest.approx(0.84 / 2.76)
    assert found["exact"] == pytest.approx(0.84 / 2.76, rel=1e-6)


def test_accuracy_at_length():
    assert misprints.accuracy_at_length(0.0) == 0.5
    assert 0.5 < misprints.accuracy_at_length(1 / 5000) < 0.501
    assert misprints.accuracy_at_length(0.7) == pytest.approx(ridge(**misprints.FIGURE_3, mu_norm=0.7).accuracy)


def test_gaps_of_spread():
    own = theorem.at_dimension(theorem.SETTINGS["synthetic only"], 100)
    limit = ridge(**own)
    row = {"generator": "known_mean", "exact": limit, "accuracy": Estimate(limit.accuracy + 0.001, 0.002)}
    found = misprints.gaps_of_spread([row, row | {"generator": "shared"}])
    assert found["corrected"] == pytest.approx((0.001, 0.002))
    read = cdf(limit.mean / (limit.variance + limit.mean**2))
    assert found["as printed"].value == pytest.approx(abs(read - limit.accuracy - 0.001))


def test_gap_of_delta(monkeypatch):
    """Nothing where both deltas are one; with delta_r off by 0.1, gamma = 1, alpha = 0.8: worked out by hand."""
    own = {"p": 50, "m": 50, "mu_norm": 1.0, "gamma": 1.0, "psi": 0.3, "phi": 0.8}
    assert misprints.gap_of_delta([0.0, 0.4], **own) < 1e-9
    delta = misprints.synthetic_only(**own, epsilon=0.0).delta_s
    off = ridge(n=0, n_hat=float("inf"), epsilon=0.0, **own)._replace(delta_r=delta + 0.1)
    monkeypatch.setattr(misprints, "ridge", lambda **_: off)
    expected = 1 - ((1.8 + delta) / (1.9 + delta)) ** 2
    assert misprints.gap_of_delta([0.0], **own) == pytest.approx(expected)
