"""Notebook beyond-collapse/01: the propositions of Appendix E on small exact data."""

import pytest
import torch
from scipy.optimize import brentq

from lib.experiments.beyond_collapse import propositions as ps
from lib.theory.logistic import sigmoid


def test_exact_data():
    x, y, labels = ps.exact_data((2, 1, 3, 1), a=0.3, b=-0.2)
    gram = x @ x.T
    for i in range(7):
        for j in range(7):
            expected = 1.0 if i == j else 0.3 if y[i] == y[j] else -0.2
            assert gram[i, j].item() == pytest.approx(expected, abs=1e-12)
    assert y.tolist() == [-1, -1, -1, 1, 1, 1, 1]
    assert labels.tolist() == [-1, -1, 1, -1, -1, -1, 1]


def test_fixed_points_against_fits():
    found = ps.fixed_points_against_fits(seed=0, settings=12)
    assert found["gap"] < 1e-6
    assert found["other accuracy"] == (0, 0.0, 12)


def test_a_wrong_coefficient_would_show(monkeypatch):
    """The gap is that of the coefficients: shift one of them by a thousandth and it is seen."""
    original = ps.fixed_point
    monkeypatch.setattr(ps, "fixed_point", lambda *args: (s := original(*args))._replace(A=s.A * 1.1))
    assert ps.fixed_points_against_fits(seed=0, settings=12)["gap"] > 1e-2


def test_obeys():
    """Few wrong labels obey both, as many wrong as right ones obey the corrected border only, many obey both again."""
    assert ps.obeys((50, 1, 1, 50), 0.5, 100.0, b_is_zero=False) == (True, True)
    assert ps.obeys((1, 50, 50, 1), 0.5, 100.0, b_is_zero=False) == (True, True)
    assert ps.obeys((50, 49, 50, 51), 0.05, 1e5, b_is_zero=False) == (False, True)
    assert ps.obeys((60, 5, 100, 20), 0.5, 100.0, b_is_zero=True)[1]


def test_a_wrong_accuracy_would_show(monkeypatch):
    original = ps.fixed_point
    monkeypatch.setattr(ps, "fixed_point", lambda *args: (s := original(*args))._replace(accuracy=s.accuracy / 2 - 0.1))
    assert ps.fixed_points_against_fits(seed=0, settings=12)["other accuracy"] == (12, 0.0, 12)


def test_disobeying():
    found = ps.disobeying(seed=0, settings=40)
    assert set(found) == {"E.3", "E.4"}
    assert [each["corrected"] for each in found.values()] == [(0, 0.0, 40)] * 2
    assert all(40 > each["printed"].value > 0 for each in found.values())


def test_exact_data_has_full_precision():
    assert ps.exact_data((1, 1, 1, 1), 0.5, 0.0)[0].dtype == torch.float64


def test_other_pairs():
    """Classes that disagree, one with more right labels, the other with more wrong ones, tell the pairs apart: half of all."""
    found = ps.other_pairs(seed=0, settings=60)
    assert found["corrected"] == (0, 0.0, 60)
    assert 15 < found["printed"].value < 45


def test_dropped_terms():
    """Against eq. 44 solved apart: what is kept does not move with N, what is dropped falls as 1/N, the border has its limit."""
    p, a, ridge = 0.3, 0.5, 0.02
    rows = ps.dropped_terms([1000, 100_000], p, a, ridge)
    (kept, dropped, _), (kept_later, dropped_later, moved) = rows
    assert kept_later == pytest.approx(kept, rel=0.01)
    assert dropped_later == pytest.approx(dropped / 100, rel=0.02)
    assert moved == pytest.approx((1 - a) / a + (1 - a) * (1 - p) / (2 * ridge), rel=0.01)
    u = brentq(lambda u: a * ((1 - p) * sigmoid(-u) - p * sigmoid(u)) / ridge - u, 0, 50)  # eq. 44, no own pull
    assert kept_later == pytest.approx(u, rel=1e-3)


def test_second_line_of_eq_43():
    found = ps.second_line_of_eq_43(seed=0, settings=20)
    assert found["corrected"] < 1e-9
    assert found["printed"] > 0.01


def test_last_inequality(monkeypatch):
    """Few wrong labels are few beside right ones, always; above p_minus it is the other way round."""
    assert ps.last_inequality(seed=0, settings=40) == {"printed": (40, 0.0, 40), "corrected": (0, 0.0, 40)}
    above = ps.breakdown_bounds(1.0, 1.0, 0.0)._replace(p_minus=1.24)  # times at most 0.8
    monkeypatch.setattr(ps, "breakdown_bounds", lambda phi, psi, t: above)
    found = ps.last_inequality(seed=0, settings=40)
    assert 0 < found["corrected"].value == 40 - found["printed"].value
