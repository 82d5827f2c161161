"""Least squares and ridge from sums over the rows; at nested sample sizes, in one pass over them.

The nested fit never holds more of the data than one batch. A row belongs to one shard of each selection (the shard
between two sample sizes, or none). Rows that share their shards in all selections share their Gram matrix too, so each
row is multiplied once, however many selections it serves: six selections cost as much as one.

Seconds and memory beside plain numpy: benchmarks/README.md.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from lib.theory import checks

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
        dimension = checks.integer("dimension", dimension, 1, 10**5)
        sizes = [checks.integer("sizes", size, 1, 2**53) for size in sizes]
        selections = checks.integer("selections", selections, 1, 63)
        if not sizes or sorted(set(sizes)) != sizes:
            raise ValueError(f"sizes = {sizes} are not strictly increasing, at least one")
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
        expected = (selections, len(x))
        if x.ndim != 2 or x.shape[1] != dimension:
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
        """Coefficients of every selection and size: (S, K, d) float64, by :func:`solve_normal_equations`.

        A selection that has kept fewer rows than a size has nan there; ``kept`` tells how many it has. May be called
        between updates. Raises ValueError if ridge is negative, or if nan or inf came with the rows.
        """
        gram, moment = self._gram.cumsum(1), self._moment.cumsum(1)
        coefficients = solve_normal_equations(gram, moment, self.sizes, ridge)
        return coefficients.masked_fill((self.kept[:, None] < self.sizes)[..., None], torch.nan)


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


def solve_normal_equations(gram: Tensor, moment: Tensor, count: Tensor | int, ridge: float = 0.0) -> Tensor:
    """Minimise ``(1/n) sum_i (x_i . w - t_i)^2 + ridge |w|^2`` given its sums.

    The solution is ``w = (G/n + ridge I)^+ b/n``, by the eigenvalues of ``G/n`` (torch.linalg.eigh). Directions whose
    eigenvalue is below ``d eps`` times the largest are rounding and get coefficient 0: with ridge 0 and a singular Gram
    matrix (n < d for instance) this is the least-squares solution of minimum norm; with ridge > 0 it changes nothing, since
    the moment vanishes there.

    Parameters
    ----------
    gram : (..., d, d) tensor
        ``G = sum x x^T``, float64.
    moment : (..., d) tensor
        ``b = sum t x``, float64.
    count : int or tensor
        n, broadcast against the leading dimensions.
    ridge : float
        In [0, inf). scikit-learn's ``Ridge(alpha)`` is ridge = alpha / n.

    Notes
    -----
    Returns (..., d) float64. Raises ValueError if ridge is negative or the sums hold nan or inf.
    Checked by tests/models/linear/test_least_squares.py::test_normal_equations and ::test_fewer_rows_than_features.
    """
    ridge = checks.real("ridge", ridge, 0.0, torch.inf, open_high=True)
    if not (gram.isfinite().all() and moment.isfinite().all()):
        raise ValueError("the sums over x and targets hold nan or inf, allowed: finite numbers")
    count = torch.as_tensor(count, dtype=gram.dtype, device=gram.device)
    eigenvalues, vectors = torch.linalg.eigh(gram / count[..., None, None])  # (..., d) rising, (..., d, d) in columns
    cutoff = gram.shape[-1] * torch.finfo(gram.dtype).eps * eigenvalues[..., -1:]
    inverse = torch.where(eigenvalues > cutoff, 1 / (eigenvalues + ridge), 0.0)
    coordinates = (vectors.mT @ (moment / count[..., None])[..., None])[..., 0]
    return (vectors @ (inverse * coordinates)[..., None])[..., 0]


def fit_least_squares(x: Tensor, targets: Tensor, ridge: float = 0.0) -> Tensor:
    """Least squares or ridge on all rows of x (n, d) and targets (n,): (d,) float64, by :func:`solve_normal_equations`.

    Raises ValueError as that does, and for a wrong shape.
    Checked by tests/models/linear/test_least_squares.py::test_normal_equations.
    """
    if x.ndim != 2 or targets.shape != x.shape[:1]:
        raise ValueError(
            f"x and targets have shapes {tuple(x.shape)} and {tuple(targets.shape)}, allowed: (n, d) and (n,)"
        )
    x = x.double()
    return solve_normal_equations(x.mT @ x, targets.double() @ x, len(x), ridge)


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
        Ridges, positive.

    Notes
    -----
    Returns (..., d) for one ridge, (..., R, d) for several. Raises ValueError if count or gamma is out of range, or
    if the sums hold nan or inf. Source: "Maximizing the Potential of Synthetic Data", eq. 6.
    Checked by tests/models/linear/test_ridge_mix.py::test_against_scikit_learn.
    """
    count = checks.integer("count", count, 1, 10**15)
    ridges = torch.as_tensor(gamma, dtype=gram.dtype, device=gram.device)
    for ridge in ridges.flatten().tolist():
        checks.positive("gamma", ridge)
    if not (gram.isfinite().all() and moment.isfinite().all()):
        raise ValueError("the sums over x and labels hold nan or inf, allowed: finite numbers")
    shifts = ridges.reshape(-1, 1, 1) * torch.eye(gram.shape[-1], dtype=gram.dtype, device=gram.device)
    factor = torch.linalg.cholesky(gram[..., None, :, :] / count + shifts)  # (..., R, d, d)
    weights = torch.cholesky_solve((moment / count)[..., None, :, None].expand(*factor.shape[:-1], 1), factor)[..., 0]
    return weights if ridges.ndim else weights[..., 0, :]
