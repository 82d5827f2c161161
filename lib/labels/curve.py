"""The curve of a score's thresholds as SVG, for the page: p*, the share of rows kept, and the line of p.

Plain Python on the axes of the slider figures. Checked by tests/labels/test_report.py.
"""

from lib.explore import axes

UNDRAWN = "The scores lie too far apart or too near together for a curve; the thresholds are in the CSV."
WIDTHS = (1e-290, 1e290)  # of the axis of scores: its steps are floats with all their digits
LINES = ("p*, breakdown point", "lower end of p* - p, plus p", "share of rows kept")


def svg(points: list, p: float) -> str:
    """The drawing of ``points``, what :func:`lib.theory.judge.thresholds` returns, at the label error ``p``; "" for one point
    alone, and the sentence ``UNDRAWN`` where no axis can be drawn.

    A line of the breakdown point, one of what is left of it when the margin is taken at the lower end of its interval, one of the
    share kept, and the level of p, dotted: where the second lies above the level, the data say so.
    """
    if len(points) < 2:
        return ""
    if not drawable(points):
        return UNDRAWN
    x = {"low": points[0].threshold, "high": points[-1].threshold, "factor": 1.0, "scale": "linear"}
    y = {"low": 0.0, "high": 1.0, "factor": 1.0, "scale": "linear"}
    curves = (
        [point.p_star for point in points],
        [max(0.0, point.margin_low + p) for point in points],
        [point.kept / points[0].kept for point in points],
    )
    columns = [axes.horizontal(x, point.threshold) for point in points]
    paths = "".join([_path(k, y, columns, values) for k, values in enumerate(curves)])
    level = axes.vertical(y, p)
    ticks = "".join(
        [
            f'<text x="{axes.percent(axes.horizontal(x, place))}" y="100%" dy="20" text-anchor="middle">{words}</text>'
            for place, words in axes.ticks(x)
        ]
    )
    return (
        '<svg class="judge-plot" role="img" width="88%" height="256" overflow="visible" '
        'aria-label="Breakdown point and share kept against the threshold; the numbers are in the CSV">'
        f"{axes.rows(y)}{ticks}"
        '<text x="50%" y="100%" dy="42" text-anchor="middle">threshold: rows with at least this score are kept</text>'
        f'<svg width="100%" height="100%" viewBox="0 0 {axes.BOX} {axes.BOX}" preserveAspectRatio="none">'
        f'<path class="judge-level" vector-effect="non-scaling-stroke" d="M0 {level}H{axes.BOX}"/>{paths}</svg></svg>'
    )


def drawable(points: list) -> bool:
    """Whether the thresholds of ``points``, at least one, lie on an axis that can be drawn: not too far apart, nor too near."""
    low, high = points[0].threshold, points[-1].threshold
    return WIDTHS[0] <= high - low <= WIDTHS[1] and high - low > 1e-12 * max(abs(low), abs(high))


def _path(k, y, columns, values):
    parts, open_line = [], False
    for column, value in zip(columns, values):
        if value is None:
            open_line = False
            continue
        parts.append(f"{'L' if open_line else 'M'}{column} {axes.vertical(y, value)}")
        open_line = True
    return f'<path class="judge-line-{k}" vector-effect="non-scaling-stroke" d="{"".join(parts)}"/>'
