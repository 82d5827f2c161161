"""Fits on synthetic rows alone against the theory; crossings, widths and distances against closed forms and dense grids."""

import copy
import json
from statistics import NormalDist

import numpy as np
import pytest

from lib import paths, seeds
from lib.experiments.random_matrices import smooth_transition as transition
from lib.statistics import Estimate
from lib.theory.random_matrices.ridge import ridge
from lib.theory.random_matrices.synthetic_only import synthetic_only, synthetic_only_as_printed

PUBLISHED = json.loads((paths.ROOT / "data/published/random-matrices.json").read_text())
FIGURE_4 = transition.FIGURE_4
NORMAL = NormalDist()
EXACT = {"generator": "known_mean", "n_hat": None}


def test_fits_meet_the_theory():
    value, error = transition.simulated(seed=1, p=50, m=100, epsilon=0.3, fits=150, **EXACT, **FIGURE_4)
    expected = synthetic_only(p=50, m=100, epsilon=0.3, **FIGURE_4).accuracy
    assert value == pytest.approx(expected, abs=4 * error + 0.5 / 50)
    own = {"p": 50, "m": 200, "n_hat": 75, "epsilon": 0.3, "generator": "independent", **FIGURE_4}
    value, error = transition.simulated(seed=1, fits=80, **own)
    assert value == pytest.approx(ridge(n=0, **own).accuracy, abs=4 * error + 0.5 / 50)
    assert transition.simulated(seed=2, fits=80, **own) != (value, error)


def test_a_fit_that_was_taught_nothing_guesses():
    own = {"mu_norm": 1.0, "gamma": 1.0, "psi": 0.0, "phi": 1.0}
    assert transition.simulated(seed=1, p=5, m=9, epsilon=1.0, fits=4, **EXACT, **own) == (0.5, 0.0)


def test_design_of_the_dots():
    noises = transition.label_noises(8 / 11)
    assert noises == [0.0, 0.15, 0.3, 0.45, 0.6, 0.727273, 0.85, 1.0]
    assert len(transition.label_noises(0.6)) == 7
    assert [transition.fits_a_dot(4000, ratio) for ratio in transition.PUBLISHED] == [4000, 50, 5, 2]
    assert transition.beside(0.7) == pytest.approx((0.65, 0.75))
    assert transition.beside(0.98) == pytest.approx((0.93, 1.0))
    assert transition.beside(0.01, 0.02) == pytest.approx((0.0, 0.03))


def test_further_from_chance():
    noises, own = [0.0, 0.3, 0.6, 0.85], {"p": 100, "m": 100, **FIGURE_4}
    limits = transition.accuracies("as printed", noises, **own)
    assert limits[1] == synthetic_only_as_printed(epsilon=0.3, **own).accuracy
    steps = np.array([0.01, 0.03, 0.0, -0.02])  # below the border up, above it down: all away from one half
    dots = [[value, 0.002] for value in limits + steps]
    found = transition.further_from_chance("as printed", noises, dots, **own)
    assert found == pytest.approx((0.015, 0.001))
    corrected = transition.further_from_chance("corrected", noises, dots, **own)
    assert corrected.value < found.value


def test_a_negative_printed_variance_is_a_guess():
    own = {"p": 100, "m": 100, **FIGURE_4, "gamma": 0.03}
    assert np.isnan(transition.accuracies("as printed", [0.6], **own)[0])
    assert transition.further_from_chance("as printed", [0.6], [[0.56, 0.01]], **own) == pytest.approx((0.06, 0.01))


def test_published_gap():
    assert all(transition.published_gap(PUBLISHED, ratio) < 0.001 for ratio in (1, 10, 100))
    moved = copy.deepcopy(PUBLISHED)
    moved["fig4"]["lines"]["orange"][0][3][1] += 0.2
    assert transition.published_gap(moved, 10) == pytest.approx(0.2, abs=0.001)


def test_quantile():
    value, error = transition.quantile(Estimate(0.8, 1e-6))
    assert NORMAL.cdf(value) == pytest.approx(0.8)
    assert error == pytest.approx(NORMAL.inv_cdf(0.8 + 1e-6) - NORMAL.inv_cdf(0.8), rel=1e-4)
    assert transition.quantile(Estimate(1.0, 0.0)).value == pytest.approx(NORMAL.inv_cdf(1 - 1e-9))


def test_crossing_of_a_straight_line():
    at, slope, place = (0.65, 0.75), 3.0, 0.71
    exact = [NORMAL.cdf(slope * (place - noise)) for noise in at]
    assert transition.crossing(at, [(value, 0.0) for value in exact]) == pytest.approx((place, 0.0))
    draws = seeds.rng(0, "crossing").normal(size=(4000, 2)) * [0.002, 0.004] + exact
    found = [transition.crossing(at, [(a, 0.002), (b, 0.004)]) for a, b in draws]
    values, errors = np.array(found).T
    assert np.sqrt((errors**2).mean()) == pytest.approx(values.std(), rel=0.05)
    with pytest.raises(ValueError, match=r"accuracies = .* are the same"):
        transition.crossing(at, [(0.6, 0.1), (0.6, 0.1)])


def test_a_straight_line_hardly_misses_the_border():
    """The border itself where the curve is odd about it (no verifier), a few thousandths off where it bends."""
    own = {"p": 50, "m": 200, "mu_norm": 1.0, "gamma": 1.0}
    assert transition.crossing_in_theory(psi=1.0, phi=1.0, **own) == pytest.approx(0.5)
    strict = transition.crossing_in_theory(psi=0.05, phi=0.5, **own) - 0.5 / 0.55
    assert 1e-3 < abs(strict) < 0.01


def test_reached_at():
    own = {"p": 100, "m": 10**5, **FIGURE_4}
    top = NORMAL.cdf(1.0)
    for level in (0.1, 0.5, 0.9):
        noise = transition.reached_at(level, **own)
        assert synthetic_only(epsilon=noise, **own).accuracy == pytest.approx(top - level * (2 * top - 1))
    assert transition.reached_at(0.5, **own) == pytest.approx(8 / 11)
    assert transition.reached_at(0.1, **(own | {"m": 100})) is None


def test_widths_against_a_dense_grid():
    found = transition.widths(50, **FIGURE_4)
    assert [m // 50 for m in found] == [10**k for k in range(2, 8)]
    fine = np.linspace(0, 1, 40001)
    values = transition.accuracies("corrected", fine, p=50, m=50 * 100, **FIGURE_4)
    top = NORMAL.cdf(1.0)
    inside = (values < 0.9 * top + 0.1 * (1 - top)) & (values > 0.1 * top + 0.9 * (1 - top))
    assert found[50 * 100] == pytest.approx(inside.mean(), abs=1e-4)
    assert list(transition.widths(50, powers=range(0, 4), **FIGURE_4)) == [500, 5000, 50000]  # m = p never comes so far


def test_slope():
    # the first does not count
    assert transition.slope({10: 5.0, 100: 1.0, 1000: 0.1, 10000: 0.01}) == pytest.approx(-1)
    assert transition.slope(transition.widths(50, **FIGURE_4)) == pytest.approx(-0.5, abs=0.001)


def test_distances_of_the_limit(monkeypatch):
    assert transition.distance_from_step(50, **FIGURE_4) < 1e-5
    monkeypatch.setattr(transition, "ENDLESS", 100)
    low, high = (synthetic_only(p=50, m=5000, epsilon=8 / 11 + by, **FIGURE_4).accuracy for by in (-0.05, 0.05))
    top = NORMAL.cdf(1.0)
    expected = max(abs(low - top), abs(high - 1 + top))
    assert transition.distance_from_step(50, **FIGURE_4) == pytest.approx(expected)
    assert expected > 0.01
