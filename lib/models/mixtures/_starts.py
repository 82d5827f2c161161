"""Where the fit of a mixture begins: clusters by greedy k-means++ and a few of Lloyd's steps."""

import math

import torch
from torch import Generator, Tensor

from lib.models.mixtures._densities import pick
from lib.models.mixtures._points import EMPTY, Centred, Linear

LLOYD_STEPS = 10  # at most; what is left to move after that, EM moves


def draw_uniform(problems: int, n_components: int, generator: Generator, like: Tensor) -> Tensor:
    """The uniform numbers (problems, K, candidates) that a start needs; 2 + ln K candidates, as in scikit-learn."""
    shape = (problems, n_components, 2 + int(math.log(n_components)))
    return torch.rand(shape, dtype=like.dtype, generator=generator, device=generator.device).to(like.device)


def k_means(points: Linear | Centred, uniform: Tensor) -> Tensor:
    """Clusters (b, K, N) from numbers of :func:`draw_uniform`: 1 for a point's cluster, shared where it has several.

    Checked by tests/models/mixtures/test_fit.py::test_own_starts_are_as_good_as_scikit_learns.
    """
    centres = _spread(points, uniform)
    members = None
    for _ in range(LLOYD_STEPS):
        distance = points.distances(centres)
        # ten times as fast as argmin along a strided axis
        nearest = (distance == distance.amin(1, keepdim=True)).to(uniform)
        if members is not None and torch.equal(nearest, members):
            break
        members = nearest
        size, total = points.sums(members)
        centres = torch.where(size > 0, total / size.clamp(min=EMPTY), centres)
    return members / members.sum(1, keepdim=True)


def _spread(points: Linear | Centred, uniform: Tensor) -> Tensor:
    """Centres (b, K, d) by greedy k-means++: each is the best of a few candidates drawn by squared distance.

    Source: Arthur and Vassilvitskii 2007.
    """
    each = torch.arange(len(uniform), device=uniform.device)
    present = points.present
    nearest, centres = torch.full_like(present, torch.inf), []
    for k in range(uniform.shape[1]):
        odds = torch.where(present > 0, nearest, 0.0) if k else present
        odds = torch.where(odds.sum(1, keepdim=True) > 0, odds, present)  # every point is a centre: any will do
        drawn = pick(odds, uniform[:, k])
        offered = points.at(drawn)
        distance = torch.minimum(points.distances(offered).clamp_(min=0), nearest[:, None])
        best = distance.sum(2).argmin(1)
        nearest = distance[each, best]
        centres.append(offered[each, best])
    return torch.stack(centres, dim=1)
