"""lib.explore in a kernel: the drawing that both faces share, and the ipywidgets."""

import json
import math
import re
from html.parser import HTMLParser

import nbformat
import pytest
from explore_figures import description, transition
from nbclient import NotebookClient

from lib import explore
from lib.explore import axes, sliders
from lib.explore.settings import positions
from lib.theory import gaussian
from lib.theory.beyond_collapse import breakdown
from lib.theory.beyond_collapse.breakdown import breakdown_bounds, perfect_accuracy_probability


def test_the_curve_is_the_function_with_gaps_where_it_refuses():
    drawn = explore.figure(**description()).drawn
    defined = 0
    for rho, value in zip(drawn["xs"], drawn["lines"][0]["values"], strict=True):
        try:
            assert value == gaussian.orthant_probability(rho, 0.8, 0.2)
            defined += 1
        except ValueError:
            assert value is None
    assert 0 < defined < len(drawn["xs"])
    assert (drawn["xs"][0], drawn["xs"][-1], len(drawn["xs"])) == (-1, 1, 41)
    assert drawn["readouts"][0]["value"] == drawn["lines"][0]["at"] == gaussian.orthant_probability(0.3, 0.8, 0.2)


def test_the_path_leads_through_the_values():
    figure = explore.figure(**description(y=explore.Axis(label="probability", low=0, high=0.2)))
    x, y, line = figure.settings["x"], figure.settings["y"], figure.drawn["lines"][0]
    wanted = [
        (axes.horizontal(x, rho), axes.vertical(y, value))
        for rho, value in zip(figure.drawn["xs"], line["values"], strict=True)
        if value is not None
    ]
    assert re.findall(r"[ML](\d+) (-?\d+)", line["path"]) == [(str(column), str(row)) for column, row in wanted]
    assert line["path"].count("M") == 1  # gaps at the ends only
    assert axes.horizontal(x, -1) == axes.MARGIN_X
    assert axes.vertical(y, 0.2) == axes.MARGIN_Y
    assert axes.vertical(y, 0) == axes.BOX - axes.MARGIN_Y


def bars(**changes):
    """Bars at 0 to 6 from the Gaussian chain, two kinds of them."""
    names = tuple("abcdefg")
    return explore.figure(
        **{
            "name": "bars",
            "title": "Bars",
            "x": explore.Axis("bar", "term", 0, 6, points=7, words=names),
            "y": explore.Axis(label="nats", low=-3, high=3),
            "sliders": [explore.Slider("model_noise", "noise of the model", 0.1, 2, step=0.1, value=1)],
            "lines": [
                explore.Line("terms", "reverse_bottleneck.gaussian_chain.term_bar", bars=True),
                explore.Line("totals", "reverse_bottleneck.gaussian_chain.total_bar", bars=True),
            ],
            "alt": "Bars.",
        }
        | changes
    )


def test_bars_stand_on_zero():
    figure = bars()
    y = figure.settings["y"]
    for line, places in zip(figure.drawn["lines"], (range(5), (5, 6)), strict=True):
        assert [place for place, value in enumerate(line["values"]) if value is not None] == list(places)
        x, zero = figure.settings["x"], axes.vertical(y, 0)
        rows = {place: axes.vertical(y, line["values"][place]) for place in places}
        expected = "".join(f"M{axes.horizontal(x, place)} {zero}V{row}" for place, row in rows.items())
        assert line["path"] == expected
    assert [words for _, words in axes.ticks(figure.settings["x"])] == list("abcdefg")


def test_bad_bars_are_refused():
    with pytest.raises(ValueError, match="under bars"):
        bars(y=explore.Axis(label="nats", low=1, high=3))
    with pytest.raises(ValueError, match="words = 3 on axis 'term'"):
        bars(x=explore.Axis("bar", "term", 0, 6, points=7, words=("a", "b", "c")))


def test_a_gap_lifts_the_pen():
    settings = transition().settings
    path = sliders._path(settings["x"], settings["y"], [0, 0.5, 1], [0.0, None, 1.0])
    assert path == f"M200 {axes.BOX - axes.MARGIN_Y}M9800 {axes.MARGIN_Y}"


def test_only_what_a_slider_changes_is_computed_again(monkeypatch):
    figure = transition()
    calls = []
    for name in ("theorem_accuracy", "perfect_accuracy_probability"):
        function = getattr(breakdown, name)
        monkeypatch.setattr(
            breakdown, name, lambda _name=name, _f=function, **arguments: calls.append(_name) or _f(**arguments)
        )
    figure.sliders["p"].value = 0.5  # the mark: each line once, at the mark
    assert sorted(calls) == ["perfect_accuracy_probability", "theorem_accuracy"]
    calls.clear()
    figure.sliders["n"].value = 2.0  # only one of the two has n
    assert calls.count("theorem_accuracy") == 1
    assert calls.count("perfect_accuracy_probability") == 121 + 1


def test_widgets_call_the_function():
    figure = transition()
    before = figure.widget.children[0].value
    figure.sliders["n"].value = 2.0
    figure.sliders["phi"].value = 0.7
    line = figure.drawn["lines"][1]
    wanted = [perfect_accuracy_probability(100, p, 0.7, 0.5) for p in figure.drawn["xs"]]
    assert line["values"] == wanted
    assert line["at"] == perfect_accuracy_probability(100, 0.3, 0.7, 0.5)
    assert figure.drawn["readouts"][0]["value"] == breakdown_bounds(0.7, 0.5, 0.1).p_minus
    after = figure.widget.children[0].value
    assert after != before
    assert f'd="{line["path"]}"' in after
    texts = {label.value for row in figure.widget.children[1:-1] for label in (row.children[0], row.children[2])}
    assert {"0.30", "0.70", "100", "examples n"} <= texts


def test_a_refusal_is_said_not_raised():
    figure = explore.figure(**description())
    figure.sliders["rho12"].value = -1.0
    assert figure.drawn["readouts"][0] == {"value": None, "text": "not defined"}
    assert figure.drawn["lines"][0]["dot"] == ""
    assert "is no correlation matrix" in figure.drawn["message"]
    assert "is no correlation matrix" in figure.widget.children[0].value
    figure.sliders["rho12"].value = 0.3
    assert figure.drawn["message"] == ""


@pytest.mark.parametrize(
    ("changes", "shown", "text"),
    [
        ({"step": 0.25}, 0.5, "0.50"),
        ({"step": 1}, 2, "2"),
        ({"unit": "π", "factor": math.pi}, 0.2, "0.20 π"),
        ({"scale": "log10"}, 0.00316, "0.00316"),
        ({"integer": True, "scale": "log10"}, 1259, "1,259"),
    ],
)
def test_slider_text(changes, shown, text):
    decimals = 0 if changes.get("step") == 1 else 2
    assert (
        sliders.slider_text({"scale": "linear", "unit": "", "integer": False, "decimals": decimals} | changes, shown)
        == text
    )


def test_an_angle_and_an_exponent_reach_the_formula_in_its_own_units():
    angle = {"factor": math.pi, "scale": "linear", "integer": False}
    assert sliders.transform(angle, 0.5) == math.pi / 2
    assert sliders.transform({"factor": 1, "scale": "log10", "integer": True}, 3.1) == 1259
    assert sliders.transform({"factor": 2, "scale": "log10", "integer": False}, -1) == pytest.approx(0.2, rel=1e-15)


@pytest.mark.parametrize(
    ("low", "high", "scale", "words"),
    [
        (0, 1, "linear", ["0", "0.2", "0.4", "0.6", "0.8", "1"]),
        (-1, 1, "linear", ["-1", "-0.5", "0", "0.5", "1"]),
        (0.5, 1, "linear", ["0.5", "0.6", "0.7", "0.8", "0.9", "1"]),
        (1, 7, "log10", ["100", "10⁴", "10⁶"]),
        (-2, 1, "log10", ["10⁻²", "10⁻¹", "1", "10"]),
    ],
)
def test_ticks_are_round_numbers(low, high, scale, words):
    assert [text for _, text in axes.ticks({"low": low, "high": high, "scale": scale})] == words


class Outline(HTMLParser):
    """Collects the settings and the elements, and checks that what is opened is closed."""

    def __init__(self):
        super().__init__()
        self.open, self.seen, self.script = [], [], ""

    def handle_starttag(self, tag, attributes):
        assert len({name for name, _ in attributes}) == len(attributes), f"an attribute of {tag} stands twice"
        self.seen.append((tag, dict(attributes)))
        if tag != "input":
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.seen.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] == "script":
            self.script += data


def test_the_bundle_carries_both_faces():
    figure = explore.figure(**description(title="It's </script> & <b>"))
    bundle = figure._repr_mimebundle_()
    assert bundle["application/vnd.jupyter.widget-view+json"]["model_id"] == figure.widget.model_id
    assert bundle["text/plain"] == "It's </script> & <b>. The probability grows with the correlation."
    outline = Outline()
    outline.feed(bundle["text/html"])
    assert outline.open == []
    assert json.loads(outline.script) == figure.settings
    paths = [attributes for tag, attributes in outline.seen if tag == "path"]
    assert figure.drawn["lines"][0]["path"] in [path["d"] for path in paths]
    ranges = [attributes for tag, attributes in outline.seen if tag == "input"]
    assert [(each["name"], float(each["value"])) for each in ranges] == list(positions(figure.settings).items())
    assert ("svg", figure.settings["alt"]) in [(tag, each.get("aria-label")) for tag, each in outline.seen]


def test_the_published_picture_is_the_default_whatever_was_moved():
    figure = transition()
    before = figure._repr_mimebundle_()["text/html"]
    figure.sliders["phi"].value = 0.2
    assert figure._repr_mimebundle_()["text/html"] == before


def test_in_a_kernel(tmp_path):
    source = """
from lib import explore
from lib.theory import gaussian
figure = explore.figure(
    name="normal", title="Normal", x=explore.Axis("x", "x", -3, 3), y=explore.Axis(label="probability"),
    sliders=[explore.Slider("y", "limit y", -3, 3, 0.1, 0.5), explore.Slider("rho", "correlation", -1, 1, 0.01, 0)],
    lines=[explore.Line("joint", "gaussian.bivariate_cdf")], alt="It grows.",
)
figure.sliders["rho"].value = 0.5
assert figure.drawn["lines"][0]["values"] == [gaussian.bivariate_cdf(x, 0.5, 0.5) for x in figure.drawn["xs"]]
figure
"""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    NotebookClient(notebook, timeout=60, kernel_name="python3", resources={"metadata": {"path": tmp_path}}).execute()
    (output,) = notebook.cells[0].outputs
    assert set(output["data"]) == {"application/vnd.jupyter.widget-view+json", "text/html", "text/plain"}
    models = notebook.metadata.widgets["application/vnd.jupyter.widget-state+json"]["state"]
    assert output["data"]["application/vnd.jupyter.widget-view+json"]["model_id"] in models
    values = [model["state"]["value"] for model in models.values() if model["model_name"] == "FloatSliderModel"]
    assert values == [0.5, 0.5]
