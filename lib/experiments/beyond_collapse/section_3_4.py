"""Notebook beyond-collapse/02: sentences on generators and verifiers, tried on draws and over whole grids of angles.

Angles are in radians; theta_gen and theta_prune to the class mean, theta between generator and verifier.
Source: "Beyond Model Collapse", Sections 3.2, 3.4 and 5.3, Remark D.5.
"""

import math
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from lib import seeds
from lib.models.linear.logistic_ridge import fit_logistic_ridge
from lib.models.mixtures import two_classes
from lib.statistics import Count, Estimate, exceptions, mean_and_error, share
from lib.theory.angles import triangle
from lib.theory.beyond_collapse.breakdown import Rates

NOTEBOOK = "beyond-collapse/02"
SURE = 4.0  # standard errors from which on a surplus counts as seen
STEPS = 19  # angles on each axis of a grid, evenly between 0 and pi

Angles = tuple[float, float, float]


def draw(n: int, margin: float | None, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """n examples (n, 3) around a truth along the first axis, and their labels; three dimensions hold any three directions.

    ``margin``: ``|mu| / sigma`` of a mixture with sigma = 1, or None for labels without noise.
    """
    x = torch.randn(n, 3, generator=generator, dtype=torch.float64)
    if margin is None:
        return x, two_classes.threshold_labels(x, torch.tensor([1.0, 0.0, 0.0]))
    y = torch.randint(0, 2, (n,), generator=generator).double() * 2 - 1
    x[:, 0] += margin * y
    return x, y


def surplus(x: Tensor, y: Tensor, w_gen: Tensor, w_prune: Tensor) -> Estimate:
    """Kept right minus kept wrong labels of x (n, 3), y (n,), and its standard error: each kept label is a step of +-1."""
    labels = two_classes.threshold_labels(x, w_gen)
    kept = two_classes.supervised_kept(x, labels, w_prune)
    steps = (labels * y)[kept]
    return Estimate(float(steps.sum()), max(1.0, len(steps)) ** 0.5)


def side(one: Estimate) -> int:
    """+1 or -1 where a surplus is seen, 0 where it may be chance."""
    return int(math.copysign(1, one.value)) if abs(one.value) > SURE * one.standard_error else 0


def _directions(count: int, generator: torch.Generator) -> Tensor:
    drawn = torch.randn(count, 3, generator=generator, dtype=torch.float64)
    return drawn / drawn.norm(dim=1, keepdim=True)


def counted_errors(seed: int, n: int, turns: list[float], margin: float | None) -> list[Estimate]:
    """Share of n labels on which generators at these angles, in units of pi, err; ``margin`` as in :func:`draw`.

    Checked by tests/experiments/beyond_collapse/test_section_3_4.py::test_counted_errors.
    """
    generator, found = seeds.generator(seed, NOTEBOOK, "errors"), []
    for turn in turns:
        x, y = draw(n, margin, generator)
        w_gen = torch.tensor([math.cos(turn * math.pi), math.sin(turn * math.pi), 0.0])
        found.append(share(int((two_classes.threshold_labels(x, w_gen) != y).sum()), n))
    return found


def against_the_rule(seed: int, triplets: int, n: int) -> dict[str, Count]:
    """Random generators and verifiers whose kept labels, counted on n draws, break the rule of the sum: "noiseless", "mixture".

    The rule: more right than wrong labels are kept if and only if ``theta_gen + theta_prune < pi``. Margins of the mixture are
    random, 0.2 to 3. Where the surplus may be chance the trial does not count.
    Checked by tests/experiments/beyond_collapse/test_section_3_4.py::test_against_the_rule.
    """
    generator, broken = seeds.generator(seed, NOTEBOOK, "rule of the sum"), {"noiseless": [], "mixture": []}
    for _ in range(triplets):
        w_gen, w_prune = _directions(2, generator)
        expected = (
            1 if float(w_gen[0] + w_prune[0]) > 0 else -1
        )  # cosines add up to more than 0: angles to less than pi
        margin = 0.2 + 2.8 * float(torch.rand((), generator=generator))
        for model, own in (("noiseless", None), ("mixture", margin)):
            seen = side(surplus(*draw(n, own, generator), w_gen, w_prune))
            if seen:
                broken[model].append(seen != expected)
    return {model: exceptions(column) for model, column in broken.items()}


def worse_side(seed: int, triplets: int, n: int) -> Count:
    """How often a better generator, with one verifier, turns a majority of right labels into one of wrong labels, on n draws.

    Random directions in mixtures of random margins; the better generator is the one at the smaller angle to the truth. Trials
    in which either majority may be chance do not count.
    Checked by tests/experiments/beyond_collapse/test_section_3_4.py::test_worse_side.
    """
    generator, turned = seeds.generator(seed, NOTEBOOK, "better generator"), []
    for _ in range(triplets):
        *both, w_prune = _directions(3, generator)
        worse, better = sorted(both, key=lambda w: float(w[0]))
        margin = 0.2 + 2.8 * float(torch.rand((), generator=generator))
        seen = [side(surplus(*draw(n, margin, generator), w, w_prune)) for w in (worse, better)]
        if all(seen):
            turned.append(seen == [1, -1])
    return exceptions(turned)


def rise_with_a_stronger_verifier(rates: Callable[..., Rates], below: bool) -> float:
    """Largest rise of psi/phi when the verifier gets no weaker and theta no smaller, one of the two really changing.

    Over a grid of angles, pairs of settings with one generator, on one side of the border (``theta_gen + theta_prune < pi``
    or not). Negative where every such change lowers the ratio. Source: Section 5.3.
    Checked by tests/experiments/beyond_collapse/test_section_3_4.py::test_rise_with_a_stronger_verifier.
    """
    grid, best = np.linspace(0, math.pi, STEPS + 2)[1:-1], -math.inf
    for first in grid:
        table = np.full((STEPS, STEPS), np.nan)  # (theta_prune, theta)
        for i, second in enumerate(grid):
            for j, third in enumerate(grid):
                border = abs(first + second - math.pi) < 1e-9
                if (first + second < math.pi) == below and not border and _are_angles(first, second, third):
                    found = rates(first, second, third)
                    table[i, j] = found.psi / found.phi if found.phi > 1e-12 else np.nan
        for i, j in np.argwhere(~np.isnan(table)):
            others = table[: i + 1, j:].copy()
            others[-1, 0] = np.nan  # the setting itself
            if not np.isnan(others).all():
                best = max(best, float(np.nanmax(others) - table[i, j]))
    return best


def _are_angles(first: float, second: float, third: float) -> bool:
    """Whether three directions can have these angles, strictly: not in one plane."""
    inside = abs(first - second) + 1e-6 < third < min(first + second, 2 * math.pi - first - second) - 1e-6
    return inside and triangle(first, second, third) is not None


def eq_5(seed: int, n: int, angles: Angles) -> dict[str, float | None]:
    """Of the examples labelled 0 that the verifier calls 0 too, the share that eq. 5 keeps with labels "printed" as 0 and 1, and
    "corrected" to -1 and +1. None where they agree on no example, as opposite directions do.

    Source: eq. 5 with Section 3.1. Checked by tests/experiments/beyond_collapse/test_section_3_4.py::test_eq_5.
    """
    generator = seeds.generator(seed, NOTEBOOK, "eq. 5")
    truth, w_gen, w_prune = two_classes.draw_triplet(*angles, 3, generator=generator)
    x, _ = two_classes.draw_mixture(n, truth, 1.0, generator=generator, dtype=torch.float64)
    printed = (x @ w_gen > 0).double()
    agreed = (printed == 0) & (x @ w_prune < 0)
    kept = {"printed": printed * (x @ w_prune) > 0, "corrected": (2 * printed - 1) * (x @ w_prune) > 0}
    return {name: float(rows[agreed].double().mean()) if agreed.any() else None for name, rows in kept.items()}


def training_gap(
    seed: int, angles: Angles, margin: float, n: int, dimension: int, models: int, ridge: float
) -> dict[str, list[float]]:
    """Accuracy on the clean labels of the kept examples minus that on new ones, for "supervised" and "independent" selection.

    Supervised: a linear generator and verifier at these angles. Independent: 20 % of the labels wrong, of which half are kept, of
    the right ones 90 %. Both in a mixture of this margin; new examples against their labels too, which is the smaller gap of two:
    Remark D.5's own accuracy is agreement with the Bayes classifier.
    Checked by tests/experiments/beyond_collapse/test_section_3_4.py::test_training_gap.
    """
    generator, gaps = seeds.generator(seed, NOTEBOOK, "training gap", n, *angles), {"supervised": [], "independent": []}
    mu_norm = margin / math.sqrt(dimension + margin**2)
    noise = two_classes.unit_norm_noise(mu_norm, dimension)
    for _ in range(models):
        truth, w_gen, w_prune = two_classes.draw_triplet(*angles, dimension, generator=generator)
        x, y = two_classes.draw_mixture(n, mu_norm * truth, noise, generator=generator, dtype=torch.float64)
        flipped = two_classes.flip_labels(y, 0.2, generator=generator)
        given = two_classes.threshold_labels(x, w_gen)
        selections = {
            "supervised": (given, two_classes.supervised_kept(x, given, w_prune)),
            "independent": (flipped, two_classes.rlhf_kept(y, flipped, 0.9, 0.5, generator=generator)),
        }
        for name, (labels, kept) in selections.items():
            weights = fit_logistic_ridge(x[kept], labels[kept][None], ridge)[0]
            on_kept = float(((x[kept] @ weights > 0) == (y[kept] > 0)).double().mean())
            gaps[name].append(on_kept - float(two_classes.accuracy(weights, mu_norm * truth, noise)))
    return gaps


def mean_gaps(gaps: dict[str, list[float]]) -> dict[str, Estimate]:
    """Means over models of absolute gaps."""
    return {name: mean_and_error([abs(each) for each in values]) for name, values in gaps.items()}
