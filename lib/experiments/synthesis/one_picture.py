"""Notebook synthesis/01: one setting simulated under four lenses, and what tells the lenses apart.

The setting and its letters: ``lib.theory.synthesis``. Dots are what trained models do.
"""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import torch
from scipy.stats import beta
from torch import Tensor

from lib import seeds
from lib.experiments.random_matrices import smooth_transition as transition
from lib.models.linear.ridge_mix import simulate_ridge
from lib.statistics import Estimate, difference, mean_and_error
from lib.theory import checks, synthesis
from lib.theory.gaussian import cdf
from lib.theory.majority import majority
from lib.theory.usable_information import margin_cross_entropy, plugin_information

NOTEBOOK = "synthesis/01"  # of the streams' names
LENSES = ("majority", "accuracy", "bits_at_its_word", "bits_if_turned", "bits_kept", "bits_drawn")
HELD_OUT = 2000  # rows that fit a model's confidence, and as many that test it
STRONG = 1000.0  # a ridge so strong that the classifier is the mean of the rows
LN2 = math.log(2.0)


def dots(*, seed: int, fits: int, p: float, **setting: float) -> dict[str, list[float]]:
    """Part: mean and standard error over ``fits`` trainings of each of LENSES at a label error p.

    ``setting``: phi, psi, n, m, dimension, gamma, mu_norm. majority: share of drawn tables with more right than wrong labels;
    accuracy, and bits as in ``lib.theory.synthesis``, of ridge fits; bits_kept and bits_drawn: of the drawn labels' tables,
    corrected by Miller and Madow. Checked by tests/experiments/synthesis/test_one_picture.py.
    """
    r = signals(seed=seed, fits=fits, p=p, **setting)
    counts = tables(seed=seed, fits=fits, p=p, **{name: setting[name] for name in ("phi", "psi", "m")})
    kept = counts[:, :, :2].sum((1, 2))
    wins = setting["n"] + counts[:, 0, 0] + counts[:, 1, 1] > counts[:, 0, 1] + counts[:, 1, 0]
    of_kept = [
        plugin_information(table[:, :2].tolist()).corrected if kept[k] else 0.0 for k, table in enumerate(counts)
    ]
    found = {
        "majority": wins.astype(float),
        "accuracy": torch.special.ndtr(r).numpy(),
        "bits_at_its_word": bits(r, wrong_share(p, **setting), seeds.generator(seed, NOTEBOOK, "word", p)).numpy(),
        "bits_if_turned": bits(r, 0.0, seeds.generator(seed, NOTEBOOK, "turned", p)).numpy(),
        "bits_kept": np.array(of_kept),
        "bits_drawn": np.array(of_kept) * kept / setting["m"],
    }
    return {name: list(mean_and_error(torch.tensor(values))) for name, values in found.items()}


def bits_by_chance(dimension: int, mu_norm: float) -> float:
    """Bits if turned of a direction that leans towards the mean by chance alone, as a fit at the border does.

    Mean over the sphere: the squared cosine of a random direction and the mean is Beta(1/2, (dimension - 1)/2). Where it is
    small, about ``mu_norm^2 / (2 dimension ln 2)``. dimension in [2, 1e7], mu_norm in [0, 30]. Raises ValueError
    outside. Checked by tests/experiments/synthesis/test_one_picture.py.
    """
    dimension, mu_norm = checks.integer("dimension", dimension, 2, 10**7), checks.real("mu_norm", mu_norm, 0.0, 30.0)
    squares = mu_norm**2 * beta(0.5, 0.5 * (dimension - 1)).ppf((np.arange(400) + 0.5) / 400)
    return float(np.mean([1.0 - margin_cross_entropy(2.0 * r2, 2.0 * math.sqrt(r2)) for r2 in squares.tolist()]))


def signals(
    *,
    seed: int,
    fits: int,
    p: float,
    phi: float,
    psi: float,
    n: int,
    m: int,
    dimension: int,
    gamma: float,
    mu_norm: float,
) -> Tensor:
    """r of each of ``fits`` ridge fits, ``w . mu / |w|``: (fits,) float64; 0 for a fit that was taught nothing.

    Checked by tests/experiments/synthesis/test_one_picture.py.
    """
    random = seeds.generator(seed, NOTEBOOK, "fits", p, phi, psi, n, m, dimension, gamma, mu_norm)
    mu, weights = simulate_ridge(
        p=dimension,
        n=n,
        m=m,
        n_hat=math.inf,
        mu_norm=mu_norm,
        gamma=gamma,
        epsilon=p,
        psi=psi,
        phi=phi,
        generators=["known_mean"],
        repeats=fits,
        random=random,
    )
    w = weights["known_mean"]
    return (w @ mu / w.norm(dim=-1)).nan_to_num(0.0)


def accuracy(**setting: float) -> list[float]:
    """Part: mean accuracy, with its error, of :func:`signals`. Checked by tests/experiments/synthesis/test_one_picture.py."""
    return list(mean_and_error(torch.special.ndtr(signals(**setting))))


def tables(*, seed: int, fits: int, p: float, phi: float, psi: float, m: int) -> np.ndarray:
    """Counts by true label, and generated label or erased: (fits, 2, 3), of m drawn rows with balanced classes.

    Checked by tests/experiments/synthesis/test_one_picture.py.
    """
    right, wrong = 0.5 * (1 - p) * phi, 0.5 * p * psi
    lost = max(0.0, 0.5 - right - wrong)
    rng = seeds.rng(seed, NOTEBOOK, "tables", p, phi, psi, m)
    chances = [right, wrong, lost, wrong, right, lost]
    return rng.multinomial(m, np.array(chances) / sum(chances), size=fits).reshape(fits, 2, 3)


def wrong_share(p: float, *, phi: float, psi: float, n: int, m: int, **_: float) -> float:
    """Share of wrong labels among real and kept rows, on average. Checked by tests/experiments/synthesis/test_one_picture.py."""
    wrong = m * p * psi
    return wrong / (n + m * (1 - p) * phi + wrong)


def bits(r: Tensor, wrong: float, random: torch.Generator) -> Tensor:
    """Bits on clean rows of fits whose confidence is fitted on held-out rows with a share ``wrong`` of wrong labels: (fits,).

    A fit scores rows of its class as N(r, 1). One scale, of either sign, is fitted by logistic regression on HELD_OUT of them;
    HELD_OUT others, clean, give the cross-entropy. Checked by tests/experiments/synthesis/test_one_picture.py.
    """
    seen = r[:, None] + torch.randn(len(r), HELD_OUT, generator=random, dtype=torch.float64)
    flipped = torch.rand(len(r), HELD_OUT, generator=random, dtype=torch.float64) < wrong
    u = torch.where(flipped, -seen, seen)
    c = torch.zeros(len(r), 1, dtype=torch.float64)
    for _ in range(30):
        chance = torch.sigmoid(-c * u)
        slope = (u * u * chance * (1 - chance)).mean(1, keepdim=True)
        step = (u * chance).mean(1, keepdim=True) / slope.clamp(min=1e-12)
        c = (c + step.clamp(-1, 1)).clamp(-60, 60)
    clean = r[:, None] + torch.randn(len(r), HELD_OUT, generator=random, dtype=torch.float64)
    return 1 - torch.nn.functional.softplus(-c * clean).mean(1) / LN2


def misses(found: Sequence[Mapping], at: Sequence[float], **setting: float) -> dict[str, float]:
    """Largest distance of a dot from its curve in standard errors, by lens; a dot's error counts as at least 0.002.

    ``found``: what :func:`dots` gives at each label error of ``at``. Checked by tests/experiments/synthesis/test_one_picture.py.
    """
    return {
        name: max(
            abs(each[name][0] - curve) / max(0.002, each[name][1])
            for each, curve in zip(found, (curves(p, **setting)[name] for p in at), strict=True)
        )
        for name in LENSES
    }


def curves(p: float, **setting: float) -> dict[str, float]:
    """What the formulas say of each of LENSES. Checked by tests/experiments/synthesis/test_one_picture.py."""
    rates = {name: setting[name] for name in ("phi", "psi")}
    own = synthesis.channel(p, **rates)
    return {
        "majority": majority(p, **rates, n=setting["n"], m=setting["m"]),
        "accuracy": synthesis.accuracy(p, **setting),
        "bits_at_its_word": synthesis.bits_at_its_word(p, **setting),
        "bits_if_turned": synthesis.bits_if_turned(p, **setting),
        "bits_kept": own.bits_kept,
        "bits_drawn": own.bits_drawn,
    }


def farthest_crossing(cases: Sequence[tuple[dict, list]]) -> Estimate:
    """Largest distance from the border of a label error at which accuracy crosses one half, by lines between two dots.

    ``cases``: phi, psi, n, m, and the Estimates on either side of the border (``transition.beside``).
    Checked by tests/experiments/synthesis/test_one_picture.py.
    """
    found = []
    for rows, pair in cases:
        star = synthesis.border_error(**rows)
        place, error = transition.crossing(transition.beside(star), pair)
        found.append(Estimate(abs(place - star), error))
    return max(found)


def widest(pairs: Sequence[tuple[Sequence[float], Sequence[float]]]) -> Estimate:
    """The pair of estimates that differ most, as the size of their difference. Checked by
    tests/experiments/synthesis/test_one_picture.py.
    """
    gaps = [difference(Estimate(*one), Estimate(*other)) for one, other in pairs]
    return max(Estimate(abs(gap.value), gap.standard_error) for gap in gaps)


def best_threshold(measure: str, strength: float, p: float, **setting: float) -> float:
    """Threshold of ``synthesis.threshold_rates`` that makes a measure largest, on a grid of 0.02 from -4 to 4.

    measure: "bits kept", "bits drawn", "rows" (effective ones) or "accuracy"; setting: n, m, dimension, gamma, mu_norm.
    Checked by tests/experiments/synthesis/test_one_picture.py.
    """

    def of(threshold: float) -> float:
        phi, psi = synthesis.threshold_rates(threshold, strength)
        if measure.startswith("bits"):
            return getattr(synthesis.channel(p, phi, psi), measure.replace(" ", "_"))
        if measure == "rows":
            return synthesis.effective_rows(p, phi, psi, setting["n"], setting["m"])
        return synthesis.accuracy(p, phi, psi, **setting)

    return max((round(0.02 * k, 2) for k in range(-200, 201)), key=of)


def looseness(found: Sequence[float], wrong: float, mu_norm: float) -> Estimate:
    """By how much Theorem 4.7's bound, without its information term, exceeds a simulated accuracy's error.

    found: accuracy and its standard error; wrong: share of wrong labels among the rows. ``2 q (accuracy - Phi(-mu))``.
    Checked by tests/experiments/synthesis/test_one_picture.py.
    """
    value, spread = found
    return Estimate(2 * wrong * (value - cdf(-mu_norm)), 2 * wrong * spread)
