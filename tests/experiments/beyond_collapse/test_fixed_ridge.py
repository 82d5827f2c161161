"""Notebook beyond-collapse/03, fixed ridges: a fit against the mean direction, and rises put in by hand."""

import math

import numpy as np
import pytest
import torch
from scipy.stats import norm, sem

from lib import seeds
from lib.experiments.beyond_collapse import fixed_ridge as fr
from lib.models.linear.least_squares import fit_least_squares
from lib.models.mixtures import two_classes


def test_repeat():
    """Under a huge ridge the fit is the mean of label times row, over the kept rows of the same draws."""
    d, tau = 6, 0.4
    (found,) = fr.repeat(seed=1, repeat=0, real=300, tau=tau, dimension=d, ridges=[1e4], sizes=[100, 400])
    draw = seeds.generator(1, "beyond-collapse/03", "fixed ridge", 300, 0)
    axis = torch.randn(d, generator=draw)
    w_star = axis / axis.norm()
    w_gen = fit_least_squares(*two_classes.draw_mixture(300, tau * w_star, d**-0.5, generator=draw))
    verifier = two_classes.draw_at_angle(w_star, math.pi / 6, generator=draw)
    x, _ = two_classes.draw_mixture(1600, tau * w_star, d**-0.5, generator=draw)
    labels = two_classes.sigmoid_labels(x, w_gen, generator=draw)
    rows, given, truth = x.double().numpy(), labels.double().numpy(), w_star.double().numpy()
    kept = np.sign(rows @ verifier.numpy()) == given
    for at, size in enumerate([100, 400]):
        mean = (given[kept][:size, None] * rows[kept][:size]).mean(0)
        cosine = mean @ truth / np.linalg.norm(mean)
        expected = 1 - norm.cdf(tau * d**0.5 * cosine) / norm.cdf(tau * d**0.5)
        assert found[at] == pytest.approx(expected, rel=1e-3)


def test_too_few_kept(monkeypatch):
    monkeypatch.setattr(fr.two_classes, "supervised_kept", lambda x, labels, w: torch.zeros(len(x), dtype=torch.bool))
    with pytest.raises(ValueError, match="kept = 0 examples is below the largest size, 100"):
        fr.repeat(seed=1, repeat=0, real=300, tau=0.4, dimension=4, ridges=[1.0], sizes=[100])


def test_repeat_is_the_same_again():
    setting = {"seed": 1, "real": 300, "tau": 0.4, "dimension": 5, "ridges": [0.1], "sizes": [50]}
    assert fr.repeat(repeat=0, **setting) == fr.repeat(repeat=0, **setting) != fr.repeat(repeat=1, **setting)


def test_largest_rise():
    """Curves that fall but one, which rises by 0.2 on the repeats that did not choose its best size."""
    errors = np.full((2, 4, 3, 3), 0.5)
    errors[..., 1], errors[..., 2] = 0.4, 0.3
    errors[1, :, 2] = [0.5, 0.1, 0.3]
    errors[1, 3, 2, 2] = 0.34
    expected = np.array([0.2, 0.24])
    assert fr.largest_rise(errors.tolist()) == pytest.approx((expected.mean(), sem(expected)))
    falling = errors[:1]
    assert fr.largest_rise(falling.tolist()) == (0.0, 0.0)
