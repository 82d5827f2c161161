"""Notebook beyond-collapse/01: the propositions of Appendix E on small exact data."""

import pytest
import torch

from lib.experiments.beyond_collapse import propositions as ps


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
