"""Gaussian mixtures, what a linear generator and a linear verifier do to their labels, and exact accuracies.

Labels are -1 and +1 throughout. The mixture is ``x | y ~ N(y mean, noise^2 I)``. In Section 3 of "Beyond Model Collapse"
``noise = sqrt((1 - |mean|^2) / d)``, so that ``E |x|^2 = 1``; in its Section 4 ``mean = tau w_star``, ``noise = 1 / sqrt(d)``.
Whatever draws, draws on the device of its generator.
"""

import math

import torch
from torch import Tensor

from lib import tensors
from lib.theory import angles, checks, gaussian


def unit_norm_noise(mean_norm: float, dimension: int) -> float:
    """Noise per coordinate with ``E |x|^2 = 1``: ``sqrt((1 - mean_norm^2) / dimension)``.

    Source: "Beyond Model Collapse", Section 3.1. Raises ValueError unless mean_norm is in [0, 1] and dimension >= 1.
    Checked by tests/models/mixtures/test_two_classes.py::test_unit_norm.
    """
    mean_norm = checks.real("mean_norm", mean_norm, 0.0, 1.0)
    return math.sqrt((1.0 - mean_norm**2) / checks.integer("dimension", dimension, 1, 10**9))


def draw_mixture(
    count: int, mean: Tensor, noise: float, *, generator: torch.Generator, dtype: torch.dtype = torch.float32
) -> tuple[Tensor, Tensor]:
    """Draw ``count`` examples of ``x | y ~ N(y mean, noise^2 I)`` with balanced labels.

    Parameters
    ----------
    count : int
        Number of examples, at least 1.
    mean : (d,) tensor
        Mean of the class +1; that of the class -1 is its opposite.
    noise : float
        Standard deviation of each coordinate, in [1e-30, 1e30], or [1e-100, 1e100] in double precision.
    generator : torch.Generator
        Source of randomness; its device is the device of the result.
    dtype : torch.dtype
        Type of x and y, torch.float32 or torch.float64.

    Returns
    -------
    x : (count, d) tensor
    y : (count,) tensor
        -1 or +1 with probability 1/2 each.

    Raises ValueError for a bad count, noise or shape of mean.
    Source: "Beyond Model Collapse", Sections 3.1 and 4.1.
    Checked by tests/models/mixtures/test_two_classes.py::test_moments_of_the_mixture.
    """
    count = checks.integer("count", count, 1, 2**31)
    if dtype not in (torch.float32, torch.float64):
        raise ValueError(f"dtype = {checks.shown(dtype)} is not one of torch.float32, torch.float64")
    largest = (
        1e30 if dtype == torch.float32 else tensors.LARGEST
    )  # six standard deviations of that are numbers of the type
    noise = checks.real("noise", noise, 1 / largest, largest)
    tensors.sized("mean", tensors.real("mean", mean, "(d,)", dims=(1,), empty=False), largest=largest)
    device = tensors.generator("generator", generator).device
    y = torch.randint(0, 2, (count,), generator=generator, device=device).to(dtype).mul_(2).sub_(1)
    x = torch.randn(count, len(mean), generator=generator, device=device, dtype=dtype)
    return x.addr_(y, mean.to(device, dtype), beta=noise), y  # noise x + y mean^T, in place


def draw_triplet(
    theta_gen: float, theta_prune: float, theta: float, dimension: int, *, generator: torch.Generator
) -> Tensor:
    """Draw unit vectors (mean direction, generator, verifier) with prescribed angles, uniformly oriented.

    ``theta_gen`` is the angle from the mean to the generator, ``theta_prune`` from the mean to the verifier, ``theta``
    between the last two (radians; "Beyond Model Collapse", eq. 6).

    Returns a (3, dimension) float64 tensor. Raises ValueError if dimension < 3 or if no three directions have the angles:
    :func:`lib.theory.angles.triangle`. Checked by tests/models/mixtures/test_two_classes.py::test_triplet_has_the_angles.
    """
    a, b, c = angles.triangle(theta_gen, theta_prune, theta)
    dimension = checks.integer("dimension", dimension, 3, 10**7)
    tensors.generator("generator", generator)
    corner = angles.corner(a, b, c)
    coordinates = torch.tensor(
        [
            [1.0, 0.0, 0.0],
            [math.cos(a), math.sin(a), 0.0],
            [math.cos(b), math.sin(b) * math.cos(corner), math.sin(b) * math.sin(corner)],
        ],
        dtype=torch.float64,
        device=generator.device,
    )
    return coordinates @ _random_frame(dimension, 3, generator).mT


def draw_at_angle(direction: Tensor, theta: float, *, generator: torch.Generator) -> Tensor:
    """Draw a unit vector at angle ``theta`` (radians, [0, pi]) from ``direction`` (d,), uniform among those.

    Returns a (d,) float64 tensor: ``cos(theta) direction/|direction| + sin(theta) u`` with u a random unit vector
    orthogonal to direction. Raises ValueError if theta is out of range, d < 2 or direction vanishes.
    Source: "Beyond Model Collapse", Section 4.1 (w_theta).
    Checked by tests/models/mixtures/test_two_classes.py::test_vector_at_an_angle.
    """
    theta = checks.angle("theta", theta)
    tensors.sized("direction", tensors.real("direction", direction, "(d,), d at least 2", dims=(1,)))
    checks.integer("dimension of direction", direction.numel(), 2, 10**7)
    tensors.generator("generator", generator)
    axis = direction.to(generator.device, torch.float64)
    axis = axis / checks.positive("norm of direction", axis.norm().item())
    other = torch.randn(len(axis), generator=generator, device=generator.device, dtype=torch.float64)
    other -= (other @ axis) * axis
    return math.cos(theta) * axis + math.sin(theta) * (other / other.norm())


def threshold_labels(x: Tensor, weights: Tensor) -> Tensor:
    """Labels of the linear classifier: ``sign(x . weights)`` in {-1, +1}; the border itself counts as +1.

    x : (..., d), weights : (d,); returns (...) of x's dtype. Checked by tests/models/mixtures/test_two_classes.py::test_labels.
    """
    return _signs(_scores(x, "weights", weights) >= 0, x.dtype)


def sigmoid_labels(x: Tensor, weights: Tensor, *, generator: torch.Generator) -> Tensor:
    """Draw labels from the logistic model: +1 with probability ``1 / (1 + exp(-x . weights))``, else -1.

    x : (..., d), weights : (d,); returns (...) of x's dtype. Source: "Beyond Model Collapse", Section 4.1 ("with sigmoid").
    Checked by tests/models/mixtures/test_two_classes.py::test_labels.
    """
    tensors.generator("generator", generator)
    chance = _scores(x, "weights", weights).sigmoid_()
    return _signs(_uniform_like(chance, generator) < chance, x.dtype)


def flip_labels(labels: Tensor, p: float, *, generator: torch.Generator) -> Tensor:
    """Flip each label with probability ``p``, independently: synthesized labels of error rate p.

    Source: "Beyond Model Collapse", eq. 2. Raises ValueError unless p is in [0, 1] and the labels' type has a sign.
    Checked by tests/models/mixtures/test_two_classes.py::test_flips_and_rlhf_selection.
    """
    p = checks.probability("p", p)
    tensors.finite("labels", tensors.real("labels", labels, "(...), -1 or +1"))
    if not labels.dtype.is_signed:  # minus one would be 255
        raise ValueError(f"labels has type {labels.dtype}, allowed: one with a sign, (...), -1 or +1")
    tensors.generator("generator", generator)
    return torch.where(_uniform_like(labels, generator) < p, -labels, labels)


def rlhf_kept(labels: Tensor, synthetic: Tensor, phi: float, psi: float, *, generator: torch.Generator) -> Tensor:
    """RLHF-type selection: keep a right label with probability ``phi``, a wrong one with probability ``psi``.

    labels : (...) true labels, synthetic : (...) labels that the generator gave. Returns (...) bool, independent bits.
    Source: "Beyond Model Collapse", eq. 3, symmetric. Raises ValueError unless phi and psi are in [0, 1].
    Checked by tests/models/mixtures/test_two_classes.py::test_flips_and_rlhf_selection.
    """
    phi, psi = checks.probability("phi", phi), checks.probability("psi", psi)
    tensors.real("labels", labels, "(...)"), tensors.real("synthetic", synthetic, "(...)")
    if labels.shape != synthetic.shape:
        raise ValueError(
            f"labels has shape {tuple(labels.shape)}, allowed: that of synthetic, {tuple(synthetic.shape)}"
        )
    uniform = _uniform_like(synthetic, tensors.generator("generator", generator))
    return torch.where(labels == synthetic, uniform < phi, uniform < psi)


def supervised_kept(x: Tensor, synthetic: Tensor, verifier: Tensor) -> Tensor:
    """Supervised selection: keep an example whose label the linear verifier shares, ``synthetic (x . verifier) > 0``.

    x : (..., d), synthetic : (...), verifier : (d,); returns (...) bool. Source: "Beyond Model Collapse", eq. 5.
    Checked by tests/models/mixtures/test_two_classes.py::test_supervised_selection_follows_mixture_rates.
    """
    scores = _scores(x, "verifier", verifier)
    if tensors.real("synthetic", synthetic, "(...)").shape != scores.shape:
        raise ValueError(
            f"synthetic has shape {tuple(synthetic.shape)}, allowed: {tuple(scores.shape)}, that of x but one"
        )
    return scores.mul_(synthetic) > 0


def accuracy(weights: Tensor, mean: Tensor, noise: float) -> Tensor:
    """Exact accuracy of linear classifiers against the labels: ``cdf(weights . mean / (noise |weights|))``.

    weights : (..., d), mean : (d,). Returns (...) float64 in [0, 1]; nan where weights vanish or are nan.
    Source: "Beyond Model Collapse", Section 4.1: the Bayes classifier reaches ``cdf(tau sqrt(d))``.
    Raises ValueError unless noise is in [1e-100, 1e100].
    Checked by tests/models/mixtures/test_two_classes.py::test_accuracy_and_agreement.
    """
    noise = tensors.positive("noise", noise)
    weights, mean = _classifiers(weights, mean)
    return torch.special.ndtr(weights @ mean / (noise * weights.norm(dim=-1)))


def agreement(weights: Tensor, mean: Tensor, noise: float) -> Tensor:
    """Exact probability that linear classifiers agree with the Bayes classifier ``sign(mean . x)`` of the mixture.

    With ``m = |mean| / noise``, ``c = cos(angle(weights, mean))`` and Phi2 the bivariate normal cdf of correlation c it is
    ``Phi2(m, c m; c) + Phi2(-m, -c m; c)``. This is what "Beyond Model Collapse" calls test accuracy (Section 3.1).

    weights : (..., d), mean : (d,). Returns (...) float64 in [0, 1]; nan where weights vanish or are nan. One scalar formula
    per classifier, so meant for thousands of them. Raises ValueError unless noise is in [1e-100, 1e100].
    Checked by tests/models/mixtures/test_two_classes.py::test_accuracy_and_agreement.
    """
    noise = tensors.positive("noise", noise)
    weights, mean = _classifiers(weights, mean)
    if not mean.any():
        raise ValueError(f"mean has norm 0, allowed: [{tensors.SMALLEST:g}, {tensors.LARGEST:g}]")
    m = (mean.norm() / noise).item()
    cosines = (weights @ mean / (weights.norm(dim=-1) * mean.norm())).clamp(-1.0, 1.0)
    values = [_agreement(m, c) if c == c else math.nan for c in cosines.flatten().tolist()]
    return torch.tensor(values, dtype=torch.float64, device=weights.device).reshape(cosines.shape)


def _scores(x: Tensor, name: str, weights: Tensor) -> Tensor:
    """``x . weights`` (...) of x (..., d), in its type, once shapes fit."""
    tensors.real("x", x, "(..., d)", empty=False), tensors.real(name, weights, "(d,)", dims=(1,))
    if not x.ndim or x.shape[-1] != len(weights) or not x.is_floating_point():
        raise ValueError(f"x has shape {tuple(x.shape)}, type {x.dtype}, allowed: (..., {len(weights)}), real numbers")
    return x @ weights.to(x)


def _classifiers(weights: Tensor, mean: Tensor) -> tuple[Tensor, Tensor]:
    """Weights (..., d) and mean (d,) in double precision, of sizes that can be squared."""
    tensors.real("weights", weights, "(..., d)"), tensors.real("mean", mean, "(d,)", dims=(1,), empty=False)
    if not weights.ndim or weights.shape[-1] != len(mean):
        raise ValueError(f"weights has shape {tuple(weights.shape)}, allowed: (..., {len(mean)})")
    finite = weights.nan_to_num()  # nan stands for a classifier that is not there
    tensors.sized("weights", finite), tensors.sized("mean", mean)
    return weights.double(), mean.to(weights.device, torch.float64)


def _agreement(m: float, c: float) -> float:
    return gaussian.bivariate_cdf(m, c * m, c) + gaussian.bivariate_cdf(-m, -c * m, c)


def _signs(positive: Tensor, dtype: torch.dtype) -> Tensor:
    return positive.to(dtype).mul_(2).sub_(1)


def _uniform_like(values: Tensor, generator: torch.Generator) -> Tensor:
    return torch.rand(values.shape, generator=generator, device=generator.device)


def _random_frame(dimension: int, vectors: int, generator: torch.Generator) -> Tensor:
    """Orthonormal columns (dimension, vectors), uniformly oriented."""
    draws = torch.randn(dimension, vectors, generator=generator, device=generator.device, dtype=torch.float64)
    frame, triangle = torch.linalg.qr(draws)
    return frame * triangle.diagonal().sign()  # without the signs qr prefers some orientations
