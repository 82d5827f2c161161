"""Random scenes of the reverse-bottleneck paper's simulation: a task, anchors from a part of it, and a model that knows more.

The ground truth G has K + J components with means uniform on [0, 10]^2. Anchors come from the first K. The model M has these as
the anchors show them, the J others as they are, and L that are foreign to G. All scenes of a setting are drawn at once.
Source: Section 4.4, Figure 5 and Appendix B.
"""

from typing import NamedTuple

import torch
from torch import Generator, Tensor

from lib.models.mixtures.gaussian_mixtures import GaussianMixtures
from lib.theory import checks

LEAST_VARIANCE = 0.001  # on the diagonal of a random covariance, as the paper's code has it
ESTIMATED_VARIANCE = 1e-6  # on that of an estimated one, as in lib.models.mixtures.fit


class Scenes(NamedTuple):
    """B scenes: mixtures of K+J and of K+J+L components in the plane, and points (B, K * anchors, 2), component by component."""

    truth: GaussianMixtures
    model: GaussianMixtures
    anchors: Tensor


def draw(
    count: int,
    k: int,
    j: int,
    foreign: int,
    *,
    anchors: int,
    generator: Generator,
    coded: bool = False,
    uniform: bool = False,
    estimated: bool = True,
) -> Scenes:
    """Random scenes, all components of equal weight.

    Parameters
    ----------
    count : int
        B, at least 1.
    k, j, foreign : int
        Components of G with anchors, at least 1; of G without; of M alone. The last two at least 0.
    anchors : int
        Anchors of each of the K components, at least 2, since the model has their covariance.
    generator : torch.Generator
    coded, uniform : bool
        Whether covariances are products as in the paper's code, and their factors uniform, see :func:`random_covariances`.
    estimated : bool
        Whether M has the K components as the anchors show them, as the paper's code has it; else as they are in G, as its text
        (Section 3.1 adds L components "to the gt-GMM").

    Raises
    ------
    ValueError
        Outside these ranges.

    Notes
    -----
    Checked by tests/experiments/reverse_bottleneck/test_scenes.py.
    """
    count, k = checks.integer("count", count, 1, 10**6), checks.integer("k", k, 1, 10**4)
    j, foreign = checks.integer("j", j, 0, 10**4), checks.integer("foreign", foreign, 0, 10**4)
    anchors, total = checks.integer("anchors", anchors, 2, 10**6), k + j + foreign
    means = 10 * torch.rand(count, total, 2, generator=generator, dtype=torch.float64)
    covariances = random_covariances((count, total), coded=coded, uniform=uniform, generator=generator)
    noise = torch.randn(count, k, anchors, 2, generator=generator, dtype=torch.float64)
    by_component = means[:, :k, None] + noise @ torch.linalg.cholesky(covariances[:, :k]).mT  # (B, K, anchors, 2)
    model_means, model_covariances = means, covariances
    if estimated:
        mean = by_component.mean(2)
        off = by_component - mean[:, :, None]
        shown = off.mT @ off / (anchors - 1) + ESTIMATED_VARIANCE * torch.eye(2)
        model_means = torch.cat([mean, means[:, k:]], 1)
        model_covariances = torch.cat([shown, covariances[:, k:]], 1)
    return Scenes(
        truth=equal_weights(means[:, : k + j], covariances[:, : k + j]),
        model=equal_weights(model_means, model_covariances),
        anchors=by_component.reshape(count, -1, 2),
    )


def random_covariances(
    shape: tuple[int, ...], *, generator: Generator, coded: bool = False, uniform: bool = False
) -> Tensor:
    """``(*shape, 2, 2)`` covariances: ``A A' + 0.001 I`` of standard normal A; as coded, what numpy samples when given A B'.

    ``uniform``: factors with entries uniform in [0, 1], as the paper's code draws them, in place of standard normal ones.

    A B' of two different factors is no covariance. ``numpy.random.multivariate_normal`` uses the singular values and right
    singular vectors of what it is given: it samples the polar factor ``V diag(s) V'``. Checked by
    tests/experiments/reverse_bottleneck/test_scenes.py, against numpy.
    """
    entries = torch.rand if uniform else torch.randn
    one = entries(*shape, 2, 2, generator=generator, dtype=torch.float64)
    if not coded:
        return one @ one.mT + LEAST_VARIANCE * torch.eye(2)
    return polar(one @ entries(*shape, 2, 2, generator=generator, dtype=torch.float64).mT)


def polar(matrix: Tensor) -> Tensor:
    """Polar factor ``V diag(s) V'`` of matrices (..., d, d) = U diag(s) V', symmetric and positive definite.

    Checked by tests/experiments/reverse_bottleneck/test_scenes.py.
    """
    _, scales, directions = torch.linalg.svd(matrix)
    found = directions.mT @ torch.diag_embed(scales) @ directions
    return (found + found.mT) / 2 + 1e-12 * torch.eye(matrix.shape[-1])  # rounding


def equal_weights(means: Tensor, covariances: Tensor) -> GaussianMixtures:
    """Mixtures of equal weights with means (B, K, d) and covariances (B, K, d, d)."""
    return GaussianMixtures(torch.full(means.shape[:2], 1 / means.shape[1], dtype=torch.float64), means, covariances)


def curated(model: GaussianMixtures, foreign: int, keep: float) -> GaussianMixtures:
    """What is left of a model of equal weights if points of its last ``foreign`` components are kept with probability ``keep``.

    Raises ValueError for keep outside [0, 1], for foreign outside [0, K], and if nothing is left.
    Checked by tests/experiments/reverse_bottleneck/test_scenes.py.
    """
    total = model.means.shape[1]
    foreign, keep = checks.integer("foreign", foreign, 0, total), checks.probability("keep", keep)
    kept = torch.ones(total, dtype=torch.float64)
    kept[total - foreign :] = keep
    if kept.sum() == 0:
        raise ValueError(
            f"keep = {keep} of {foreign} foreign among {total} components leaves nothing; allowed: something"
        )
    return GaussianMixtures((kept / kept.sum()).repeat(len(model), 1), model.means, model.covariances)
