"""Notebook beyond-collapse/01: windows, bounds, fits and crossings against scipy, closed forms and plain loops."""

import numpy as np
import pytest
import torch
from scipy import stats

from lib import seeds
from lib.experiments.beyond_collapse import phase_transition as pt
from lib.models.linear.logistic_ridge import fit_logistic_ridge
from lib.models.mixtures import two_classes
from lib.statistics import Estimate
from lib.theory.beyond_collapse.breakdown import breakdown_bounds, breakdown_point, perfect_accuracy_probability


def test_exact_p_up():
    """Without a verifier right labels win exactly when more than half of n are right: a binomial tail."""
    p = pt.exact_p_up(0.9, 101, 1.0, 1.0)
    assert stats.binom.sf(50, 101, 1 - p) == pytest.approx(0.9, abs=1e-9)


def test_windows():
    found = pt.windows([101, 10001], [(1.0, 1.0)])
    width = [(stats.norm.ppf(0.99) - stats.norm.ppf(0.01)) * 0.5 / n**0.5 for n in (101, 10001)]  # normal approximation
    assert found[:, 0] == pytest.approx(width, rel=0.02)


def test_winning_shares():
    """With few examples the shares are those of the exact law, within four standard errors."""
    pairs, n, t, draws = [(0.9, 0.5), (0.3, 0.8)], 50, 0.1, 20000
    wins = pt.winning_shares(3, n, t, draws, pairs)
    for k, pair in enumerate(pairs):
        for side, p in zip(("lower", "upper"), breakdown_bounds(*pair, t), strict=True):
            value, error = wins[side][k]
            assert abs(value - perfect_accuracy_probability(n, p, *pair)) < 4 * error


def test_label_errors():
    assert pt.label_errors(1.0, 1.0, 3) == [0.0, 0.4, 0.45, 0.475, 0.5, 0.525, 0.55, 0.6, 0.95, 1.0]
    assert max(pt.label_errors(1.0, 0.0, 5)) == 0.975  # an oracle keeps nothing at 1


def test_fitted_agreement():
    """One model at a time, on the same draws; the n of eq. 1 counts the pruned rows too."""
    setting = {"n": 60, "phi": 0.9, "psi": 0.5, "models": 3, "mu_norm": 0.8, "dimension": 4, "ridge": 0.01}
    (found,) = pt.fitted_agreement(seed=2, errors=[0.2], **setting)
    generator = seeds.generator(2, pt.NOTEBOOK, "fits", 60, 0.2, 0.9, 0.5, 3)
    mu = torch.tensor([0.8, 0, 0, 0], dtype=torch.float64)
    noise = two_classes.unit_norm_noise(0.8, 4)
    x, y = two_classes.draw_mixture(180, mu, noise, generator=generator)
    labels = two_classes.flip_labels(y.view(3, 60), 0.2, generator=generator)
    kept = two_classes.rlhf_kept(y.view(3, 60), labels, 0.9, 0.5, generator=generator)
    for model in range(3):
        rows = kept[model]
        weights = fit_logistic_ridge(
            x.view(3, 60, 4)[model][rows], labels[model][rows][None], 0.01 * 60 / int(rows.sum())
        )[0]
        assert found[model] == pytest.approx(float(two_classes.agreement(weights, mu, noise)), abs=1e-6)


def test_a_model_that_was_taught_nothing_guesses():
    setting = {"n": 20, "phi": 1.0, "psi": 0.0, "models": 2, "mu_norm": 0.8, "dimension": 3, "ridge": 0.01}
    assert pt.fitted_agreement(seed=2, errors=[1.0], **setting) == [[0.5, 0.5]]


def test_crossing():
    """A straight line with known noise crosses where it must, and its error is that of its mean over its slope."""
    p = [0.0, 0.5, 1.0]
    noise = seeds.rng(0, "noise").normal(scale=0.1, size=(3, 400))
    values = np.array([0.9, 0.6, 0.1])[:, None] + noise - noise.mean(1, keepdims=True)
    found = pt.crossing(p, values)
    assert found.value == pytest.approx(0.6)
    assert found.standard_error == pytest.approx(max(stats.sem(values[1]), stats.sem(values[2])), rel=1e-9)  # slope -1
    assert pt.crossing(p, values, level=0.95) == (0.0, 0.0)
    assert pt.crossing(p, values, level=0.05) == (1.0, 0.0)


def test_a_curve_of_noise_crosses_nowhere():
    """Models that guess: that the last dot is above one half, or none is, is chance."""
    p, noise = [0.2, 0.5, 0.8], np.array([[-0.1, 0.1, 0.02]] * 3)
    assert pt.crossing(p, 0.5 + noise) == (0.8, pytest.approx(0.6))
    assert pt.crossing(p, 0.5 - noise) == (0.2, pytest.approx(0.6))
    assert pt.crossing(p, np.full((3, 4), 0.5)) == (0.8, pytest.approx(0.6))


def test_p_up_grid():
    """So many standard deviations of the surplus: right minus wrong labels, in units of the root of their number."""
    n, ratio = 2000, 0.4
    grid = pt.p_up_grid(n, ratio)
    assert grid == sorted(grid)
    assert grid[-1] < breakdown_point(1.0, ratio)
    for p, slack in zip(grid, pt.SLACKS, strict=True):
        right, wrong = n * (1 - p), n * p * ratio
        assert (right - wrong) / (right + wrong) ** 0.5 == pytest.approx(slack, rel=0.15)


def test_kept_share():
    p = breakdown_bounds(1.0, 0.4, 0.1)[0]
    assert pt.kept_share(0.4, 0.1) == pytest.approx(1 - p + 0.4 * p)


def test_agreeing_sizes():
    """Nothing outside agrees, both ends do, and a stricter tolerance allows fewer."""
    ratios = [0.4, 1.0]
    low, high = pt.agreeing_sizes(ratios, 0.1, 0.02, most=600)
    assert low < (1.2816 / 0.1) ** 2 < high
    assert max(pt.largest_miss(kept, ratios, 0.1) for kept in (low, high)) <= 0.02
    assert min(pt.largest_miss(kept, ratios, 0.1) for kept in (low - 4, high + 4)) > 0.02
    stricter = pt.agreeing_sizes(ratios, 0.1, 0.01, most=600)
    assert low < stricter[0] < stricter[1] < high
    assert pt.agreeing_sizes(ratios, 0.1, 1e-9, most=40) is None
    assert pt.agreeing_sizes(ratios, 0.99, 0.02, most=40) is None


def test_window_grid():
    grid = pt.window_grid(1000, 0.9, 0.5)
    assert breakdown_point(0.9, 0.5) == pytest.approx(grid[len(grid) // 2], abs=1e-6)
    assert len(grid) == 2 * len(pt.WINDOW) - 1
    assert all(low < p < high for p in grid for low, high in [breakdown_bounds(0.9, 0.5, 0.91)])


def test_window():
    """A straight fall from one to zero: 90 and 10 % are four fifths of it apart."""
    values = np.repeat(np.linspace(1, 0, 11)[:, None], 3, axis=1)
    assert pt.window(np.linspace(0.2, 0.4, 11), values).value == pytest.approx(0.16)


def test_quotient():
    """Against draws of both."""
    rng = seeds.rng(0, "quotient")
    draws = rng.normal(2, 0.02, 20000) / rng.normal(8, 0.1, 20000)
    found = pt.quotient(Estimate(2, 0.02), Estimate(8, 0.1))
    assert found.value == 0.25
    assert found.standard_error == pytest.approx(draws.std(), rel=0.05)
