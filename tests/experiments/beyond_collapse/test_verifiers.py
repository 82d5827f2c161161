"""Notebook beyond-collapse/02: counts, angles, agreements and ties against plain loops, closed forms and the theory."""

import math

import numpy as np
import pytest
import torch
from scipy.stats import norm

from lib import seeds
from lib.experiments.beyond_collapse import verifiers as vs
from lib.models.mixtures import two_classes
from lib.statistics import mean_and_error
from lib.theory.beyond_collapse.mixture import mixture_rates, population_classifier
from lib.theory.beyond_collapse.noiseless import noiseless_accuracy, noiseless_rates

THREE = (0.3 * math.pi, 0.2 * math.pi, 0.3 * math.pi)


@pytest.mark.parametrize(("side", "corner"), vs.SIDES.items())
def test_triangle(side, corner):
    """Two vectors at given angles from the north pole, the second turned about it by the corner."""
    first, second = 0.3 * math.pi, 0.2 * math.pi
    one = np.array([math.sin(first), 0, math.cos(first)])
    other = np.array([math.sin(second) * math.cos(corner), math.sin(second) * math.sin(corner), math.cos(second)])
    assert vs.triangle(0.3, 0.2, side) == pytest.approx((first, second, math.acos(one @ other)), abs=1e-12)


def test_counted_rates():
    """Row by row, with one generator and one verifier in the plane."""
    rng = seeds.rng(0, "rows")
    x, y = torch.from_numpy(rng.normal(size=(200, 2))), torch.from_numpy(rng.choice([-1.0, 1.0], size=200))
    w_gen, w_prune = torch.tensor([1.0, 0.2]), torch.tensor([0.3, 1.0])
    found = vs.counted_rates(x, y, w_gen, w_prune)
    counts = {"wrong": 0, "right kept": 0, "wrong kept": 0}
    for row, truth in zip(x, y, strict=True):
        label = 1 if row @ w_gen.double() > 0 else -1
        keeps = (1 if row @ w_prune.double() > 0 else -1) == label
        counts["wrong"] += label != truth
        counts["right kept"] += label == truth and keeps
        counts["wrong kept"] += label != truth and keeps
    assert found["p"].value == counts["wrong"] / 200
    assert found["phi"].value == counts["right kept"] / (200 - counts["wrong"])
    assert found["psi"].value == counts["wrong kept"] / counts["wrong"]


@pytest.mark.parametrize(("angle", "missing"), [(0.0, "psi"), (math.pi, "phi")])
def test_a_generator_that_is_never_wrong_or_never_right(angle, missing):
    """It has no wrong labels, or no right ones, of which a share could be kept."""
    found = vs.drawn_rates(1, 2000, (angle, 0.6, abs(angle - 0.6)), 0.3, 8)["no noise"]
    assert set(found) == {"p", "phi", "psi"} - {missing}
    assert found["p"].value == (angle > 0)


def test_drawn_rates():
    """Within four standard errors of the formulas, in both models."""
    found = vs.drawn_rates(1, 20000, THREE, 0.3, 8)
    for model, formula in (
        ("no noise", noiseless_rates(*THREE)),
        ("mixture", mixture_rates(0.3, 8, *THREE)),
    ):
        for name, (value, error) in found[model].items():
            assert abs(value - getattr(formula, name)) < 4 * error


def test_squared_lengths():
    """|mu|^2 plus d times the noise's variance, by either scale."""
    found = vs.squared_lengths(0, 20000, 0.6, 5)
    expected = {"printed": 0.36 + 5 / ((1 - 0.36) * 5) ** 2, "corrected": 1.0}
    for name, (value, error) in found.items():
        assert abs(value - expected[name]) < 4 * error


def test_random_psi():
    rows = vs.random_psi(0, 5000, 6, 0.3, 4)
    assert rows.shape == (6, 4)
    counted, error, corrected, printed = rows.T
    assert (np.abs(counted - corrected) < 4 * error).all()
    assert (printed > 1).all()


def test_random_psi_of_generators_that_hardly_err():
    """A long mean in few draws: many directions err on none of them, and give their place to others."""
    rows = vs.random_psi(0, 100, 6, 0.9, 4)
    assert rows.shape == (6, 4)
    assert np.isfinite(rows).all()


def test_noiseless_agreement():
    """Near the formula for infinitely many examples, also where the generator is right and the verifier is not."""
    for three in (THREE, (0.0, 0.3, 0.3), (0.3, 0.0, 0.3)):
        found = mean_and_error(vs.noiseless_agreement(0, list(three), 20000, 5, 4))
        assert found.value == pytest.approx(noiseless_accuracy(*three), abs=0.02)


def test_mixture_agreement():
    found = mean_and_error(vs.mixture_agreement(0, list(THREE), 20000, 0.5, 5, 4))
    assert found.value == pytest.approx(population_classifier(0.5, 5, *THREE).agreement, abs=0.03)


def test_nothing_kept_is_a_guess():
    """One example at a time, generator and verifier nearly opposite: nothing is kept most of the time, and one half is said."""
    found = vs.mixture_agreement(0, [0.0, math.pi, math.pi], 1, 0.5, 3, 20)
    assert found == [0.5] * 20


def test_agreements():
    settings = [{"seed": 0, "three": list(THREE), "examples": 100, "dimension": 4, "models": 2}]
    assert vs.agreements("noiseless", settings) == [vs.noiseless_agreement(**settings[0])]
    settings[0]["mu_norm"] = 0.4
    assert vs.agreements("mixture", settings) == [vs.mixture_agreement(**settings[0])]


def test_angle_of_error():
    """A classifier at that angle errs on that share."""
    for wrong in (0.1, 0.4, 0.8):
        angle = math.pi * vs.angle_of_error(wrong, 1.7)
        assert norm.cdf(-1.7 * math.cos(angle)) == pytest.approx(wrong, abs=1e-12)


def test_mean_norm():
    norm_of_mean = vs.mean_norm(5.0, 75)
    assert norm_of_mean / two_classes.unit_norm_noise(norm_of_mean, 75) == pytest.approx(5.0)


def test_around_the_step():
    assert vs.around_the_step([0.1, 0.9], 0.3) == [0.1, 0.64, 0.76, 0.9]


def test_right_wins():
    """By enumeration of five examples: each is kept right, kept wrong or dropped."""
    p, phi, psi = noiseless_rates(*THREE)
    chances = {1: (1 - p) * phi, -1: p * psi, 0: 1 - (1 - p) * phi - p * psi}
    wins = ties = 0.0
    for code in range(3**5):
        steps = [(0, 1, -1)[code // 3**k % 3] for k in range(5)]
        chance = math.prod(chances[step] for step in steps)
        wins += chance * (sum(steps) > 0)
        ties += chance * (sum(steps) == 0)
    assert vs.right_wins(noiseless_rates(*THREE), 5) == pytest.approx((wins, wins + ties / 2), abs=1e-12)


def test_thetas():
    found = vs.thetas(0.45, 0.3, 3)
    assert [three[0] / math.pi for three in found] == pytest.approx([0.45] * 3)
    assert [three[2] / math.pi for three in found] == pytest.approx([0.151, 0.45, 0.749])


def test_cost_of_ties():
    found = vs.cost_of_ties(sizes=(1, 3))
    assert found["failure"] > 0.01
    assert found["coin"] < 1e-12
    assert 0 < found["surplus"] < 3
