"""Log densities of many Gaussians at once: as linear forms of features, or about each mean where those lose their digits.

``log N(x; mean, C)`` is linear in ``(1, x, x_i x_j)``, so that one batched matrix product gives it for all points and components.
Its terms grow as the squared distance from the origin over the variance, and cancel; ``loses_digits`` tells when.
"""

import functools
import math
from collections.abc import Iterator

import torch
from torch import Tensor

EPS = torch.finfo(torch.float64).eps
LOSS = 2e-7  # of a log density, that rounding may take
# what squares, quotients and sums of which stay finite
LARGEST, VARIANCES = 1e50, (1e-100, 1e100)
# Numbers in the largest array of a block: 2 MiB of float64 stay in cache; a GPU wants many at once.
BLOCK = {"cpu": 2**18, "cuda": 2**26}


def joint_densities(weights: Tensor, means: Tensor, factors: Tensor, x: Tensor) -> Tensor:
    """``log weight_k + log N(x; mean_k, factor_k factor_k')`` as (B, K, N); minus inf where the weight is 0."""
    centre = means.mean(1, keepdim=True)  # a far origin would cost digits
    near = x - centre
    forms, phi = coefficients(weights, means - centre, factors), features(near)
    joint = forms @ phi
    if phi.numel():
        lost = loses_digits(forms, magnitudes(near))
        if lost.any():
            joint[lost] = centred_joint(weights[lost], means[lost], factors[lost], x[lost])
    return joint.masked_fill_(weights[..., None] == 0, -torch.inf)


def loses_digits(forms: Tensor, top: Tensor) -> Tensor:
    """(B,) bool: whether the linear forms (B, K, F), on features of at most ``top`` (B, F, 1), may be wrong by more than LOSS."""
    return ~(EPS * (forms.abs() @ top).amax((1, 2)) <= LOSS)  # also true for nan


def magnitudes(x: Tensor) -> Tensor:
    """(B, F, 1), what the ``features`` of points (B, N, d) do not exceed."""
    low, high = x.aminmax(dim=1)
    return features(torch.maximum(high, -low)[:, None])


def centred_joint(weights: Tensor, means: Tensor, factors: Tensor, x: Tensor) -> Tensor:
    """``log weight_k + log N(x; mean_k, factor_k factor_k')`` as (B, K, N), each component about its own mean."""
    parts = []
    for k in range(means.shape[1]):  # one at a time: memory is that of the points
        white = torch.linalg.solve_triangular(factors[:, k], (x - means[:, k, None]).mT, upper=False)  # (B, d, N)
        constant = _log_weights(weights[:, k], factors[:, k]) - 0.5 * means.shape[2] * math.log(2 * math.pi)
        parts.append(constant[:, None] - 0.5 * white.square().sum(1))
    return torch.stack(parts, dim=1)


def features(x: Tensor) -> Tensor:
    """``(1, x, x_i x_j for i <= j)`` of points (B, N, d), as (B, F, N), F = 1 + d + d (d + 1) / 2."""
    rows, columns, _, _ = pairs(x.shape[2], x.device)
    points = x.mT
    return torch.cat([torch.ones_like(points[:, :1]), points, points[:, rows] * points[:, columns]], dim=1)


def coefficients(weights: Tensor, means: Tensor, factors: Tensor) -> Tensor:
    """(B, K, F) by which ``features`` give log weight + log density; factors are the Cholesky factors (B, K, d, d)."""
    rows, columns, times, _ = pairs(means.shape[2], means.device)
    precision = torch.cholesky_inverse(factors)
    linear = (precision @ means[..., None])[..., 0]
    constant = (
        _log_weights(weights, factors) - 0.5 * (linear * means).sum(-1) - 0.5 * means.shape[2] * math.log(2 * math.pi)
    )
    return torch.cat([constant[..., None], linear, precision[..., rows, columns] * (-0.5 * times)], dim=-1)


def singular(covariances: Tensor, factors: Tensor, info: Tensor) -> Tensor:
    """(...) bool: whether covariances (..., d, d) are not positive definite by more than rounding, or of a size beyond VARIANCES.

    ``factors`` and ``info``: of torch.linalg.cholesky_ex. A squared diagonal entry of the factor is what is left of a variance
    once the earlier coordinates are known."""
    variances, left = (each.diagonal(dim1=-2, dim2=-1) for each in (covariances, factors))
    sound = left.square() > 4 * covariances.shape[-1] * EPS * variances
    sized = (variances >= VARIANCES[0]) & (variances <= VARIANCES[1])
    return (info > 0) | ~(sound & sized).all(-1)


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


@functools.cache
def pairs(dimension: int, device: torch.device) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """The pairs i <= j in the order of ``features``: rows i, columns j, how often each stands in a square matrix (1 or 2), and
    the place (d, d) of each entry of such a matrix among the pairs."""
    rows, columns = torch.triu_indices(dimension, dimension, device=device)
    places = torch.empty(dimension, dimension, dtype=torch.long, device=device)
    places[rows, columns] = places[columns, rows] = torch.arange(len(rows), device=device)
    return rows, columns, torch.where(rows == columns, 1.0, 2.0).double(), places


def _log_weights(weights: Tensor, factors: Tensor) -> Tensor:
    """Less the logarithm of the root of the determinant. A weight of 0 counts as 1: it is masked, as 0 times minus inf is nan."""
    return torch.where(weights > 0, weights, 1.0).log() - factors.diagonal(dim1=-2, dim2=-1).log().sum(-1)
