"""A reader's own labels from a CSV file as people have them: other separators, encodings and words, and what was made of them.

A file is read in the one way that it can be meant, and a note says how; or it is refused, with what was found and is wanted.
"""

import bisect
import contextlib
import csv
import io
import os
import re
import sys
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from lib import arguments
from lib.labels import cells
from lib.theory import binomial, checks

DECIMAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
WHOLE = re.compile(r"\+?([0-9]{1,10})(\.(?!000$)0*)?")  # not 1.000, which may be a thousand
LINE = re.compile("\r\n|\r|\n")
BINS = 50  # of scores: enough for a curve, and each has an interval


class Labels(NamedTuple):
    """The counts of a file, and how it was read.

    classes : tuple of str; kept, dropped : counts by true class (row) and generated label (column); scores : a list of [score,
    right, wrong] in rising order, empty without a column score; notes : tuple of str, a sentence for each thing that was not
    as the book writes it.
    """

    classes: tuple[str, ...]
    kept: list[list[int]]
    dropped: list[list[int]]
    scores: list[list[float]]
    notes: tuple[str, ...]


def read(data: str | Path, names: Mapping[str, str] | None = None) -> Labels:
    """Read a file with the columns label, generated and kept, and score and count if they are there; others are skipped.

    label and generated hold the same 2 to 50 classes, any words; kept holds 1 and 0, true and false, yes and no, or 1 and -1,
    the same pair throughout. score holds numbers, with a decimal comma too where another sign separates cells; count says how
    many rows a row stands for, so that a confusion table is a file too. Numbers are numbers: 1.0 and +1 are 1. Capitals in
    such words and in the names of columns do not count, nor spaces around a cell, nor rows without any, nor whether an accent is
    part of its letter or a sign of its own. Cells may be separated
    by commas, semicolons, tabs or bars, and a first line may say so as "sep=;"; the text may be UTF-8, with a byte order mark
    or without, or UTF-16 with one. ``names`` gives the file's own names of columns, by the book's.

    Raises ValueError in one sentence, naming the file, and the line and value where there is one, for a file that is missing or
    cannot be read, another encoding, a column that is missing or there twice, a row with more or fewer cells than the header, one
    class or more than 50, mixed or other words under kept, an empty cell, and a table without rows.
    Checked by tests/labels/test_label_table.py.
    """
    names = dict(
        arguments.mapping("names", {} if names is None else names, "the file's names of columns by the book's")
    )
    for column, own in names.items():
        arguments.one_of("names", column, [*cells.COLUMNS, *cells.OPTIONAL])
        names[column] = _composed(arguments.text(f"names[{column!r}]", own, "the name of a column"))
    path = _file(data)
    text, notes = _text(path)
    with _long_cells():
        headers = [[separator, _header(text, separator)] for separator in cells.SEPARATORS]
        found = cells.choose(path.name, headers, names)
        groups, rows, (scores, of, weights) = _grouped(path.name, text, found["separator"], found["places"])
    if rows > binomial.LARGEST:
        raise ValueError(cells.complaint(path.name, "many", 0))
    meant = cells.meaning(
        path.name, [[*map(_composed, cell), line, number] for cell, (_, line, number) in groups.items()]
    )
    binned = _bins(scores, of, weights, meant["right"]) if scores else []
    notes = (*notes, *found["notes"], *meant["notes"])
    return Labels(tuple(meant["classes"]), meant["kept"], meant["dropped"], binned, notes)


def _bins(scores: list[float], of: list[int], weights: list[int], right: list[bool]) -> list[list[float]]:
    """Scores in at most 50 groups of about equal numbers of rows, each as [lowest score, right, wrong]; of 50 values
    or fewer, each is a group.

    ``scores``, one a row; ``of``, its group in ``right``; ``weights``, how many rows it stands for.
    """
    edges = sorted(set(scores))
    if len(edges) > BINS:
        edges, total, below, k = [], sum(weights), 0, 0
        for score, weight in sorted(zip(scores, weights, strict=True)):
            below += weight
            if k * total // BINS < below:
                edges.append(score)
            while k < BINS and k * total // BINS < below:
                k += 1
        edges = sorted(set(edges))
    binned: list[list[float]] = [[edge, 0, 0] for edge in edges]
    for score, group, weight in zip(scores, of, weights, strict=True):
        binned[bisect.bisect_right(edges, score) - 1][1 if right[group] else 2] += weight
    return binned


def _file(data: object) -> Path:
    """The path of a file that is there."""
    with contextlib.suppress(OSError, ValueError):  # a name too long, or with a character that none has
        if isinstance(data, str | os.PathLike) and Path(data).is_file():
            return Path(data)
    raise ValueError(
        f"data = {checks.shown(data)} is no file; allowed: a CSV file with the columns {', '.join(cells.COLUMNS)}"
    )


def _text(path: Path) -> tuple[str, list[str]]:
    """The text of a file, and a note on its encoding."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ValueError(f"{path.name} cannot be read ({error.strerror}); allowed: a CSV file") from error
    if content.startswith(b"PK\x03\x04"):
        raise ValueError(cells.complaint(path.name, "zip", 0))
    encoding = "UTF-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "UTF-8"
    codec, bad = "utf-16" if encoding == "UTF-16" else "utf-8-sig", None
    try:
        text = content.decode(codec)
    except UnicodeDecodeError as error:  # a replacement character that the file itself holds is none
        text, bad = content.decode(codec, errors="replace"), error.object[: error.start].decode(codec, errors="replace")
    if "\0" in text:
        raise ValueError(cells.complaint(path.name, "nul", 0))
    if bad is not None:
        raise ValueError(cells.complaint(path.name, "text", len(LINE.findall(bad)) + 1, encoding))
    return text, ["the text is UTF-16"] if encoding == "UTF-16" else []


@contextlib.contextmanager
def _long_cells() -> Iterator[None]:
    """A long cell in a column that nobody asks for is no reason to refuse. The limit is the whole process's: it is put back."""
    before = csv.field_size_limit(sys.maxsize)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _reader(text: str, separator: str, strict: bool = False) -> Iterator[list[str]]:
    """The rows of a table. A quote after a space quotes too: otherwise ``"a", "a"`` would be two words."""
    return csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True, strict=strict)


def _header(text: str, separator: str) -> list[str]:
    return [
        _composed(cell) for cell in next((row for row in _reader(text, separator) if not cells.before_header(row)), [])
    ]


def _composed(cell: str | None) -> str | None:
    """A cell whose accents are part of their letters: some machines write é as one sign, others as two."""
    return None if cell is None else unicodedata.normalize("NFC", cell)


def _grouped(name: str, text: str, separator: str, places: dict) -> tuple:
    """Groups of equal rows as {cells: [number, line of the first row, rows]}, how many, and scores with groups and weights."""
    reader = _reader(text, separator, strict=True)
    width, total, end = 0, 0, 0
    groups: dict[tuple, list[int]] = {}
    scores, of, weights = [], [], []
    label, generated, kept, score, count = (places.get(column) for column in cells.COLUMNS + cells.OPTIONAL)
    try:
        for row in reader:
            last, end = end + 1, reader.line_num  # the lines in which a row begins and ends
            if not width:
                width = 0 if cells.before_header(row) else len(row)
                continue
            if len(row) != width:
                if not any(map(cells.stripped, row)):
                    continue
                raise ValueError(cells.complaint(name, "cells", last, str(len(row)), str(width)))
            key = row[label], row[generated], None if kept is None else row[kept]
            group = groups.get(key)
            if group is None:
                if not any(map(cells.stripped, row)):
                    continue
                group = groups[key] = [len(groups), last, 0]
                if len(groups) > cells.GROUPS:
                    raise ValueError(cells.complaint(name, "groups", last))
            weight = 1 if count is None else _count(name, last, row[count], separator)
            group[2], total = group[2] + weight, total + weight
            if score is not None:
                scores.append(_score(name, last, row[score], separator))
                of.append(group[0])
                weights.append(weight)
    except csv.Error:
        raise ValueError(cells.complaint(name, "quote", _open_cell(text, separator, end))) from None
    return groups, total, (scores, of, weights)


def _open_cell(text: str, separator: str, lines: int) -> int:
    """The line in which the quoted cell begins that does not close, or has text behind it: the first such after some lines."""
    at = 0
    for _ in range(lines):
        at = LINE.search(text, at).end()
    line, plain = lines + 1, re.compile(f" *[^{re.escape(separator)}\r\n]*")
    while at < len(text):
        quoted = re.compile(r' *"[^"]*(?:""[^"]*)*(?:("(?!"))|\Z)').match(text, at)
        found = quoted or plain.match(text, at)
        if quoted and (quoted[1] is None or text[found.end() : found.end() + 1] not in (separator, "\r", "\n", "")):
            return line
        line, at = line + len(LINE.findall(found[0])), found.end() + 1
    return line


def _count(name: str, line: int, cell: str, separator: str) -> int:
    cell = cells.stripped(cell)
    number = WHOLE.fullmatch(cell if separator == "," else cell.replace(",", "."))
    if number and int(number[1]) <= binomial.LARGEST:
        return int(number[1])
    raise ValueError(cells.complaint(name, "count", line, cell))


def _score(name: str, line: int, cell: str, separator: str) -> float:
    cell = cells.stripped(cell)
    number = cell if separator == "," else cell.replace(",", ".")
    if DECIMAL.fullmatch(number) and abs(float(number)) <= sys.float_info.max:
        return float(number)
    raise ValueError(cells.complaint(name, "score", line, cell))
