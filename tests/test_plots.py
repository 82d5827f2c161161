"""lib.plots: every figure carries its words and its data."""

import base64
import math
import re

import matplotlib.pyplot as plt
import pytest
import torch
from matplotlib.colors import to_rgb

from lib import plots
from lib.statistics import Count


def show(monkeypatch, size=(7, 4), **changes):
    shown = []
    monkeypatch.setattr(plots, "display", lambda bundle, raw: shown.append(bundle))
    figure, axes = plt.subplots(figsize=size, dpi=110)
    axes.plot([0, 1], [0, 1])
    arguments = {
        "name": "line",
        "caption": "A line.",
        "alt": 'It "rises" & ends.',
        "data": {"x": [0, 1], "y": [0.5, None]},
    }
    plots.show(figure, **(arguments | changes))
    assert not plt.get_fignums()
    return shown[0]["text/html"]


def test_columns():
    assert plots.columns([{"x": 1, "y": 2}, {"x": 3, "y": 4}]) == {"x": [1, 3], "y": [2, 4]}
    assert plots.columns([(1, 2), (3, 4)], ("x", "y")) == {"x": [1, 3], "y": [2, 4]}
    for bad in ([], [{"x": 1}, {"y": 1}]):
        with pytest.raises(ValueError, match=r"rows = .* do not all have the names"):
            plots.columns(bad)
    with pytest.raises(ValueError, match="do not all have the names"):
        plots.columns([(1,)], ("x", "y"))


def test_figure_has_caption_alt_and_csv(monkeypatch):
    markup = show(monkeypatch)
    assert 'alt="It &quot;rises&quot; &amp; ends."' in markup
    assert ' width="770" height="440"' in markup  # 7 by 4 inches
    assert '<figure class="book-figure" ' in markup
    assert '<figure class="book-figure wide" ' in show(monkeypatch, size=(8, 4))  # 880 pixels: a phone lets it scroll
    assert "<figcaption>A line. " in markup
    table = base64.b64decode(re.search(r"data:text/csv;base64,([^\"]+)", markup)[1]).decode()
    assert table == "x,y\n0,0.5\n1,\n"


@pytest.mark.parametrize("field", ["alt", "caption"])
def test_figure_without_words_is_refused(monkeypatch, field):
    with pytest.raises(ValueError, match=f"{field} = ' ' is empty; allowed: a sentence for figure 'line'"):
        show(monkeypatch, **{field: " "})
    plt.close("all")


def test_uneven_columns_are_refused():
    with pytest.raises(ValueError, match=r"differ in length"):
        plots.to_csv({"x": [1], "y": [1, 2]})


def test_colours_stand_out_on_white():
    for colour in plots.COLOURS:
        channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
        assert 1.05 / (luminance + 0.05) >= 3  # WCAG 1.4.11, graphical objects


def test_table_is_markdown():
    text = plots.table(("claim", "value"), [("I(S|W)", "0.1"), ("b", "0.2")])
    assert text == "| claim | value |\n| --- | --- |\n| I(S\\|W) | 0.1 |\n| b | 0.2 |"
    with pytest.raises(ValueError, match=r"one of rows, \['a'\], has 1 cells; allowed: 2"):
        plots.table(("claim", "value"), [("a",)])


def test_the_papers_side_in_words():
    assert plots.side({"kind": "above", "published": 0.9}) == "above 0.9"
    assert plots.side({"kind": "equals", "published": 0}) == "equal to 0"


def test_paper_against_book():
    text = plots.paper_against_book(
        "chapter",
        {"claim": {"a share": "share of trials that fail"}},
        {"chapter/claim": {"a share": (0.25, 0.0312)}},
        lambda claim, name: (
            {"kind": "below", "published": 0.5} if (claim, name) == ("chapter/claim", "a share") else {}
        ),
    )
    assert text.splitlines()[-1] == "| claim | share of trials that fail | below 0.5 | 0.25\u00a0±\u00a00.031 |"


def test_paper_against_book_shows_counts_with_their_trials():
    measured = {"none": Count(0, 0.0, 2000), "fewer": Count(0, 0.0, 300), "some": Count(7, 0.0, 10)}
    text = plots.paper_against_book(
        "chapter",
        {"claim": {name: f"number of {name}" for name in measured}},
        {"chapter/claim": measured},
        lambda claim, name: {"kind": "equals", "published": 0},
    )
    assert "| claim | number of none | equal to 0 | 0 of 2000 |" in text
    assert "| claim | number of some | equal to 0 | 7 of 10 |" in text
    assert text.splitlines()[-1] == plots.no_exceptions([2000, 300])


def test_a_few_trials_bound_nothing():
    """The rows of a printed table, for one; from thirty on (1 - 3/N)^N is a twentieth to a fifth of it."""
    words, test = {"one": {"rows": "rows"}}, {"kind": "equals", "published": 0}
    tables = [
        plots.paper_against_book("c", words, {"c/one": {"rows": Count(0, 0.0, count)}}, lambda *_: test)
        for count in (29, 30)
    ]
    assert [plots.no_exceptions([30]) in text for text in tables] == [False, True]
    assert "0 of 29" in tables[0]
    chance = (1 - 3 / 30) ** 30
    assert chance == pytest.approx(0.05, rel=0.2)


def test_what_cannot_be_measured_is_said_in_words():
    measured = {"c/one": {"sign": None, "count": Count(0, 0.0, 300)}}
    test = {"kind": "equals", "published": 0}
    text = plots.paper_against_book("c", {"one": {"sign": "bits", "count": "cases"}}, measured, lambda *_: test)
    assert "| one | bits | equal to 0 | too small a run |" in text
    assert text.splitlines()[-1] == plots.no_exceptions([300])
    runs = [(measured, "here"), ({}, "record")]
    assert "| it grows | bits | too small a run | not measured |" in plots.paper_beside_runs(
        "c", "one | sign | it grows | bits", runs
    )


def test_no_exceptions_is_the_rule_of_three():
    assert plots.no_exceptions([2000]).endswith("(the rule of three): 0.15% here.")
    assert plots.no_exceptions([2000, 300, 500]).endswith("(the rule of three): 0.15% to 1.00% here.")
    chance = (1 - 3 / 300) ** 300  # that 300 trials show none at that bound
    assert chance == pytest.approx(0.05, rel=0.02)
    with pytest.raises(ValueError, match=r"trials = \[\] has no number"):
        plots.no_exceptions([])


def test_band():
    figure, axis = plt.subplots()
    plots.band(axis, [0, 1], [2, 3], [1, 2], [3, 5], "o-", color=plots.COLOURS[1], label="a line")
    (line,), (pale,) = axis.lines, axis.collections
    assert line.get_ydata().tolist() == [2, 3]
    assert line.get_label() == "a line"
    corners = {tuple(corner) for corner in pale.get_paths()[0].vertices.tolist()}
    assert corners == {(0, 1), (1, 2), (1, 5), (0, 3)}
    assert tuple(pale.get_facecolor()[0][:3]) == to_rgb(line.get_color())
    plt.close(figure)


def test_band_of_arrays_and_tensors_with_gaps():
    rows = torch.tensor([2.0, math.nan, 4.0])
    for middle in (rows, rows.numpy(), list(rows), [2, None, 4]):
        figure, axis = plt.subplots()
        plots.band(axis, range(3), middle, rows - 1, rows.numpy() + 1, "o-")
        assert axis.lines[0].get_ydata().tolist() == pytest.approx([2, math.nan, 4], nan_ok=True)
        plt.close(figure)
    for bad in ([1, 2], [1, "2", 3], 5, [1j, 2, 3]):
        with pytest.raises(ValueError, match="middle"):
            plots.band(axis, range(3), bad, rows, rows, "o-")


def test_paper_beside_runs():
    runs = [({"c/one": {"sign": (0.5, 0.01)}}, "here"), ({"c/one": {"sign": (0.25, 0)}}, "record")]
    lines = plots.paper_beside_runs("c", "\none | sign | it grows | bits gained\n", runs, digits=2).splitlines()
    assert lines[0] == "| paper | book measures | here | record |"
    assert lines[2:] == ["| it grows | bits gained | 0.50\u00a0±\u00a00.01 | 0.25\u00a0±\u00a00.00 |"]
    runs = [({"c/one": {"sign": None}}, "here"), ({}, "record")]
    lines = plots.paper_beside_runs("c", "one | sign | it grows | bits", runs).splitlines()
    assert lines[2:] == ["| it grows | bits | too small a run | not measured |"]
    with pytest.raises(ValueError, match="has 3 parts; allowed: 4"):
        plots.paper_beside_runs("c", "one | sign | it grows", runs)
    runs = [({"c/one": {"sign": (0.5, 0.01)}}, "here")]
    with pytest.raises(ValueError, match="runs lacks 'size' of 'c/one'; allowed: all tests"):
        plots.paper_beside_runs("c", "one | size | it grows | bits", runs)


def test_estimate():
    assert plots.estimate((0.12345, 0.01), 2) == "0.12 ± 0.01"
    assert plots.estimate((0.12345, 0.01), 2, sign=True) == "+0.12 ± 0.01"
    assert plots.estimate((-0.004, 0.01), 2) == "0.00 ± 0.01"
    assert plots.estimate((-0.004, 0.01), 2, sign=True) == "+0.00 ± 0.01"
    assert plots.estimate(None, 5) == plots.TOO_SMALL
