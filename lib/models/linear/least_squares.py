"""Least squares and ridge from sums over the rows; at nested sample sizes, in one pass over them.

The nested fit never holds more of the data than one batch. A row belongs to one shard of each selection (the shard
between two sample sizes, or none). Rows that share their shards in all selections share their Gram matrix too, so each
row is multiplied once, however many selections it serves: six selections cost as much as one.

Seconds and memory beside plain numpy: benchmarks/README.md.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from lib import tensors
from lib.models.linear.normal_equations import (
    EPS,
    SIX_DIGITS,
    check_sums,
    solve_normal_equations,
    solve_or_lose,
)
from lib.theory import checks

WELL = 1e-7  # of the condition that leaves eight digits: below it, and the rows at hand, these are solved themselves
ROWS = 8192  # rows of a Gram product: on two cores 72 GFLOP/s in such chunks, 28 for 10^6 rows at once


class NestedLeastSquares:
    """Least squares or ridge on the first ``n'`` kept rows of each selection, for several n', from one pass over the rows.

    Parameters
    ----------
    dimension : int
        Number of features d, at least 1.
    sizes : sequence of K int
        The sample sizes n', strictly increasing, at least 1.
    selections : int
        Number S of selections of the same rows; each has its own kept rows and targets. (K + 1)^S must stay below 2^63.
    device : torch.device or str
        Where the sums live; batches must come from there.

    Attributes
    ----------
    kept : (S,) int64 tensor
        Rows kept so far by each selection.

    Notes
    -----
    Sums are float64 whatever the type of the batches. Memory: S K d^2 floats, and a batch.
    Raises ValueError for a bad dimension, sizes or selections.
    Checked by tests/models/linear/test_least_squares.py::test_nested_fits_against_scikit_learn.
    """

    def __init__(self, dimension: int, sizes: Sequence[int], selections: int, *, device: torch.device | str = "cpu"):
        dimension, device = checks.integer("dimension", dimension, 1, 10**5), tensors.place("device", device)
        sizes = tensors.whole_numbers("sizes", sizes, 2**53)
        selections = checks.integer("selections", selections, 1, 63)
        if not sizes or sorted(set(sizes)) != sizes:
            raise ValueError(f"sizes = {sizes} are not strictly increasing, allowed: at least one, each above the last")
        if (len(sizes) + 1) ** selections >= 2**63:
            raise ValueError(
                f"selections = {selections} with {len(sizes)} sizes: (sizes + 1)^selections is outside [1, 2^63)"
            )
        self.sizes = torch.tensor(sizes, device=device)
        self.kept = torch.zeros(selections, dtype=torch.int64, device=device)
        shape, sums = (selections, len(sizes), dimension), {"dtype": torch.float64, "device": device}
        self._gram = torch.zeros(*shape, dimension, **sums)  # of each shard; solve() adds up the shards
        self._moment = torch.zeros(shape, **sums)

    def update(self, x: Tensor, targets: Tensor, kept: Tensor) -> None:
        """Take one batch of rows.

        Parameters
        ----------
        x : (batch, d) tensor
            Features, float32 or float64.
        targets : (S, batch) tensor, or (batch,) for all selections
            What to regress on.
        kept : (S, batch) bool tensor
            Which rows each selection keeps.

        Notes
        -----
        Raises ValueError for a wrong shape or type.
        """
        selections, _, dimension = self._moment.shape
        (
            tensors.real("x", x, f"(batch, {dimension})", dims=(2,)),
            tensors.real("targets", targets, "(S, batch) or (batch,)"),
        )
        tensors.real("kept", kept, "(S, batch), torch.bool")
        expected = (selections, len(x))
        if x.shape[1] != dimension:
            raise ValueError(f"x has shape {tuple(x.shape)}, allowed: (batch, {dimension})")
        if kept.shape != expected or kept.dtype != torch.bool:
            raise ValueError(
                f"kept has shape {tuple(kept.shape)} and type {kept.dtype}, allowed: {expected} and torch.bool"
            )
        if targets.shape not in (expected, expected[1:]):
            raise ValueError(f"targets has shape {tuple(targets.shape)}, allowed: {expected} or {expected[1:]}")
        shards = nested_shards(kept, self.kept, self.sizes)
        add_shard_sums(self._gram, self._moment, x, targets.expand(expected), shards)
        self.kept += kept.sum(1)

    def solve(self, ridge: float = 0.0) -> Tensor:
        """Coefficients of every selection and size: (S, K, d) float64.

        By :func:`lib.models.linear.normal_equations.solve_normal_equations`.

        A selection that has kept fewer rows than a size has nan there; ``kept`` tells how many it has. May be called
        between updates. Raises as that does, for a ridge out of range, for nan or inf in the rows, and without six digits.
        """
        gram, moment = self._gram.cumsum(1), self._moment.cumsum(1)
        reached = self.kept[:, None] >= self.sizes  # (S, K)
        coefficients = torch.full_like(moment, torch.nan)
        counts = self.sizes.expand(reached.shape)
        coefficients[reached] = solve_normal_equations(gram[reached], moment[reached], counts[reached], ridge)
        return coefficients


def nested_shards(kept: Tensor, counts: Tensor, sizes: Tensor) -> Tensor:
    """The shard of each row in each selection: k if ``sizes[k-1] < position <= sizes[k]``, with its position among kept rows.

    kept : (S, batch) bool; counts : (S,) rows kept before this batch; sizes : (K,) increasing. Returns (S, batch) int64 in
    0..K, where K means: not kept, or past the last size.
    Checked by tests/models/linear/test_least_squares.py::test_nested_shards.
    """
    position = counts[:, None] + kept.cumsum(1)  # (S, batch), the first kept row is number 1
    return torch.searchsorted(sizes, position).masked_fill_(~kept, len(sizes))


def add_shard_sums(gram: Tensor, moment: Tensor, x: Tensor, targets: Tensor, shards: Tensor) -> None:
    """Add ``sum x x^T`` and ``sum target x`` of each selection's shards to gram and moment, in place.

    gram : (S, K, d, d) and moment : (S, K, d), float64; x : (batch, d); targets, shards : (S, batch), a shard as returned by
    :func:`nested_shards`. Rows are sorted by the tuple of their S shards; each run of equal tuples is multiplied once,
    in chunks of ROWS. Checked by tests/models/linear/test_least_squares.py::test_nested_fits_against_scikit_learn.
    """
    selections, size_count = gram.shape[:2]
    digits = (size_count + 1) ** torch.arange(selections, device=shards.device)
    code, order = (digits[:, None] * shards).sum(0).sort()  # (batch,), the tuple of shards as one number
    lengths = code.unique_consecutive(return_counts=True)[1]
    tuples = shards[:, order[lengths.cumsum(0) - lengths]].mT.tolist()  # of the first row of each run
    for rows, shard_tuple in zip(order.split(lengths.tolist()), tuples, strict=True):
        users = [(s, k) for s, k in enumerate(shard_tuple) if k < size_count]
        if not users:
            continue
        for chunk in rows.split(ROWS):
            features = x[chunk].double()  # (rows, d)
            product = features.mT @ features  # (d, d)
            cross = targets[:, chunk].double() @ features  # (S, d)
            for s, k in users:
                gram[s, k] += product
                moment[s, k] += cross[s]


def fit_least_squares(x: Tensor, targets: Tensor, ridge: float = 0.0) -> Tensor:
    """Least squares or ridge on all rows of x (n, d) and targets (n,), n and d at least 1: (d,) float64.

    By its normal equations (:func:`lib.models.linear.normal_equations.solve_normal_equations`) where they keep eight digits, else
    by the singular values of x itself, which are not squared. Of several solutions (n < d and ridge 0) that of minimum norm.
    Raises ValueError for a wrong shape, a ridge outside [0, 1e100], and an x of numbers beyond 1e40 or all below
    1e-40, and ArithmeticError where x is so nearly singular that no six digits can be had.
    Checked by tests/models/linear/test_least_squares.py::test_normal_equations and tests/models/linear/test_conditioning.py.
    """
    ridge = checks.real("ridge", ridge, 0.0, tensors.LARGEST)
    tensors.real("x", x, "(n, d)"), tensors.real("targets", targets, "(n,)")
    if x.ndim != 2 or targets.shape != x.shape[:1] or 0 in x.shape:
        raise ValueError(
            f"x and targets have shapes {tuple(x.shape)} and {tuple(targets.shape)}, "
            "allowed: (n, d) and (n,), each at least 1"
        )
    # sums of squares stay below 1e100
    x, targets = tensors.sized("x", x, largest=1e40).double(), tensors.finite("targets", targets, largest=1e40).double()
    count = torch.tensor(float(len(x)), dtype=torch.float64, device=x.device)
    weights, lost, used = solve_or_lose(x.mT @ x, targets @ x, count, ridge, WELL)
    return _solve_rows(x, targets, len(x) * ridge) if lost or used < min(x.shape) else weights


def fit_ridge_mix(gram: Tensor, moment: Tensor, count: int, gamma: float | Tensor) -> Tensor:
    """The classifier of eq. 6, ``w = (G/N + gamma I)^-1 b/N``, for many repeats and ridges at once, by Cholesky factors.

    Parameters
    ----------
    gram : (..., d, d) tensor
        ``G``, the sum of x x^T over real rows and kept synthetic rows, float64.
    moment : (..., d) tensor
        ``b``, the sum of label times x over the same rows.
    count : int
        N = n + m, pruned rows included, at least 1.
    gamma : float or (R,) tensor
        Ridges, in (0, 1e100].

    Notes
    -----
    Returns (..., d) for one ridge, (..., R, d) for several. Where G is singular and gamma so small that Cholesky factors lose
    digits, :func:`lib.models.linear.normal_equations.solve_normal_equations` takes over. Raises ValueError if count or gamma is
    out of range, or if the sums hold nan or inf; ArithmeticError as that function. Source: "Maximizing the Potential of
    Synthetic Data", eq. 6. Checked by tests/models/linear/test_ridge_mix.py::test_against_scikit_learn and
    tests/models/linear/test_conditioning.py.
    """
    count = checks.integer("count", count, 1, 10**15)
    several = isinstance(gamma, Tensor) and tensors.real("gamma", gamma, "a number or (R,)", dims=(0, 1)).ndim == 1
    ridges = gamma.flatten().tolist() if isinstance(gamma, Tensor) else [gamma]
    ridges = [checks.real("gamma", ridge, 0.0, tensors.LARGEST, open_low=True) for ridge in ridges]
    check_sums(gram, moment, "x and labels")
    gram, moment = gram.double(), moment.double()
    shifts = gram.new_tensor(ridges).view(-1, 1, 1) * torch.eye(gram.shape[-1]).to(gram)
    matrix = gram[..., None, :, :] / count + shifts  # (..., R, d, d)
    factor, failed = torch.linalg.cholesky_ex(matrix)
    largest = matrix.diagonal(dim1=-2, dim2=-1).amax(-1)
    # a pivot is at least the smallest eigenvalue
    poor = (failed > 0) | (factor.diagonal(dim1=-2, dim2=-1).square().amin(-1) < SIX_DIGITS * largest)
    weights = torch.cholesky_solve((moment / count)[..., None, :, None].expand(*factor.shape[:-1], 1), factor)[..., 0]
    for *place, ridge in poor.nonzero().tolist():
        problem = tuple(place)
        weights[(*problem, ridge)] = solve_normal_equations(gram[problem], moment[problem], count, ridges[ridge])
    return weights if several else weights[..., 0, :]


def _solve_rows(x: Tensor, targets: Tensor, penalty: float) -> Tensor:
    """Minimise ``|x w - targets|^2 + penalty |w|^2`` by the singular values of the rows, x (n, d) float64."""
    if penalty > 0:  # as d more rows
        x = torch.cat([x, math.sqrt(penalty) * torch.eye(x.shape[1]).to(x)])
        targets = torch.cat([targets, targets.new_zeros(x.shape[1])])
    columns = x.norm(dim=0)
    factors = torch.where(columns > 0, columns, torch.inf).reciprocal()  # features of length one
    plain, scaled = _pseudo_solve(x, targets), _pseudo_solve(x * factors, targets)
    if singular := plain[1] == scaled[1] < x.shape[1]:  # of many solutions that of minimum norm, in the units given
        factors = torch.ones_like(columns)
    weights, rank, condition = plain if singular else scaled  # features of very different size are not singular
    weights = factors * weights
    misfit = (targets - x @ weights).norm() / (x.norm() * weights.norm() + targets.norm()).clamp(min=tensors.SMALLEST)
    # the perturbation bound of least squares, and six digits of it
    if rank < plain[1] or (rank < x.shape[1] and not singular) or EPS * condition * (1 + condition * misfit) > 1e-6:
        raise ArithmeticError(
            f"x has condition {condition:.2g}: double precision cannot give six digits of these coefficients; "
            "take a larger ridge, or leave out features that repeat others"
        )
    return weights


def _pseudo_solve(x: Tensor, targets: Tensor) -> tuple[Tensor, int, float]:
    """The solution of minimum norm, the rank of x (n, d), and its condition on that many dimensions."""
    left, values, right = torch.linalg.svd(x, full_matrices=False)
    rank = int((values > max(x.shape) * EPS * values[0]).sum())
    kept = slice(0, rank)
    weights = right[kept].mT @ ((left[:, kept].mT @ targets) / values[kept])
    return weights, rank, (values[0] / values[rank - 1]).item() if rank else 1.0
