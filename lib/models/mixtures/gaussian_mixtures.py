"""Many Gaussian mixtures at once: sampled, scored, fitted and compared, in float64 on a processor or a GPU.

B mixtures of K components in d dimensions are three tensors. A log density is linear in the features ``(1, x, x_i x_j)``, so
that one batched matrix product gives it for all points and components; where components are narrow beside their distances, each
is taken about its own mean instead. Work goes through blocks of problems, whose size does not
depend on B: memory beyond arguments and results stays flat. Source of the use: Section 4.4 and Appendix B of "A Reverse-
Bottleneck Perspective". Fitting stands in ``lib.models.mixtures.fit``.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import torch
from torch import Generator, Tensor

from lib import tensors
from lib.models.mixtures._densities import LARGEST, VARIANCES, blocks, joint_densities, pick, singular
from lib.theory import checks
from lib.theory.estimate import Estimate


@dataclass(frozen=True)
class GaussianMixtures:
    """B mixtures of K Gaussians in d dimensions.

    Parameters
    ----------
    weights : (B, K) tensor
        At least 0, rows sum to 1 within 1e-6.
    means : (B, K, d) tensor
        In [-1e50, 1e50].
    covariances : (B, K, d, d) tensor
        Symmetric, positive definite by more than rounding; variances in [1e-100, 1e100].

    Notes
    -----
    All are kept as float64 on the device of ``means``; ``cholesky`` holds the lower factors of the covariances. Raises
    ValueError for shapes that do not fit, nan, numbers outside, and for a covariance without a Cholesky factor, or with one of
    rounding alone, with its smallest eigenvalue. Checked by tests/models/mixtures/test_gaussian_mixtures.py.
    """

    weights: Tensor
    means: Tensor
    covariances: Tensor
    cholesky: Tensor = field(init=False, repr=False)

    def __post_init__(self) -> None:
        for name, allowed in (("means", "(B, K, d)"), ("weights", "(B, K)"), ("covariances", "(B, K, d, d)")):
            value = tensors.real(name, getattr(self, name), allowed)
            object.__setattr__(self, name, value.to(self.means.device, torch.float64))
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
        tensors.finite("means", self.means, largest=LARGEST)
        if (self.weights < 0).any() or ((self.weights.sum(-1) - 1).abs() > 1e-6).any():
            raise ValueError(
                f"weights have least value {self.weights.min().item():g} and sums from {self.weights.sum(-1).min().item():g} "
                f"to {self.weights.sum(-1).max().item():g}, allowed: at least 0, sum 1"
            )
        variances = self.covariances.diagonal(dim1=-2, dim2=-1)
        scale = variances.clamp(min=0).sqrt()
        skew = (self.covariances - self.covariances.mT).abs()
        if (skew > 1e-8 * scale[..., :, None] * scale[..., None, :]).any() and (variances > 0).all():
            raise ValueError("covariances are not symmetric, allowed: symmetric")
        factors, info = torch.linalg.cholesky_ex(self.covariances)
        failed = singular(self.covariances, factors, info)
        if failed.any():
            problem, component = failed.nonzero()[0].tolist()
            smallest = torch.linalg.eigvalsh(self.covariances[problem, component])[0].item()
            raise ValueError(
                f"covariances[{problem}, {component}] has smallest eigenvalue {smallest:.3g}, variances "
                f"{variances[problem, component].tolist()}, allowed: positive by more than rounding, and variances in "
                f"[{VARIANCES[0]:g}, {VARIANCES[1]:g}]"
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
        tensors.generator("generator", generator)
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
        """Log densities (B, N) in nats at the points x (B, N, d), in [-1e50, 1e50].

        Raises ValueError for another shape, and numbers outside.
        Checked by tests/models/mixtures/test_gaussian_mixtures.py::test_against_scipy.
        """
        return torch.cat(
            [joint_densities(*mixtures._parts, points).logsumexp(1) for mixtures, points in self._blocks(x)]
        )

    def responsibilities(self, x: Tensor) -> Tensor:
        """Probability (B, N, K) that each of the points x (B, N, d) came from each component.

        Raises ValueError as :meth:`log_prob`. Checked by tests/models/mixtures/test_gaussian_mixtures.py::test_against_scipy.
        """
        return torch.cat(
            [joint_densities(*mixtures._parts, points).softmax(1).mT for mixtures, points in self._blocks(x)]
        )

    def _blocks(self, x: Tensor) -> Iterator[tuple["GaussianMixtures", Tensor]]:
        problems, components, dimension = self.means.shape
        tensors.real("x", x, f"({problems}, N, {dimension})")
        if x.ndim != 3 or len(x) != problems or x.shape[2] != dimension:
            raise ValueError(f"x has shape {tuple(x.shape)}, allowed: ({problems}, N, {dimension})")
        x = tensors.finite("x", x, largest=LARGEST).to(self.means)
        for some in blocks(problems, x.shape[1] * components, x.device):
            yield self[some], x[some]

    @property
    def _parts(self) -> tuple[Tensor, Tensor, Tensor]:
        return self.weights, self.means, self.cholesky


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
    tensors.generator("generator", generator)
    for name, mixtures in (("p", p), ("q", q)):
        tensors.instance(name, mixtures, GaussianMixtures)
    if len(p) != len(q) or p.means.shape[2] != q.means.shape[2]:
        raise ValueError(f"p and q have means {tuple(p.means.shape)} and {tuple(q.means.shape)}, allowed: same B and d")
    values = []
    for some in blocks(len(p), n_samples * max(p.means.shape[1], q.means.shape[1]), p.means.device):
        ours, theirs = p[some], q[some]
        x = ours.sample(n_samples, generator=generator)
        drawn = function(ours.log_prob(x), theirs.log_prob(x))
        values.append(torch.stack([drawn.mean(1), drawn.std(1) / math.sqrt(n_samples)]))
    return Estimate(*torch.cat(values, dim=1))
