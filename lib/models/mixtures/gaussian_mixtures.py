"""Many Gaussian mixtures at once: sampled, scored, fitted and compared, in float64 on a processor or a GPU.

B mixtures of K components in d dimensions are three tensors. A log density is linear in the features ``(1, x, x_i x_j)``, so
that one batched matrix product gives it for all points and components. Work goes through blocks of problems, whose size does not
depend on B: memory beyond arguments and results stays flat. Source of the use: Section 4.4 and Appendix B of "A Reverse-
Bottleneck Perspective". Fitting stands in ``lib.models.mixtures.fit``.
"""

import functools
import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import torch
from torch import Generator, Tensor

from lib.theory import checks
from lib.theory.estimate import Estimate

# Numbers in the largest array of a block: 2 MiB of float64 stay in cache; a GPU wants many at once.
BLOCK = {"cpu": 2**18, "cuda": 2**26}
_LEAST = 1e-300  # a weight of zero has this logarithm, so that zero times it is zero and not nan


@dataclass(frozen=True)
class GaussianMixtures:
    """B mixtures of K Gaussians in d dimensions.

    Parameters
    ----------
    weights : (B, K) tensor
        At least 0, rows sum to 1 within 1e-6.
    means : (B, K, d) tensor
    covariances : (B, K, d, d) tensor
        Symmetric, positive definite.

    Notes
    -----
    All are kept as float64 on the device of ``means``; ``cholesky`` holds the lower factors of the covariances. Raises
    ValueError for shapes that do not fit, nan, weights outside, and for a covariance without a Cholesky factor, with its
    smallest eigenvalue. Checked by tests/models/mixtures/test_gaussian_mixtures.py.
    """

    weights: Tensor
    means: Tensor
    covariances: Tensor
    cholesky: Tensor = field(init=False, repr=False)

    def __post_init__(self) -> None:
        for name in ("weights", "means", "covariances"):
            object.__setattr__(self, name, getattr(self, name).to(self.means.device, torch.float64))
        if self.means.ndim != 3 or 0 in self.means.shape:
            raise ValueError(f"means have shape {tuple(self.means.shape)}, allowed: (B, K, d), each at least 1")
        problems, components, dimension = self.means.shape
        for name, shape in (
            ("weights", (problems, components)),
            ("covariances", (problems, components, dimension, dimension)),
        ):
            if getattr(self, name).shape != shape:
                raise ValueError(f"{name} have shape {tuple(getattr(self, name).shape)}, allowed: {shape}")
        for name in ("weights", "means", "covariances"):
            if not getattr(self, name).isfinite().all():
                raise ValueError(f"{name} hold nan or inf, allowed: finite numbers")
        if (self.weights < 0).any() or ((self.weights.sum(-1) - 1).abs() > 1e-6).any():
            raise ValueError(
                f"weights have least value {self.weights.min().item():g} and sums from {self.weights.sum(-1).min().item():g} "
                f"to {self.weights.sum(-1).max().item():g}, allowed: at least 0, sum 1"
            )
        if not torch.allclose(self.covariances, self.covariances.mT, rtol=1e-8, atol=1e-12):
            raise ValueError("covariances are not symmetric, allowed: symmetric")
        factors, failed = torch.linalg.cholesky_ex(self.covariances)
        if failed.any():
            problem, component = failed.nonzero()[0].tolist()
            smallest = torch.linalg.eigvalsh(self.covariances[problem, component])[0].item()
            raise ValueError(
                f"covariances[{problem}, {component}] has smallest eigenvalue {smallest:.3g}, allowed: positive"
            )
        object.__setattr__(self, "cholesky", factors)

    def __len__(self) -> int:
        return len(self.means)

    def __getitem__(self, some: slice) -> "GaussianMixtures":
        # what is checked and factored already is not checked and factored again
        part = object.__new__(GaussianMixtures)
        for name in ("weights", "means", "covariances", "cholesky"):
            object.__setattr__(part, name, getattr(self, name)[some])
        return part

    def sample(self, n: int, *, generator: Generator) -> Tensor:
        """(B, n, d) independent points of each mixture. The generator's device may differ from the mixtures'.

        Raises ValueError unless n is whole and at least 1.
        Checked by tests/models/mixtures/test_gaussian_mixtures.py::test_moments.
        """
        n, (problems, _, dimension) = checks.integer("n", n, 1, 10**9), self.means.shape
        place = {"dtype": torch.float64, "generator": generator, "device": generator.device}
        uniform = torch.rand(problems, n, **place).to(self.means.device)
        noise = torch.randn(problems, n, dimension, **place).to(self.means.device)
        component = pick(self.weights, uniform)
        points = self.means.gather(1, component[..., None].expand(-1, -1, dimension))
        for j in range(dimension):  # columns of the factors: d gathers instead of a matrix for every point
            column = self.cholesky[..., j].gather(1, component[..., None].expand(-1, -1, dimension))
            points += noise[..., j, None] * column
        return points

    def log_prob(self, x: Tensor) -> Tensor:
        """Log densities (B, N) in nats at the points x (B, N, d).

        Raises ValueError for another shape. Checked by tests/models/mixtures/test_gaussian_mixtures.py::test_against_scipy.
        """
        return torch.cat([mixtures._joint(points).logsumexp(1) for mixtures, points in self._blocks(x)])

    def responsibilities(self, x: Tensor) -> Tensor:
        """Probability (B, N, K) that each of the points x (B, N, d) came from each component.

        Raises ValueError for another shape. Checked by tests/models/mixtures/test_gaussian_mixtures.py::test_against_scipy.
        """
        return torch.cat([mixtures._joint(points).softmax(1).mT for mixtures, points in self._blocks(x)])

    def _blocks(self, x: Tensor) -> Iterator[tuple["GaussianMixtures", Tensor]]:
        problems, components, dimension = self.means.shape
        if x.ndim != 3 or len(x) != problems or x.shape[2] != dimension:
            raise ValueError(f"x has shape {tuple(x.shape)}, allowed: ({problems}, N, {dimension})")
        x = x.to(self.means)
        for some in blocks(problems, x.shape[1] * components, x.device):
            yield self[some], x[some]

    def _joint(self, x: Tensor) -> Tensor:
        """``log weight_k + log N(x; mean_k, covariance_k)`` as (B, K, N)."""
        centre = self.means.mean(1, keepdim=True)  # a far origin would cost digits
        joint = coefficients(self.weights, self.means - centre, self.cholesky) @ features(x - centre)
        return joint.masked_fill_(self.weights[..., None] == 0, -torch.inf)


def kl_divergence(p: GaussianMixtures, q: GaussianMixtures, n_samples: int, *, generator: Generator) -> Estimate:
    """Relative entropy ``KL(p || q) = E_p[ln p(x) - ln q(x)]`` of each problem in nats, by Monte Carlo on exact log densities.

    Parameters
    ----------
    p, q : mixtures of as many problems in the same dimension; the numbers of components may differ
    n_samples : int
        Points drawn from each p, at least 2.

    Notes
    -----
    Returns an Estimate whose value and standard error are tensors (B,). A value may be negative by its error. Raises ValueError
    if p and q do not fit.
    Source: Definition A.3. Checked by tests/models/mixtures/test_gaussian_mixtures.py::test_kl_of_single_gaussians.
    """
    return _mean_over(p, q, n_samples, generator, lambda log_p, log_q: log_p - log_q)


def total_variation(p: GaussianMixtures, q: GaussianMixtures, n_samples: int, *, generator: Generator) -> Estimate:
    """Total variation distance ``sup_A |p(A) - q(A)| = E_p[max(0, 1 - q(x)/p(x))]`` of each problem, in [0, 1].

    Arguments and errors as for ``kl_divergence``. Source: Definition A.4.
    Checked by tests/models/mixtures/test_gaussian_mixtures.py::test_total_variation_of_single_gaussians.
    """
    return _mean_over(p, q, n_samples, generator, lambda log_p, log_q: -torch.expm1((log_q - log_p).clamp(max=0)))


def _mean_over(p, q, n_samples, generator, function) -> Estimate:
    """Mean and standard error over points x of p of a function of both log densities."""
    n_samples = checks.integer("n_samples", n_samples, 2, 10**9)
    if len(p) != len(q) or p.means.shape[2] != q.means.shape[2]:
        raise ValueError(f"p and q have means {tuple(p.means.shape)} and {tuple(q.means.shape)}, allowed: same B and d")
    values = []
    for some in blocks(len(p), n_samples * max(p.means.shape[1], q.means.shape[1]), p.means.device):
        ours, theirs = p[some], q[some]
        x = ours.sample(n_samples, generator=generator)
        drawn = function(ours.log_prob(x), theirs.log_prob(x))
        values.append(torch.stack([drawn.mean(1), drawn.std(1) / math.sqrt(n_samples)]))
    return Estimate(*torch.cat(values, dim=1))


def blocks(problems: int, numbers: int, device: torch.device) -> Iterator[slice]:
    """Slices of problems of ``numbers`` numbers each, as many at once as fit the cache; at least one."""
    size = max(1, BLOCK[device.type] // max(1, numbers))
    return (slice(start, start + size) for start in range(0, problems, size))


def pick(weights: Tensor, uniform: Tensor) -> Tensor:
    """Index (B, n) of the cell of weights (B, K) that holds each uniform number (B, n); never one of weight 0.

    The weights need not sum to 1. Checked by tests/models/mixtures/test_gaussian_mixtures.py::test_pick.
    """
    edges = weights.cumsum(1)
    last = (weights > 0) * torch.arange(weights.shape[1], device=weights.device)  # rounding must not pass the last cell
    found = torch.searchsorted(edges, uniform * edges[:, -1:], right=True)
    return torch.minimum(found, last.amax(1, keepdim=True))


def features(x: Tensor) -> Tensor:
    """``(1, x, x_i x_j for i <= j)`` of points (B, N, d), as (B, F, N), F = 1 + d + d (d + 1) / 2."""
    rows, columns, _, _ = pairs(x.shape[2], x.device)
    points = x.mT
    return torch.cat([torch.ones_like(points[:, :1]), points, points[:, rows] * points[:, columns]], dim=1)


def coefficients(weights: Tensor, means: Tensor, factors: Tensor) -> Tensor:
    """(B, K, F) by which ``features`` give log weight + log density; factors are the Cholesky factors (B, K, d, d)."""
    dimension = means.shape[2]
    rows, columns, times, _ = pairs(dimension, means.device)
    precision = torch.cholesky_inverse(factors)
    linear = (precision @ means[..., None])[..., 0]
    constant = (
        weights.clamp(min=_LEAST).log()
        - factors.diagonal(dim1=-2, dim2=-1).log().sum(-1)
        - 0.5 * (linear * means).sum(-1)
        - 0.5 * dimension * math.log(2 * math.pi)
    )
    return torch.cat([constant[..., None], linear, precision[..., rows, columns] * (-0.5 * times)], dim=-1)


@functools.cache
def pairs(dimension: int, device: torch.device) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """The pairs i <= j in the order of ``features``: rows i, columns j, how often each stands in a square matrix (1 or 2), and
    the place (d, d) of each entry of such a matrix among the pairs."""
    rows, columns = torch.triu_indices(dimension, dimension, device=device)
    places = torch.empty(dimension, dimension, dtype=torch.long, device=device)
    places[rows, columns] = places[columns, rows] = torch.arange(len(rows), device=device)
    return rows, columns, torch.where(rows == columns, 1.0, 2.0).double(), places
