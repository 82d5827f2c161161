"""Notebook beyond-collapse/02: sentences of Section 3.4 on draws, against closed forms and rules made by hand."""

import math

import numpy as np
import pytest
import torch
from scipy.stats import norm

from lib import seeds
from lib.experiments.beyond_collapse import section_3_4 as s3
from lib.theory.beyond_collapse.breakdown import Rates
from lib.theory.beyond_collapse.mixture import mixture_rates
from lib.theory.beyond_collapse.noiseless import noiseless_rates

THREE = (0.3 * math.pi, 0.2 * math.pi, 0.3 * math.pi)


def test_draw():
    """The truth's own error is that of the Bayes classifier, and nothing without noise."""
    generator = seeds.generator(0, "draw")
    for margin, expected in ((None, 0.0), (1.2, norm.cdf(-1.2))):
        x, y = s3.draw(40_000, margin, generator)
        assert float(((x[:, 0] > 0) != (y > 0)).double().mean()) == pytest.approx(expected, abs=0.01)


def test_surplus():
    """Within four standard errors of n ((1-p) phi - p psi) in both models."""
    vectors = torch.tensor([[0.5, 0.8, 0.2], [0.7, -0.1, 0.5]]).double()
    w_gen, w_prune = vectors / vectors.norm(dim=1, keepdim=True)
    angles = [float(torch.arccos(c)) for c in (w_gen[0], w_prune[0], w_gen @ w_prune)]
    n, generator = 20_000, seeds.generator(0, "surplus")
    d = 4
    mu_norm = 1.5 / math.sqrt(d + 1.5**2)
    for margin, (p, phi, psi) in ((None, noiseless_rates(*angles)), (1.5, mixture_rates(mu_norm, d, *angles))):
        found = s3.surplus(*s3.draw(n, margin, generator), w_gen, w_prune)
        assert abs(found.value - n * ((1 - p) * phi - p * psi)) < 4 * found.standard_error
        assert found.standard_error**2 == pytest.approx(n * ((1 - p) * phi + p * psi), rel=0.05)


def test_counted_errors():
    """By the closed form of each model."""
    for margin, expected in ((None, 0.3), (2.0, norm.cdf(-2.0 * math.cos(0.3 * math.pi)))):
        ((value, error),) = s3.counted_errors(0, 20_000, [0.3], margin)
        assert abs(value - expected) < 4 * error


def test_side():
    assert [s3.side(s3.Estimate(v, 10.0)) for v in (41, 39, -39, -41)] == [1, 0, 0, -1]


def test_against_the_rule():
    found = s3.against_the_rule(0, 60, 2000)
    assert [one.value for one in found.values()] == [0, 0]
    assert all(30 < one.trials <= 60 for one in found.values())


def test_a_wrong_rule_would_show(monkeypatch):
    """If kept labels followed the generator alone, pairs on either side of the border would break the rule."""
    original = s3.surplus
    monkeypatch.setattr(s3, "surplus", lambda x, y, w_gen, w_prune: original(x, y, w_gen, w_gen))
    assert all(one.value > 5 for one in s3.against_the_rule(0, 60, 2000).values())


def test_worse_side(monkeypatch):
    assert s3.worse_side(0, 60, 2000)[:2] == (0, 0.0)
    original = s3.surplus
    monkeypatch.setattr(s3, "surplus", lambda x, y, w_gen, w_prune: original(x, -y, w_gen, w_prune))
    assert s3.worse_side(0, 60, 2000).value > 5


def test_rise_with_a_stronger_verifier():
    """A ratio that grows with theta_prune and falls with theta has no rise; one that grows with theta has the longest step."""
    steps = math.pi / (s3.STEPS + 1)
    falls = s3.rise_with_a_stronger_verifier(lambda first, second, third: Rates(0.1, 1.0, second - third), below=True)
    assert falls == pytest.approx(-steps)  # the smallest change of one angle alone
    rises = s3.rise_with_a_stronger_verifier(lambda first, second, third: Rates(0.1, 1.0, third), below=True)
    assert rises > 10 * steps


@pytest.mark.parametrize("below", [True, False])
def test_rise_against_a_plain_search(below):
    """In the model without noise, against random pairs of settings: none rises more than the grid's largest."""
    rng, largest = seeds.rng(0, "stronger"), -math.inf
    bound = s3.rise_with_a_stronger_verifier(noiseless_rates, below)
    for _ in range(20_000):
        first, second, third, stronger, wider = rng.integers(1, s3.STEPS + 1, 5) * math.pi / (s3.STEPS + 1)
        fits = s3._are_angles(first, second, third) and s3._are_angles(first, stronger, wider)
        same_side = all(
            (first + each < math.pi - 1e-9) if below else (first + each > math.pi + 1e-9) for each in (second, stronger)
        )
        if fits and same_side and stronger <= second and wider >= third and (stronger, wider) != (second, third):
            one, other = noiseless_rates(first, second, third), noiseless_rates(first, stronger, wider)
            largest = max(largest, other.psi / other.phi - one.psi / one.phi)
    assert largest <= bound + 1e-12
    assert (bound < 0) == below


def test_eq_5():
    assert s3.eq_5(0, 2000, THREE) == {"printed": 0.0, "corrected": 1.0}
    opposite = (0.0, math.pi, math.pi)
    assert s3.eq_5(0, 2000, opposite) == {"printed": None, "corrected": None}


def test_training_gap():
    """Many examples in few dimensions: none for independent selection; for supervised the share of right labels among the kept
    of a model that is right wherever both agree, minus the model's accuracy."""
    found = s3.training_gap(0, THREE, 1.0, 40_000, 4, 3, 0.01)
    assert abs(np.mean(found["independent"])) < 0.01
    assert np.mean(found["supervised"]) > 0.02
    assert s3.mean_gaps({"a": [-0.1, 0.3]})["a"] == pytest.approx((0.2, 0.1))
