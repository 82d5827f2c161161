"""Theorem 4.2 in the paper's symbols: against the exact limit, and against the published curves."""

import json
from pathlib import Path

import pytest
from ridge_cases import named, random_settings

from lib.theory.random_matrices.closed_form import ridge_as_coded, ridge_as_printed, ridge_closed_form
from lib.theory.random_matrices.ridge import figure3_label_noise, ridge

PUBLISHED = json.loads((Path(__file__).resolve().parents[3] / "data/published/random-matrices.json").read_text())


def test_closed_form():
    for setting in random_settings(1, 300):
        derivative, closed = ridge(**setting), ridge_closed_form(**setting)
        assert closed[:] == pytest.approx(derivative[:], rel=1e-10, abs=1e-10), setting


def test_published_figure_2():
    """The digitised curves follow eq. 7 as printed; they were read off to 0.0006."""
    for j, delta in enumerate(("fig2_delta_r", "fig2_delta_s", "fig2_delta_g")):
        for colour, ratio in (("blue", 2), ("orange", 5), ("green", 10)):
            curve = PUBLISHED[delta]["lines"][colour][0]
            for index, (_, value) in enumerate(curve):
                p = int(10 + index * 9990 / 49)
                got = ridge_as_printed(**named(p, 1000, ratio * 1000, 1000, 1, 1, 0.2, 0.2, 0.9))[3 + j]
                assert got == pytest.approx(value, abs=0.0008)


@pytest.mark.parametrize(("supervision", "psi", "phi"), [("oracle", 0, 1), ("weak", 1, 0.5)])
def test_published_figure_3(supervision, psi, phi):
    """The lines of Figure 3 follow the authors' code, b2 = b1; they take the label noise from a realised covariance."""
    for colour, p in (("blue", 50), ("orange", 200), ("green", 500)):
        curve = PUBLISHED[f"fig3_{supervision}"]["lines"][colour][0]
        assert len(curve) == 50
        for index, (_, value) in enumerate(curve):
            share = 0.001 + index * 0.949 / 49
            m = int(share * 1000 / (1 - share))
            epsilon = figure3_label_noise(p=p, m=m, n_hat=1000, mu_norm=0.7, gamma=1)
            got = ridge_as_coded(**named(p, 1000, m, 1000, 0.7, 1, epsilon, psi, phi)).accuracy
            assert got == pytest.approx(value, abs=0.0015)  # the noise spreads by 0.0015 over covariances
