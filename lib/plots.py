"""Figures of the book: one look, always with alternative text, a caption that names the run, and the data as CSV."""

import base64
import csv
import html
import io
from collections.abc import Callable, Iterable, Mapping, Sequence

import matplotlib.pyplot as plt
from IPython.display import display
from matplotlib.axes import Axes
from matplotlib.figure import Figure

# Okabe-Ito colours, dark enough on white (contrast at least 3:1); each line also has a marker or dash of its own
COLOURS = ("#0072B2", "#D55E00", "#007F5C", "#A8497F", "#8A6D00", "#444444")
TOO_SMALL = "too small a run"  # in place of what cannot be measured at this size


def style() -> None:
    """Set the book's look for every figure of this process."""
    plt.rcParams.update(
        {
            "figure.figsize": (7.0, 4.0),
            "figure.dpi": 110,
            "savefig.dpi": 110,
            "figure.constrained_layout.use": True,
            "axes.prop_cycle": plt.cycler(color=COLOURS),
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "grid.color": "#DDDDDD",
            "grid.linewidth": 0.6,
            "font.size": 10,
            "legend.frameon": False,
            "legend.fontsize": 9,
        }
    )


def to_csv(columns: Mapping[str, Sequence]) -> str:
    """CSV text of columns of one length; None and not-a-number become empty. Checked by tests/test_plots.py.

    Raises ValueError if the columns differ in length, with their lengths.
    """
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"columns = {lengths} differ in length; allowed: one length for all")
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for row in zip(*columns.values(), strict=True):
        writer.writerow("" if value is None or value != value else value for value in row)
    return out.getvalue()


def columns(rows: Sequence, names: Sequence[str] = ()) -> dict[str, list]:
    """Columns by name, for :func:`show`, of rows that are mappings with the same keys, or tuples with ``names``.

    Raises ValueError for no rows, and for rows of another length or with other keys. Checked by tests/test_plots.py.
    """
    names = list(names or (rows[0] if rows else ()))
    plain = [row if isinstance(row, Mapping) else dict(zip(names, row, strict=True)) for row in rows]
    if not plain or any(list(row) != names for row in plain):
        raise ValueError(
            f"rows = {rows!r:.200} do not all have the names {names}; allowed: one row at least, all alike"
        )
    return {name: [row[name] for row in plain] for name in names}


def show(figure: Figure, *, name: str, caption: str, alt: str, data: Mapping[str, Sequence]) -> None:
    """Show a matplotlib figure with caption, alternative text and its data as a CSV download, then close it.

    Parameters
    ----------
    figure : matplotlib figure
    name : str
        File name of the CSV, without its ending, and the anchor of the figure in the page.
    caption : str
        One or two sentences: what is drawn, with units, and which run it shows.
    alt : str
        What a reader who cannot see the figure must know.
    data : mapping of columns
        Every number that is drawn, in columns of one length.

    Notes
    -----
    Raises ValueError if ``alt`` or ``caption`` is empty, or the columns differ in length. Checked by tests/test_plots.py.
    """
    for field, value in (("alt", alt), ("caption", caption)):
        if not value.strip():
            raise ValueError(f"{field} = {value!r} of figure {name!r} is empty; allowed: a sentence")
    png = io.BytesIO()
    figure.savefig(png, format="png")
    plt.close(figure)
    image, table = (base64.b64encode(raw).decode() for raw in (png.getvalue(), to_csv(data).encode()))
    markup = (
        f'<figure class="book-figure" id="figure-{html.escape(name)}">'
        f'<img src="data:image/png;base64,{image}" alt="{html.escape(alt)}">'
        f"<figcaption>{html.escape(caption)} "
        f'<a download="{html.escape(name)}.csv" href="data:text/csv;base64,{table}">Data of this figure (CSV)</a>'
        "</figcaption></figure>"
    )
    display({"text/html": markup, "text/plain": f"{caption}\n{alt}"}, raw=True)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Markdown of a table. A bar within a cell is escaped.

    Raises ValueError for a row that is not as long as the head. Checked by tests/test_plots.py.
    """
    lines = [tuple(head), ("---",) * len(head), *map(tuple, rows)]
    for line in lines:
        if len(line) != len(head):
            raise ValueError(f"row = {line!r} has {len(line)} cells; allowed: {len(head)}, as the head has")
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def paper_against_book(
    chapter: str,
    words: Mapping[str, Mapping[str, str]],
    measured: Mapping[str, Mapping[str, tuple | None]],
    test: Callable[[str, str], Mapping[str, object]],
) -> str:
    """Markdown of a table of tests: claim, what is measured, the paper's side, and what the book measures with its error.

    A count of exceptions stands with its trials; where one is 0, a line below the table says what that bounds.

    ``words``: claim, without its chapter, to test to what is measured; ``measured`` as for ``lib.claims.close``: a test that is
    None is too small a run; ``test``: ``lib.claims.test``. Raises KeyError for a test that is not measured.
    Checked by tests/test_plots.py.
    """
    rows, without = [], []
    for claim, name in ((claim, name) for claim, tests in words.items() for name in tests):
        pair = measured[f"{chapter}/{claim}"][name]
        if pair is None:
            numbers = TOO_SMALL
        else:
            value, error, *trials = pair
            numbers = f"{value} of {trials[0]}" if trials else f"{value:.3g} ± {error:.2g}"
            without += [] if value else trials
        rows.append((claim, words[claim][name], side(test(f"{chapter}/{claim}", name)), numbers))
    found = table(("claim", "test", "the paper's side", "book measures"), rows)
    return f"{found}\n\n{no_exceptions(without)}" if without else found


def no_exceptions(trials: Sequence[int]) -> str:
    """What no exception bounds, in words, where there was none among each of these numbers of ``trials``, at least one.

    The rule of three: (1 - 3/N)^N is about 0.05. Raises ValueError for no number. Checked by tests/test_plots.py.
    """
    if not trials or min(trials) < 1:
        raise ValueError(f"trials = {list(trials)}; allowed: at least one number, all at least 1")
    few, many = min(trials), max(trials)
    bounds = f"{3 / many:.2%}" if few == many else f"{3 / many:.2%} to {3 / few:.2%}"
    return (
        "Where there was no exception among N random trials, the probability of one in such a trial is below 3/N at 95 % "
        f"(the rule of three): {bounds} here."
    )


def side(test: Mapping[str, object]) -> str:
    """The paper's side of a test in words, such as "above 0.9"; ``test`` as ``lib.claims.test`` gives it.

    Raises KeyError for another kind than above, below, equals. Checked by tests/test_plots.py.
    """
    words = {"above": "above", "below": "below", "equals": "equal to"}
    return f"{words[test['kind']]} {test['published']:g}"


def band(axis: Axes, x: Sequence, middle: Sequence, low: Sequence, high: Sequence, style: str, **line: object) -> None:
    """A line of ``middle`` over ``x``, in a ``style`` such as "o-", within a pale band from ``low`` to ``high`` of its colour.

    ``line``: color, label, markersize and the like, as matplotlib's plot has them. Checked by tests/test_plots.py.
    """
    (drawn,) = axis.plot(x, middle, style, **line)
    axis.fill_between(x, low, high, color=drawn.get_color(), alpha=0.15, linewidth=0)


def paper_beside_runs(
    chapter: str,
    rows: str,
    runs: Sequence[tuple[Mapping[str, Mapping[str, tuple[float, float]]], str]],
    digits: int = 3,
) -> str:
    """Markdown of a table: what the paper says, what the book measures, and its value with error in each of some runs.

    ``rows``: a line a test, "claim without its chapter | test | the paper in words | what is measured"; ``runs``: measured tests
    by claim, as for ``lib.claims.close``, and the run's label. A claim that a run does not have, as an older record may not, is
    "not measured", and a test that is None is too small a run. Raises ValueError for a line of another form, KeyError for a test
    that its claim does not have.
    Checked by tests/test_plots.py.
    """
    cells = []
    for line in rows.strip().splitlines():
        claim, test, paper, quantity = line.split(" | ")
        of_runs = [measured.get(f"{chapter}/{claim}") for measured, _ in runs]
        shown = ["not measured" if tests is None else estimate(tests[test], digits) for tests in of_runs]
        cells.append((paper, quantity, *shown))
    return table(("paper", "book measures", *(label for _, label in runs)), cells)


def estimate(found: tuple[float, float] | None, digits: int, *, sign: bool = False) -> str:
    """An estimate with its error, to so many digits after the point, or that there is none at this size; ``sign`` shows a plus.

    Checked by tests/test_plots.py.
    """
    return TOO_SMALL if found is None else "{:{s}.{d}f} ± {:.{d}f}".format(*found[:2], d=digits, s="+" if sign else "")
