"""Two figures that several tests of lib.explore draw."""

from lib import explore


def description(**changes) -> dict:
    """A figure of two formulas over a correlation: one has gaps, and one does not depend on the slider ``y``."""
    return {
        "name": "correlated",
        "title": "Correlated normals",
        "x": explore.Axis("rho12", "correlation", -1, 1, points=41),
        "y": explore.Axis(label="probability", low=0, high=0.5),
        "sliders": [
            explore.Slider("rho12", "correlation of the first two", -1, 1, step=0.01, value=0.3),
            explore.Slider("rho13", "correlation of first and third", -1, 1, step=0.01, value=0.8),
        ],
        "lines": [explore.Line("all three positive", "gaussian.orthant_probability")],
        "readouts": [explore.Readout("the same", "gaussian.orthant_probability")],
        "constants": {"rho23": 0.2},
        "alt": "The probability grows with the correlation.",
    } | changes


def transition() -> explore.Figure:
    """A log10 slider for a whole number, a line that it does not move, and a namedtuple's field."""
    return explore.figure(
        name="transition",
        title="A step and a slope",
        x=explore.Axis("p", "label error p", 0, 1),
        y=explore.Axis(label="accuracy"),
        sliders=[
            explore.Slider("p", "label error p", 0, 1, step=0.01, value=0.3),
            explore.Slider("phi", "right labels kept phi", 0, 1, step=0.01, value=0.9),
            explore.Slider("n", "examples n", 0, 7, step=0.1, value=3.1, scale="log10"),
        ],
        lines=[
            explore.Line("step", "beyond_collapse.breakdown.theorem_accuracy"),
            explore.Line("probability", "beyond_collapse.breakdown.perfect_accuracy_probability"),
        ],
        readouts=[explore.Readout("lower bound", "beyond_collapse.breakdown.breakdown_bounds", field="p_minus")],
        constants={"psi": 0.5, "t": 0.1},
        alt="It falls.",
    )
