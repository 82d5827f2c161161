"""Expectation maximization for B Gaussian mixtures at once, with k-means++ starts, ragged data and restarts.

The order of steps, the stopping rule and the regularization are those of scikit-learn's ``GaussianMixture``, so that the same
start gives the same fit.
"""

import math
from typing import NamedTuple

import torch
from torch import Generator, Tensor

from lib.models.mixtures.gaussian_mixtures import GaussianMixtures, blocks, coefficients, features, pairs, pick
from lib.theory import checks

LLOYD_STEPS = 10  # at most; what is left to move after that, EM moves
_EMPTY = 10 * torch.finfo(torch.float64).eps  # added to a component's share of points, so that none is divided by 0


class Fit(NamedTuple):
    """Fitted mixtures, and (B,) each: mean log-likelihood of the points in nats, EM steps, whether they converged."""

    mixtures: GaussianMixtures
    log_likelihood: Tensor
    iterations: Tensor
    converged: Tensor


class _State(NamedTuple):
    """Parameters of a block of fits: weights (b, K), means (b, K, d), covariances and their Cholesky factors (b, K, d, d)."""

    weights: Tensor
    means: Tensor
    covariances: Tensor
    factors: Tensor
    failed: Tensor


def fit(
    x: Tensor,
    n_components: int,
    *,
    generator: Generator | None = None,
    initial: GaussianMixtures | None = None,
    kept: Tensor | None = None,
    starts: int = 1,
    tolerance: float = 1e-3,
    max_steps: int = 100,
    regularization: float = 1e-6,
) -> Fit:
    """Fit a mixture of ``n_components`` Gaussians to each of B point sets.

    Parameters
    ----------
    x : (B, N, d) tensor
        Points.
    n_components : int
        K, at least 1.
    generator : torch.Generator
        For the k-means++ starts; needed unless ``initial`` is given.
    initial : GaussianMixtures of B problems and K components, optional
        Where EM begins, instead of a start of its own.
    kept : (B, N) bool tensor, optional
        Which points there are, where the sets differ in size.
    starts : int
        Starts of each problem; the fit with the largest log-likelihood stays.
    tolerance : float
        A fit has converged when its mean log-likelihood changes by less, in nats a point.
    max_steps : int
        EM steps allowed. A fit that reaches them is returned with ``converged`` False.
    regularization : float
        Added to the diagonal of every covariance, in squared units of x; at least 0.

    Returns
    -------
    Fit, its log-likelihood taken at the parameters that are returned

    Raises
    ------
    ValueError
        For a wrong shape, nan or inf among the points kept, fewer points than components, or a parameter outside its range.
    RuntimeError
        If every start of a problem loses a component to a singular covariance, which a regularization above 0 prevents.

    Notes
    -----
    Moments are sums of x x' about the mean of a set: where its points spread over more than 1e6 times the width of a
    component, that width loses its digits. Memory beyond arguments and results does not depend on B. Checked by
    tests/models/mixtures/test_fit.py, against scikit-learn in ::test_same_start_as_scikit_learn; timed by
    benchmarks/gaussian_mixture.py.
    """
    n_components = checks.integer("n_components", n_components, 1, 10**6)
    starts, max_steps = checks.integer("starts", starts, 1, 10**6), checks.integer("max_steps", max_steps, 1, 10**9)
    tolerance = checks.real("tolerance", tolerance, 0, float("inf"), open_high=True)
    regularization = checks.real("regularization", regularization, 0, float("inf"), open_high=True)
    if x.ndim != 3 or 0 in x.shape:
        raise ValueError(f"x has shape {tuple(x.shape)}, allowed: (B, N, d), each at least 1")
    kept = torch.ones(x.shape[:2], dtype=torch.bool, device=x.device) if kept is None else kept
    if kept.shape != x.shape[:2] or kept.dtype != torch.bool:
        raise ValueError(
            f"kept has shape {tuple(kept.shape)}, type {kept.dtype}, allowed: {tuple(x.shape[:2])}, torch.bool"
        )
    if not x[kept].isfinite().all():
        raise ValueError("x holds nan or inf, allowed: finite numbers")
    counts = kept.sum(1)
    if (counts < n_components).any():
        problem = counts.argmin().item()
        raise ValueError(f"x[{problem}] has {counts[problem]} points, allowed: at least n_components = {n_components}")
    if initial is None and generator is None:
        raise ValueError("generator = None, allowed: a torch.Generator, or initial mixtures")
    if initial is not None and (starts > 1 or initial.means.shape != (len(x), n_components, x.shape[2])):
        raise ValueError(
            f"initial has means {tuple(initial.means.shape)} for {starts} starts, "
            f"allowed: {(len(x), n_components, x.shape[2])} for one"
        )

    results = []
    for some in blocks(len(x), x.shape[1] * max(n_components, x.shape[2] ** 2) * starts, x.device):
        there = kept[some, :, None]
        points = torch.where(there, x[some].double(), 0.0)  # what is not there may be nan
        centre = points.sum(1, keepdim=True) / there.sum(1, keepdim=True)  # a far origin would cost digits
        # 0 for points that are not there: these add nothing anywhere
        phi = (features(points - centre) * there.mT).repeat_interleave(starts, 0)
        if initial is None:
            state = _maximize(_k_means(phi, n_components, generator), phi, regularization)
        else:
            given = initial[some]
            none_failed = torch.zeros(len(given), dtype=torch.bool, device=x.device)
            state = _State(given.weights, given.means - centre, given.covariances, given.cholesky, none_failed)
        state, reached, steps, converged = _expectation_maximization(phi, state, tolerance, max_steps, regularization)
        best = reached.view(-1, starts).argmax(1) + starts * torch.arange(len(centre), device=x.device)
        if state.failed[best].any():
            raise RuntimeError(
                f"x[{some.start + state.failed[best].nonzero()[0].item()}]: every start ends in a singular covariance; "
                f"regularization = {regularization:g}"
            )
        found = (
            state.weights,
            state.means + centre.repeat_interleave(starts, 0),
            state.covariances,
            reached,
            steps,
            converged,
        )
        results.append([part[best] for part in found])
    weights, means, covariances, *rest = (torch.cat(parts) for parts in zip(*results, strict=True))
    return Fit(GaussianMixtures(weights, means, covariances), *rest)


def _expectation_maximization(phi: Tensor, state: _State, tolerance: float, max_steps: int, regularization: float):
    """EM on phi (b, F, N) until each problem has converged: (state, mean log-likelihood (b,), steps (b,), converged (b,))."""
    count = len(phi)
    counts = phi[:, 0].sum(1)
    result = [torch.zeros_like(part) for part in state]
    steps = torch.full((count,), max_steps, device=phi.device)
    converged = torch.zeros(count, dtype=torch.bool, device=phi.device)
    running = torch.arange(count, device=phi.device)  # problems at work, in the order of phi's rows
    finished = torch.zeros_like(state.failed)
    before = torch.full((count,), -torch.inf, dtype=phi.dtype, device=phi.device)
    work = phi
    for step in range(1, max_steps + 1):
        posterior, evidence = _expect(work, state)
        reached = evidence / counts[running]
        updated = _maximize(posterior, work, regularization)
        state = updated._replace(failed=updated.failed | state.failed)
        ended = ((reached - before).abs() < tolerance) & ~state.failed
        newly = (ended | state.failed | (step == max_steps)) & ~finished
        if newly.any():
            for part, value in zip(result, state, strict=True):
                part[running[newly]] = value[newly]
            steps[running[newly]] = step
            converged[running[newly]] = ended[newly]
            finished = finished | newly
            left = ~finished
            if not left.any():
                break
            if left.sum() <= 0.75 * len(left):  # copying what is left costs about as much as one step on it
                work, state, running = work[left], _State(*(part[left] for part in state)), running[left]
                reached, finished = reached[left], finished[left]
        before = reached
    final = _State(*result)
    evidence = _expect(phi, final)[1] / counts
    return final, torch.where(final.failed, -torch.inf, evidence), steps, converged


def _expect(phi: Tensor, state: _State) -> tuple[Tensor, Tensor]:
    """Responsibilities (b, K, N) and the summed log-likelihood (b,)."""
    joint = coefficients(state.weights, state.means, state.factors) @ phi
    posterior = joint.softmax(1)
    densities = joint.amax(1) - posterior.amax(1).log()  # the log-sum-exp, without a second exponential of every number
    return posterior, (densities * phi[:, 0]).sum(1)


def _maximize(posterior: Tensor, phi: Tensor, regularization: float) -> _State:
    """The parameters of largest likelihood under responsibilities (b, K, N)."""
    moments = posterior @ phi.mT  # (b, K, F): sums of 1, x and x x'
    dimension = _dimension(phi.shape[1])
    share = moments[..., 0] + _EMPTY
    means = moments[..., 1 : 1 + dimension] / share[..., None]
    rows, columns, _, places = pairs(dimension, phi.device)
    upper = moments[..., 1 + dimension :] / share[..., None] - means[..., rows] * means[..., columns]
    covariances = upper[..., places]
    covariances.diagonal(dim1=-2, dim2=-1).add_(regularization)
    factors, info = torch.linalg.cholesky_ex(covariances)
    failed = (info > 0).any(1)
    if failed.any():  # let its numbers be harmless until it is dropped
        factors[failed] = torch.eye(dimension, dtype=phi.dtype, device=phi.device)
    return _State(share / share.sum(1, keepdim=True), means, covariances, factors, failed)


def _dimension(n_features: int) -> int:
    """d from F = 1 + d + d (d + 1) / 2."""
    return next(d for d in range(1, n_features) if 1 + d + d * (d + 1) // 2 == n_features)


def _k_means(phi: Tensor, n_components: int, generator: Generator) -> Tensor:
    """Clusters (b, K, N) by greedy k-means++ and a few of Lloyd's steps: 1 for a point's cluster, shared where it has
    several."""
    dimension = _dimension(phi.shape[1])
    centres = _spread(phi, n_components, generator)
    members = None
    for _ in range(LLOYD_STEPS):
        distance = _squared_distances(centres, phi)
        # ten times as fast as argmin along a strided axis
        nearest = (distance == distance.amin(1, keepdim=True)).to(phi)
        if members is not None and torch.equal(nearest, members):
            break
        members = nearest
        moments = members @ phi[:, : 1 + dimension].mT
        size = moments[..., :1]
        centres = torch.where(size > 0, moments[..., 1:] / size.clamp(min=_EMPTY), centres)
    return members / members.sum(1, keepdim=True)


def _spread(phi: Tensor, n_components: int, generator: Generator) -> Tensor:
    """Centres (b, K, d) by greedy k-means++: each is the best of a few candidates drawn by squared distance.

    Source: Arthur and Vassilvitskii 2007; the number of candidates, 2 + ln K, is scikit-learn's.
    """
    problems, dimension = len(phi), _dimension(phi.shape[1])
    candidates = 2 + int(math.log(n_components))
    shape = (problems, n_components, candidates)
    uniform = torch.rand(shape, dtype=phi.dtype, generator=generator, device=generator.device).to(phi.device)
    each = torch.arange(problems, device=phi.device)
    present = phi[:, 0]
    nearest, centres = torch.full_like(present, torch.inf), []
    for k in range(n_components):
        odds = torch.where(present > 0, nearest, 0.0) if k else present
        odds = torch.where(odds.sum(1, keepdim=True) > 0, odds, present)  # every point is a centre: any will do
        drawn = pick(odds, uniform[:, k])
        offered = phi[:, 1 : 1 + dimension].mT.gather(1, drawn[..., None].expand(-1, -1, dimension))
        distance = torch.minimum(_squared_distances(offered, phi).clamp_(min=0), nearest[:, None])
        best = distance.sum(2).argmin(1)
        nearest = distance[each, best]
        centres.append(offered[each, best])
    return torch.stack(centres, dim=1)


def _squared_distances(centres: Tensor, phi: Tensor) -> Tensor:
    """``|x - c|^2`` as (b, K, N), linear in the features; 0 for points that are not there."""
    dimension = centres.shape[2]
    rows, columns, _, _ = pairs(dimension, phi.device)
    squares = (rows == columns).to(phi).expand(*centres.shape[:2], -1)
    return torch.cat([centres.square().sum(-1, keepdim=True), -2 * centres, squares], dim=-1) @ phi
