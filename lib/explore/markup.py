"""HTML and SVG of a slider figure: the drawing both faces share, and the controls of the published page.

Lengths along an axis are percentages and lines keep their width, so one drawing fits a phone and a wide screen with text of
the same size. Looks stand in assets/explore.css; the few attributes here keep a picture without it readable.
"""

import html
import json

from lib.explore import axes
from lib.explore.settings import MAX_LINES, Json

# One pair of colour and dash a line, for light pages; the style sheet has the ones for dark pages
STROKES = (
    ("#0072B2", "none"),
    ("#B34700", "7 4"),
    ("#007F5C", "2 4"),
    ("#A8497F", "10 3 2 3"),
    ("#6B5B00", "14 4"),
)
assert len(STROKES) == MAX_LINES


def page(settings: Json, drawn: Json) -> str:
    """The figure of the published page: drawing, controls and settings for assets/explore.js.

    Without scripts only the drawing, the numbers and a sentence are shown.
    """
    name = settings["name"]
    return (
        f'<figure class="explore" id="explore-{name}" aria-labelledby="explore-{name}-title">'
        f'<figcaption id="explore-{name}-title">{html.escape(settings["title"])}</figcaption>'
        f"{drawing(settings, drawn)}"
        '<fieldset class="explore-controls" disabled><legend class="explore-hidden">Settings</legend>'
        f"{''.join(_control(slider, drawn) for slider in settings['sliders'])}</fieldset>"
        f"{readouts(settings, drawn)}"
        '<div class="explore-actions"><button type="button" class="explore-reset">Reset</button>'
        '<button type="button" class="explore-link">Copy link to this setting</button>'
        f"{_full_button(settings, drawn)}"
        f'<a class="explore-data" download="{name}.csv" href="#explore-{name}">Data of these curves (CSV)</a></div>'
        f'<p class="explore-status" role="status">{html.escape(drawn["message"])}</p>'
        '<p class="explore-spoken explore-hidden" aria-live="polite"></p>'
        "<noscript><p>The picture shows the default setting. Its sliders need JavaScript.</p></noscript>"
        f'<script type="application/json">{_json(settings)}</script></figure>'
    )


def notebook(settings: Json, drawn: Json, style: str) -> str:
    """The figure above the sliders of JupyterLab, which does not know the book's style sheet."""
    return (
        f"<style>{style}</style>"
        f'<figure class="explore"><figcaption>{html.escape(settings["title"])}</figcaption>'
        f"{drawing(settings, drawn)}{readouts(settings, drawn)}"
        f'<p class="explore-status">{html.escape(drawn["message"])}</p></figure>'
    )


def drawing(settings: Json, drawn: Json) -> str:
    """The curves as inline SVG, each panel above its legend with each line's value at the mark."""
    panels = "".join(_panel(settings, drawn, k, y) for k, y in enumerate([drawn["y"], *drawn["panels"]]))
    more = " explore-panels" if drawn["panels"] else ""
    return f'<div class="explore-picture{more}">{panels}</div>'


def _panel(settings: Json, drawn: Json, panel: int, y: Json) -> str:
    x, pairs = settings["x"], list(zip(settings["lines"], drawn["lines"], strict=True))
    own = [pair for pair in pairs if pair[0]["panel"] == panel]
    lines = "".join(
        f'<path class="{_kind(line)} explore-line-{i}" {_stroke(i, bars=line["bars"])} d="{result["path"]}"/>'
        f'<path class="explore-dot explore-line-{i}" {_stroke(i, dot=True)} d="{result.get("dot", "")}"/>'
        for i, (line, result) in enumerate(own)
    )
    words = settings["alt"] if panel == 0 else f"Panel {panel + 1} of the same figure: {y['label']}"
    # the axes' words stand outside the box of the svg element, in the margins that the style sheet gives it
    svg = (
        f'<svg class="explore-plot" role="img" aria-label="{html.escape(words)}" width="88%" height="256" '
        'overflow="visible" fill="currentColor" font-family="sans-serif" font-size="13">'
        f'<text class="explore-y-label" x="-44" y="-14">{html.escape(y["label"])}</text>'
        f'<g class="explore-rows">{y["rows"]}</g>{_columns(x)}'
        f'<text x="50%" y="100%" dy="44" text-anchor="middle">{html.escape(axes.label(x, x))}</text>'
        f'<svg width="100%" height="100%" viewBox="0 0 {axes.BOX} {axes.BOX}" preserveAspectRatio="none">'
        '<path class="explore-mark" fill="none" stroke="currentColor" vector-effect="non-scaling-stroke" '
        f'd="{drawn["mark"]}"/>{lines}</svg></svg>'
    )
    return svg + _legend(own, _at_mark(settings, drawn) if panel == 0 else "")


def readouts(settings: Json, drawn: Json) -> str:
    """The numbers below the drawing, each with its words."""
    if not settings["readouts"]:
        return ""
    items = "".join(
        f"<div><dt>{html.escape(item['label'])}</dt><dd>{result['text']}</dd></div>"
        for item, result in zip(settings["readouts"], drawn["readouts"], strict=True)
    )
    return f'<dl class="explore-readouts">{items}</dl>'


def _columns(x: Json) -> str:
    parts = ['<line class="explore-axis" x1="0" x2="100%" y1="100%" y2="100%" stroke="currentColor"/>']
    for place, words in axes.ticks(x):
        column = axes.percent(axes.horizontal(x, axes.argument(x, place)))
        parts.append(
            f'<svg x="{column}" y="100%" overflow="visible"><line class="explore-axis" y2="5" stroke="currentColor"/>'
            f'<text y="20" text-anchor="middle">{html.escape(words)}</text></svg>'
        )
    return "".join(parts)


def _legend(pairs: list[tuple[Json, Json]], at_mark: str) -> str:
    items = []
    for i, (line, result) in enumerate(pairs):
        swatch = (
            '<svg width="34" height="12" aria-hidden="true">'
            f'<path class="{_kind(line)} explore-line-{i}" {_stroke(i, bars=line["bars"])} d="M1 6H33"/></svg>'
        )
        value = f'<span class="explore-number">{result["text"]}</span>' if "text" in result else ""
        items.append(f"<li>{swatch}<span>{html.escape(line['label'])}</span>{value}</li>")
    return f'<ul class="explore-legend">{at_mark}{"".join(items)}</ul>'


def _at_mark(settings: Json, drawn: Json) -> str:
    """What the numbers of the legend belong to: the slider of the x axis and its text."""
    for slider in settings["sliders"]:
        if slider["name"] == settings["x"]["name"]:
            text = f'<span class="explore-number">{html.escape(drawn["texts"][slider["name"]])}</span>'
            return f"<li class='explore-at'><span>at {html.escape(slider['label'])}</span>{text}</li>"
    return ""


def _control(slider: Json, drawn: Json) -> str:
    text = html.escape(drawn["texts"][slider["name"]])
    return (
        f'<label><span>{html.escape(slider["label"])}</span><span class="explore-number" aria-hidden="true">{text}</span>'
        f'<input type="range" name="{slider["name"]}" min="{slider["low"]!r}" max="{slider["high"]!r}" '
        f'step="{slider["step"]!r}" value="{slider["value"]!r}" aria-valuetext="{text}" autocomplete="off"></label>'
    )


def _full_button(settings: Json, drawn: Json) -> str:
    """Switches between an axis that follows its curves and the whole one; hidden while there is nothing to switch."""
    y = settings["y"]
    hidden = "" if any(each["cut"] for each in [drawn["y"], *drawn["panels"]]) else " hidden"
    words = "Whole axes" if drawn["panels"] else f"Whole axis, {y['low']:.4g} to {y['high']:.4g}"
    return f'<button type="button" class="explore-full" aria-pressed="false"{hidden}>{words}</button>'


def _kind(line: Json) -> str:
    return "explore-line explore-bars" if line["bars"] else "explore-line"


def _stroke(index: int, *, dot: bool = False, bars: bool = False) -> str:
    colour, dashes = STROKES[index]
    if bars:
        return f'fill="none" stroke="{colour}" stroke-width="14" vector-effect="non-scaling-stroke"'
    shape = 'stroke-width="10" stroke-linecap="round"' if dot else f'stroke-width="2.5" stroke-dasharray="{dashes}"'
    return f'fill="none" stroke="{colour}" {shape} vector-effect="non-scaling-stroke"'


def _json(settings: Json) -> str:
    """JSON that may stand inside a script element: no "<" that could end it."""
    return json.dumps(settings, ensure_ascii=False).replace("<", "\\u003c")
