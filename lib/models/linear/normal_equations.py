"""Normal equations solved from sums over the rows, and whether the sums hold enough digits for that.

The condition number of ``G = X^T X`` is the square of that of X, so six digits of the solution need a condition of G below 1e9.
"""

import torch
from torch import Tensor

from lib import tensors
from lib.theory import checks

EPS = torch.finfo(torch.float64).eps
SIX_DIGITS = 1e-9  # smallest eigenvalue over largest that leaves six digits: a few roundings of 2e-16 over it


def solve_normal_equations(gram: Tensor, moment: Tensor, count: Tensor | int, ridge: float = 0.0) -> Tensor:
    """Minimise ``(1/n) sum_i (x_i . w - t_i)^2 + ridge |w|^2`` given its sums.

    The solution is ``w = (G/n + ridge I)^+ b/n``, by the eigenvalues of ``G/n`` (torch.linalg.eigh). Directions whose
    eigenvalue is below ``d eps`` times the largest are taken for rounding, unless the moment says otherwise, and get
    coefficient 0: with ridge 0 and a singular Gram matrix (n < d for instance) this is the least-squares solution of minimum
    norm. Features of very different size are not singular: they are scaled first.

    Parameters
    ----------
    gram : (..., d, d) tensor
        ``G = sum x x^T``, float64.
    moment : (..., d) tensor
        ``b = sum t x``, float64.
    count : int or tensor
        n, at least 1, broadcast against the leading dimensions.
    ridge : float
        In [0, 1e100]. scikit-learn's ``Ridge(alpha)`` is ridge = alpha / n.

    Notes
    -----
    Returns (..., d) float64. Raises ValueError if ridge is out of range, a shape is wrong, or the sums hold nan, inf or numbers
    beyond 1e100; ArithmeticError where the sums cannot give six digits (``lib.models.linear.least_squares.fit_least_squares``,
    which has the rows, may).
    Checked by tests/models/linear/test_least_squares.py::test_normal_equations, ::test_fewer_rows_than_features and
    tests/models/linear/test_conditioning.py.
    """
    ridge = checks.real("ridge", ridge, 0.0, tensors.LARGEST)
    check_sums(gram, moment, "x and targets")
    count = _counts(count, gram)
    weights, lost, _ = solve_or_lose(gram.double(), moment.double(), count, ridge, SIX_DIGITS)
    if lost.any():
        raise ArithmeticError(
            f"the sums over x and targets cannot give six digits: their smallest eigenvalue above 0, plus ridge = {ridge:g}, "
            f"is below {SIX_DIGITS:g} of the largest; fit the rows themselves, or take a larger ridge"
        )
    return weights


def solve_or_lose(
    gram: Tensor, moment: Tensor, count: Tensor, ridge: float, least: float
) -> tuple[Tensor, Tensor, Tensor]:
    """Coefficients (..., d) as :func:`solve_normal_equations`; (...) bool, where they are not to be trusted, as the smallest
    eigenvalue used, plus ridge, is below ``least`` times the largest; (...), how many directions were used.

    Arguments are checked ones, float64."""
    eigenvalues, vectors = torch.linalg.eigh(gram / count[..., None, None])  # (..., d) rising, (..., d, d) in columns
    dimension = gram.shape[-1]
    top = eigenvalues[..., -1:]
    coordinates = (vectors.mT @ (moment / count[..., None])[..., None])[..., 0]
    rounding = dimension * EPS * top
    # below rounding, but for a moment that is not: with a ridge the eigenvalue does not matter
    moved = coordinates.abs() > 100 * dimension * EPS * coordinates.abs().amax(-1, keepdim=True)
    kept = (eigenvalues > rounding) | (moved & (ridge >= SIX_DIGITS * top) & (ridge > 0))
    inverse = torch.where(kept, 1 / (eigenvalues.clamp(min=0) + ridge), 0.0)
    weights = (vectors @ (inverse * coordinates)[..., None])[..., 0]
    lost = (kept & (eigenvalues + ridge < least * (top + ridge))).any(-1)
    used, sizes = kept.sum(-1), gram.diagonal(dim1=-2, dim2=-1)
    unequal = torch.where(sizes > 0, sizes, torch.inf).amin(-1) < SIX_DIGITS * sizes.amax(-1)
    for place in (lost | unequal | ~kept.all(-1)).nonzero().tolist():  # scaling may show that nothing is singular
        one = tuple(place)
        matrix, right = gram[one] / count[one], moment[one] / count[one]
        if lost[one] or unequal[one] or rank(_scaled(matrix)[0]) > used[one]:
            scaled = _solve_scaled(matrix, right, ridge, least)
            lost[one] = scaled is None
            if scaled is not None:
                weights[one], used[one] = scaled, dimension
    return weights, lost, used


def rank(matrix: Tensor) -> int:
    """How many eigenvalues of a symmetric matrix (d, d) are above rounding, ``d eps`` times the largest."""
    eigenvalues = torch.linalg.eigvalsh(matrix)
    return int((eigenvalues > len(matrix) * EPS * eigenvalues[-1]).sum())


def check_sums(gram: Tensor, moment: Tensor, words: str) -> None:
    """Raise ValueError unless gram (..., d, d) and moment (..., d) fit and hold numbers of at most 1e100."""
    tensors.real("gram", gram, "(..., d, d)", empty=False)
    tensors.real("moment", moment, "(..., d)", empty=False)
    if gram.ndim < 2 or gram.shape[-1] != gram.shape[-2] or moment.shape != gram.shape[:-1]:
        raise ValueError(
            f"gram and moment have shapes {tuple(gram.shape)} and {tuple(moment.shape)}, allowed: (..., d, d) and (..., d)"
        )
    for name, sums in (("gram", gram), ("moment", moment)):
        tensors.finite(f"{name}, the sums over {words},", sums)


def _counts(count: Tensor | int, gram: Tensor) -> Tensor:
    """n as float64, in the shape of the problems."""
    if not isinstance(count, Tensor):
        count = torch.tensor(checks.integer("count", count, 1, 10**15))
    tensors.finite("count", tensors.real("count", count, "numbers of rows, at least 1"))
    if not (count >= 1).all():
        raise ValueError(f"count holds {count.min().item():g}, outside [1, 1e+15]")
    try:
        return count.to(gram.device, torch.float64).expand(gram.shape[:-2])
    except RuntimeError as error:
        raise ValueError(
            f"count has shape {tuple(count.shape)}, allowed: what extends to {tuple(gram.shape[:-2])}"
        ) from error


def _scaled(matrix: Tensor) -> tuple[Tensor, Tensor]:
    """The matrix with ones on its diagonal, and the (d,) factors that make it so; 0 where there is a 0."""
    diagonal = matrix.diagonal()
    factors = torch.where(diagonal > 0, diagonal, torch.inf).rsqrt()
    return matrix * factors[:, None] * factors, factors


def _solve_scaled(matrix: Tensor, right: Tensor, ridge: float, least: float) -> Tensor | None:
    """One problem with features of length one, or None if that is singular too. By Cholesky factors, since eigenvectors mix large
    and small coefficients, and the small ones lose their digits."""
    matrix, factors = _scaled(matrix + ridge * torch.eye(len(matrix)).to(matrix))
    eigenvalues = torch.linalg.eigvalsh(matrix)
    if not eigenvalues[0] >= least * eigenvalues[-1] > 0:
        return None
    factor = torch.linalg.cholesky(matrix)
    return factors * torch.cholesky_solve((factors * right)[:, None], factor)[:, 0]
