"""The slider figure that opens the book: a page in Markdown executes nothing, so its figure is made here."""

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from lib import explore
from lib.explore import markup

BREAKDOWN = "beyond_collapse.breakdown"


def breakdown() -> explore.Figure:
    """Where verified data stop helping: the breakdown point under p, phi and psi."""
    return explore.figure(
        name="breakdown",
        title="How many wrong labels can a verifier stand?",
        x=explore.Axis("p", "label error p", 0, 1, points=121),
        y=explore.Axis(label="probability that the trained model is perfect", low=0, high=1),
        sliders=[
            explore.Slider("p", "label error p", 0, 1, step=0.01, value=0.6),
            explore.Slider("phi", "right labels kept, phi", 0.01, 1, step=0.01, value=0.9),
            explore.Slider("psi", "wrong labels kept, psi", 0, 1, step=0.01, value=0.5),
        ],
        lines=[
            explore.Line("endless data: the step at p*", f"{BREAKDOWN}.theorem_accuracy"),
            explore.Line("300 generated examples, exactly", f"{BREAKDOWN}.perfect_accuracy_probability"),
        ],
        readouts=[explore.Readout("breakdown point p*", f"{BREAKDOWN}.breakdown_point")],
        constants={"n": 300},
        alt="The probability falls from one to zero around the breakdown point; with endless data it is a step there.",
    )


class FrontFigure(SphinxDirective):
    """``{front-figure}``: the figure, as in the pages of notebooks."""

    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(__file__)
        figure = breakdown()
        return [nodes.raw("", markup.page(figure.settings, figure.drawn), format="html")]


def setup(app) -> dict:
    app.add_directive("front-figure", FrontFigure)
    return {"parallel_read_safe": False, "parallel_write_safe": True}
