"""The face of a slider figure in JupyterLab, and the bundle that carries both."""

from collections.abc import Mapping, Sequence
from functools import cache

import ipywidgets

from lib.explore import markup
from lib.explore.settings import Axis, Json, Line, Readout, Slider, build, positions
from lib.explore.sliders import update
from lib.paths import ROOT

STYLE = ROOT / "assets" / "explore.css"


class Figure:
    """A slider figure; the last expression of a cell shows it.

    Attributes: ``settings``, the checked description; ``drawn``, what it shows now (see ``lib.explore.sliders.update``);
    ``sliders``, the ipywidgets by parameter name, whose ``value`` is a position in the reader's units; ``full``, a box for
    the whole vertical axis; ``widget``, all of it together. Checked by tests/explore/test_drawing.py.
    """

    def __init__(self, settings: Json):
        self.settings = settings
        self.drawn = update(settings, positions(settings))
        self._picture = ipywidgets.HTML()
        self._texts = {slider["name"]: ipywidgets.Label() for slider in settings["sliders"]}
        self.sliders = {slider["name"]: _slider(slider) for slider in settings["sliders"]}
        rows = [
            ipywidgets.HBox(
                [ipywidgets.Label(slider["label"], layout={"width": "16em"}), self.sliders[name], self._texts[name]]
            )
            for slider in settings["sliders"]
            for name in [slider["name"]]
        ]
        self.full = ipywidgets.Checkbox(value=False, description="whole vertical axis", indent=False)
        self.full.observe(self._moved, "value")
        self.widget = ipywidgets.VBox([self._picture, *rows, self.full])
        for slider in self.sliders.values():
            slider.observe(self._moved, "value")
        self._show()

    def _moved(self, _change) -> None:
        at = {name: slider.value for name, slider in self.sliders.items()}
        self.drawn = update(self.settings, at, self.drawn, self.full.value)
        self._show()

    def _show(self) -> None:
        for name, text in self.drawn["texts"].items():
            self._texts[name].value = text
        self._picture.value = markup.notebook(self.settings, self.drawn, _style())

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        """Sliders for JupyterLab, the figure of the published page, and a sentence."""
        title, alt = self.settings["title"], self.settings["alt"]
        return {
            "application/vnd.jupyter.widget-view+json": {
                "version_major": 2,
                "version_minor": 0,
                "model_id": self.widget.model_id,
            },
            "text/html": markup.page(self.settings, update(self.settings, positions(self.settings))),
            "text/plain": f"{title}. {alt}",
        }


def figure(
    *,
    name: str,
    title: str,
    x: Axis,
    y: Axis | Sequence[Axis],
    sliders: Sequence[Slider],
    lines: Sequence[Line],
    alt: str,
    readouts: Sequence[Readout] = (),
    constants: Mapping[str, float] | None = None,
) -> Figure:
    """A figure of one to five curves over one parameter, with sliders for others.

    Parameters
    ----------
    name : str
        Lower-case words joined by hyphens; unique in its page. It stands in the page's address and the CSV's name.
    title : str
        Above the figure.
    x, y : Axis
        The parameter that runs along the curves, and the range of their values. Several y make as many panels, one above the
        other, on one x axis and one set of sliders; each line names its panel.
    sliders : sequence of Slider
        One with the name of the x axis moves a mark along the curves.
    lines : sequence of Line
        One to five formulas a panel of ``lib.theory`` that have the x axis' parameter, in the order of their panels.
    alt : str
        What a reader who cannot see the curves must know.
    readouts : sequence of Readout
        Numbers at the sliders' values.
    constants : mapping of parameter name to value
        Parameters that neither a slider nor the axis gives.

    Notes
    -----
    Each formula gets the parameters it names, from sliders, axis and constants. Raises ValueError for a description that
    cannot work: see ``lib.explore.settings.build``. Checked by tests/explore/test_drawing.py and tests/site/test_sliders.py.
    """
    return Figure(
        build(
            name=name,
            title=title,
            x=x,
            y=y,
            sliders=sliders,
            lines=lines,
            readouts=readouts,
            constants=constants or {},
            alt=alt,
        )
    )


def _slider(slider: Json) -> ipywidgets.FloatSlider:
    return ipywidgets.FloatSlider(
        min=slider["low"],
        max=slider["high"],
        step=slider["step"],
        value=slider["value"],
        readout=False,  # the text beside it says the parameter, not the exponent of a log10 slider
    )


@cache
def _style() -> str:
    return STYLE.read_text(encoding="utf-8")
