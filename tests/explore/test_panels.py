"""Several panels on one x axis and one set of sliders: each has its own axis and legend, and the colours from the first on."""

import re

import pytest
from explore_figures import description

from lib import explore
from lib.explore import markup
from lib.explore.settings import positions
from lib.explore.sliders import update

PROBABILITY = "gaussian.orthant_probability"


def two_panels(**changes):
    given = {
        "y": [explore.Axis(label="orthant", low=0, high=0.5), explore.Axis(label="both below", low=-3, high=3)],
        "lines": [
            explore.Line("three", PROBABILITY),
            explore.Line("again", PROBABILITY),
            explore.Line("in the other panel", PROBABILITY, panel=1),
        ],
    }
    return explore.figure(**description(**(given | changes)))


def test_each_panel_has_its_own_axis():
    figure = two_panels()
    first, _, last = figure.drawn["lines"]
    assert first["values"] == last["values"]
    assert first["path"] != last["path"]  # the same numbers on another axis
    alone = explore.figure(**description(y=explore.Axis(label="both below", low=-3, high=3)))
    assert last["path"] == alone.drawn["lines"][0]["path"]
    assert figure.drawn["panels"] == [alone.drawn["y"]]


def test_markup():
    figure = two_panels()
    page = markup.page(figure.settings, figure.drawn)
    assert page.count('<svg class="explore-plot"') == 2
    assert page.count('<ul class="explore-legend"') == 2
    assert page.count("explore-at") == 1
    drawn = re.findall(r'<path class="explore-line explore-line-(\d)"[^>]*d="M[^"]*L', page)
    assert drawn == ["0", "1", "0"]
    labels = re.findall(r'class="explore-y-label"[^>]*>([^<]*)<', page)
    assert [label.split(",")[0] for label in labels] == ["orthant", "both below"]


def test_a_curve_that_does_not_change_keeps_its_path_in_its_panel():
    figure = two_panels()
    at = positions(figure.settings) | {"rho12": 0.1}
    moved = update(figure.settings, at, figure.drawn)
    assert all(a["path"] is b["path"] for a, b in zip(moved["lines"], figure.drawn["lines"], strict=True))
    whole = update(figure.settings, at, figure.drawn, full=True)
    assert not whole["panels"][0]["cut"]
    assert figure.drawn["panels"][0]["cut"]
    assert whole["lines"][2]["path"] != moved["lines"][2]["path"]


@pytest.mark.parametrize(
    ("places", "words"),
    [
        ([0, 0, 0], r"lines = 0 of slider figure 'correlated' are outside \[1, 5\], in panel 1"),
        (
            [1, 0, 0],
            r"panel = \[1, 0, 0\] of the lines of slider figure 'correlated'; allowed: none below the one before",
        ),
        ([0, 1, 2], r"panel of lines\[2\] = 2 is outside \[0, 1\]"),
        ([0, -1, 1], r"panel of lines\[1\] = -1 is outside \[0, 1\]"),
        ([0, 0.5, 1], r"panel of lines\[1\] = 0.5"),
    ],
)
def test_bad_panels_are_refused(places, words):
    with pytest.raises(ValueError, match=words):
        two_panels(lines=[explore.Line("a line", PROBABILITY, panel=place) for place in places])


def test_no_axis_is_refused():
    with pytest.raises(ValueError, match=r"y = \[\] of slider figure"):
        two_panels(y=[])
    with pytest.raises(ValueError, match=r"y\[1\] = 3"):
        two_panels(y=[explore.Axis(label="a"), 3])
