"""The KL gap at small settings, and the slope of a sweep against least squares and simulation."""

import math

import numpy as np
import pytest
import torch

from lib import seeds
from lib.experiments.reverse_bottleneck import kl_gap
from lib.experiments.reverse_bottleneck.scenes import equal_weights

SIZE = {"seed": 0, "varied": "L", "value": 3, "default": 2, "scenes": 4, "anchors": 20, "synthetic": 60}
EFFORT = {"drawn": 100, "resamples": 2, "n_divergence": 100}


@pytest.mark.parametrize(("varied", "anchored", "true", "total"), [("K", 3, 5, 7), ("J", 2, 5, 7), ("L", 2, 4, 7)])
def test_points_of_each_sweep(varied, anchored, true, total):
    found = kl_gap.points(**SIZE | {"varied": varied}, coded=False)
    assert found.truth.means.shape == (4, true, 2)
    assert {name: (tuple(points.shape), size) for name, (points, size) in found.sets.items()} == {
        "synthetic": ((4, 60, 2), total),
        "K": ((4, 20 * anchored, 2), anchored),
        "K+J+L": ((4, 20 * anchored, 2), total),
    }


def test_coded_points_have_a_stream_of_their_own():
    coded, exact = (kl_gap.points(**SIZE, coded=each) for each in (True, False))
    assert list(coded.sets) == ["synthetic", "K"]
    assert not torch.equal(coded.truth.means, exact.truth.means)
    with pytest.raises(ValueError, match="varied = 'M'; allowed: K, J, L"):
        kl_gap.points(**SIZE | {"varied": "M"}, coded=True)


def test_gaps_are_differences_of_the_terms():
    found = kl_gap.setting(**SIZE, **EFFORT)
    assert set(found["gaps"]) == {"as coded", "exact", "exact, K", "reversed", "reversed, K"}
    for direction, terms in found["terms"].items():
        assert found["gaps"][direction]["mean"] == pytest.approx(terms["K+J+L"] - terms["synthetic"])
        assert found["gaps"][f"{direction}, K"]["mean"] == pytest.approx(terms["K"] - terms["synthetic"])
    assert all(each["low"] <= each["median"] <= each["high"] for each in found["gaps"].values())
    assert found == kl_gap.setting(**SIZE, **EFFORT)
    assert found != kl_gap.setting(**SIZE | {"seed": 1}, **EFFORT)


def test_the_papers_code_has_uniform_factors():
    found = kl_gap.points(**SIZE, coded=True, uniform=True)
    assert not torch.equal(found.truth.means, kl_gap.points(**SIZE, coded=True).truth.means)
    # entries of A B' are at most 2, so that the polar factor's largest variance is at most 4
    assert torch.linalg.eigvalsh(found.truth.covariances).max() <= 4
    effort = {"drawn": 100, "resamples": 2}
    of = kl_gap.coded_setting(**SIZE, **effort)["gaps"]
    assert list(of) == ["as coded"]
    assert of == kl_gap.coded_setting(**SIZE, **effort)["gaps"]
    assert of["as coded"] != kl_gap.setting(**SIZE, **EFFORT)["gaps"]["as coded"]


def test_divergence_has_two_directions():
    wide, narrow = (equal_weights(torch.zeros(1, 1, 2), s * torch.eye(2)[None, None]) for s in (2.0, 1.0))
    # D(N(0, s I) || N(0, I)) = s - 1 - ln s in the plane; for s = 1/2 by scaling
    for protocol, expected in (("exact", 1 - math.log(2)), ("reversed", math.log(2) - 0.5)):
        found = kl_gap.divergence(wide, narrow, protocol, 40000, seeds.generator(0, "test"))
        assert found.item() == pytest.approx(expected, abs=5 / 40000**0.5)  # the spread of a log ratio is below 1
    with pytest.raises(ValueError, match="protocol = 'both'"):
        kl_gap.divergence(wide, narrow, "both", 10, seeds.generator(0, "test"))


def test_summary_by_hand():
    found = kl_gap.summary(torch.tensor([1.0, 2.0, 3.0, 10.0], dtype=torch.float64))
    assert found == {
        "mean": 4.0,
        "deviation": pytest.approx(math.sqrt(50 / 3)),
        "low": pytest.approx(1.48),
        "median": 2.5,
        "high": pytest.approx(6.64),
        "scenes": 4,
    }
    with pytest.raises(ValueError, match="scenes = 1"):
        kl_gap.summary(torch.tensor([1.0]))


def test_seconds():
    found = kl_gap.seconds(**SIZE, peer_scenes=1)
    assert found["seconds"] > 0
    assert found["scikit-learn seconds"] > 0
    assert kl_gap.seconds(**SIZE, peer_scenes=0)["scikit-learn seconds"] == 0
    with pytest.raises(ValueError, match="peer_scenes = 5"):
        kl_gap.seconds(**SIZE, peer_scenes=5)


def test_probe_of_a_model_that_knows_more():
    arguments = {"seed": 0, "k": 1, "j": 4, "foreign": 0, "synthetic": 400, "scenes": 12, "anchors": 100}
    found = kl_gap.probe(**arguments, n_divergence=200)
    # the anchors' fit sits on one of five components, which costs ln 5; that of the synthetic points costs their small number
    assert abs(found["exact"]["value"] - math.log(5)) < 3 * found["exact"]["standard_error"] < 0.5
    assert found["reversed"]["value"] > 1  # and it leaves out the other four
    assert found == kl_gap.probe(**arguments, n_divergence=200)


def test_probe_of_the_texts_model():
    arguments = {
        "seed": 0,
        "k": 2,
        "j": 1,
        "foreign": 0,
        "synthetic": 400,
        "scenes": 6,
        "anchors": 20,
        "n_divergence": 200,
    }
    known, shown = (kl_gap.probe(**arguments, estimated=each) for each in (False, True))
    assert known != shown


def sweep(means, deviations, scenes=100):
    rows = [
        {"mean": m, "deviation": d, "scenes": scenes, "low": m - d, "median": m, "high": m + d}
        for m, d in zip(means, deviations, strict=True)
    ]
    return {"counts": [2, 3, 5, 9], "settings": {"K": [{"gaps": {"exact": row}} for row in rows]}}


def test_slope_is_least_squares():
    means = [1.0, 0.5, 0.7, -0.2]
    found = kl_gap.slope(sweep(means, [1.0] * 4), "K", "exact")
    assert found.value == pytest.approx(np.polyfit([2, 3, 5, 9], means, 1)[0])
    assert kl_gap.slope(sweep(means, [1.0] * 4), "K", "exact", slice(0, 2)).value == pytest.approx(-0.5)
    with pytest.raises(ValueError, match="at least two different ones"):
        kl_gap.slope(sweep(means, [1.0] * 4), "K", "exact", slice(0, 1))


def test_error_of_a_slope_by_simulation():
    deviations = np.array([1.0, 4.0, 2.0, 0.5])
    draws = seeds.rng(0, "test").normal(0, deviations / 10, (4000, 4))  # means over 100 scenes
    slopes = [np.polyfit([2, 3, 5, 9], means, 1)[0] for means in draws]
    error = kl_gap.slope(sweep([0.0] * 4, deviations.tolist()), "K", "exact").standard_error
    assert np.std(slopes) == pytest.approx(error, rel=5 / math.sqrt(2 * 4000))


def test_curve():
    found = kl_gap.curve(sweep([1.0, 2.0, 3.0, 4.0], [10.0] * 4), "K", "exact")
    assert found["components"] == [2, 3, 5, 9]
    assert found["mean gap / nats"] == [1.0, 2.0, 3.0, 4.0]
    assert found["standard error"] == [1.0] * 4
    assert found["16 %"] == [-9.0, -8.0, -7.0, -6.0]
    assert found["84 %"] == [11.0, 12.0, 13.0, 14.0]
