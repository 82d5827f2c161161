"""Corollary 4.3, its critical label noise and its sharp limit."""

import json
import math
from pathlib import Path

import pytest
from ridge_cases import alone, named, random_settings

from lib.theory.beyond_collapse.breakdown import breakdown_point
from lib.theory.random_matrices.closed_form import ridge_as_printed
from lib.theory.random_matrices.marchenko_pastur import (
    marchenko_pastur_density,
    marchenko_pastur_edges,
)
from lib.theory.random_matrices.ridge import ridge
from lib.theory.random_matrices.synthetic_only import (
    critical_label_noise,
    sharp_limit,
    synthetic_only,
    synthetic_only_as_printed,
)

PUBLISHED = json.loads((Path(__file__).resolve().parents[3] / "data/published/random-matrices.json").read_text())
FIVE_DIGITS = 6e-6  # the references are rounded to five decimals


def test_corollary():
    for drawn in random_settings(4, 200):
        if drawn["m"] == 0:
            continue
        exact = drawn | {"n": 0, "n_hat": math.inf}
        rows = {name: value for name, value in drawn.items() if name not in ("n", "n_hat")}
        got = synthetic_only(**rows)
        assert got[:3] == pytest.approx(ridge(**exact)[:3], rel=1e-9, abs=1e-12)
        assert got.delta_s == pytest.approx(ridge(**exact).delta_s, rel=1e-9)
        printed = synthetic_only_as_printed(**rows)
        theorem = ridge_as_printed(**exact)
        assert printed[:3] == pytest.approx(theorem[:3], rel=1e-9, abs=1e-12, nan_ok=True)


def test_critical_label_noise():
    assert critical_label_noise(psi=0.3, phi=0.8) == pytest.approx(8 / 11, abs=1e-15)
    for psi, phi in [(0.3, 0.8), (0.9, 0.1), (1, 1), (0.05, 1)]:
        critical = critical_label_noise(psi=psi, phi=phi)
        assert critical == breakdown_point(phi, psi)
        for n_hat, generator in [(math.inf, "known_mean"), (300, "known_mean"), (300, "independent")]:
            got = ridge(**named(300, 0, 900, n_hat, 1, 1, critical, psi, phi), generator=generator).accuracy
            assert got == pytest.approx(0.5, abs=1e-12)


def test_sharp_limit():
    for epsilon, expected in ((0.5, 0.84134), (0.9, 0.15866)):
        assert sharp_limit(mu_norm=1, epsilon=epsilon, psi=0.3, phi=0.8) == pytest.approx(expected, abs=FIVE_DIGITS)
        got = synthetic_only(**alone(100, 10**12, 1, 1, epsilon, 0.3, 0.8)).accuracy
        assert got == pytest.approx(expected, abs=FIVE_DIGITS)
    assert sharp_limit(mu_norm=1, epsilon=0.5, psi=1, phi=1) == 0.5


def test_published_figure_4():
    for colour, ratio in (("blue", 1), ("orange", 10), ("green", 100), ("red", 1000)):
        for epsilon, value in PUBLISHED["fig4"]["lines"][colour][0]:
            got = synthetic_only_as_printed(**alone(100, 100 * ratio, 1, 1, min(1, max(0, epsilon)), 0.3, 0.8)).accuracy
            # the points were thinned where the curve bends; near its steepest place x, read to 0.0001, decides
            assert got == pytest.approx(value, abs=0.001 if ratio < 1000 else 0.004)


def test_bad_input_of_the_smaller_functions():
    with pytest.raises(ValueError, match=r"psi = 0\.0 and phi = 0\.0"):
        critical_label_noise(psi=0, phi=0)
    with pytest.raises(ValueError, match="nothing is kept"):
        synthetic_only(**alone(10, 10, 1, 1, 1, 0, 1))
    with pytest.raises(ValueError, match="ratio = 0"):
        marchenko_pastur_edges(0)
    with pytest.raises(ValueError, match="t = nan"):
        marchenko_pastur_density(math.nan, 1)
