"""One setting of a slider figure as numbers, SVG paths and words.

``lib.explore`` describes a figure by plain JSON data, its settings, and calls ``update`` in JupyterLab. The published page
calls the same ``update`` on the same settings under MicroPython, and copies paths and words into its elements. So both
faces draw the same thing, and neither a formula nor a layout is written twice. Checked by tests/explore/test_drawing.py and, in a
browser, by tests/site/test_sliders.py.
"""

from lib.explore import axes, curves


def update(settings: dict, positions: dict, last: dict = None, full: bool = False) -> dict:
    """Return what the figure shows when its sliders stand at ``positions``.

    Args: ``settings`` as ``lib.explore.figure`` makes them; ``positions`` by slider name, in the slider's own units (an
    exponent for a log10 slider, a multiple of pi for an angle); ``last``, the result for another setting, whose curves
    are taken over where nothing that they depend on has changed; ``full``, to show the whole vertical axis even where the
    curves lie in a narrow band of it.

    Returns a dict. ``positions``, as given. ``values``, ``shown``, ``texts``: by slider name the argument that the
    formulas get, its number for the reader and its text. ``xs``: the arguments along the x axis. ``mark``: path of the
    vertical line at the slider of the x axis, empty without one. ``y``: the vertical ``axis``, its words ``label``, its
    ``rows`` as SVG and whether it is ``cut``; ``panels``: the same of every further panel.
    ``lines``: for each its ``fixed`` arguments, curve
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
    x = settings["x"]
    mark = values.get(x["name"])
    column = None if mark is None else axes.horizontal(x, mark)
    xs = last["xs"] if last else axis_values(x)
    lines = [
        _curve(line, x, xs, arguments, last["lines"][index] if last else None)
        for index, line in enumerate(settings["lines"])
    ]
    wholes = [settings["y"]] + settings.get("panels", [])
    drawn_in = [line.get("panel", 0) for line in settings["lines"]]
    ys = [_vertical_axis(whole, panel, drawn_in, settings, lines, full) for panel, whole in enumerate(wholes)]
    before = [last["y"]] + last["panels"] if last else ys
    messages = []
    for index, (line, drawn) in enumerate(zip(settings["lines"], lines)):
        panel = drawn_in[index]
        y, old = ys[panel], last["lines"][index] if last and before[panel] == ys[panel] else None
        if old and old["values"] is drawn["values"]:
            drawn["path"] = old["path"]
        else:
            drawn["path"] = (_bars if line.get("bars") else _path)(x, y["axis"], xs, drawn["values"])
        if mark is not None:
            at, message = _evaluate(line, arguments)
            drawn.update(at=at, text=number(at), dot=_dot(column, axes.vertical(y["axis"], at)))
            messages.append(message)
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
        "mark": "" if column is None else f"M{column} 0V{axes.BOX}",
        "y": ys[0],
        "panels": ys[1:],
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


def _curve(line, x, xs, arguments, old):
    fixed = {name: arguments[name] for name in line["arguments"] if name != x["name"]}
    if old and old["fixed"] == fixed:
        return {"fixed": fixed, "values": old["values"]}
    values = [_finite(v) for v in curves.curve(_function(line["function"]), x["name"], xs, fixed, line["field"])]
    return {"fixed": fixed, "values": values}


def _vertical_axis(whole, panel, drawn_in, settings, lines, full):
    """A panel's whole axis, or the part of it that its curves lie in; bars begin at zero, so theirs is never cut."""
    own = [index for index, place in enumerate(drawn_in) if place == panel]
    kept = full or any([settings["lines"][index].get("bars") for index in own])
    axis = whole if kept else axes.follow(whole, [value for index in own for value in lines[index]["values"]])
    return {"axis": axis, "cut": axis is not whole, "label": axes.label(axis, whole), "rows": axes.rows(axis)}


def _path(x, y, xs, values):
    parts, pen = [], "M"
    for argument, value in zip(xs, values):
        row = axes.vertical(y, value)
        if row is None:
            pen = "M"
        else:
            parts.append(pen + str(axes.horizontal(x, argument)) + " " + str(row))
            pen = "L"
    return "".join(parts)


def _bars(x, y, xs, values):
    """A stroke from zero to each value."""
    rows = [(argument, axes.vertical(y, value)) for argument, value in zip(xs, values)]
    base = str(axes.vertical(y, 0.0))
    return "".join(
        [
            "M" + str(axes.horizontal(x, argument)) + " " + base + "V" + str(row)
            for argument, row in rows
            if row is not None
        ]
    )


def _dot(column, row):
    """A line of no length: with round caps of a fixed width it is a circle at every size of the drawing."""
    return "" if row is None or not 0 <= row <= axes.BOX else f"M{column} {row}h0"


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
