"""The step by fits: widths, their power, and agreement with the Bayes classifier against drawn rows."""

import math

import numpy as np
import pytest

from lib.experiments.random_matrices import sharp_limit
from lib.experiments.random_matrices.smooth_transition import FIGURE_4
from lib.statistics import Estimate
from lib.theory.gaussian import cdf
from lib.theory.random_matrices.synthetic_only import critical_label_noise, synthetic_only


def test_width_of_a_known_line():
    """Quantiles 0.3 and -0.2 at noises 0.1 apart: one unit of the quantile is worth 0.2."""
    accuracies = [(cdf(0.3), 0.001), (cdf(-0.2), 0.0)]
    found = sharp_limit.width((0.5, 0.6), accuracies)
    density = math.exp(-0.045) / math.sqrt(2 * math.pi)
    assert found.value == pytest.approx(0.2)
    assert found.standard_error == pytest.approx(0.2 * (0.001 / density) / 0.5)
    with pytest.raises(ValueError, match="do not fall"):
        sharp_limit.width((0.5, 0.6), accuracies[::-1])


def test_power():
    found = sharp_limit.power({m: Estimate(3 * m**-0.7, 0.02 * 3 * m**-0.7) for m in (10, 100, 1000)})
    assert found.value == pytest.approx(-0.7)
    slopes = [
        np.polyfit(np.log([10, 100, 1000]), 0.02 * np.random.default_rng(k).standard_normal(3), 1)[0]
        for k in range(2000)
    ]
    assert found.standard_error == pytest.approx(np.std(slopes), rel=0.08)


def test_power_of_the_exact_formula_is_one_half():
    star = critical_label_noise(psi=0.3, phi=0.8)
    widths = {}
    for ratio in sharp_limit.RATIOS:
        at = sharp_limit.places(star, ratio)
        exact = [(synthetic_only(p=1000, m=1000 * ratio, epsilon=noise, **FIGURE_4).accuracy, 0.0) for noise in at]
        widths[ratio] = sharp_limit.width(at, exact)
    assert sharp_limit.power(widths).value == pytest.approx(-0.5, abs=0.01)


@pytest.mark.parametrize(("mu_norm", "cosine"), [(1.0, 0.9), (0.7, -0.4), (2.0, 0.0)])
def test_agreement_against_drawn_rows(mu_norm, cosine):
    random = np.random.default_rng(5)
    u, v = mu_norm + random.standard_normal(400_000), random.standard_normal(400_000)
    drawn = np.mean((cosine * u + math.sqrt(1 - cosine**2) * v > 0) == (u > 0))
    found = sharp_limit.agreement(Estimate(cdf(mu_norm * cosine), 0.0), mu_norm)
    assert found.value == pytest.approx(drawn, abs=4 * 0.5 / 400_000**0.5)
    assert found.standard_error == 0


def test_agreement_ends_and_error():
    assert sharp_limit.agreement(Estimate(0.9, 0.0), 1.0).value == 1.0  # above Phi(1)
    assert sharp_limit.agreement(Estimate(0.05, 0.0), 1.0).value == 0.0
    middle = sharp_limit.agreement(Estimate(0.6, 0.001), 1.0)
    ends = [sharp_limit.agreement(Estimate(value, 0.0), 1.0).value for value in (0.599, 0.601)]
    assert middle.standard_error == pytest.approx((ends[1] - ends[0]) / 2)


def test_distance():
    found = sharp_limit.distance([Estimate(0.83, 0.01), Estimate(0.2, 0.02)], [0.84, 0.16])
    assert found == pytest.approx((0.04, 0.02))
