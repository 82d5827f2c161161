"""The description of a slider figure, checked, and turned into plain JSON data that both faces read."""

import importlib
import inspect
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from numbers import Integral

from lib import arguments
from lib.explore import files
from lib.theory import checks

MAX_LINES = 5  # as many as the style sheet has pairs of colour and dash
Json = dict


@dataclass(frozen=True)
class Axis:
    """An axis: ``name`` is the parameter of the formulas that runs along it (none for the y axis).

    ``low`` and ``high`` are what the axis prints: a parameter is ``factor`` times that (``unit="π", factor=math.pi`` for
    angles), or ``factor * 10^low`` to ``factor * 10^high`` if ``scale`` is "log10". ``points``: length of a curve.
    """

    name: str = ""
    label: str = ""
    low: float = 0.0
    high: float = 1.0
    points: int = 121
    scale: str = "linear"
    unit: str = ""
    factor: float = 1.0
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Slider:
    """A slider for the parameter ``name``; range, ``step`` and default ``value`` in the units that the reader sees.

    ``scale="log10"``: the four numbers are exponents of ten. ``factor`` as for an axis. A parameter that a formula
    declares as ``int`` is rounded. ``choices``: the words that the formulas get at positions 0, 1, ... (see ``choice``).
    """

    name: str
    label: str
    low: float
    high: float
    step: float
    value: float
    scale: str = "linear"
    unit: str = ""
    factor: float = 1.0
    choices: tuple[str, ...] = ()


def choice(name: str, label: str, choices: Sequence[str], value: str) -> Slider:
    """A slider that steps through words instead of numbers; ``value`` is the first one shown.

    Raises ValueError if value is none of them or there are fewer than two.
    Checked by tests/explore/test_settings.py::test_choices.
    """
    for field, given in (("name", name), ("label", label)):
        arguments.text(field, given, "words")
    choices = arguments.texts("choices", choices, "two words or more")
    if len(choices) < 2:
        raise ValueError(f"choices = {choices} of choice {label!r}; allowed: two words or more")
    if not isinstance(value, str) or value not in choices:
        raise ValueError(
            f"value = {checks.shown(value)} of choice {label!r}; allowed: one of its choices, {', '.join(choices)}"
        )
    return Slider(name, label, 0, len(choices) - 1, 1, list(choices).index(value), choices=tuple(choices))


@dataclass(frozen=True)
class Line:
    """A curve: a formula by its path below ``lib.theory``, and the field of its result if that is a namedtuple.

    With ``bars`` each point of the x axis gets a bar from zero; the y axis must be linear and hold zero. ``panel``: in which of
    the panels, one above the other, it is drawn, if the figure has several y axes.
    """

    label: str
    function: str
    field: str | None = None
    bars: bool = False
    panel: int = 0


@dataclass(frozen=True)
class Readout:
    """One number under the figure, at the sliders' values; ``function`` and ``field`` as for a line."""

    label: str
    function: str
    field: str | None = None


def build(
    *,
    name: str,
    title: str,
    x: Axis,
    y: Axis | Sequence[Axis],
    sliders: Sequence[Slider],
    lines: Sequence[Line],
    readouts: Sequence[Readout],
    constants: Mapping[str, float],
    alt: str,
) -> Json:
    """Settings of a figure as JSON data, with the ``files`` that a page needs, or ValueError with name, value and allowed ones.

    Refused: an empty title or alt, an unknown function, field or parameter, a parameter without slider, axis or constant,
    a slider or constant that nothing uses, a range that is empty, a default outside its slider's range or between two
    steps, a panel without lines, lines that are not in the order of their panels.
    Checked by tests/explore/test_settings.py::test_bad_figures_are_refused.
    """
    if not isinstance(name, str) or not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name):
        raise ValueError(f"name = {checks.shown(name)} of a slider figure; allowed: lower-case words joined by hyphens")
    for field, text in {"title": title, "alt": alt}.items():
        arguments.text(field, text, f"words of slider figure {name!r}", empty=False)
    x, panels = _typed("x", x, Axis), {"y": y}
    if not isinstance(y, Axis):
        panels = {f"y[{k}]": each for k, each in enumerate(checks.listed("y", y, "an Axis, or one a panel"))}
    panels = [_typed(place, each, Axis) for place, each in panels.items()]
    sliders, lines, readouts = (
        [
            _typed(f"{field}[{k}]", each, kind)
            for k, each in enumerate(checks.listed(field, items, f"a list of {kind.__name__}"))
        ]
        for field, items, kind in (
            ("sliders", sliders, Slider),
            ("lines", lines, Line),
            ("readouts", readouts, Readout),
        )
    )
    constants = {
        each: _plain(f"constants of {name!r}, {each}", value)
        for each, value in arguments.mapping("constants", constants, "values by parameter").items()
    }
    _panels(name, lines, len(panels))
    given = [slider.name for slider in sliders] + list(constants)
    repeated = {each for each in given if given.count(each) > 1}
    if repeated:
        raise ValueError(f"sliders and constants = {given} repeat {sorted(repeated)}; allowed: each name once")

    items = [_resolve(item, {*given, x.name}) for item in (*lines, *readouts)]
    resolved_lines, resolved_readouts = items[: len(lines)], items[len(lines) :]
    for line in resolved_lines:
        if x.name not in line["arguments"]:
            raise ValueError(
                f"x = {x.name!r}, by its name, is no parameter of {line['function']}; allowed: {line['arguments']}"
            )
    for readout in resolved_readouts:
        if x.name in readout["arguments"] and x.name not in given:
            raise ValueError(f"readout {readout['label']!r} needs {x.name!r}; allowed: the name of one of the sliders")
    for y in [panels[line.panel] for line in lines if line.bars]:
        if y.scale != "linear" or not y.low <= 0 <= y.high:
            raise ValueError(
                f"y = {y.low!r} to {y.high!r}, {y.scale}, under bars; allowed: a linear axis that holds zero"
            )
    if x.words and (x.scale, x.low, x.high, x.points) != ("linear", 0, len(x.words) - 1, len(x.words)):
        raise ValueError(f"words = {len(x.words)} on axis {x.label!r}; allowed: one a point, at 0, 1, 2, ...")
    used = {argument for item in items for argument in item["arguments"]}
    if unused := [each for each in given if each not in used]:
        raise ValueError(f"sliders and constants = {unused} are used by no formula; allowed: {sorted(used)}")

    whole = {argument for item in items for argument in item.pop("whole")}
    return {
        "name": name,
        "title": title,
        "alt": alt,
        "x": _axis(x) | {"integer": x.name in whole},
        "y": _axis(panels[0]),
        "panels": [_axis(y) for y in panels[1:]],
        "sliders": [_slider(slider) | {"integer": slider.name in whole} for slider in sliders],
        "lines": resolved_lines,
        "readouts": resolved_readouts,
        "constants": dict(constants),
        "files": files.needed(item["function"] for item in items),
    }


def _panels(name: str, lines: Sequence[Line], count: int) -> None:
    """Each panel has lines, no more than there are colours, and the lines stand in the order of their panels."""
    if not count:
        raise ValueError(f"y = [] of slider figure {name!r}; allowed: an Axis, or one a panel")
    places = [line.panel for line in lines]
    for k, place in enumerate(places):
        checks.integer(f"panel of lines[{k}]", place, 0, count - 1)
    if places != sorted(places):
        raise ValueError(f"panel = {places} of the lines of slider figure {name!r}; allowed: none below the one before")
    for panel in range(count):
        if not 1 <= places.count(panel) <= MAX_LINES:
            raise ValueError(
                f"lines = {places.count(panel)} of slider figure {name!r} are outside [1, {MAX_LINES}]"
                + (f", in panel {panel}" if count > 1 else "")
            )


def positions(settings: Json) -> dict[str, float]:
    """The default position of each slider."""
    return {slider["name"]: slider["value"] for slider in settings["sliders"]}


def _typed(name: str, item: object, kind: type) -> object:
    """The item with plain numbers, if it is of its class and each field is of the type that the class says."""
    arguments.instance(name, item, kind, f"lib.explore.{kind.__name__}")
    plain = {}
    for field in fields(item):
        value, words = getattr(item, field.name), f"{field.name} of {name}"
        if field.type is bool:
            plain[field.name] = arguments.flag(words, value)
        elif field.type in (int, float):
            plain[field.name] = _number(words, value)
        elif field.type == tuple[str, ...]:
            plain[field.name] = tuple(arguments.texts(words, value, "words"))
        else:
            plain[field.name] = value if value is None and field.name == "field" else arguments.text(words, value)
    return replace(item, **plain)


def _plain(name: str, value: object) -> object:
    """A value that JSON holds: a finite number as an int or float, anything but numbers as it is."""
    if isinstance(value, (str, bool, list, dict, type(None))):
        return value
    return _number(name, value)


def _number(name: str, value: float) -> float:
    """A finite number as a plain int or float."""
    number = checks.finite(name, value)
    return value if type(value) in (int, float) else int(value) if isinstance(value, Integral) else number


def _resolve(item: Line | Readout, names: set[str]) -> Json:
    """The item with the parameters that its function takes from ``names``; MicroPython cannot look them up itself."""
    module, _, attribute = item.function.rpartition(".")
    try:
        function = getattr(importlib.import_module(f"lib.theory.{module}"), attribute)
        signature = inspect.signature(function)
    except (ImportError, AttributeError, TypeError, ValueError) as error:
        raise ValueError(
            f"function = {item.function!r}; allowed: its path below lib.theory, such as 'gaussian.cdf'"
        ) from error
    fields = getattr(signature.return_annotation, "_fields", None)
    if (fields is None and item.field is not None) or (fields is not None and item.field not in fields):
        raise ValueError(f"field = {item.field!r} of {item.function}; allowed: {' '.join(fields or ['None'])}")
    parameters = signature.parameters.values()
    for parameter in parameters:
        if parameter.name not in names and parameter.default is parameter.empty:
            raise ValueError(
                f"parameter {parameter.name!r} of {item.function} has no slider, axis or constant; there are: "
                f"{', '.join(sorted(names))}"
            )
    return asdict(item) | {
        "arguments": [parameter.name for parameter in parameters if parameter.name in names],
        "whole": [parameter.name for parameter in parameters if parameter.annotation is int],
    }


def _range(kind: str, item: Axis | Slider) -> None:
    if not item.low < item.high:
        raise ValueError(
            f"low of {kind} {item.label!r} = {item.low!r}, high of it = {item.high!r}; allowed: low is below high"
        )
    checks.positive(f"factor of {kind} {item.label!r}", item.factor)
    if item.scale not in ("linear", "log10"):
        raise ValueError(f"scale = {item.scale!r} of {kind} {item.label!r}; allowed: 'linear', 'log10'")
    if not item.label.strip():
        raise ValueError(f"label = {item.label!r} of {kind} {item.name!r} is empty; allowed: words")


def _axis(axis: Axis) -> Json:
    _range("axis", axis)
    checks.integer(f"points of axis {axis.label!r}", axis.points, 2, 1001)
    return asdict(axis) | {"words": list(axis.words)}


def _slider(slider: Slider) -> Json:
    """The slider with the number of decimals that its step needs."""
    _range("slider", slider)
    low, high, step, value = slider.low, slider.high, slider.step, slider.value
    if not (low <= value <= high and 0 < step <= high - low):
        raise ValueError(
            f"low = {low!r}, high = {high!r}, step = {step!r}, value = {value!r} of slider {slider.label!r}; "
            "allowed: a value between low and high, and a step that is positive and at most their distance"
        )
    for field, end in (("value", value), ("high", high)):
        steps = (end - low) / step
        if steps > 1e9 or abs(steps - round(steps)) > 1e-6:  # a browser moves such a value to the nearest step
            raise ValueError(
                f"{field} = {end!r} of slider {slider.label!r} is no whole number of steps {step!r} from {low!r}; allowed: "
                "value and high that are such, of the step from low"
            )
    decimals = next(d for d in range(16) if abs(round(slider.step, d) - slider.step) <= 1e-9 * slider.step)
    return asdict(slider) | {"decimals": decimals, "choices": list(slider.choices)}
