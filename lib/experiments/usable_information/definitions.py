"""Three definitions of usable information side by side, on sources where each is a sum or an integral; all in bits.

The *readings* of a class V are: "losses", H_V(Y) - H_V(Y|X) of Xu et al.; "scores", max I(f(X);Y) of a real-valued f;
"decisions", the same of f's predicted class. Source: Section 1 of "Restoring Task-Relevant Information in Synthetic Data".
"""

import itertools
import math
from collections.abc import Sequence

import numpy as np
import torch
from scipy import optimize, stats

from lib.models.linear.logistic_ridge import fit_logistic_ridge
from lib.theory import usable_information as theory

ANGLES = np.linspace(0, math.pi / 2, 91)  # of a direction to the mean
CORNERS = [(a, b) for a in (-1, 1) for b in (-1, 1)]  # of two fair signs; the label is their product
PLANES = list(itertools.product((-2, -1, 0, 1, 2), (-2, -1, 0, 1, 2), (-2.5, -1.5, -0.5, 0.5, 1.5, 2.5)))  # all splits
CLEARLY = 0.01  # difference of accuracy that counts


def score_information(m: float) -> float:
    """I(T; Y) for a score T ~ N(y m, 1): the entropy of T less that of its noise, by sums on a grid. m in [0, inf).

    Good to about 1e-9. Checked by tests/experiments/usable_information/test_definitions.py, against
    :func:`lib.theory.usable_information.mixture_shannon_information`.
    """
    if m == 0:
        return 0.0
    t = np.linspace(-m - 12, m + 12, 20001)
    density = (stats.norm.pdf(t - m) + stats.norm.pdf(t + m)) / 2
    surprise = -np.log2(density, where=density > 0, out=np.zeros_like(density))
    return float(np.sum(density * surprise) * (t[1] - t[0])) - 0.5 * math.log2(2 * math.pi * math.e)


def rise_of_scores(separation: float, noise: float) -> float:
    """Largest rise of I(w . X; Y) over I(X; Y) in the mixture, over directions w at ANGLES to the mean.

    Checked by tests/experiments/usable_information/test_definitions.py.
    """
    whole = theory.mixture_shannon_information(separation, noise)
    return max(score_information(separation / (2 * noise) * math.cos(angle)) - whole for angle in ANGLES)


def rise_of_tables(tables: int, *, rng: np.random.Generator) -> float:
    """Largest rise of I(g(X); Y) over I(X; Y), over ``tables`` random joint tables of 8 by 3 and a random function g for each.

    Checked by tests/experiments/usable_information/test_definitions.py.
    """
    rise = -math.inf
    for _ in range(tables):
        counts = rng.poisson(rng.gamma(0.5, 20, size=(8, 3))) + np.eye(8, 3, dtype=int)
        merged = np.zeros((8, 3), dtype=int)
        np.add.at(merged, rng.integers(0, 8, 8), counts)  # row x joins row g(x)
        after, before = theory.plugin_information(merged.tolist()).bits, theory.plugin_information(counts.tolist()).bits
        rise = max(rise, after - before)
    return rise


def mixture_readings(distance: float, longest: float, *, noise: float, dimension: int, kept: int) -> dict[str, float]:
    """Readings of the mixture for logistic models of ``kept`` coordinates, with weights no longer than ``longest``.

    Losses: the least over the length of the weights. Scores: the most information over directions. Decisions: the closed form.
    Checked by tests/experiments/usable_information/test_definitions.py.
    """
    half = distance * math.sqrt(kept / dimension) / 2  # what V sees of the mean
    found = optimize.minimize_scalar(
        lambda length: theory.margin_cross_entropy(length * half, length * noise),
        bounds=(0, longest),
        method="bounded",
        options={"xatol": 1e-8},
    )
    return {
        "losses": 1 - float(found.fun),
        "scores": max(score_information(half / noise * math.cos(angle)) for angle in ANGLES),
        "decisions": theory.mixture_decision_information(distance, noise, dimension, kept),
    }


def corner_information(outputs: Sequence[float]) -> float:
    """Information between f's outputs at the four CORNERS and their product, the corners equally frequent.

    Checked by tests/experiments/usable_information/test_definitions.py.
    """
    values = sorted(set(outputs))
    counts = [[0, 0] for _ in values]
    for output, (a, b) in zip(outputs, CORNERS, strict=True):
        counts[values.index(output)][(1 + a * b) // 2] += 1
    return theory.plugin_information(counts).bits


def recalibrated_loss(outputs: Sequence[float]) -> float:
    """Loss in nats of the recalibration of f: at each corner it gives the share of this label among corners of equal output.

    Checked by tests/experiments/usable_information/test_definitions.py.
    """
    shares = []
    for output, (a, b) in zip(outputs, CORNERS, strict=True):
        equal = [c * d for other, (c, d) in zip(outputs, CORNERS, strict=True) if other == output]
        shares.append(equal.count(a * b) / len(equal))
    return -sum(math.log(share) for share in shares) / 4


def product_readings() -> tuple[dict[str, float], dict[str, float]]:
    """Readings of the product of two signs: for linear logistic models, and for any function of a linear score (recalibrations).

    Scores and decisions are the most over PLANES, which hold every way in which a plane splits or orders the corners.
    Checked by tests/experiments/usable_information/test_definitions.py.
    """
    scores = [[a * one + b * two + c for one, two in CORNERS] for a, b, c in PLANES]
    targets = torch.tensor([[a * b for a, b in CORNERS]], dtype=torch.float64)
    with_constant = torch.tensor([[a, b, 1] for a, b in CORNERS], dtype=torch.float64)
    margins = targets[0] * (with_constant @ fit_logistic_ridge(with_constant, targets, ridge=1e-9)[0])
    linear = {
        "losses": 1 - theory.v_entropy((-torch.nn.functional.logsigmoid(margins)).tolist()),
        "scores": max(corner_information(each) for each in scores),
        "decisions": max(corner_information([float(value > 0) for value in each]) for each in scores),
    }
    return linear, {**linear, "losses": 1 - min(recalibrated_loss(each) for each in scores) / math.log(2)}


def gap(readings: dict[str, float]) -> float:
    """How far the readings by scores and by losses lie apart, signed."""
    return readings["scores"] - readings["losses"]


def mixture_source(m: float) -> tuple[float, float]:
    """Accuracy and V-information of a mixture with class means 2 m deviations apart, all of it seen."""
    return theory.mixture_accuracy(2 * m, 1, 1, 1), theory.mixture_v_information(2 * m, 1, 1, 1)


def erased_source(e: float) -> tuple[float, float]:
    """Accuracy and V-information of x = y, erased with probability e, for logistic models of any weight."""
    return 1 - e / 2, 1 - e


def largest_loss(first: Sequence[tuple[float, float]], second: Sequence[tuple[float, float]]) -> float:
    """Most bits lost from a source (accuracy, bits) of the first list to one of the second that is more accurate by CLEARLY.

    Negative if each such source has more bits; minus infinity if there is none.
    Checked by tests/experiments/usable_information/test_definitions.py.
    """
    a, b = np.array(first)[:, None], np.array(second)[None]
    return float(np.where(b[..., 0] >= a[..., 0] + CLEARLY, a[..., 1] - b[..., 1], -np.inf).max())
