"""What the cells of a table of labels mean: columns, classes, words for yes and no; and every complaint about a file, in one
sentence.

Plain Python: the page runs it under MicroPython, after its own reader has split the file. Rows that agree come as one group,
so that a million rows are a few. Checked by tests/labels/test_label_table.py and, in the page's interpreter, by
tests/labels/test_page_reader.py.
"""

from lib.theory.judge import CLASSES

COLUMNS = ("label", "generated", "kept")
OPTIONAL = ("score", "count")
SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
# the words of yes and of no: a column uses one pair of them throughout
PAIRS = (("1", "0"), ("true", "false"), ("yes", "no"), ("1", "-1"), ("y", "n"), ("t", "f"))
WANTED = "1 and 0, true and false, yes and no, or 1 and -1"
# what stands around a cell and does not count: blanks of all scripts, and marks without a width
BLANKS = "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
BLANKS += "\u200b\u2028\u2029\u202f\u205f\u3000\ufeff"
SHOWN = 40  # characters of a value in a message
GROUPS = 20_000  # different triples of label, generated and kept in a file


def choose(name: str, headers: list, names: dict) -> dict:
    """Which separator and which columns a table has, from its header read with each of ``SEPARATORS``.

    Args: ``name`` of the file; ``headers``, a [separator, cells] for each; ``names``, the reader's own names of columns by the
    book's, where they differ. An empty name of kept, score or count says that there is none. Without a kept column every row
    counts as kept; score and count are taken where they are. Returns a dict: "separator"; "places", the number of each column
    by the book's name; "header", all names; "notes". Raises ValueError with one sentence for a column that is missing or
    there twice, or chosen for two uses.
    """
    wanted = {column: _heading(names.get(column, column)) for column in COLUMNS + OPTIONAL}
    for k, column in enumerate(COLUMNS + OPTIONAL):
        for other in (COLUMNS + OPTIONAL)[:k]:
            if wanted[column] and wanted[column] == wanted[other]:
                raise ValueError(
                    f"{name}: the column {quoted(wanted[column])} is chosen for {other} and for {column}; allowed: one use of a "
                    "column (an empty name of kept, score or count says that there is none)"
                )
    needed = [column for column in COLUMNS if wanted[column] or column != "kept"]
    best = None
    for separator, cells in headers:
        cells = [_heading(cell) for cell in cells]
        rank = (sum([wanted[column] in cells for column in needed]), len(cells))
        if best is None or rank > best[0]:
            best = (rank, separator, cells)
    _, separator, cells = best
    places = {}
    for column in COLUMNS + OPTIONAL:
        if not wanted[column] and column not in ("label", "generated"):
            continue
        number = cells.count(wanted[column])
        if number > 1:
            raise ValueError(f"{name} has the column {quoted(wanted[column])} twice; allowed: once")
        if number:
            places[column] = cells.index(wanted[column])
        elif column in needed:
            shown = ", ".join([quoted(cell) for cell in cells])
            shown = f"its header is {shown[: 4 * SHOWN]}" if cells else "it is empty"
            raise ValueError(
                f"{name} lacks the column {quoted(wanted[column])}: {shown}; allowed: {', '.join(COLUMNS)}"
            )
    notes = [] if separator == "," else [f"cells are separated by {SEPARATORS[separator]}"]
    notes += [
        f"{column} is the column {quoted(wanted[column])}"
        for column in COLUMNS + OPTIONAL
        if column in places and wanted[column] != column
    ]
    if "kept" not in places:
        notes.append("no column says what was kept: every row counts as kept")
    if "count" in places:
        notes.append(f"each row stands for as many as its column {quoted(wanted['count'])} says")
    return {"separator": separator, "places": places, "header": cells, "notes": notes}


def complaint(name: str, kind: str, line: int, found: str = "", wanted: str = "") -> str:
    """The sentence on a file that cannot be read, by the kind of what is wrong with it: "cells", "quote" and so on."""
    row = f"{name}, line {line}"
    return {
        "cells": f"{row}: {found} cells; allowed: {wanted}, as in the header",
        "quote": f"{row}: a quote does not close, or text stands behind it; allowed: CSV with quotes that close",
        "text": f"{row}: a byte that is no {found}; allowed: UTF-8 text (save the table as CSV UTF-8)",
        "nul": f"{name} holds NUL characters: it is no text; allowed: UTF-8 text",
        "zip": f"{name} is a spreadsheet or an archive, no text; allowed: a CSV file (save the sheet as CSV UTF-8)",
        "score": f"{row}: score = {quoted(found[:SHOWN])} is no number; allowed: decimal digits",
        "count": f"{row}: count = {quoted(found[:SHOWN])} is no whole number; allowed: 0 to 1000000000",
        "rows": f"{name} has no rows; allowed: at least one below the header",
        "groups": f"{row}: more than {GROUPS} different rows of label, generated and kept; allowed: 2 to {CLASSES} classes",
        "many": f"{name} has more than 1000000000 rows; allowed: fewer",
    }[kind]


def meaning(name: str, groups: list) -> dict:
    """The counts of a table, from its groups of equal rows.

    Args: ``groups``, for each [label, generated, kept, line, rows]: three cells as written (kept None where no column says it),
    the line of the file in which the group's first row begins, and how many rows there are. Returns a dict: "classes", their
    names in order; "kept" and "dropped", counts by true class and generated label; "right", for each group whether its label
    is; "notes". Capitals do not count in the words of yes and no, nor ``BLANKS`` around a cell; numbers are numbers: 1.0 and +1
    are 1, under kept with a decimal comma too.
    Raises ValueError with one sentence, naming the first line, for an empty cell, mixed or other words under kept, columns
    without a common class, one class or more than 50.
    """
    groups = [[plain(group[0]), plain(group[1])] + list(group[2:]) for group in groups]
    ordered = sorted(groups, key=lambda group: group[3])
    if not sum([group[4] for group in groups]):
        raise ValueError(complaint(name, "rows", 0))
    classes = []
    for group in ordered:
        for column, value in zip(COLUMNS, group[:2]):
            if not value:
                raise ValueError(f"{name}, line {group[3]}: {column} is empty; allowed: the name of a class")
            if value not in classes:
                classes.append(value)
            if len(classes) > CLASSES:
                raise ValueError(
                    f"{name}, line {group[3]}: {column} = {quoted(value[:SHOWN])} is one class more than {CLASSES}; "
                    f"allowed: 2 to {CLASSES} classes"
                )
    _several(name, ordered, classes)
    yes, notes = _yes(name, ordered)
    classes = sorted(classes)
    notes = notes + alike(classes)
    kept, dropped = [[[0] * len(classes) for _ in classes] for _ in range(2)]
    for label, generated, word, _, rows in groups:
        of = kept if word is None or _word(word) == yes else dropped
        of[classes.index(label)][classes.index(generated)] += rows
    right = [group[0] == group[1] for group in groups]
    return {"classes": classes, "kept": kept, "dropped": dropped, "right": right, "notes": notes}


def alike(classes: list) -> list:
    """A note for each class that differs from the one before only in capitals, or is the same number: two spellings of one?"""
    first, notes = {}, []
    for name in classes:
        number = _number(name)
        key = "".join([_small(letter) for letter in name]) if number is None else number
        if key in first:
            why = "differ only in capitals" if number is None else "are the same number"
            notes.append(
                f"the classes {quoted(first[key][:SHOWN])} and {quoted(name[:SHOWN])} {why}: they count as two"
            )
        else:
            first[key] = name
    return notes


def stripped(cell: str) -> str:
    """A cell without ``BLANKS`` around it; not Python's strip, whose blanks are others under MicroPython."""
    start, end = 0, len(cell)
    while start < end and cell[start] in BLANKS:
        start += 1
    while end > start and cell[end - 1] in BLANKS:
        end -= 1
    return cell[start:end]


def plain(cell: str) -> str:
    """A cell without spaces; a whole number as 1 or -1, and yes, no, true and false without capitals."""
    cell = stripped(cell)
    if cell.lower() in ("true", "false", "yes", "no"):
        return cell.lower()
    number = _number(cell)
    if number is not None and abs(number) < 1e15 and number == int(number):
        return str(int(number))
    return cell


def quoted(text: str) -> str:
    """A text of the reader's in a sentence; as Python writes it, but for letters beyond ASCII, which the page's Python would
    spell."""
    return f"'{text}'"


def before_header(row: list) -> bool:
    """Whether a row stands before the header: spreadsheets begin with empty lines, or with one that says which separator
    follows."""
    return not any([stripped(cell) for cell in row]) or stripped("".join(row)).lower().rstrip(",;\t|") == "sep="


def _number(cell):
    """The number that a cell is, or None."""
    if not cell or len(cell) >= SHOWN or not all([each in "0123456789.+-eE" for each in cell]):
        return None
    if not any([each in "0123456789" for each in cell]):
        return None
    try:
        return float(cell)
    except ValueError:
        return None


def _small(letter):
    """A letter without its capital: Latin, Greek and Cyrillic ones; MicroPython's lower knows ASCII alone."""
    code = ord(letter)
    for first, last in ((0x41, 0x5A), (0xC0, 0xD6), (0xD8, 0xDE), (0x391, 0x3A9), (0x410, 0x42F)):
        if first <= code <= last:
            return chr(code + 32)
    return letter


def _word(cell):
    """A word of yes or no as it is compared; 1,0 is 1 where commas are decimal."""
    return plain(cell.replace(",", ".")).lower()


def _heading(cell):
    return stripped(cell).lower()


def _several(name, ordered, classes):
    """At least two classes, and one that both columns have."""
    labels, generated = [sorted({group[place] for group in ordered}) for place in (0, 1)]
    if len(classes) < 2:
        raise ValueError(
            f"{name} has one class only, {quoted(classes[0][:SHOWN])}: no label can be wrong; allowed: 2 to {CLASSES} classes"
        )
    if not [each for each in labels if each in generated]:
        shown = [", ".join([quoted(each[:SHOWN]) for each in column[:3]]) for column in (labels, generated)]
        raise ValueError(
            f"{name}, columns label and generated: no class stands in both ({shown[0]} against {shown[1]}); "
            "allowed: the same words in both"
        )


def _yes(name, ordered):
    """The word of yes under kept, and a note on it; row by row, so that the first one that does not fit is named."""
    open_pairs, seen = list(PAIRS), []
    for group in ordered:
        if group[2] is None:
            return "", []
        word = _word(group[2])
        if word in seen:
            continue
        seen.append(word)
        left = [pair for pair in open_pairs if word in pair]
        if not left:
            known = any([word in pair for pair in PAIRS])
            mixed = f" beside {' or '.join([quoted(each) for each in open_pairs[0]])}" if known else ""
            shown = "is empty" if not word else f"= {quoted(plain(group[2])[:SHOWN])}{mixed}"
            raise ValueError(f"{name}, line {group[3]}: kept {shown}; allowed: {WANTED}")
        open_pairs = left
    yes, no = open_pairs[0]
    return yes, [] if (yes, no) == PAIRS[0] else [f"kept is read as {yes} = kept, {no} = not kept"]
