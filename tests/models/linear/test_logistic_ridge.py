"""Batched logistic ridge against scikit-learn, and against the conditions that define the minimum."""

import mpmath
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from lib.models.linear.least_squares import ROWS
from lib.models.linear.logistic_ridge import fit_logistic_ridge, project, weighted_gram, weighted_sum


def problem(problems=3, rows=200, dimension=6, seed=0, shared=False):
    g = torch.Generator().manual_seed(seed)
    x = torch.randn(*(() if shared else (problems,)), rows, dimension, generator=g)
    truth = torch.randn(problems, dimension, generator=g)
    noise = torch.randn(problems, rows, generator=g)
    labels = ((truth[:, None] @ x.mT)[:, 0] + noise).sign()
    kept = torch.rand(problems, rows, generator=g) < 0.7
    return x, labels, kept


def gradients(x, labels, kept, ridge, weights):
    """The gradient of eq. 1, by autograd of the formula as written."""
    weights = weights.clone().requires_grad_()
    margins = labels * torch.einsum("bnd,bd->bn", x.double().expand(len(labels), *x.shape[-2:]), weights)
    loss = (kept * torch.log1p(torch.exp(-margins))).mean(-1) + ridge / 2 * weights.square().sum(-1)
    return torch.autograd.grad(loss.sum(), weights)[0]


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("dimension", [6, 300])  # 300 features and 200 rows: fitted in the span of the rows
@pytest.mark.parametrize("ridge", [1e-3, 0.1, 10.0])
def test_against_scikit_learn(shared, dimension, ridge):
    x, labels, kept = problem(dimension=dimension, shared=shared)
    weights = fit_logistic_ridge(x, labels, ridge, kept=kept)
    assert weights.shape == (3, dimension)
    assert weights.dtype == torch.float64
    for b in range(3):
        rows = (x if shared else x[b])[kept[b]].double().numpy()
        # eq. 1 divides by all n rows, pruned ones too
        model = LogisticRegression(
            C=1 / (ridge * 200), fit_intercept=False, tol=1e-10, max_iter=10_000, solver="newton-cg"
        )
        expected = model.fit(rows, labels[b][kept[b]].numpy()).coef_[0]
        # scikit-learn stops at a gradient of 1e-10 of the mean loss; times 1/ridge that is up to 1e-7 in w
        np.testing.assert_allclose(weights[b].numpy(), expected, rtol=0, atol=1e-6)


@settings(deadline=None)  # no test asserts seconds; the first call starts threads
@given(
    seed=st.integers(0, 1000),
    rows=st.integers(1, 60),
    dimension=st.integers(1, 30),
    log_ridge=st.floats(-6, 3),
    scale=st.sampled_from([1e-2, 1.0, 1e2]),
)
def test_gradient_vanishes(seed, rows, dimension, log_ridge, scale):
    x, labels, kept = problem(2, rows, dimension, seed)
    x, ridge = scale * x, 10.0**log_ridge
    labels = torch.where(labels == 0, 1.0, labels)
    weights = fit_logistic_ridge(x, labels, ridge, kept=kept)
    bound = (kept * x.double().norm(dim=-1)).mean(-1)
    # the tolerance 1e-10 of the docstring; 1e-12 more for the rounding of this gradient
    assert (gradients(x, labels, kept, ridge, weights).norm(dim=-1) <= 1.02e-10 * bound + 1e-300).all()


def test_many_problems_in_blocks_equal_each_alone():
    problems, rows, dimension = 600, 100, 80  # 600 * 100 * 80 numbers: two blocks
    x, labels, kept = problem(problems, rows, dimension)
    together = fit_logistic_ridge(x, labels, 0.05, kept=kept)
    for b in (0, 523, 524, 599):
        alone = fit_logistic_ridge(x[b], labels[b : b + 1], 0.05, kept=kept[b : b + 1])[0]
        # both have gradients below 1e-10 * 9 (the rows' norm), so lie within that over ridge of the minimiser
        torch.testing.assert_close(together[b], alone, rtol=0, atol=4e-8)


def test_separable_data_and_weak_ridge_converge():
    x, _, _ = problem(1, 500, 5)
    labels = torch.where(x[..., 0] > 0, 1.0, -1.0)
    weights = fit_logistic_ridge(x, labels, 1e-7)
    assert (labels * (x.double() @ weights[..., None])[..., 0] > 0).all()


def minimiser(x, labels, ridge, start):
    """Newton's method in 50 digits; x (n, d), labels (n,)."""
    with mpmath.workdps(50):
        n, d = x.shape
        rows = [
            [mpmath.mpf(y) * mpmath.mpf(v) for v in row] for y, row in zip(labels.tolist(), x.tolist(), strict=True)
        ]
        w, ridge = mpmath.matrix(start), mpmath.mpf(ridge)
        for _ in range(60):
            wrong = [1 / (1 + mpmath.exp(mpmath.fdot(row, w))) for row in rows]
            gradient = mpmath.matrix(
                [
                    ridge * w[j] - mpmath.fsum(q * row[j] for q, row in zip(wrong, rows, strict=True)) / n
                    for j in range(d)
                ]
            )
            hessian = mpmath.matrix(d, d)
            for i in range(d):
                for j in range(d):
                    terms = (q * (1 - q) * row[i] * row[j] for q, row in zip(wrong, rows, strict=True))
                    hessian[i, j] = mpmath.fsum(terms) / n + (ridge if i == j else 0)
            step = mpmath.lu_solve(hessian, gradient)
            w -= step
            if mpmath.norm(step) < mpmath.mpf(10) ** -25 * mpmath.norm(w):
                return [float(value) for value in w]
        raise AssertionError("the reference has not converged")


@pytest.mark.parametrize("ridge", [1e-3, 1e-6, 1e-9, 1e-14, 1e-25])
@pytest.mark.parametrize("separable", [True, False])
@pytest.mark.parametrize("dimension", [1, 3])
def test_hardly_any_ridge(ridge, separable, dimension):
    """On separable rows the weights grow as the logarithm of 1/ridge; a small gradient is no sign of having arrived."""
    x, labels, _ = problem(1, 20, dimension, seed=3)
    x = x.double()
    if separable:
        labels = torch.where(x[..., 0] > 0, 1.0, -1.0)
    found = fit_logistic_ridge(x, labels, ridge)[0]
    expected = minimiser(x[0], labels[0], ridge, found.tolist())
    assert found.tolist() == pytest.approx(expected, rel=1e-7)


@pytest.mark.parametrize("ridge", [1e-3, 1e-9, 1e-12, 1e-15, 1e-18, 1e-300])
def test_dependent_features_converge_or_are_refused(ridge):
    x, labels, _ = problem(1, 50, 2)
    x = torch.cat([x, x.sum(-1, keepdim=True)], -1).double()
    try:
        found = fit_logistic_ridge(x, labels, ridge)[0]
    except ArithmeticError:
        assert ridge < 1e-8
    else:
        assert found.tolist() == pytest.approx(minimiser(x[0], labels[0], ridge, [0, 0, 0]), rel=1e-6)


def test_nothing_to_learn_is_zero():
    """Rows whose pulls cancel: the minimiser is 0, and no relative digit of it can be had or is asked for."""
    x = torch.tensor([[[1.0, 2.0], [-1.0, -2.0], [0.3, 0.1], [-0.3, -0.1]]])
    for ridge in (1e-12, 1e-3, 1e3):
        assert fit_logistic_ridge(x, torch.ones(1, 4), ridge).abs().max() < 1e-15


def test_rows_of_very_unequal_length_need_the_halving():
    # without the halving of steps, several of these 200 problems oscillate and never converge
    x, _, _ = problem(200, 12, 4)
    g = torch.Generator().manual_seed(0)
    x = x * torch.exp(2 * torch.randn(200, 12, 1, generator=g))
    labels = torch.randint(0, 2, (200, 12), generator=g).double() * 2 - 1
    every = torch.ones_like(labels, dtype=torch.bool)
    weights = fit_logistic_ridge(x, labels, 1e-5)
    bound = x.double().norm(dim=-1).mean(-1)
    assert (gradients(x, labels, every, 1e-5, weights).norm(dim=-1) <= 1.02e-10 * bound).all()


def test_nothing_kept_gives_zero():
    x, labels, kept = problem()
    weights = fit_logistic_ridge(x, labels, 0.1, kept=torch.zeros_like(kept))
    assert (weights == 0).all()


@pytest.mark.parametrize("shared", [False, True])
def test_chunked_products(shared):
    x, _, _ = problem(2, ROWS + 50, 3, shared=shared)
    g = torch.Generator().manual_seed(1)
    q, w = (torch.rand(2, size, generator=g, dtype=torch.float64) for size in (ROWS + 50, 3))
    each = x.double().expand(2, ROWS + 50, 3)
    close = {"rtol": 0, "atol": 1e-9}  # sums of 8000 terms of size 1, each rounded at 1e-16
    torch.testing.assert_close(project(x, w), torch.einsum("bnd,bd->bn", each, w), **close)
    torch.testing.assert_close(weighted_sum(x, q), torch.einsum("bn,bnd->bd", q, each), **close)
    torch.testing.assert_close(weighted_gram(x, q), torch.einsum("bn,bni,bnj->bij", q, each, each), **close)


def test_no_convergence_is_an_error_with_the_residual():
    x, labels, _ = problem()
    with pytest.raises(ArithmeticError, match=r"gradient norm \S+ after 1 Newton steps, ridge 0.01"):
        fit_logistic_ridge(x, labels, 0.01, max_steps=1)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"ridge": 0.0}, r"ridge = 0.0 is outside \(0, 1e\+100\]"),
        ({"tolerance": -1.0}, r"tolerance = -1.0 is outside \(0, inf\)"),
        ({"max_steps": 0}, r"max_steps = 0 is outside \[1, "),
        ({"labels": torch.zeros(3, 200)}, r"labels hold 0.0, allowed: -1 and \+1"),
        ({"labels": torch.ones(3, 199)}, r"shapes \(3, 200, 6\) and \(3, 199\), allowed"),
        ({"x": torch.zeros(3, 0, 6), "labels": torch.zeros(3, 0)}, r"x and labels have shapes .* each at least 1"),
        ({"x": torch.full((3, 200, 6), 1e-200, dtype=torch.float64)}, r"x has largest magnitude 1e-200"),
        ({"labels": torch.ones(2, 200)}, r"x has 3 problems, labels have 2, allowed: as many"),
        ({"x": torch.full((3, 200, 6), torch.inf)}, r"x holds nan or inf"),
        ({"kept": torch.ones(3, 200)}, r"kept has shape \(3, 200\) and type torch.float32"),
        ({"kept": torch.ones(1, 200, dtype=torch.bool)}, r"kept has shape \(1, 200\)"),
    ],
)
def test_bad_input_is_refused_by_name(change, message):
    x, labels, _ = problem()
    with pytest.raises(ValueError, match=message):
        fit_logistic_ridge(**({"x": x, "labels": labels, "ridge": 0.1} | change))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_cuda_agrees_with_cpu():
    x, labels, kept = problem()
    expected = fit_logistic_ridge(x, labels, 0.1, kept=kept)
    weights = fit_logistic_ridge(x.cuda(), labels.cuda(), 0.1, kept=kept.cuda())
    torch.testing.assert_close(weights.cpu(), expected, rtol=0, atol=1e-8)  # gradients below 3e-10, over ridge 0.1
