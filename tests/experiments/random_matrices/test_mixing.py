"""Figure 3's dots against the theory, and its claims on dots made up so that every answer is known."""

import json

import numpy as np
import pytest

from lib import paths
from lib.experiments.random_matrices import mixing
from lib.theory.random_matrices.equation import GENERATORS
from lib.theory.random_matrices.ridge import figure3_label_noise

PUBLISHED = json.loads((paths.ROOT / "data/published/random-matrices.json").read_text())
RUN = {"n": 100, "mu_norm": 0.7, "gamma": 1.0}
STEP = {"known_mean": 0.01, "independent": 0.004, "shared": -0.003}  # of the accuracy, from one dot to the next


def made_up(points=4, error=0.003):
    """Three rising generators an oracle has, each dimension with a slope of its own; weak supervision falls as fast."""
    found = {}
    for supervision, sign in (("oracle", 1), ("weak", -1)):
        for slope, p in enumerate(mixing.dimensions(100), start=1):
            found[f"{supervision}-{p}"] = [
                {"share": share, "m": mixing.synthetic_rows(share, 100)}
                | {kind: [0.7 + sign * slope * step * k, error] for kind, step in STEP.items()}
                for k, share in enumerate(mixing.shares(points))
            ]
    return found


def test_axis():
    assert mixing.dimensions(1000) == [50, 200, 500]
    assert mixing.dimensions(20) == [2, 4, 10]
    assert mixing.shares(3) == pytest.approx([0.001, 0.4755, 0.95])
    assert [mixing.synthetic_rows(share, 1000) for share in (0.001, 0.5, 0.8, 0.95)] == [1, 1000, 4000, 18999]
    assert mixing.synthetic_rows(0.0, 1000) == 1


def test_setting_has_the_figures_label_noise():
    own = mixing.setting("weak", 0.5, p=50, **RUN)
    noise = figure3_label_noise(p=50, m=100, n_hat=100, mu_norm=0.7, gamma=1.0)
    assert own == RUN | {"p": 50, "m": 100, "n_hat": 100, "epsilon": noise, "psi": 1.0, "phi": 0.5}
    assert mixing.setting("oracle", 0.5, p=50, **RUN)["psi"] == 0


@pytest.mark.parametrize("supervision", mixing.SUPERVISION)
def test_point_meets_its_line(supervision):
    dot = mixing.point(seed=1, supervision=supervision, share=0.7, p=50, repeats=60, **RUN)
    assert (dot["share"], dot["m"]) == (0.7, 233)
    for kind in GENERATORS:
        (expected,) = mixing.line(supervision, kind, [0.7], p=50, **RUN)
        value, error = dot[kind]
        assert value == pytest.approx(expected, abs=4 * error + 0.5 / 50)


def test_points_have_streams_of_their_own():
    own = {"seed": 1, "supervision": "oracle", "share": 0.3, "p": 10, "repeats": 4, **RUN}
    first = mixing.point(**own)
    assert first == mixing.point(**own)
    others = [mixing.point(**(own | change)) for change in ({"seed": 2}, {"share": 0.3001}, {"supervision": "weak"})]
    assert len({other["known_mean"] for other in others} | {first["known_mean"]}) == 4


def test_by_panel():
    panels = mixing.by_panel(made_up())
    assert list(panels) == ["oracle", "weak"]
    assert [list(panel) for panel in panels.values()] == [[5, 20, 50]] * 2
    assert panels["weak"][20] == made_up()["weak-20"]


def test_changes():
    """The oracle's to the last dot; weak supervision's to the one nearest 80 %, here the third of four (0.634 against 0.95)."""
    found = made_up(points=6)  # shares 0.001, 0.191, 0.381, 0.570, 0.760, 0.95
    assert [change.value for change in mixing.changes(found, "oracle", "shared")] == pytest.approx(
        [-0.015, -0.030, -0.045]
    )
    assert [change.value for change in mixing.changes(found, "weak", "known_mean")] == pytest.approx(
        [-0.04, -0.08, -0.12]
    )
    assert mixing.changes(found, "oracle", "shared")[0].standard_error == pytest.approx(0.003 * 2**0.5)


def test_distance_from_published():
    found = made_up()
    for place, dots in enumerate(mixing.by_panel(found)["oracle"].values()):
        x, y = mixing.published_line(PUBLISHED, "oracle", place)
        for dot in dots:
            dot["known_mean"] = [float(np.interp(dot["share"], x, y)), 0.001]
    assert mixing.distance_from_published(found, "oracle", PUBLISHED) == pytest.approx((0, 0.001), abs=1e-12)
    mixing.by_panel(found)["oracle"][20][2]["known_mean"] = [found["oracle-20"][2]["known_mean"][0] - 0.02, 0.005]
    assert mixing.distance_from_published(found, "oracle", PUBLISHED) == pytest.approx((0.02, 0.005))


def test_measured():
    found = made_up()
    measured = mixing.measured(found, PUBLISHED)
    assert measured["oracle"]["rise"].value == pytest.approx(0.03)  # the smallest of three
    assert measured["weak"]["fall"].value == pytest.approx(-0.03)  # the least fall of three
    assert measured["without the true mean"]["rise, shared"].value == pytest.approx(-0.027)  # the last dimension's
    assert measured["without the true mean"]["rise, known mean"].value == pytest.approx(0.09)
    for supervision in mixing.SUPERVISION:
        far = mixing.distance_from_published(found, supervision, PUBLISHED)
        assert measured[supervision]["published line"] == far
