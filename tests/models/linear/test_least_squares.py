"""Nested least squares and ridge against scikit-learn, numpy, and fits of each size on its own."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LinearRegression, Ridge

from lib.models.linear import least_squares as linear

# Both sides are float64 fits of well-conditioned problems (condition number of the Gram matrix below 1e5, as the first
# size is at least 1.2 d): 1e-9 is 1e5 times the rounding, and far below anything a wrong row would cause.
CLOSE = {"rtol": 0, "atol": 1e-9}


def problem(rows=3000, dimension=10, selections=3, seed=0, dtype=torch.float32):
    """Rows with correlated features, targets and kept bits of several selections (kept about 1/2, 1/3, 1/4, ...)."""
    g = torch.Generator().manual_seed(seed)
    mixing = torch.eye(dimension) + 0.3 * torch.randn(dimension, dimension, generator=g)
    x = (torch.randn(rows, dimension, generator=g) @ mixing).to(dtype)
    targets = torch.randn(selections, rows, generator=g).to(dtype)
    kept = torch.rand(selections, rows, generator=g) < 1 / torch.arange(2, selections + 2)[:, None]
    return x, targets, kept


def fit_in_batches(x, targets, kept, sizes, batch, ridge=0.0):
    fits = linear.NestedLeastSquares(x.shape[1], sizes, len(kept))
    for start in range(0, len(x), batch):
        some = slice(start, start + batch)
        fits.update(x[some], targets[..., some], kept[:, some])
    return fits.solve(ridge), fits.kept


@pytest.mark.parametrize("ridge", [0.0, 0.02])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_nested_fits_against_scikit_learn(ridge, dtype):
    sizes = [12, 50, 300, 700]
    x, targets, kept = problem(dtype=dtype)
    coefficients, counts = fit_in_batches(x, targets, kept, sizes, batch=256, ridge=ridge)
    assert coefficients.shape == (3, 4, 10)
    assert coefficients.dtype == torch.float64
    assert counts.tolist() == kept.sum(1).tolist()
    for s in range(3):
        rows, labels = x[kept[s]].double().numpy(), targets[s][kept[s]].double().numpy()
        for k, size in enumerate(sizes):
            model = Ridge(alpha=ridge * size, fit_intercept=False) if ridge else LinearRegression(fit_intercept=False)
            expected = model.fit(rows[:size], labels[:size]).coef_
            np.testing.assert_allclose(coefficients[s, k].numpy(), expected, **CLOSE)


@settings(deadline=None)  # no test asserts seconds; the first call starts threads
@given(
    seed=st.integers(0, 1000),
    batch=st.integers(1, 400),
    sizes=st.sets(st.integers(6, 120), min_size=1, max_size=5).map(sorted),
)
def test_batches_and_cuts_do_not_matter(seed, batch, sizes):
    x, targets, kept = problem(rows=300, dimension=5, selections=2, seed=seed)
    coefficients, _ = fit_in_batches(x, targets, kept, sizes, batch, ridge=0.1)
    for s in range(2):
        rows, labels = x[kept[s]], targets[s][kept[s]]
        for k, size in enumerate(sizes):
            if size > len(rows):
                assert coefficients[s, k].isnan().all()
            else:
                expected = linear.fit_least_squares(rows[:size], labels[:size], 0.1)
                torch.testing.assert_close(coefficients[s, k], expected, **CLOSE)


def test_more_rows_than_a_chunk():
    rows = 2 * linear.ROWS + 100
    x, targets, kept = problem(rows=rows, selections=2)
    coefficients, _ = fit_in_batches(x, targets, torch.ones_like(kept), [rows - 1], batch=rows)
    for s in range(2):
        expected = np.linalg.lstsq(x[:-1].double().numpy(), targets[s, :-1].double().numpy())[0]
        np.testing.assert_allclose(coefficients[s, 0].numpy(), expected, **CLOSE)


def test_one_target_for_all_selections():
    x, targets, kept = problem()
    shared, _ = fit_in_batches(x, targets[0], kept, [100], batch=500)
    each, _ = fit_in_batches(x, targets[:1].expand(3, -1), kept, [100], batch=500)
    assert torch.equal(shared, each)


def test_a_selection_that_runs_out_has_nan_and_the_count_tells():
    x, targets, kept = problem(rows=400)
    kept[1, 60:] = False
    have = int(kept[1].sum())
    coefficients, counts = fit_in_batches(x, targets, kept, [have - 1, have, have + 1], batch=90)
    assert counts[1] == have
    assert coefficients.isnan().all(-1)[1].tolist() == [False, False, True]
    assert coefficients.isfinite().all(-1)[1].tolist() == [True, True, False]


def test_solve_between_updates():
    x, targets, kept = problem()
    fits = linear.NestedLeastSquares(10, [100, 600], 3)
    fits.update(x[:1000], targets[:, :1000], kept[:, :1000])
    early = fits.solve()
    fits.update(x[1000:], targets[:, 1000:], kept[:, 1000:])
    late = fits.solve()
    assert torch.equal(early[:, 0], late[:, 0])  # size 100 is complete after the first batch: later rows leave it alone
    assert early[:, 1].isnan().all()
    assert late[:, 1].isfinite().all(-1).tolist() == (kept.sum(1) >= 600).tolist()


def test_nested_shards():
    kept = torch.tensor([[True, False, True, True, True, True], [True] * 6])
    shards = linear.nested_shards(kept, torch.tensor([1, 0]), torch.tensor([2, 4]))
    # first selection: positions 2, -, 3, 4, 5, 6; second: 1 to 6; sizes 2 and 4; 2 stands for no shard
    assert shards.tolist() == [[0, 2, 1, 1, 2, 2], [0, 0, 1, 1, 2, 2]]


@pytest.mark.parametrize("ridge", [0.0, 0.3])
def test_normal_equations(ridge):
    x, targets, _ = problem(rows=80, selections=1)
    augmented = np.vstack([x.double().numpy(), math.sqrt(80 * ridge) * np.eye(10)])  # ridge as extra rows
    expected = np.linalg.lstsq(augmented, np.concatenate([targets[0].double().numpy(), np.zeros(10)]))[0]
    np.testing.assert_allclose(linear.fit_least_squares(x, targets[0], ridge).numpy(), expected, **CLOSE)


@pytest.mark.parametrize("rows", [1, 7, 29, 30])
@pytest.mark.parametrize("ridge", [0.0, 0.05])
def test_fewer_rows_than_features(rows, ridge):
    x, targets, _ = problem(rows=rows, dimension=30, selections=1)
    rows_, labels = x.double(), targets[0].double()
    # w = X^T (X X^T + n ridge I)^-1 t: the minimum-norm solution for ridge 0
    kernel = rows_ @ rows_.mT + rows * ridge * torch.eye(rows, dtype=torch.float64)
    expected = rows_.mT @ torch.linalg.solve(kernel, labels)
    # a square random matrix is badly conditioned: the Gram matrix squares that, about 1e-16 * 1e6 here
    torch.testing.assert_close(linear.fit_least_squares(x, targets[0], ridge), expected, rtol=1e-6, atol=1e-9)


def test_repeated_feature_shares_its_coefficient():
    x, targets, _ = problem(rows=500, selections=1)
    once = linear.fit_least_squares(x, targets[0])
    twice = linear.fit_least_squares(torch.cat([x, x[:, :1]], dim=1), targets[0])
    torch.testing.assert_close(twice[1:10], once[1:], **CLOSE)
    torch.testing.assert_close(twice[[0, 10]], once[:1].expand(2) / 2, **CLOSE)  # minimum norm: halves


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0, [5], 1), r"dimension = 0 is outside \[1, "),
        ((3, [], 1), r"sizes = \[\] are not strictly increasing"),
        ((3, [5, 5], 1), r"sizes = \[5, 5\] are not strictly increasing"),
        ((3, [0, 5], 1), r"sizes\[0\] = 0 is outside \[1, "),
        ((3, [2.5], 1), r"sizes\[0\] = 2.5 is not a whole number"),
        ((3, [5], 0), r"selections = 0 is outside \[1, "),
        ((3, list(range(1, 100)), 10), r"selections = 10 with 99 sizes"),
    ],
)
def test_bad_construction_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        linear.NestedLeastSquares(*arguments)


@pytest.mark.parametrize(
    ("x", "targets", "kept", "message"),
    [
        ((4, 2), (4,), (1, 4), r"x has shape \(4, 2\), allowed: \(batch, 3\)"),
        ((4, 3), (5,), (1, 4), r"targets has shape \(5,\), allowed: \(1, 4\) or \(4,\)"),
        ((4, 3), (4,), (2, 4), r"kept has shape \(2, 4\) and type torch.bool, allowed: \(1, 4\) and torch.bool"),
    ],
)
def test_bad_batch_is_refused(x, targets, kept, message):
    fits = linear.NestedLeastSquares(3, [2], 1)
    with pytest.raises(ValueError, match=message):
        fits.update(torch.ones(x), torch.ones(targets), torch.ones(kept, dtype=torch.bool))


def test_kept_must_be_bits():
    with pytest.raises(ValueError, match=r"type torch\.float32"):
        linear.NestedLeastSquares(3, [2], 1).update(torch.ones(4, 3), torch.ones(4), torch.ones(1, 4))


def test_bad_numbers_are_refused():
    fits = linear.NestedLeastSquares(3, [2], 1)
    fits.update(torch.full((4, 3), torch.nan), torch.ones(4), torch.ones(1, 4, dtype=torch.bool))
    with pytest.raises(ValueError, match="nan or inf"):
        fits.solve()
    with pytest.raises(ValueError, match=r"ridge = -1.0 is outside \[0, 1e\+100\]"):
        linear.fit_least_squares(torch.ones(4, 3), torch.ones(4), -1)
    with pytest.raises(ValueError, match=r"shapes \(4, 3\) and \(3,\), allowed: \(n, d\) and \(n,\)"):
        linear.fit_least_squares(torch.ones(4, 3), torch.ones(3))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_cuda_agrees_with_cpu():
    x, targets, kept = problem()
    sizes = [12, 300, 700]
    expected, _ = fit_in_batches(x, targets, kept, sizes, batch=1000)
    fits = linear.NestedLeastSquares(10, sizes, 3, device="cuda")
    fits.update(x.cuda(), targets.cuda(), kept.cuda())
    torch.testing.assert_close(fits.solve().cpu(), expected, **CLOSE)
