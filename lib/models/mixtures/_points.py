"""The points of B problems as expectation maximization sees them: two ways to the same sums, a fast and an exact one.

``Linear`` keeps the features of the points, about the mean of each set, and does a step by two matrix products. Where
components are narrow beside their distances, squares of the distances cancel in that; it notices, and gives the problem up.
``Centred`` takes each point about the mean of each component, in the coordinates that were given.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from lib.models.mixtures._densities import (
    EPS,
    centred_joint,
    coefficients,
    features,
    loses_digits,
    magnitudes,
    pairs,
    singular,
)

EMPTY = 10 * EPS  # added to a component's share of points, so that none is divided by 0


class State(NamedTuple):
    """Parameters of a block of fits: weights (b, K), means (b, K, d), covariances and their Cholesky factors (b, K, d, d).

    ``failed`` (b,): ``Linear`` has lost its digits, or ``Centred`` has come to a singular covariance."""

    weights: Tensor
    means: Tensor
    covariances: Tensor
    factors: Tensor
    failed: Tensor


class Linear:
    """Points by their features phi (b, F, N), 0 for points that are not there: these add nothing anywhere. ``top`` (b, F, 1):
    what the features do not exceed."""

    def __init__(self, phi: Tensor, top: Tensor):
        self._phi, self._top, self.present = phi, top, phi[:, 0]

    @classmethod
    def of(cls, x: Tensor, there: Tensor) -> "Linear":
        """Of points x (b, N, d) about their own mean, and bits (b, N, 1) that say which are there."""
        return cls(features(x) * there.mT, magnitudes(x * there))

    def __getitem__(self, some: Tensor) -> "Linear":
        return Linear(self._phi[some], self._top[some])

    def expect(self, state: State) -> tuple[Tensor, Tensor, Tensor]:
        """Responsibilities (b, K, N), the summed log-likelihood (b,), and where it has lost its digits, (b,) bool."""
        forms = coefficients(state.weights, state.means, state.factors)
        return *_posterior(_without(state.weights, forms @ self._phi), self.present), loses_digits(forms, self._top)

    def maximize(self, posterior: Tensor, regularization: float) -> State:
        """The parameters of largest likelihood under responsibilities (b, K, N)."""
        moments = posterior @ self._phi.mT  # (b, K, F): sums of 1, x and x x'
        dimension = _dimension(self._phi.shape[1])
        share = moments[..., 0] + EMPTY
        means = moments[..., 1 : 1 + dimension] / share[..., None]
        rows, columns, _, places = pairs(dimension, self._phi.device)
        upper = moments[..., 1 + dimension :] / share[..., None] - means[..., rows] * means[..., columns]
        covariances = upper[..., places]
        return _state(share, means, covariances, regularization, strict=False)

    def distances(self, centres: Tensor) -> Tensor:
        """``|x - c|^2`` as (b, K, N), linear in the features; 0 for points that are not there."""
        dimension = centres.shape[2]
        rows, columns, _, _ = pairs(dimension, self._phi.device)
        squares = (rows == columns).to(self._phi).expand(*centres.shape[:2], -1)
        return torch.cat([centres.square().sum(-1, keepdim=True), -2 * centres, squares], dim=-1) @ self._phi

    def sums(self, members: Tensor) -> tuple[Tensor, Tensor]:
        """Number (b, K, 1) and sum (b, K, d) of the points of each cluster, of members (b, K, N)."""
        moments = members @ self._phi[:, : 1 + _dimension(self._phi.shape[1])].mT
        return moments[..., :1], moments[..., 1:]

    def at(self, index: Tensor) -> Tensor:
        """The points (b, n, d) of index (b, n)."""
        dimension = _dimension(self._phi.shape[1])
        return self._phi[:, 1 : 1 + dimension].mT.gather(1, index[..., None].expand(-1, -1, dimension))


class Centred:
    """Points x (b, N, d) as they were given; ``present`` (b, N), 1 or 0. One component at a time, so that memory stays small."""

    def __init__(self, x: Tensor, present: Tensor):
        self._x, self.present = x, present

    def __getitem__(self, some: Tensor) -> "Centred":
        return Centred(self._x[some], self.present[some])

    def expect(self, state: State) -> tuple[Tensor, Tensor, Tensor]:
        """As :meth:`Linear.expect`; digits are never lost."""
        joint = _without(state.weights, centred_joint(state.weights, state.means, state.factors, self._x))
        return *_posterior(joint, self.present), torch.zeros_like(state.failed)

    def maximize(self, posterior: Tensor, regularization: float) -> State:
        """As :meth:`Linear.maximize`, each component about its own mean."""
        shares, means, covariances = [], [], []
        for each in (posterior * self.present[:, None]).unbind(1):  # (b, N)
            total = each.sum(1)
            # the mean about the point that is most the component's: the others of weight are near it
            anchor = self.at(each.argmax(1, keepdim=True))  # (b, 1, d)
            shares.append(total + EMPTY)
            scale = each / total.clamp(min=torch.finfo(each.dtype).tiny)[:, None]
            mean = anchor + scale[:, None] @ (self._x - anchor)
            off = self._x - mean
            means.append(mean[:, 0])
            covariances.append((off * scale[..., None]).mT @ off)
        share, means, covariances = (torch.stack(each, dim=1) for each in (shares, means, covariances))
        return _state(share, means, covariances, regularization, strict=True)

    def distances(self, centres: Tensor) -> Tensor:
        """As :meth:`Linear.distances`."""
        each = [(self._x - centre[:, None]).square().sum(-1) for centre in centres.unbind(1)]
        return torch.stack(each, dim=1) * self.present[:, None]

    def sums(self, members: Tensor) -> tuple[Tensor, Tensor]:
        """As :meth:`Linear.sums`."""
        members = members * self.present[:, None]
        return members.sum(-1, keepdim=True), members @ self._x

    def at(self, index: Tensor) -> Tensor:
        """As :meth:`Linear.at`."""
        return self._x.gather(1, index[..., None].expand(-1, -1, self._x.shape[2]))


def _posterior(joint: Tensor, present: Tensor) -> tuple[Tensor, Tensor]:
    posterior = joint.softmax(1)
    densities = joint.amax(1) - posterior.amax(1).log()  # the log-sum-exp, without a second exponential of every number
    return posterior, (densities * present).sum(1)


def _without(weights: Tensor, joint: Tensor) -> Tensor:
    """No density for components of weight 0, which only a start that was given has."""
    nothing = weights == 0
    return joint.masked_fill_(nothing[..., None], -torch.inf) if nothing.any() else joint


def _state(share: Tensor, means: Tensor, covariances: Tensor, regularization: float, *, strict: bool) -> State:
    variances = covariances.diagonal(dim1=-2, dim2=-1)
    # points that lie closer together than their own rounding are one point
    rounding = (variances <= (4 * EPS * means).square()).any(-1) if strict and not regularization else False
    variances.add_(regularization)
    factors, info = torch.linalg.cholesky_ex(covariances)
    failed = ((singular(covariances, factors, info) | rounding) if strict else info > 0).any(1)
    if failed.any():  # let its numbers be harmless until it is dropped
        factors[failed] = torch.eye(means.shape[2], dtype=means.dtype, device=means.device)
    return State(share / share.sum(1, keepdim=True), means, covariances, factors, failed)


def _dimension(n_features: int) -> int:
    """d from F = 1 + d + d (d + 1) / 2."""
    return next(d for d in range(1, n_features) if 1 + d + d * (d + 1) // 2 == n_features)
