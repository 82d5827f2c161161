"""The dots of notebook synthesis/01 against the formulas, and its measures against cases by hand."""

import math

import numpy as np
import pytest
import torch

from lib import seeds
from lib.experiments.synthesis import one_picture
from lib.statistics import Estimate
from lib.theory import synthesis
from lib.theory.usable_information import margin_cross_entropy

SETTING = {"phi": 0.8, "psi": 0.3, "n": 20, "m": 300, "dimension": 60, "gamma": 1.0, "mu_norm": 1.5}


@pytest.mark.parametrize("p", [0.1, 0.6, 0.95])
def test_dots_lie_on_the_curves(p):
    found, expected = one_picture.dots(seed=3, fits=150, p=p, **SETTING), one_picture.curves(p, **SETTING)
    assert set(found) == set(expected) == set(one_picture.LENSES)
    for name, (value, error) in found.items():
        # finite size: the formulas for fits are limits, off by about 0.5 over the dimension
        room = 0.5 / 60 if name in ("accuracy", "bits_at_its_word", "bits_if_turned") else 0.001
        assert value == pytest.approx(expected[name], abs=4 * error + room), name


def test_a_seed_is_a_stream():
    one = one_picture.signals(seed=1, fits=5, p=0.2, **SETTING)
    assert torch.equal(one, one_picture.signals(seed=1, fits=5, p=0.2, **SETTING))
    assert not torch.equal(one, one_picture.signals(seed=2, fits=5, p=0.2, **SETTING))
    value, error = one_picture.accuracy(seed=1, fits=5, p=0.2, **SETTING)
    right = torch.special.ndtr(one)
    assert (value, error) == pytest.approx((right.mean().item(), right.std().item() / math.sqrt(5)))


def test_tables():
    counts = one_picture.tables(seed=1, fits=4000, p=0.4, phi=0.8, psi=0.3, m=50)
    assert counts.shape == (4000, 2, 3)
    assert (counts.sum((1, 2)) == 50).all()
    expected = 25 * np.array([[0.48, 0.12, 0.4], [0.12, 0.48, 0.4]])
    assert counts.mean(0) == pytest.approx(expected, abs=5 * math.sqrt(50 * 0.25 / 4000))


def test_wrong_share():
    assert one_picture.wrong_share(0.5, **SETTING) == pytest.approx(45 / (20 + 120 + 45))


def test_bits_of_a_known_signal():
    r, random = torch.full((60,), 1.2, dtype=torch.float64), seeds.generator(1, "test")
    clean = one_picture.bits(r, 0.0, random)
    assert clean.mean().item() == pytest.approx(
        1 - margin_cross_entropy(2.88, 2.4), abs=4 * clean.std().item() / 60**0.5
    )
    assert one_picture.bits(-r, 0.0, random).mean().item() == pytest.approx(clean.mean().item(), abs=0.02)
    assert one_picture.bits(r, 0.9, random).mean().item() < -0.3  # it learns to say the opposite


def test_misses():
    at = [0.1, 0.9]
    found = [{name: [value, 0.01] for name, value in one_picture.curves(p, **SETTING).items()} for p in at]
    found[1]["accuracy"] = [found[1]["accuracy"][0] + 0.03, 0.01]
    found[0]["bits_kept"] = [found[0]["bits_kept"][0] - 0.004, 0.0]
    misses = one_picture.misses(found, at, **SETTING)
    assert misses["accuracy"] == pytest.approx(3)
    assert misses["bits_kept"] == pytest.approx(2)
    assert misses["majority"] == 0


def test_farthest_crossing():
    rows = {"phi": 0.8, "psi": 0.3, "n": 20, "m": 300}
    level = Estimate(0.6, 0.01), Estimate(0.4, 0.01)
    found = one_picture.farthest_crossing([(rows, level), (rows, (Estimate(0.6, 0.01), Estimate(0.3, 0.01)))])
    assert found.value > 0.01
    assert one_picture.farthest_crossing([(rows, level)]).value == pytest.approx(0, abs=1e-9)


def test_widest():
    found = one_picture.widest([((0.8, 0.03), (0.7, 0.04)), ((0.5, 0.0), (0.52, 0.0))])
    assert found == pytest.approx((0.1, 0.05))


def test_best_threshold():
    more = {"n": 0, "m": 400, "dimension": 60, "gamma": 1.0, "mu_norm": 1.5}
    rows = one_picture.best_threshold("rows", 1.5, 0.5, **more)

    def worth(threshold):
        return synthesis.effective_rows(0.5, *synthesis.threshold_rates(threshold, 1.5), 0, 400)

    assert worth(rows) >= max(worth(rows + 0.02), worth(rows - 0.02))
    assert one_picture.best_threshold("bits kept", 1.5, 0.5, **more) == 4.0  # the strictest of all
    assert one_picture.best_threshold("accuracy", 1.5, 0.5, **(more | {"gamma": 1e6})) == pytest.approx(rows, abs=0.021)


def test_looseness():
    of_theory = synthesis.error_bound(0.5, **SETTING)
    found = one_picture.looseness((1 - of_theory.error, 0.01), one_picture.wrong_share(0.5, **SETTING), 1.5)
    assert found.value == pytest.approx(of_theory.loose)
    assert found.standard_error == pytest.approx(0.01 * 2 * 45 / 185)


def test_bits_by_chance():
    """Small ones by their expansion; large ones against directions that are drawn, within four standard errors."""
    assert one_picture.bits_by_chance(10_000, 1.5) == pytest.approx(1.5**2 / (2 * 10_000 * math.log(2)), rel=0.02)
    generator = np.random.default_rng(5)
    directions = generator.standard_normal((4000, 10))
    r = 10.0 * np.abs(directions[:, 0]) / np.linalg.norm(directions, axis=1)
    drawn = np.array([1.0 - margin_cross_entropy(2.0 * each * each, 2.0 * each) for each in r])
    error = drawn.std() / len(drawn) ** 0.5
    assert one_picture.bits_by_chance(10, 10.0) == pytest.approx(drawn.mean(), abs=4 * error)
    with pytest.raises(ValueError, match="dimension = 1 is outside"):
        one_picture.bits_by_chance(1, 1.0)
