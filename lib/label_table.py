"""A reader's own labels from a CSV file as people have them: other separators, encodings and words, and what was made of them.

A file is read in the one way that it can be meant, and a note says how; or it is refused, with what was found and is wanted.
"""

import contextlib
import csv
import functools
import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from lib.rules import decimal
from lib.theory import checks

COLUMNS = ("label", "generated", "kept")
SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
# the words of yes and of no: a column uses one pair of them throughout
PAIRS = (("1", "0"), ("true", "false"), ("yes", "no"), ("1", "-1"), ("y", "n"), ("t", "f"))
WANTED = "1 and 0, true and false, yes and no, or 1 and -1"
SHOWN = 40  # characters of a value in a message


class Labels(NamedTuple):
    """The columns of a file, and how they were read.

    label, generated : list of str, of two classes in all; kept : list of bool; notes : tuple of str, a sentence for each
    thing that was not as the book writes it.
    """

    label: list[str]
    generated: list[str]
    kept: list[bool]
    notes: tuple[str, ...]


def read_labels(data: str | Path) -> Labels:
    """Read a file with the columns label, generated and kept; others are skipped.

    label and generated hold the same two classes, any two words; kept holds 1 and 0, true and false, yes and no, or 1 and -1, the
    same pair throughout. Numbers are numbers: 1.0 and +1 are 1. Capitals in such words and in the names of columns do not count,
    nor spaces around a cell, nor rows without any. Cells may be separated by commas, semicolons, tabs or bars, and a first line
    may say so as "sep=;"; the text may be UTF-8, with a byte order mark or without, or UTF-16 with one.

    Raises ValueError naming the file, and the row and value where there is one, for a file that is missing or cannot be read,
    another encoding, a column that is missing or there twice, a row with more or fewer cells than the header, a third class,
    mixed or other words under kept, an empty cell, and a table without rows. Checked by tests/test_label_table.py.
    """
    path = _file(data)
    text, notes = _text(path)
    columns: dict[str, list[str]] = {name: [] for name in COLUMNS}
    lines = []
    with _long_cells():
        separator = _separator(path.name, text)
        for line, row in _rows(path.name, text, separator):
            lines.append(line)
            for column, cell in zip(columns.values(), row, strict=True):
                column.append(cell)
    if separator != ",":
        notes.append(f"cells are separated by {SEPARATORS[separator]}")
    if not lines:
        raise ValueError(f"{path.name} has no rows; allowed: at least one below the header")
    _two_classes(path.name, columns, lines)
    kept, words = _kept(path.name, columns["kept"], lines)
    if words != PAIRS[0]:
        notes.append(f"kept is read as {words[0]} = kept, {words[1]} = not kept")
    return Labels(columns["label"], columns["generated"], kept, tuple(notes))


def _file(data: object) -> Path:
    """The path of a file that is there."""
    with contextlib.suppress(OSError, ValueError):  # a name too long, or with a character that none has
        if isinstance(data, str | os.PathLike) and Path(data).is_file():
            return Path(data)
    raise ValueError(
        f"data = {checks.shown(data)} is no file; allowed: a CSV file with the columns {', '.join(COLUMNS)}"
    )


def _text(path: Path) -> tuple[str, list[str]]:
    """The text of a file, and a note on its encoding."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ValueError(f"{path.name} cannot be read ({error.strerror}); allowed: a CSV file") from error
    mark = 3 * content.startswith(b"\xef\xbb\xbf")  # bytes of the byte order mark, which errors do not count
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding, notes = "utf-16", ["the text is UTF-16"]
    else:
        encoding, notes = "utf-8", []
    try:
        text = content[mark:].decode(encoding)
    except UnicodeDecodeError as error:
        start = mark + error.start
        place = f"{path.name}, byte {start}: {content[start]:#04x} is no {encoding.upper()}"
        raise ValueError(f"{place}; allowed: UTF-8 text (save the table as CSV UTF-8)") from error
    if "\0" in text:
        raise ValueError(f"{path.name} holds NUL characters: it is no text; allowed: UTF-8 text")
    return text, notes


@contextlib.contextmanager
def _long_cells() -> Iterator[None]:
    """A long cell in a column that nobody asks for is no reason to refuse. The limit is the whole process's: it is put back."""
    before = csv.field_size_limit(sys.maxsize)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _separator(name: str, text: str) -> str:
    """The one separator that finds the three columns in the header."""
    found = []
    for separator in SEPARATORS:
        reader = _reader(text, separator)
        cells = next(([*map(_heading, row)] for row in reader if not _before_header(row)), [])
        found.append((sum(column in cells for column in COLUMNS), separator, cells))
    _, separator, cells = max(found, key=lambda each: each[0])
    missing = [column for column in COLUMNS if column not in cells]
    if missing:
        shown = ", ".join(map(repr, cells))
        shown = f"its header is {shown[: 4 * SHOWN]}" if cells else "it is empty"
        raise ValueError(f"{name} lacks the column {missing[0]!r}: {shown}; allowed: {', '.join(COLUMNS)}")
    return separator


def _reader(text: str, separator: str, strict: bool = False) -> Iterator[list[str]]:
    """The rows of a table. A quote after a space quotes too: otherwise ``"a", "a"`` would be two words."""
    return csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True, strict=strict)


def _heading(cell: str) -> str:
    return cell.strip().lower()


def _empty(row: list[str]) -> bool:
    return not any(cell.strip() for cell in row)


def _before_header(row: list[str]) -> bool:
    """Spreadsheets begin with empty lines, or with one that says which separator follows."""
    return _empty(row) or "".join(row).strip().lower().rstrip("".join(SEPARATORS)) == "sep="


def _rows(name: str, text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Line number and cells of the three columns, row by row; rows without any cell filled are skipped."""
    reader = _reader(text, separator, strict=True)
    header: list[str] = []
    places: list[int] = []
    try:
        for row in reader:
            if not header:
                if _before_header(row):
                    continue
                header = [*map(_heading, row)]
                twice = [column for column in COLUMNS if header.count(column) > 1]
                if twice:
                    raise ValueError(f"{name} has the column {twice[0]!r} twice; allowed: once")
                places = [header.index(column) for column in COLUMNS]
            elif not _empty(row):
                if len(row) != len(header):
                    raise ValueError(
                        f"{name}, row {reader.line_num}: {len(row)} cells; allowed: {len(header)}, as in the header"
                    )
                yield reader.line_num, [_plain(row[place]) for place in places]
    except csv.Error as error:
        raise ValueError(f"{name}, row {reader.line_num}: {error}; allowed: CSV with quotes that close") from error


@functools.lru_cache(maxsize=1024)  # a table has few words, in a million cells
def _plain(cell: str) -> str:
    """A cell without spaces; a whole number as 1 or -1, and yes, no, true and false without capitals."""
    cell = cell.strip()
    if cell.lower() in {"true", "false", "yes", "no"}:
        return cell.lower()
    number = decimal(cell) if len(cell) < SHOWN else None
    return str(int(number)) if number is not None and abs(number) < 1e15 and number == int(number) else cell


def _two_classes(name: str, columns: dict[str, list[str]], lines: list[int]) -> None:
    """Refuse a third class, or an empty cell, naming the first row that has it."""
    words = {*columns["label"], *columns["generated"]}
    if len(words) <= 2 and "" not in words:
        return
    classes: list[str] = []
    for line, *pair in zip(lines, columns["label"], columns["generated"], strict=True):
        for column, value in zip(("label", "generated"), pair, strict=True):
            if value and value not in classes:
                classes.append(value)
            if not value or len(classes) > 2:
                others = f" beside {classes[0]!r} and {classes[1]!r}" if value else ""
                raise ValueError(f"{name}, row {line}: {column} = {value[:SHOWN]!r}{others}; allowed: two classes")


def _kept(name: str, cells: list[str], lines: list[int]) -> tuple[list[bool], tuple[str, str]]:
    """What was kept, and the pair of words that says so."""
    open_pairs = list(PAIRS)
    for cell in dict.fromkeys(cells):  # in the order of their first rows
        left = [pair for pair in open_pairs if cell.lower() in pair]
        if not left:
            known = any(cell.lower() in pair for pair in PAIRS)
            mixed = f" beside {' or '.join(map(repr, open_pairs[0]))}" if known else ""
            line = lines[cells.index(cell)]
            raise ValueError(f"{name}, row {line}: kept = {cell[:SHOWN]!r}{mixed}; allowed: {WANTED}")
        open_pairs = left
    yes = open_pairs[0][0]
    return [cell.lower() == yes for cell in cells], open_pairs[0]
