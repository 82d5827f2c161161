"""lib.explore.settings: what a figure is told, and what is refused."""

import json

import pytest
from explore_figures import description, transition

from lib import explore


def test_formulas_get_the_parameters_they_name():
    settings = transition().settings
    assert [line["arguments"] for line in settings["lines"]] == [["p", "phi", "psi"], ["n", "p", "phi", "psi"]]
    assert settings["readouts"][0]["arguments"] == ["phi", "psi", "t"]
    assert [slider["integer"] for slider in settings["sliders"]] == [False, False, True]  # n: int in the signature
    assert json.loads(json.dumps(settings)) == settings


def slider(**changes) -> explore.Slider:
    return explore.Slider(**({"name": "rho13", "label": "r", "low": -1, "high": 1, "step": 0.01, "value": 0} | changes))


MARK = explore.Slider("rho12", "c", -1, 1, step=0.01, value=0.3)


BAD = {
    "name": ({"name": "No Spaces"}, r"name = 'No Spaces' .* allowed: lower-case words joined by hyphens"),
    "title": ({"title": " "}, r"title = ' ' is empty; allowed: words"),
    "alt": ({"alt": ""}, r"alt = '' is empty; allowed: words"),
    "no lines": ({"lines": []}, r"lines = 0 .* outside \[1, 5\]"),
    "module": ({"lines": [explore.Line("a", "nowhere.cdf")]}, r"function = 'nowhere.cdf'; allowed"),
    "function": ({"lines": [explore.Line("a", "gaussian.nothing")]}, r"function = 'gaussian.nothing'; allowed"),
    "no function": ({"lines": [explore.Line("a", "gaussian.math")]}, r"function = 'gaussian.math'; allowed"),
    "field of a number": (
        {"lines": [explore.Line("a", "gaussian.orthant_probability", field="p")]},
        r"field = 'p' of gaussian.orthant_probability; allowed: None",
    ),
    "no field of a tuple": (
        {"readouts": [explore.Readout("a", "beyond_collapse.breakdown.breakdown_bounds")]},
        r"field = None of beyond_collapse.breakdown.breakdown_bounds; allowed: p_minus p_plus",
    ),
    "x": (
        {"lines": [explore.Line("a", "gaussian.cdf")], "constants": {"x": 1, "rho23": 0}},
        r"x = 'rho12', by its name, is no parameter of",
    ),
    "missing": ({"constants": {}}, r"parameter 'rho23' of gaussian.orthant_probability has no slider"),
    "unused": ({"constants": {"rho23": 0.2, "rho99": 0}}, r"\['rho99'\] are used by no formula"),
    "twice": ({"constants": {"rho23": 0.2, "rho13": 0}}, r"repeat \['rho13'\]"),
    "readout": ({"sliders": [slider()]}, r"readout 'the same' needs 'rho12'"),
    "default": (
        {"sliders": [MARK, slider(value=1.5)]},
        r"value = 1.5 of slider 'r'; allowed: a value between",
    ),
    "between": ({"sliders": [MARK, slider(value=0.005)]}, r"value = 0.005 of slider 'r' is no whole number of steps"),
    "end": ({"sliders": [MARK, slider(step=0.3, value=-1)]}, r"high = 1 of slider 'r' is no whole number of steps"),
    "range": ({"sliders": [MARK, slider(low=2)]}, r"low of slider 'r' = 2, high of it = 1; allowed: low is"),
    "step": ({"sliders": [MARK, slider(step=0)]}, r"step = 0, value = 0 of slider 'r'; allowed: a value between"),
    "scale": ({"sliders": [MARK, slider(scale="log")]}, r"scale = 'log' of slider 'r'; allowed: 'linear', 'log10'"),
    "label": ({"sliders": [MARK, slider(label="")]}, r"label = '' of slider 'rho13' is empty"),
    "points": ({"x": explore.Axis("rho12", "c", points=1)}, r"points of axis 'c' = 1 is outside \[2, 1001\]"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_figures_are_refused(case):
    changes, message = BAD[case]
    with pytest.raises(ValueError, match=message):
        explore.figure(**description(**changes))


def test_choices():
    """A slider of words: the formulas get the word, the reader sees it, the address its position."""
    figure = explore.figure(
        name="generators",
        title="Who generates",
        x=explore.Axis("m", "synthetic rows", 0, 4, points=5, scale="log10"),
        y=explore.Axis(label="accuracy"),
        sliders=[explore.choice("generator", "generator", ("known_mean", "shared"), "shared")],
        lines=[explore.Line("limit", "random_matrices.ridge.ridge", field="accuracy")],
        constants={"p": 50, "n": 100, "n_hat": 100, "mu_norm": 1, "gamma": 1, "epsilon": 0.2, "psi": 0, "phi": 1},
        alt="It rises.",
    )
    assert figure.drawn["texts"] == {"generator": "shared"}
    assert figure.drawn["shown"] == {"generator": 1}
    shared = figure.drawn["lines"][0]["values"]
    figure.sliders["generator"].value = 0
    assert figure.drawn["values"] == {"generator": "known_mean"}
    known = figure.drawn["lines"][0]["values"]
    assert known[-1] > shared[-1] + 0.01
    for choices, value in ((("one",), "one"), (("one", "two"), "three")):
        with pytest.raises(ValueError, match=r"allowed: (one of its choices|two words or more)"):
            explore.choice("generator", "generator", choices, value)
