"""Ridge on real and pruned synthetic rows, simulated for many repeats at once.

The model of "Maximizing the Potential of Synthetic Data", Sections 3 and 4, draw by draw. Labels fold into features: a real
row enters the fit as ``r = y x ~ N(mu, I)``, a synthetic one as ``t = ybar x ~ N(mean, root root^T)`` with the sign
``s = ybar y`` of its label, so that no class needs to be drawn. The exact limits of what is simulated here:
lib.theory.random_matrices. Seconds beside the matrix products alone: benchmarks/README.md.
"""

import math
from collections.abc import Sequence
from numbers import Real

import torch
from torch import Tensor

from lib import tensors
from lib.models.linear.least_squares import fit_ridge_mix
from lib.theory import checks
from lib.theory.random_matrices.equation import GENERATORS, LARGEST

CHUNK = 2**21  # numbers drawn at a time: larger temporaries are slower to get than to fill


def simulate_ridge(
    *,
    p: int,
    n: int,
    m: int,
    n_hat: int,
    mu_norm: float,
    gamma: float | Tensor,
    epsilon: float,
    psi: float,
    phi: float,
    generators: Sequence[str] = GENERATORS,
    repeats: int,
    random: torch.Generator,
) -> tuple[Tensor, dict[str, Tensor]]:
    """Draw, generate, mislabel, prune and fit, ``repeats`` times over.

    Parameters
    ----------
    p, n, m, n_hat, mu_norm, epsilon, psi, phi
        As in :func:`lib.theory.random_matrices.ridge.ridge`.
    gamma : float or (G,) tensor
        The ridge of eq. 6; several share all draws.
    generators : sequence of str
        Which readings of the generator, of known_mean, independent, shared; all learn beside the same real rows.
    repeats : int
        Independent repeats, at least 1.
    random : torch.Generator
        Source of randomness; its device does the work.

    Returns
    -------
    mu : (p,) tensor
        The class mean; ``lib.models.mixtures.two_classes.accuracy(weights, mu, 1.0)`` is the exact accuracy of a fit.
    weights : dict of str to (repeats, p) or (repeats, G, p) tensor
        By generator, float64.

    Raises ValueError for sizes or generators that :func:`lib.theory.random_matrices.ridge.ridge` refuses.
    Source: eq. 2 to 6. Checked by tests/models/linear/test_ridge_mix.py::test_simulation_meets_theory.
    """
    p, n, m = checks.integer("p", p, 1, LARGEST), checks.integer("n", n, 0, LARGEST), checks.integer("m", m, 0, LARGEST)
    repeats = checks.integer("repeats", repeats, 1, LARGEST)
    if n + m == 0:
        raise ValueError("n + m = 0 is outside [1, 2e15]: there is nothing to train on")
    mu_norm = checks.real("mu_norm", mu_norm, 0.0, tensors.LARGEST**0.25)
    epsilon, psi, phi = (checks.probability(*each) for each in (("epsilon", epsilon), ("psi", psi), ("phi", phi)))
    if not (isinstance(n_hat, Real) and n_hat == math.inf):
        n_hat = checks.integer("n_hat", n_hat, 1, LARGEST)
    for i, kind in enumerate(generators := checks.listed("generators", generators, ", ".join(GENERATORS))):
        if not isinstance(kind, str) or kind not in GENERATORS:
            raise ValueError(f"generators[{i}] = {checks.shown(kind)} is not one of {', '.join(GENERATORS)}")
        if kind == "shared" and n_hat > n:
            raise ValueError(f"n_hat = {n_hat} is outside [1, n = {n}] for a shared generator")
    device = tensors.generator("random", random).device
    mu = torch.full((p,), mu_norm / math.sqrt(p), dtype=torch.float64, device=device)
    fits = {kind: [] for kind in generators}
    batch = max(1, CHUNK // (p * max(n, p, 1 if math.isinf(n_hat) else n_hat)))
    for start in range(0, repeats, batch):
        size = min(batch, repeats - start)
        rows = mu + _normal(size, n, p, random)
        gram, moment = rows.mT @ rows, rows.sum(1)
        for kind in generators:
            if math.isinf(n_hat):
                mean, root = mu.expand(size, p), torch.eye(p, dtype=torch.float64, device=device).expand(size, p, p)
            else:
                seen = rows[:, :n_hat] if kind == "shared" else mu + _normal(size, n_hat, p, random)
                mean, root = fit_generator(seen, mean=mu if kind == "known_mean" else None)
            more_gram, more_moment = synthetic_sums(mean, root, m, epsilon, psi, phi, random=random)
            fits[kind].append(fit_ridge_mix(gram + more_gram, moment + more_moment, n + m, gamma))
    return mu, {kind: torch.cat(parts) for kind, parts in fits.items()}


def fit_generator(rows: Tensor, mean: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Mean and covariance of folded rows ``y x`` (eq. 2), the covariance as a root: ``C_hat = root root^T``.

    rows : (..., n_hat, p) float64, n_hat at least 1; mean : (p,), where it is known, or None to estimate it.
    Returns (..., p) and (..., p, r) with r = p, or r = n_hat where there are no more rows than dimensions: any root draws
    the same synthetic rows. Raises ValueError for a wrong shape.
    Source: eq. 2 (maximum likelihood, divided by n_hat). Checked by tests/models/linear/test_ridge_mix.py::test_fit_generator.
    """
    tensors.real("rows", rows, "(..., n_hat, p)")
    if rows.ndim < 2 or not rows.numel() or rows.shape[-2] < 1:
        raise ValueError(f"rows has shape {tuple(rows.shape)}, allowed: (..., n_hat, p) with n_hat at least 1")
    tensors.sized("rows", rows)
    n_hat, p = rows.shape[-2:]
    if mean is not None and tensors.real("mean", mean, "(p,)").shape != (p,):
        raise ValueError(f"mean has shape {tuple(mean.shape)}, allowed: ({p},)")
    centre = rows.mean(-2) if mean is None else mean.expand(*rows.shape[:-2], p)
    deviations = (rows - centre[..., None, :]) / math.sqrt(n_hat)
    if n_hat <= p:
        return centre, deviations.mT
    return centre, torch.linalg.qr(deviations, mode="r")[1].mT  # R^T R = C_hat, without squaring its condition


def synthetic_sums(
    mean: Tensor, root: Tensor, m: int, epsilon: float, psi: float, phi: float, *, random: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Sums over m synthetic rows that a verifier has pruned: ``sum q t t^T`` and ``sum q s t``.

    ``t = mean + root z`` with z standard Gaussian; s = -1 with probability epsilon, else +1; q = 1 with probability psi
    where s = -1, phi where s = +1, else 0. Only the sums over z are taken row by row; ``root`` enters once.

    mean : (B, p), root : (B, p, r), float64; m >= 0; epsilon, psi, phi in [0, 1]. Returns (B, p, p) and (B, p).
    Raises ValueError outside. Source: eq. 3 to 6. Checked by tests/models/linear/test_ridge_mix.py::test_synthetic_sums.
    """
    m = checks.integer("m", m, 0, LARGEST)
    epsilon, psi, phi = (
        checks.probability(name, value) for name, value in (("epsilon", epsilon), ("psi", psi), ("phi", phi))
    )
    tensors.generator("random", random)
    for name, value, allowed, dims in (("mean", mean, "(B, p)", (2,)), ("root", root, "(B, p, r)", (3,))):
        tensors.finite(name, tensors.real(name, value, allowed, dims=dims, empty=False), largest=1e40)
    if root.shape[:2] != mean.shape:
        raise ValueError(f"root has shape {tuple(root.shape)}, allowed: ({mean.shape[0]}, {mean.shape[1]}, r)")
    batch, _, r = root.shape
    white = root.new_zeros(batch, r, r)  # sum q z z^T
    kept, signed = root.new_zeros(2, batch, 1, r + 1)  # sum q (z, 1) and sum q s (z, 1)
    step = max(1, CHUNK // (batch * r))
    for start in range(0, m, step):
        rows = min(step, m - start)
        z = _normal(batch, rows, r, random)
        sign = 1.0 - 2.0 * (_uniform(batch, rows, random) < epsilon).double()
        q = (_uniform(batch, rows, random) < torch.where(sign > 0, phi, psi)).double()
        white += (q[..., None] * z).mT @ z
        for total, weight in ((kept, q), (signed, q * sign)):
            total[..., :r] += weight[:, None] @ z
            total[..., r] += weight.sum(1, keepdim=True)
    column = mean[..., None]
    cross = root @ kept[..., :r].mT @ column.mT  # root (sum q z) mean^T
    gram = root @ white @ root.mT + cross + cross.mT + kept[..., r:] * (column @ column.mT)
    return gram, (root @ signed[..., :r].mT + signed[..., r:] * column)[..., 0]


def _normal(batch: int, rows: int, columns: int, random: torch.Generator) -> Tensor:
    """Standard normals (batch, rows, columns), float64; drawn as float32, two to three times faster and fine enough here."""
    return torch.randn(batch, rows, columns, generator=random, device=random.device).double()


def _uniform(batch: int, rows: int, random: torch.Generator) -> Tensor:
    return torch.rand(batch, rows, generator=random, device=random.device)
