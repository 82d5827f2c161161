"""Logistic ridge regression for many problems at once, by Newton's method in float64.

Source: "Beyond Model Collapse", eq. 1: the downstream model of its theory. Labels are -1 and +1.
"""

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid

from lib import tensors
from lib.models.linear.least_squares import ROWS
from lib.theory import checks

EPS = torch.finfo(torch.float64).eps
# of the weights: a Newton step that may be left out, and one that may be the last, as the next is some tens of its square
NEAR, STEP = 1e-7, 3e-5


def fit_logistic_ridge(
    x: Tensor,
    labels: Tensor,
    ridge: float,
    *,
    kept: Tensor | None = None,
    tolerance: float = 1e-10,
    max_steps: int = 100,
) -> Tensor:
    """Fit B logistic ridge regressions without intercept.

    Each minimises ``(1/n) sum_i q_i log(1 + exp(-y_i x_i . w)) + (ridge / 2) |w|^2``, y in {-1, +1}: eq. 1 of "Beyond Model
    Collapse", whose n counts the pruned rows too. Newton's method with step halving (Armijo), in float64. With d > n the
    problem is turned into one of dimension n, as w lies in the span of the rows (QR).

    Parameters
    ----------
    x : (B, n, d) tensor, or (n, d) for all problems
        Features.
    labels : (B, n) tensor
        -1 or +1.
    ridge : float
        In (0, 1e100]. scikit-learn's ``LogisticRegression(C)`` is ridge = 1 / (C n).
    kept : (B, n) bool tensor, optional
        The bits q; all are 1 by default.
    tolerance : float
        A fit ends when the norm of its gradient is at most tolerance times ``(1/n) sum_i q_i |x_i|``, the bound of that
        of the loss. The distance to the minimiser is then at most that norm over ridge; where that bound is more than 1e-7 of
        the weights, as for separable rows with a ridge below 1e-6, the next Newton step must be less than 1e-7 of them, too.
    max_steps : int
        Newton steps allowed. A dozen is usual.

    Returns
    -------
    (B, d) float64 tensor

    Raises
    ------
    ValueError
        For a wrong or empty shape, labels other than -1 and +1, numbers in x beyond 1e40 or all below 1e-40, or a parameter
        outside its range.
    ArithmeticError
        With the gradient norm, if a fit has not converged after max_steps; and where double precision cannot give six digits,
        as features depend on one another and there is hardly any ridge.

    Notes
    -----
    Memory beyond the arguments: a few (problems, n) arrays of float64 and about 100 MiB, as problems are fitted in blocks.
    Checked by tests/models/linear/test_logistic_ridge.py::test_against_scikit_learn and ::test_hardly_any_ridge.
    """
    ridge = checks.real("ridge", ridge, 0.0, tensors.LARGEST, open_low=True)
    tolerance = checks.positive("tolerance", tolerance)
    max_steps = checks.integer("max_steps", max_steps, 1, 10**6)
    tensors.real("x", x, "(B, n, d) or (n, d)"), tensors.real("labels", labels, "(B, n)")
    if labels.ndim != 2 or x.ndim not in (2, 3) or x.shape[-2] != labels.shape[1] or 0 in (*x.shape, len(labels)):
        raise ValueError(
            f"x and labels have shapes {tuple(x.shape)} and {tuple(labels.shape)}, "
            "allowed: (B, n, d) or (n, d), and (B, n), each at least 1"
        )
    if x.ndim == 3 and len(x) != len(labels):
        raise ValueError(f"x has {len(x)} problems, labels have {len(labels)}, allowed: as many")
    if not (labels.abs() == 1).all():
        raise ValueError(f"labels hold {labels[labels.abs() != 1][0].item()}, allowed: -1 and +1")
    tensors.sized("x", x, largest=1e40)
    kept = torch.ones_like(labels, dtype=torch.bool) if kept is None else tensors.bits("kept", kept, labels.shape)

    n, dimension = x.shape[-2:]
    basis = None
    if dimension > n:
        basis, triangle = torch.linalg.qr(x.double().mT)  # x = triangle^T basis^T, w = basis v, |w| = |v|
        x = triangle.mT  # (..., n, n)
    block = max(1, 2**19 // (min(n, ROWS) * x.shape[-1]))  # problems whose weighted chunk is 4 MiB: it stays in cache
    fits = []
    for start in range(0, len(labels), block):
        some = slice(start, start + block)
        features = x if x.ndim == 2 else x[some]
        fits.append(_newton(features, labels[some].double(), kept[some].double(), ridge, tolerance, max_steps))
    weights = torch.cat(fits)
    return weights if basis is None else (weights[:, None] @ basis.mT)[:, 0]


def _newton(x: Tensor, labels: Tensor, kept: Tensor, ridge: float, tolerance: float, max_steps: int) -> Tensor:
    """Minimise one block of problems: x (n, d) or (b, n, d), labels and kept (b, n) float64; returns (b, d) float64."""
    n, dimension = x.shape[-2:]
    weights = labels.new_zeros(len(labels), dimension)
    margins = torch.zeros_like(labels)  # y_i x_i . w
    identity = torch.eye(dimension, dtype=labels.dtype, device=x.device)
    lengths = kept * x.norm(dim=-1)
    limit = tolerance * lengths.sum(-1) / n
    unit = n / lengths.sum(-1).clamp(min=tensors.SMALLEST)  # weights of this size change a loss
    moved = torch.full_like(unit, torch.inf)
    for step in range(max_steps + 1):
        wrong = torch.sigmoid(-margins)
        gradient = ridge * weights - weighted_sum(x, kept * labels * wrong / n)
        norms, size = gradient.norm(dim=-1), weights.norm(dim=-1)
        unfinished = norms > limit
        # a gradient over ridge bounds the distance to the minimiser; with little ridge that says nothing, and a step tells: this
        # one, or the last one, whose square this one is
        doubtful = ~unfinished & (norms > NEAR * ridge * size) & (moved > STEP * size)
        noise = EPS * ((lengths * wrong).sum(-1) / n + ridge * size)  # what rounding leaves of a gradient
        if not (unfinished | doubtful | (noise > NEAR * ridge * size)).any():
            return weights
        hessian = weighted_gram(x, kept * wrong * (1 - wrong) / n) + ridge * identity
        factor, failed = torch.linalg.cholesky_ex(hessian)
        direction = -torch.cholesky_solve(gradient[..., None], factor)[..., 0]
        doubtful &= ~(direction.norm(dim=-1) <= NEAR * size + 1e-16 * unit)
        unfinished |= doubtful
        if not unfinished.any():
            # only now: the eigenvalues cost more than the step
            _check_digits(noise / torch.linalg.eigvalsh(hessian)[..., 0], size, unit, ridge)
            return weights
        if step == max_steps:
            break
        if (failed.bool() & unfinished).any():
            raise ArithmeticError(
                f"logistic ridge: the rows are singular to rounding, and ridge = {ridge:g} is too small"
            )
        slopes = labels * project(x, direction)  # change of the margins along the direction
        length = _step_length(margins, slopes, weights, direction, gradient, kept, ridge, unfinished.double())
        weights = weights + length[:, None] * direction
        moved = torch.where(
            unfinished & (length < 1), torch.inf, torch.where(unfinished, direction.norm(dim=-1), moved)
        )
        margins = margins + length[:, None] * slopes
    raise ArithmeticError(
        f"logistic ridge has not converged: gradient norm {norms.max().item():.3g} after {max_steps} Newton steps, "
        f"ridge {ridge:g}; a larger max_steps may help, or a larger ridge"
    )


def _check_digits(distance: Tensor, size: Tensor, unit: Tensor, ridge: float) -> None:
    """Raise unless rounding moves no minimiser by a millionth of its size, or by a billionth of what changes a loss."""
    if not (distance <= 1e-6 * size + 1e-9 * unit).all():
        raise ArithmeticError(
            f"logistic ridge: double precision cannot give six digits with ridge = {ridge:g}; some features depend on others"
        )


def _step_length(margins, slopes, weights, direction, gradient, kept, ridge, length):
    """Halve the lengths (b,) until each objective falls by 1e-4 of what its slope promises (Armijo).

    It ends: a length of 0 always passes, by the slack. Finished problems come with length 0 and stay where they are.
    """

    def objective(length):
        losses = -(kept * logsigmoid(margins + length[:, None] * slopes)).mean(-1)
        return losses + ridge / 2 * (weights + length[:, None] * direction).square().sum(-1)

    start = objective(torch.zeros_like(length))
    # near the minimum the fall is below the rounding of the objective
    slack = 16 * torch.finfo(start.dtype).eps * start
    promised = 1e-4 * (gradient * direction).sum(-1)
    while (short := objective(length) > start + length * promised + slack).any():
        length = torch.where(short, length / 2, length)
    return length


def project(x: Tensor, weights: Tensor) -> Tensor:
    """``x_i . weights`` of B problems: x (B, n, d), or (n, d) for all; weights (B, d) float64; returns (B, n) float64.

    This and the next two take ROWS rows at a time to float64, so that float32 data are never copied as a whole.
    Checked by tests/models/linear/test_logistic_ridge.py::test_chunked_products.
    """
    return torch.cat([(weights[:, None] @ rows.double().mT)[:, 0] for rows in x.split(ROWS, dim=-2)], dim=-1)


def weighted_sum(x: Tensor, weights: Tensor) -> Tensor:
    """``sum_i weights_i x_i`` of B problems: x (B, n, d) or (n, d); weights (B, n) float64; returns (B, d) float64.

    Checked by tests/models/linear/test_logistic_ridge.py::test_chunked_products.
    """
    chunks = zip(x.split(ROWS, dim=-2), weights.split(ROWS, dim=-1), strict=True)
    return sum((part[:, None] @ rows.double())[:, 0] for rows, part in chunks)


def weighted_gram(x: Tensor, weights: Tensor) -> Tensor:
    """``sum_i weights_i x_i x_i^T`` of B problems: x (B, n, d) or (n, d); weights (B, n) float64; returns (B, d, d) float64.

    Checked by tests/models/linear/test_logistic_ridge.py::test_chunked_products.
    """
    chunks = (
        (rows.double(), part) for rows, part in zip(x.split(ROWS, dim=-2), weights.split(ROWS, dim=-1), strict=True)
    )
    return sum((rows * part[..., None]).mT @ rows for rows, part in chunks)
