"""Figures of the book: one look, always with alternative text, a caption that names the run, and the data as CSV."""

import base64
import csv
import html
import io
import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from numbers import Integral

import matplotlib.pyplot as plt
from IPython.display import display
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lib import arguments
from lib.theory import checks

# Okabe-Ito colours, dark enough on white (contrast at least 3:1); each line also has a marker or dash of its own
COLOURS = ("#0072B2", "#D55E00", "#007F5C", "#A8497F", "#8A6D00", "#444444")
PHONE = 850  # pixels of a picture that a phone, on which it would be shrunk to 340, shows larger and lets scroll
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

    Raises ValueError if the columns differ in length, with their lengths, and for what cannot be written.
    """
    arguments.mapping("columns", columns, "rows of values by name")
    columns = {name: checks.listed(f"columns of {name}", column, "a row of values") for name, column in columns.items()}
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"columns = {lengths} differ in length; allowed: one length for all")
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for row in zip(*columns.values(), strict=True):
        writer.writerow(_cell(name, value) for name, value in zip(columns, row, strict=True))
    return out.getvalue()


def _cell(name: str, value: object) -> object:
    """What csv writes of a value: nothing of None and not-a-number."""
    try:
        gap = value is None or bool(value != value)
        str(value)
    except (ValueError, RuntimeError):  # an array of several numbers, a number of more than 4300 digits
        raise ValueError(f"columns of {name} hold {checks.shown(value)}; allowed: texts and numbers") from None
    return "" if gap else value


def columns(rows: Sequence, names: Sequence[str] = ()) -> dict[str, list]:
    """Columns by name, for :func:`show`, of rows that are mappings with the same keys, or tuples with ``names``.

    Raises ValueError for no rows, and for rows of another length or with other keys. Checked by tests/test_plots.py.
    """
    rows, names = checks.listed("rows", rows, "a row at least"), arguments.texts("names", names, "names of columns")
    rows = [
        row if isinstance(row, Mapping) else checks.listed(f"rows[{k}]", row, "values") for k, row in enumerate(rows)
    ]
    names = names or list(rows[0] if rows and isinstance(rows[0], Mapping) else ())
    alike = [list(row) == names if isinstance(row, Mapping) else len(row) == len(names) for row in rows]
    if not names or not rows or not all(alike):
        raise ValueError(
            f"rows = {checks.shown(rows)} do not all have the names {names}; allowed: one row at least, all alike"
        )
    plain = [row if isinstance(row, Mapping) else dict(zip(names, row, strict=True)) for row in rows]
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
    Raises ValueError if a text is empty or none, or the columns differ in length. Checked by tests/test_plots.py.
    """
    arguments.instance("figure", figure, Figure, "a figure of matplotlib")
    arguments.text("name", name, "the name of a file", empty=False)
    for field, value in (("alt", alt), ("caption", caption)):
        arguments.text(field, value, f"a sentence for figure {name!r}", empty=False)
    csv_text = to_csv(arguments.mapping("data", data, "columns by name"))
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png")
    plt.close(figure)
    png = drawn.getvalue()
    image, table = (base64.b64encode(raw).decode() for raw in (png, csv_text.encode()))
    width, height = struct.unpack(">II", png[16:24])  # with these a page keeps the place, so nothing jumps
    wide = " wide" if width > PHONE else ""
    markup = (
        f'<figure class="book-figure{wide}" id="figure-{html.escape(name)}">'
        f'<img src="data:image/png;base64,{image}" width="{width}" height="{height}" alt="{html.escape(alt)}">'
        f"<figcaption>{html.escape(caption)} "
        f'<a download="{html.escape(name)}.csv" href="data:text/csv;base64,{table}">Data of this figure (CSV)</a>'
        "</figcaption></figure>"
    )
    display({"text/html": markup, "text/plain": f"{caption}\n{alt}"}, raw=True)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Markdown of a table. A bar within a cell is escaped, and an estimate stays on one line with its error.

    Raises ValueError for a row that is not as long as the head, and for a cell that is no text. Checked by tests/test_plots.py.
    """
    head = arguments.texts("head", head, "the words of the columns")
    rows = checks.listed("rows", rows, "rows of texts")
    lines = [head, ["---"] * len(head), *(arguments.texts(f"rows[{k}]", row, "texts") for k, row in enumerate(rows))]
    for line in lines:
        if len(line) != len(head):
            raise ValueError(f"one of rows, {line!r}, has {len(line)} cells; allowed: {len(head)}, as the head has")
    kept = [[cell.replace("|", "\\|").replace(" ± ", "\u00a0±\u00a0") for cell in line] for line in lines]
    return "\n".join(f"| {' | '.join(line)} |" for line in kept)


def paper_against_book(
    chapter: str,
    words: Mapping[str, Mapping[str, str]],
    measured: Mapping[str, Mapping[str, tuple | None]],
    test: Callable[[str, str], Mapping[str, object]],
) -> str:
    """Markdown of a table of tests: claim, what is measured, the paper's side, and what the book measures with its error.

    A count of exceptions stands with its trials; where one is 0, a line below the table says what that bounds.

    ``words``: claim, without its chapter, to test to what is measured; ``measured`` as for ``lib.claims.close``: a test that is
    None is too small a run; ``test``: ``lib.claims.test``. Raises ValueError for a test that is not measured, and for words
    that are none. Checked by tests/test_plots.py.
    """
    rows, without = [], []
    arguments.text("chapter", chapter, "the name of a chapter")
    pairs = _tests("measured", measured, "measured tests by claim")
    for (claim, name), quantity in _tests("words", words, "what is measured, by claim and test").items():
        arguments.text(f"words of {claim}, {name}", quantity, "what is measured")
        pair = _pair("measured", pairs, f"{chapter}/{claim}", name)
        if pair is None:
            numbers = TOO_SMALL
        else:
            value, error, *trials = pair
            numbers = f"{value} of {trials[0]}" if trials else f"{value:.3g} ± {error:.2g}"
            if not value:
                without += [count for count in trials if count >= 30]  # a printed table's rows bound nothing
        rows.append((claim, words[claim][name], side(test(f"{chapter}/{claim}", name)), numbers))
    found = table(("claim", "test", "the paper's side", "book measures"), rows)
    return f"{found}\n\n{no_exceptions(without)}" if without else found


def no_exceptions(trials: Sequence[int]) -> str:
    """What no exception bounds, in words, where there was none among each of these numbers of ``trials``, at least one.

    The rule of three: (1 - 3/N)^N is about 0.05. Raises ValueError for no number, and for one outside [1, 2^53].
    Checked by tests/test_plots.py.
    """
    trials = checks.listed("trials", trials, "numbers of trials")
    trials = [checks.integer(f"trials[{k}]", each, 1, 2**53) for k, each in enumerate(trials)]
    if not trials:
        raise ValueError("trials = [] has no number; allowed: at least one")
    few, many = min(trials), max(trials)
    bounds = f"{3 / many:.2%}" if few == many else f"{3 / many:.2%} to {3 / few:.2%}"
    return (
        "Where there was no exception among N random trials, the probability of one in such a trial is below 3/N at 95 % "
        f"(the rule of three): {bounds} here."
    )


def side(test: Mapping[str, object]) -> str:
    """The paper's side of a test in words, such as "above 0.9"; ``test`` as ``lib.claims.test`` gives it.

    Raises ValueError for another kind than above, below, equals, and without a published number. Checked by tests/test_plots.py.
    """
    words = {"above": "above", "below": "below", "equals": "equal to"}
    allowed = "a table with kind and published"
    if missing := {"kind", "published"} - arguments.mapping("test", test, allowed).keys():
        raise ValueError(f"test = {checks.shown(test)} lacks {' and '.join(sorted(missing))}; allowed: {allowed}")
    kind, published = arguments.one_of("kind", test["kind"], words), checks.finite("published", test["published"])
    return f"{words[kind]} {published:g}"


def band(axis: Axes, x: Sequence, middle: Sequence, low: Sequence, high: Sequence, style: str, **line: object) -> None:
    """A line of ``middle`` over ``x``, in a ``style`` such as "o-", within a pale band from ``low`` to ``high`` of its colour.

    ``line``: color, label, markersize and the like, as matplotlib's plot has them. Raises ValueError unless the four rows hold
    numbers, as many in each; nan and None are gaps. Checked by tests/test_plots.py.
    """
    arguments.instance("axis", axis, Axes, "axes of matplotlib")
    given = {"x": x, "middle": middle, "low": low, "high": high}
    x, middle, low, high = rows = [arguments.numbers(name, row) for name, row in given.items()]
    if len({len(row) for row in rows}) > 1:
        raise ValueError(f"x, middle, low and high have {[len(row) for row in rows]} numbers; allowed: as many in each")
    try:
        (drawn,) = axis.plot(x, middle, arguments.text("style", style, "a line's style such as 'o-'"), **line)
    except ValueError as error:
        raise ValueError(
            f"style = {checks.shown(style)} of a line ({error}); allowed: one of matplotlib's, such as 'o-'"
        ) from error
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
    "not measured", and a test that is None is too small a run. Raises ValueError for a line of another form, and for a test that
    its claim does not have.
    Checked by tests/test_plots.py.
    """
    cells = []
    arguments.text("chapter", chapter, "the name of a chapter")
    digits = checks.integer("digits", digits, 0, 15)
    runs = checks.listed("runs", runs, "pairs of measured tests and a label")
    runs = [checks.listed(f"runs[{k}]", each, "measured tests and a label") for k, each in enumerate(runs)]
    if any(len(each) != 2 for each in runs):
        raise ValueError(f"runs = {checks.shown(runs)} holds no pairs; allowed: measured tests and a label in each")
    labels = arguments.texts("runs", [label for _, label in runs], "measured tests and a label")
    pairs = [(measured, _tests("runs", measured, "measured tests by claim")) for measured, _ in runs]
    for line in arguments.text("rows", rows, "lines").strip().splitlines():
        parts = line.split(" | ")
        if len(parts) != 4:
            raise ValueError(
                f"rows = {checks.shown(rows)}: {line!r} has {len(parts)} parts; allowed: 4, with ' | ' between"
            )
        claim, test, paper, quantity = parts
        shown = []
        for measured, own in pairs:
            there = f"{chapter}/{claim}" in measured
            pair = _pair("runs", own, f"{chapter}/{claim}", test) if there else None
            shown.append(estimate(pair, digits) if there else "not measured")
        cells.append((paper, quantity, *shown))
    return table(("paper", "book measures", *labels), cells)


def estimate(found: tuple[float, float] | None, digits: int, *, sign: bool = False) -> str:
    """An estimate with its error, to so many digits after the point, or that there is none at this size; ``sign`` shows a plus.
    What rounds to zero has no minus.

    Raises ValueError for digits outside [0, 15]. Checked by tests/test_plots.py.
    """
    digits = checks.integer("digits", digits, 0, 15)
    if found is None:
        return TOO_SMALL
    return "{:{s}z.{d}f} ± {:.{d}f}".format(
        *_checked("found", found)[:2], d=digits, s="+" if arguments.flag("sign", sign) else ""
    )


def _tests(name: str, tables: Mapping, allowed: str) -> dict[tuple[str, str], object]:
    """What belongs to each claim and test, of a table by claim of tables by test."""
    arguments.mapping(name, tables, allowed)
    return {
        (claim, test): found
        for claim, tests in tables.items()
        for test, found in arguments.mapping(f"{name} of {claim}", tests, allowed).items()
    }


def _pair(name: str, found: Mapping, claim: str, test: str) -> tuple | None:
    """The measured value of a test with its error, or of a count with its trials too; ``found`` of :func:`_tests`."""
    if (claim, test) not in found:
        raise ValueError(f"{name} lacks {test!r} of {claim!r}; allowed: all tests that are shown of the chapter")
    pair = found[claim, test]
    return None if pair is None else _checked(f"{name} of {claim}, {test}", pair)


def _checked(name: str, pair: Sequence) -> tuple:
    """A value and its error, of a count with its trials too."""
    given = checks.listed(name, pair, "a value and its error")
    numbers = [checks.finite(f"{name}[{k}]", each) for k, each in enumerate(given)]
    if len(numbers) not in (2, 3):
        raise ValueError(f"{name} has {len(numbers)} numbers; allowed: a value, its error, its trials")
    return tuple(int(x) if isinstance(x, Integral) else number for x, number in zip(given, numbers, strict=True))
