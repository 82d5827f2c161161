"""Expectation maximization for B Gaussian mixtures at once, with k-means++ starts, ragged data and restarts.

The order of steps, the stopping rule and the regularization are those of scikit-learn's ``GaussianMixture``, so that the same
start gives the same fit.
"""

from typing import NamedTuple

import torch
from torch import Generator, Tensor

from lib import tensors
from lib.models.mixtures._densities import LARGEST, VARIANCES, blocks
from lib.models.mixtures._points import Centred, Linear, State
from lib.models.mixtures._starts import draw_uniform, k_means
from lib.models.mixtures.gaussian_mixtures import GaussianMixtures
from lib.theory import checks


class Fit(NamedTuple):
    """Fitted mixtures, and (B,) each: mean log-likelihood of the points in nats, EM steps, whether they converged."""

    mixtures: GaussianMixtures
    log_likelihood: Tensor
    iterations: Tensor
    converged: Tensor


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
        Points, in [-1e50, 1e50].
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
        Added to the diagonal of every covariance, in squared units of x; in [0, 1e100].

    Returns
    -------
    Fit, its log-likelihood taken at the parameters that are returned

    Raises
    ------
    ValueError
        For a wrong shape, nan or inf among the points kept, fewer points than components, or a parameter outside its range.
    ArithmeticError
        If every start of a problem loses a component to a covariance that is singular but for rounding, or to a variance below
        1e-100, which a large enough regularization prevents.

    Notes
    -----
    Moments are sums of x x' about the mean of a set. Where that would cost digits, as the points spread over more than 1e4 times
    the width of a component, the problem is fitted again with moments about the mean of each component. Memory beyond
    arguments and results does not depend on B. Checked by tests/models/mixtures/test_fit.py, against scikit-learn in
    ::test_same_start_as_scikit_learn, and tests/models/mixtures/test_far_apart.py; timed by benchmarks/gaussian_mixture.py.
    """
    n_components = checks.integer("n_components", n_components, 1, 10**6)
    starts, max_steps = checks.integer("starts", starts, 1, 10**6), checks.integer("max_steps", max_steps, 1, 10**9)
    tolerance = checks.real("tolerance", tolerance, 0, float("inf"), open_high=True)
    regularization = checks.real("regularization", regularization, 0, VARIANCES[1])
    tensors.real("x", x, "(B, N, d), each at least 1")
    tensors.instance("initial", initial, GaussianMixtures, optional=True)
    if x.ndim != 3 or 0 in x.shape:
        raise ValueError(f"x has shape {tuple(x.shape)}, allowed: (B, N, d), each at least 1")
    kept = torch.ones(x.shape[:2], dtype=torch.bool, device=x.device) if kept is None else kept
    tensors.real("kept", kept, "(B, N), torch.bool")
    if kept.shape != x.shape[:2] or kept.dtype != torch.bool:
        raise ValueError(
            f"kept has shape {tuple(kept.shape)}, type {kept.dtype}, allowed: {tuple(x.shape[:2])}, torch.bool"
        )
    tensors.finite("x", x[kept], largest=LARGEST)
    counts = kept.sum(1)
    if (counts < n_components).any():
        problem = counts.argmin().item()
        raise ValueError(f"x[{problem}] has {counts[problem]} points, allowed: at least n_components = {n_components}")
    if initial is None:
        tensors.generator("generator", generator)
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
        given = None if initial is None else initial[some]
        uniform = None if given is not None else draw_uniform(len(points) * starts, n_components, generator, points)
        settings = (given, uniform, starts, tolerance, max_steps, regularization)
        state, *rest = _fit_block(Linear.of(points - centre, there), centre, *settings)
        means = state.means + centre.repeat_interleave(starts, 0)
        found = [state.weights, means, state.covariances, state.failed, *rest]
        if state.failed.any():  # a problem is fitted again as a whole, so that its starts can be compared
            again = state.failed.view(-1, starts).any(1)
            rows = again.repeat_interleave(starts)
            part = None if given is None else given[again]
            settings = (part, None if uniform is None else uniform[rows], *settings[2:])
            state, *rest = _fit_block(Centred(points[again], there[again, :, 0].double()), 0.0, *settings)
            for old, new in zip(
                found, [state.weights, state.means, state.covariances, state.failed, *rest], strict=True
            ):
                old[rows] = new
        weights, means, covariances, failed, reached, steps, converged = found
        best = reached.view(-1, starts).argmax(1) + starts * torch.arange(len(centre), device=x.device)
        if failed[best].any():
            raise ArithmeticError(
                f"x[{some.start + failed[best].nonzero()[0].item()}]: every start ends in a singular covariance; "
                f"regularization = {regularization:g} is too small for it, allowed: up to {VARIANCES[1]:g}"
            )
        results.append([part[best] for part in (weights, means, covariances, reached, steps, converged)])
    weights, means, covariances, *rest = (torch.cat(parts) for parts in zip(*results, strict=True))
    return Fit(GaussianMixtures(weights, means, covariances), *rest)


def _fit_block(
    points: Linear | Centred,
    centre: Tensor | float,
    given: GaussianMixtures | None,
    uniform: Tensor | None,
    starts: int,
    tolerance: float,
    max_steps: int,
    regularization: float,
):
    """Fits of a block, each start a row, with means about ``centre``: what :func:`_expectation_maximization` gives."""
    if starts > 1:
        points = points[torch.arange(len(points.present), device=points.present.device).repeat_interleave(starts)]
    if given is None:
        state = points.maximize(k_means(points, uniform), regularization)
    else:
        none_failed = torch.zeros_like(points.present[:, 0], dtype=torch.bool)
        state = State(given.weights, given.means - centre, given.covariances, given.cholesky, none_failed)
    return _expectation_maximization(points, state, tolerance, max_steps, regularization)


def _expectation_maximization(
    points: Linear | Centred, state: State, tolerance: float, max_steps: int, regularization: float
):
    """EM until each problem has converged: (state, mean log-likelihood (b,), steps (b,), converged (b,))."""
    counts = points.present.sum(1)
    count, device = len(counts), counts.device
    result = [torch.zeros_like(part) for part in state]
    steps = torch.full((count,), max_steps, device=device)
    converged = torch.zeros(count, dtype=torch.bool, device=device)
    running = torch.arange(count, device=device)  # problems at work, in the order of the points' rows
    finished = torch.zeros_like(state.failed)
    before = torch.full_like(counts, -torch.inf)
    work = points
    for step in range(1, max_steps + 1):
        posterior, evidence, lost = work.expect(state)
        reached = evidence / counts[running]
        updated = work.maximize(posterior, regularization)
        state = updated._replace(failed=updated.failed | state.failed | lost)
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
                work, state, running = work[left], State(*(part[left] for part in state)), running[left]
                reached, finished = reached[left], finished[left]
        before = reached
    final = State(*result)
    _, evidence, lost = points.expect(final)
    final = final._replace(failed=final.failed | lost)
    return final, torch.where(final.failed, -torch.inf, evidence / counts), steps, converged
