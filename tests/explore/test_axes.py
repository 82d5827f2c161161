"""lib.explore.axes: an axis that follows curves in a narrow band, and says so."""

import math
import re

import pytest
from explore_figures import transition
from hypothesis import given
from hypothesis import strategies as st

from lib import explore
from lib.explore import axes, markup, sliders
from lib.explore.settings import positions

UNIT = {"label": "accuracy", "unit": "", "low": 0, "high": 1, "factor": 1, "scale": "linear", "words": []}


@pytest.mark.parametrize(
    ("values", "low", "high"),
    [
        ([0.68, 0.75, None], 0.65, 0.75),
        ([0.68, 0.70], 0.68, 0.70),
        ([0.5, 0.5], 0.49, 0.51),  # level: it gets room on both sides
        ([1.0, 1.0], 0.99, 1.0),  # and none beyond the whole axis
        ([0.0, 1e-9], 0.0, 0.01),  # digits of rounding fill no picture
        ([0.0, 0.3], 0, 1),
        ([0.9, 1.1], 0, 1),  # leaves the axis
        ([None, None], 0, 1),
    ],
)
def test_follow(values, low, high):
    cut = axes.follow(UNIT, values)
    assert (cut["low"], cut["high"]) == pytest.approx((low, high), abs=1e-12)
    assert (cut is UNIT) is ((low, high) == (0, 1))


def test_neither_logarithms_nor_bars_are_cut():
    assert axes.follow(UNIT | {"scale": "log10", "low": -2}, [0.5, 0.51])["low"] == -2
    figure = transition()
    figure.settings["lines"][0]["bars"] = True
    assert not sliders.update(figure.settings, positions(figure.settings))["y"]["cut"]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=5))
def test_a_cut_axis_holds_its_curves_on_round_numbers(values):
    cut = axes.follow(UNIT, values)
    assert cut["low"] - 1e-9 <= min(values) <= max(values) <= cut["high"] + 1e-9
    assert 0 <= cut["low"] < cut["high"] <= 1
    assert 2 <= len(axes.ticks(cut)) <= 6
    if cut is not UNIT:
        assert max(values) - min(values) < axes.NARROW
        for end in (cut["low"], cut["high"]):
            assert math.isclose(end, round(end, 3), abs_tol=1e-9)


def test_the_label_says_that_an_axis_is_cut():
    assert axes.label(UNIT, UNIT) == "accuracy"
    assert axes.label(axes.follow(UNIT, [0.68, 0.75]), UNIT) == "accuracy, axis cut to 0.65 … 0.75"


def band():
    return explore.figure(
        name="band",
        title="A narrow band",
        x=explore.Axis("phi", "phi", 0.1, 1, points=11),
        y=explore.Axis(label="breakdown point"),
        sliders=[explore.Slider("psi", "psi", 0.01, 1, step=0.01, value=0.02)],
        lines=[explore.Line("p*", "beyond_collapse.breakdown.breakdown_point")],
        alt="It grows.",
    )


def test_the_drawing_follows_and_returns():
    figure = band()
    narrow = figure.drawn
    assert narrow["y"]["cut"]
    assert narrow["y"]["label"] in markup.page(figure.settings, narrow)
    rows = [int(row) for row in re.findall(r"\d+ (\d+)", narrow["lines"][0]["path"])]
    assert max(rows) - min(rows) > 0.5 * axes.BOX  # the curve fills the picture
    figure.full.value = True
    assert figure.drawn["y"]["label"] == "breakdown point"
    assert figure.drawn["lines"][0]["values"] is narrow["lines"][0]["values"]  # drawn anew, not computed anew
    assert figure.drawn["lines"][0]["path"] != narrow["lines"][0]["path"]
    figure.full.value = False
    figure.sliders["psi"].value = 0.5
    assert not figure.drawn["y"]["cut"]


def test_a_path_is_kept_while_curve_and_axis_stay():
    figure = band()
    again = sliders.update(figure.settings, positions(figure.settings), figure.drawn)
    assert again["lines"][0]["path"] is figure.drawn["lines"][0]["path"]
