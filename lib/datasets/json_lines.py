"""Texts in JSON lines: one object a line, with the fields that a set wants. What is wrong is named with its file and its line."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from lib import arguments
from lib.datasets.containers import check_digests
from lib.theory import checks


def read(
    root: Path,
    folder: str,
    file: str,
    fields: Mapping[str, Sequence[str]],
    *,
    sha256: Mapping[str, str],
    advice: str,
) -> list[list[str]]:
    """The columns ``fields`` of ``root/folder/file``: a list of texts for each field.

    Parameters
    ----------
    root : path
    folder : str
        Of the set, below ``root``.
    file : str
        A name without a folder, such as "mine.jsonl".
    fields : dict of str to list of str
        Each line must have a text under each of these names. It is one of the list, as a text, a whole number or a truth value;
        where the list is empty, any text that is not blank. Other fields are ignored, and so are blank lines.
    sha256 : dict of str to str
        Known digests by file name, to be checked; empty for none.
    advice : str
        What to do where the file is absent.

    Notes
    -----
    Raises FileNotFoundError with ``advice`` for an absent file; ValueError for one that cannot be read, another digest, a text
    that is no UTF-8, no lines, and, with file and line, for a line that is no object of this form. Checked by
    tests/datasets/test_json_lines.py.
    """
    if not isinstance(file, str) or not file.strip() or "\0" in file or Path(file).name != file:
        raise ValueError(f"file = {checks.shown(file)} is not the name of a file; allowed: one such as 'mine.jsonl'")
    path = arguments.path("root", root) / folder / file
    try:
        there = path.is_file()
        if there:
            path.open("rb").close()
    except OSError as error:  # a name that is too long, a folder or a file that may not be read
        raise ValueError(f"{path} cannot be read ({error.strerror}); {advice}") from error
    if not there:
        raise FileNotFoundError(f"{path} is absent; {advice}")
    if file in sha256:
        check_digests(path.parent, {file: sha256[file]}, "sha256")
    words = [f"{field!r} ({' or '.join(choices) or 'a text'})" for field, choices in fields.items()]
    wanted = f"allowed: one JSON object a line, with {', '.join(words)}"
    columns: list[list[str]] = [[] for _ in fields]
    try:
        with path.open(
            encoding="utf-8-sig"
        ) as lines:  # a file ends a line at a line feed only, str.splitlines in ten places
            for number, line in enumerate(lines, 1):
                if line.strip():
                    for column, text in zip(columns, _texts(path, number, line, fields, wanted), strict=True):
                        column.append(text)
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is no text in UTF-8 ({error.reason} at byte {error.start}); {wanted}") from error
    if not columns[0]:
        raise ValueError(f"{path} has no lines; {wanted}")
    return columns


def _texts(path: Path, number: int, line: str, fields: Mapping[str, Sequence[str]], wanted: str) -> list[str]:
    """The texts of one line. Raises ValueError with file and line."""
    where = f"line {number} of {path}"
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{where} is no JSON ({error}); {wanted}") from error
    if not isinstance(row, dict):
        raise ValueError(f"{where} holds no object but {checks.shown(row)}; {wanted}")
    texts = []
    for field, choices in fields.items():
        if field not in row:
            raise ValueError(f"{where} has no field {field!r}, but {', '.join(map(repr, row)) or 'none'}; {wanted}")
        value = row[field]
        text = _as_text(value) if choices else value
        if not isinstance(text, str) or not text.strip() or (choices and text.strip() not in choices):
            raise ValueError(f"{field} = {checks.shown(value)} in {where}; {wanted}")
        try:
            text.encode()
        except UnicodeEncodeError as error:  # half of a pair of surrogates
            raise ValueError(f"{field} in {where} holds no character at place {error.start}; {wanted}") from error
        texts.append(text.strip() if choices else text)
    return texts


def _as_text(value: object) -> object:
    """A whole number or a truth value as the text of the whole number; anything else as it is."""
    whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    return str(int(value)) if whole and abs(value) < 1e6 else value
