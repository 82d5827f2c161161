"""Nearly singular and badly scaled problems: coefficients against 60 digits of mpmath, or a refusal, never a wrong number."""

import math

import mpmath
import numpy as np
import pytest
import torch

from lib.models.linear.least_squares import NestedLeastSquares, fit_least_squares, fit_ridge_mix
from lib.models.linear.normal_equations import solve_normal_equations

mpmath.mp.dps = 60


def exact(x, targets, ridge=0.0):
    """The minimiser for these very doubles; x (n, d) of rank d, or ridge above 0."""
    n, d = x.shape
    rows, t = mpmath.matrix(x.tolist()), mpmath.matrix(targets.tolist())
    gram = rows.T * rows + mpmath.mpf(n) * mpmath.mpf(ridge) * mpmath.eye(d)
    return [float(value) for value in mpmath.lu_solve(gram, rows.T * t)]


def normal(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize("ridge", [0.0, 1e-17, 1e-12, 1e-3])
@pytest.mark.parametrize("gap", [1e-2, 1e-4, 1e-6, 1e-8])
@pytest.mark.parametrize("noise", [0.0, 1.0])
def test_nearly_equal_features(gap, ridge, noise):
    """Two features that differ by ``gap``: a condition of 1/gap in the rows, and of its square in their sums."""
    x, rest = normal(40, 3), normal(40, 2, seed=1)
    x[:, 2] = x[:, 1] + gap * rest[:, 0]
    targets = x @ torch.tensor([1.0, -2.0, 3.0], dtype=torch.float64) + noise * rest[:, 1]
    expected = exact(x, targets, ridge)
    assert fit_least_squares(x, targets, ridge).tolist() == pytest.approx(expected, rel=1e-6)
    if gap == 1e-8 and ridge < 1e-9:
        return  # the sums are those of two equal features
    try:
        assert solve_normal_equations(x.mT @ x, x.mT @ targets, 40, ridge).tolist() == pytest.approx(expected, rel=1e-6)
        assert gap > 1e-6 or ridge == 1e-3
    except ArithmeticError:
        assert gap < 1e-3
        assert ridge < 1e-3


@pytest.mark.parametrize("ridge", [0.0, 1e-30, 1e-8, 0.1])
@pytest.mark.parametrize("size", [1e-30, 1e-12, 1e-5, 1e7, 1e20])
def test_features_of_very_different_size(size, ridge):
    """Metres beside nanometres are not singular."""
    x, targets = normal(30, 3), normal(30, seed=1)
    x[:, 1] *= size
    expected = exact(x, targets, ridge)
    assert fit_least_squares(x, targets, ridge).tolist() == pytest.approx(expected, rel=1e-6)
    found = solve_normal_equations(x.mT @ x, x.mT @ targets, 30, ridge)
    assert found.tolist() == pytest.approx(expected, rel=1e-6)
    if ridge:
        assert fit_ridge_mix(x.mT @ x, x.mT @ targets, 30, ridge).tolist() == pytest.approx(expected, rel=1e-6)


def test_no_digits_left_is_said():
    x = normal(40, 3)
    x[:, 2] = x[:, 1] + 1e-12 * normal(40, seed=1)
    with pytest.raises(ArithmeticError, match="cannot give six digits"):
        fit_least_squares(x, normal(40, seed=2))
    x[:, 2] = x[:, 1] + 1e-6 * normal(40, seed=1)
    fits = NestedLeastSquares(3, [20, 40], 1)
    fits.update(x, normal(40, seed=2), torch.ones(1, 40, dtype=torch.bool))
    with pytest.raises(ArithmeticError, match="cannot give six digits"):
        fits.solve()
    assert fits.solve(0.1).isfinite().all()


def test_dependent_features_have_the_solution_of_minimum_norm():
    """Exactly dependent, and one feature of another size beside them."""
    x = normal(50, 4)
    x[:, 3] = x[:, 0] + x[:, 1]
    targets = normal(50, seed=1)
    expected = np.linalg.lstsq(x.numpy(), targets.numpy(), rcond=1e-12)[0].tolist()
    assert fit_least_squares(x, targets).tolist() == pytest.approx(expected, rel=1e-9)
    x[:, 2] *= 1e-9
    with pytest.raises(ArithmeticError, match="cannot give six digits"):
        solve_normal_equations(x.mT @ x, x.mT @ targets, 50)


@pytest.mark.parametrize("gamma", [5e-324, 1e-300, 1e-17, 1e-12, 1e-8])
def test_hardly_any_ridge(gamma):
    """More dimensions than rows: w = X^T (X X^T + N gamma)^-1 y, which is well-conditioned down to no ridge at all."""
    x, y = normal(2, 20, 50), normal(2, 20, seed=1).sign()
    found = fit_ridge_mix(x.mT @ x, (y[:, None] @ x)[:, 0], 30, torch.tensor([gamma, 0.5], dtype=torch.float64))
    for b in range(2):
        for weights, each in zip(found[b], (gamma, 0.5), strict=True):
            kernel = x[b] @ x[b].mT + 30 * each * torch.eye(20)
            expected = x[b].mT @ torch.linalg.solve(kernel, y[b])
            assert (weights - expected).norm() < 1e-6 * expected.norm()


def test_no_rows_are_refused():
    with pytest.raises(ValueError, match=r"x and targets have shapes \(0, 3\) and \(0,\).* each at least 1"):
        fit_least_squares(torch.zeros(0, 3), torch.zeros(0))
    with pytest.raises(ValueError, match="count = 0 is outside"):
        solve_normal_equations(torch.eye(2).double(), torch.ones(2).double(), 0)
    with pytest.raises(ValueError, match="count holds 0"):
        solve_normal_equations(torch.eye(2).double(), torch.ones(2).double(), torch.tensor(0))


@pytest.mark.parametrize("value", [1e60, math.inf, 1e-60])
def test_sizes_that_overflow_when_squared_are_refused(value):
    with pytest.raises(ValueError, match="x "):
        fit_least_squares(torch.full((4, 2), value, dtype=torch.float64), torch.ones(4))


def test_nothing_but_zeros():
    assert fit_least_squares(torch.zeros(4, 2), torch.ones(4)).tolist() == [0, 0]
    assert fit_ridge_mix(torch.zeros(2, 2).double(), torch.zeros(2).double(), 3, 1e-300).tolist() == [0, 0]
