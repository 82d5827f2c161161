"""Slider figures with two faces: ipywidgets in JupyterLab, native range inputs in the published page.

Both call the same function of ``lib.theory``, given by its path, on the same settings (``lib.explore.sliders``); the page loads
only the files that its functions import (``lib.explore.files``). A figure ends a notebook cell::

    explore.figure(
        name="bivariate",
        title="Two correlated normals",
        x=explore.Axis("rho", "correlation", -1, 1),
        y=explore.Axis(label="probability", low=0, high=1),
        sliders=[
            explore.Slider("x", "first limit x", -3, 3, step=0.1, value=0.5),
            explore.Slider("y", "second limit y", -3, 3, step=0.1, value=0),
        ],
        lines=[explore.Line("both below their limits", "gaussian.bivariate_cdf")],
        alt="The probability grows from zero with the correlation.",
    )

A slider with the name of the x axis moves a mark along the curves; they are not computed again for it.
"""

from lib.explore.settings import Axis, Line, Readout, Slider, choice
from lib.explore.widget import Figure, figure

__all__ = ["Axis", "Figure", "Line", "Readout", "Slider", "choice", "figure"]
