"""One setting of a slider figure as numbers, SVG paths and words.

``lib.explore`` describes a figure by plain JSON data, its settings, and calls ``update`` in JupyterLab. The published page
calls the same ``update`` on the same settings under MicroPython, and copies paths and words into its elements. So both
faces draw the same thing, and neither a formula nor a layout is written twice. Checked by tests/explore/test_drawing.py and, in a
browser, by tests/site/test_sliders.py.
"""

import math

from lib.explore import curves

# The drawing's coordinates: whole numbers, fine enough for a screen of several thousand pixels.
BOX = 10000
MARGIN_X, MARGIN_Y = 200, 400  # of the box, so that lines and dots on the axes' ends are seen whole


def update(settings: dict, positions: dict, last: dict = None) -> dict:
    """Return what the figure shows when its sliders stand at ``positions``.

    Args: ``settings`` as ``lib.explore.figure`` makes them; ``positions`` by slider name, in the slider's own units (an
    exponent for a log10 slider, a multiple of pi for an angle); ``last``, the result for another setting, whose curves
    are taken over where nothing that they depend on has changed.

    Returns a dict. ``positions``, as given. ``values``, ``shown``, ``texts``: by slider name the argument that the
    formulas get, its number for the reader and its text. ``xs``: the arguments along the x axis. ``mark``: path of the
    vertical line at the slider of the x axis, empty without one. ``lines``: for each its ``fixed`` arguments, curve
    ``values`` (None is a gap) and ``path``; at the mark ``at``, ``text`` and ``dot``. ``readouts``: for each ``value``
    and ``text``. ``message``: the first complaint of a formula.
    """
    values, shown, texts = {}, {}, {}
    for slider in settings["sliders"]:
        name = slider["name"]
        values[name] = transform(slider, positions[name])
        shown[name] = values[name] / slider["factor"] if slider["scale"] == "log10" else positions[name]
        texts[name] = slider_text(slider, shown[name])
    arguments = dict(settings["constants"])
    arguments.update(values)
    x, y = settings["x"], settings["y"]
    mark = values.get(x["name"])
    column = None if mark is None else horizontal(x, mark)
    xs = last["xs"] if last else axis_values(x)
    lines, messages = [], []
    for index, line in enumerate(settings["lines"]):
        old = last["lines"][index] if last else None
        drawn = _curve(line, settings, xs, arguments, old)
        if mark is not None:
            at, message = _evaluate(line, arguments)
            drawn.update(at=at, text=number(at), dot=_dot(column, vertical(y, at)))
            messages.append(message)
        lines.append(drawn)
    readouts = []
    for readout in settings["readouts"]:
        result, message = _evaluate(readout, arguments)
        readouts.append({"value": result, "text": number(result)})
        messages.append(message)
    return {
        "positions": positions,
        "values": values,
        "shown": shown,
        "texts": texts,
        "xs": xs,
        "mark": "" if column is None else f"M{column} 0V{BOX}",
        "lines": lines,
        "readouts": readouts,
        "message": ([message for message in messages if message] + [""])[0],
    }


def transform(scale: dict, position: float) -> float:
    """The argument at a position of a slider or axis: ``factor * position``, or ``factor * 10^position`` if it is log10.

    Rounded to a whole number where the formulas ask for one; a word where the slider steps through choices.
    """
    if scale.get("choices"):
        return scale["choices"][round(position)]
    argument = scale["factor"] * (10.0**position if scale["scale"] == "log10" else position)
    return round(argument) if scale["integer"] else argument


def axis_values(x: dict) -> list:
    """The arguments at which a curve is computed: evenly spaced positions, both ends included."""
    last = x["points"] - 1
    return [transform(x, (x["low"] * (last - i) + x["high"] * i) / last) for i in range(x["points"])]


def horizontal(x: dict, argument: float) -> int:
    """The drawing's column of an argument on the x axis."""
    return MARGIN_X + round((BOX - 2 * MARGIN_X) * _fraction(x, argument))


def vertical(y: dict, value: float) -> int:
    """The drawing's row of a value on the y axis, counted from the top; None for a gap."""
    if value is None or (y["scale"] == "log10" and value <= 0.0):
        return None
    fraction = max(-1.0, min(2.0, _fraction(y, value)))  # far outside the box any place will do
    return BOX - MARGIN_Y - round((BOX - 2 * MARGIN_Y) * fraction)


def slider_text(slider: dict, shown: float) -> str:
    """A slider's number as text, with its unit: "0.30", "1,259" or "0.20 π"; its word where it steps through choices."""
    if slider.get("choices"):
        text = slider["choices"][round(shown)]
    elif slider["integer"]:
        text = f"{round(shown):,}"
    elif slider["scale"] == "log10":
        text = f"{shown:.3g}"
    else:
        text = ("{:." + str(slider["decimals"]) + "f}").format(shown)
    return f"{text} {slider['unit']}" if slider["unit"] else text


def number(value: float) -> str:
    """A result as text, four digits long."""
    return "not defined" if value is None else f"{value:.4g}"


def _fraction(axis, value):
    position = value / axis["factor"]
    if axis["scale"] == "log10":
        position = math.log10(position)
    return (position - axis["low"]) / (axis["high"] - axis["low"])


def _curve(line, settings, xs, arguments, old):
    x = settings["x"]
    fixed = {name: arguments[name] for name in line["arguments"] if name != x["name"]}
    if old and old["fixed"] == fixed:
        return {"fixed": fixed, "values": old["values"], "path": old["path"]}
    values = [_finite(v) for v in curves.curve(_function(line["function"]), x["name"], xs, fixed, line["field"])]
    draw = _bars if line.get("bars") else _path
    return {"fixed": fixed, "values": values, "path": draw(x, settings["y"], xs, values)}


def _path(x, y, xs, values):
    parts, pen = [], "M"
    for argument, value in zip(xs, values):
        row = vertical(y, value)
        if row is None:
            pen = "M"
        else:
            parts.append(pen + str(horizontal(x, argument)) + " " + str(row))
            pen = "L"
    return "".join(parts)


def _bars(x, y, xs, values):
    """A stroke from zero to each value."""
    rows = [(argument, vertical(y, value)) for argument, value in zip(xs, values)]
    base = str(vertical(y, 0.0))
    return "".join(
        ["M" + str(horizontal(x, argument)) + " " + base + "V" + str(row) for argument, row in rows if row is not None]
    )


def _dot(column, row):
    """A line of no length: with round caps of a fixed width it is a circle at every size of the drawing."""
    return "" if row is None or not 0 <= row <= BOX else f"M{column} {row}h0"


def _evaluate(item, arguments):
    given = {name: arguments[name] for name in item["arguments"]}
    result, message = curves.value(_function(item["function"]), given, item["field"])
    return _finite(result), message


def _finite(value):
    """JSON has neither infinite nor undefined numbers: they become gaps."""
    return None if value is None or value - value != 0.0 else value


def _function(name):
    """The function at a path below lib.theory; MicroPython has no importlib, and its ``__import__`` gives the outermost."""
    found = __import__("lib.theory." + name[: name.rindex(".")])
    for part in ("theory." + name).split("."):
        found = getattr(found, part)
    return found
