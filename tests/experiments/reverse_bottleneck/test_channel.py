"""Scenes along the channel: regions, distances and both sides of Lemma 3.1, by hand and in closed form."""

import math

import numpy as np
import pytest
import torch

from lib import seeds
from lib.experiments.reverse_bottleneck import channel
from lib.models.mixtures.gaussian_mixtures import GaussianMixtures
from lib.theory import gaussian


def single(*means: float) -> GaussianMixtures:
    """Problems of one standard normal component each, at (mean, 0)."""
    centres = torch.tensor([[[mean, 0.0]] for mean in means], dtype=torch.float64)
    return GaussianMixtures(torch.ones(len(means), 1), centres, torch.eye(2).expand(len(means), 1, 2, 2))


def by_hand(**mixtures: GaussianMixtures) -> dict[str, torch.Tensor]:
    fields = ("weights", "means", "covariances")
    return {
        f"{name.replace('_', ' ')}: {field}": getattr(each, field)
        for name, each in mixtures.items()
        for field in fields
    }


def drawn(seed=0, **options):
    return channel.scenes(
        seed, **({"count": 2, "components": 2, "anchors": 20, "synthetic": 60, "keep": 0.5} | options)
    )


def test_scenes():
    scenes = drawn()
    assert scenes["anchors"].shape == (2, 40, 2)
    assert scenes["synthetic"].shape == (2, 60, 2)
    sizes = {name: channel.mixtures(scenes, name).means.shape[1] for name in channel.MIXTURES}
    assert sizes == {"task": 4, "model": 6, "data": 6, "fit to anchors": 2, "fit to synthetic": 6}
    assert torch.equal(scenes["model: means"], scenes["data: means"])
    np.testing.assert_allclose(scenes["data: weights"][0], np.array([1, 1, 1, 1, 0.5, 0.5]) / 5)
    assert all(torch.equal(value, drawn()[name]) for name, value in scenes.items())
    assert not torch.equal(scenes["anchors"], drawn(seed=1)["anchors"])
    with pytest.raises(KeyError):
        channel.mixtures(scenes, "nothing")


def test_inside_an_ellipse_of_known_radius():
    # 95 % of a standard normal in the plane lie within sqrt(-2 ln 0.05) = 2.448 of its mean
    radius = math.sqrt(-2 * math.log(0.05))
    angles = torch.arange(0, 2 * math.pi, 0.1, dtype=torch.float64)
    circle = torch.stack([angles.cos(), angles.sin()], 1)
    for scale, expected in ((0.95, 1.0), (1.05, 0.0)):
        points = (radius * scale * circle)[None] + torch.tensor([3.0, 0.0])
        found = channel.inside(single(3.0), points, generator=seeds.generator(0, "test"))
        assert found.tolist() == [expected]


def test_coverage_by_hand():
    scenes = by_hand(fit_to_synthetic=single(0.0, 0.0), fit_to_anchors=single(0.0, 50.0))
    near, far = torch.zeros(5, 2, dtype=torch.float64), torch.full((5, 2), 50.0, dtype=torch.float64)
    scenes |= {"anchors": torch.stack([near, torch.cat([near[:2], far[:3]])]), "synthetic": torch.stack([near, near])}
    assert channel.coverage(scenes, 0) == {"covered": [1.0, 0.4], "beyond": [0.0, 1.0]}


def test_distances_between_gaussians():
    found = channel.distances(by_hand(task=single(0.0), model=single(1.0), data=single(3.0)), 0, 20000)
    for name, apart in (("D to D_M", 1.0), ("D_M to D_gen", 2.0), ("D to D_gen", 3.0)):
        (value,), (error,) = found[name]["value"], found[name]["standard error"]
        assert abs(value - (2 * gaussian.cdf(apart / 2) - 1)) < 5 * error < 0.05


def test_errors_of_a_fit_that_misses_the_task():
    scenes = by_hand(fit_to_synthetic=single(0.0), task=single(50.0), data=single(0.0))
    scenes["synthetic"] = torch.zeros(1, 60, 2, dtype=torch.float64)
    found = channel.errors(scenes, 0, 20000)
    assert found["error"] == [1.0]  # all of the task is unlikely, none of the sample
    # the region holds 95 % of the data; its level is found from 4000 points, its share from 20000
    assert abs(found["on data"][0] - 0.05) < 5 * math.sqrt(0.05 * 0.95 * (1 / channel.LEVEL_POINTS + 1 / 20000))


def test_least_slack_by_hand():
    distances = {
        "D to D_M": {"value": [0.5, 0.2], "standard error": [0.01, 0.03]},
        "D_M to D_gen": {"value": [0.3, 0.1], "standard error": [0.01, 0.04]},
    }
    found = channel.least_slack(distances, {"error": [0.1, 0.2], "on data": [0.0, 0.05]}, 5000)
    assert found.value == pytest.approx(0.15)
    assert found.standard_error == pytest.approx(math.sqrt(0.03**2 + 0.04**2 + 0.5 / 5000))


def test_slack_on_two_points():
    task, data, loss = [1.0, 0.0], [0.0, 1.0], [1.0, -1.0]
    assert channel.slack(task, data, data, data, loss) == pytest.approx(-1)  # risks differ by 2 C, the bound is C
    assert channel.slack(task, data, data, data, loss, 2.0) == pytest.approx(0)
    assert channel.slack(task, data, data, data, [1.0, 0.0]) == pytest.approx(0)
    assert channel.slack(task, data, data, task, [1.0, 0.0]) == pytest.approx(2)  # no error, and one on the data
    with pytest.raises(ValueError, match="sums to"):
        channel.slack([0.5, 0.4], data, data, data, loss)


def test_finite_settings():
    found = channel.finite_settings(3, 0, 200)
    assert min(found["one sign"]) > -1e-12
    assert min(found["twice"]) > -1e-12
    assert min(found["signed"]) < -0.1
    assert {name: column[150:] for name, column in found.items()} == channel.finite_settings(3, 150, 50)
    with pytest.raises(ValueError, match="count = 0"):
        channel.finite_settings(3, 0, 0)
