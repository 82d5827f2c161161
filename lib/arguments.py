"""Validators of arguments that are no numbers: texts, choices, paths, tables. Numbers have theirs in ``lib.theory.checks``.

Each returns what it was given, or raises ValueError with name, value and what is allowed. Checked by tests/test_arguments.py.
"""

import math
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from lib.theory import checks


def text(name: str, value: str, allowed: str = "a text", *, empty: bool = True) -> str:
    """Return ``value`` if it is a text, and not an empty one where ``empty`` is False.

    Raises ValueError, for instance "prefix = 3 is no text; allowed: a chapter".
    """
    if not isinstance(value, str) or not (empty or value.strip()):
        wrong = "empty" if isinstance(value, str) else "no text"
        raise ValueError(f"{name} = {checks.shown(value)} is {wrong}; allowed: {allowed}")
    return value


def one_of(name: str, value: str, choices: Iterable[str]) -> str:
    """Return ``value`` if it is one of some texts."""
    choices = list(choices)
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"{name} = {checks.shown(value)} is not one of {', '.join(map(repr, choices))}")
    return value


def flag(name: str, value: bool) -> bool:
    """Return ``value`` if it is True or False; 1 and numpy's True are neither."""
    if not isinstance(value, bool):
        raise ValueError(f"{name} = {checks.shown(value)} is not one of True, False")
    return value


def path(name: str, value: str | Path) -> Path:
    """Return ``value`` as a path, if it is one or a text that can be: not empty, without a NUL."""
    if not isinstance(value, (str, os.PathLike)) or not str(value).strip() or "\0" in str(value):
        raise ValueError(f"{name} = {checks.shown(value)} is no path; allowed: a text or a pathlib.Path")
    return Path(value)


def mapping(name: str, value: Mapping, allowed: str) -> Mapping:
    """Return ``value`` if it is a mapping of texts to something, such as a dict."""
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        raise ValueError(f"{name} = {checks.shown(value)} is no table by name; allowed: {allowed}")
    return value


def instance(name: str, value: object, kind: type, allowed: str) -> object:
    """Return ``value`` if it is of a type."""
    if not isinstance(value, kind):
        raise ValueError(f"{name} = {checks.shown(value)} is of another type; allowed: {allowed}")
    return value


def texts(name: str, values: Iterable[str], allowed: str) -> list[str]:
    """Return ``values`` as a list, if each is a text."""
    return [text(f"{name}[{k}]", each, allowed) for k, each in enumerate(checks.listed(name, values, allowed))]


def numbers(name: str, values: Sequence) -> list[float]:
    """Return a row of real numbers, of an array or tensor too, as floats: nan where there is a gap, None or nan."""
    row = [x.item() if getattr(x, "shape", None) == () else x for x in checks.listed(name, values, "a row of numbers")]
    plain = [math.nan if value is None or value != value else value for value in row]
    # matplotlib adds margins to what it draws, and double precision holds no more
    return [
        value if value != value else checks.real(f"{name}[{k}]", value, -1e300, 1e300) for k, value in enumerate(plain)
    ]
