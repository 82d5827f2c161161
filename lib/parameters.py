"""One table for the parameters of a notebook: what each may be, checked before anything heavy is imported.

A notebook's ``parameters`` cell assigns plain scalars, which papermill may overwrite. The next cell calls
:func:`check` with one rule a parameter. The rules are the scalar validators of :mod:`lib.theory.checks`.
"""

import itertools
from collections.abc import Callable, Mapping
from pathlib import Path

import yaml

from lib.theory import checks

PROFILES = ("smoke", "laptop", "paper")
ROOT = Path(__file__).resolve().parent.parent
Rule = Callable[[str, object], object]


def integer(low: int, high: int) -> Rule:
    """Rule: a whole number in [low, high]. Checked by tests/test_parameters.py."""
    return lambda name, value: checks.integer(name, value, low, high)


def real(low: float, high: float, **ends: bool) -> Rule:
    """Rule: a number in [low, high]; ``open_low`` and ``open_high`` exclude an end. Checked by tests/test_parameters.py."""
    return lambda name, value: checks.real(name, value, low, high, **ends)


def choice(*allowed: object) -> Rule:
    """Rule: one of the listed values. Checked by tests/test_parameters.py."""

    def rule(name: str, value: object) -> object:
        if not any(value == option and type(value) is type(option) for option in allowed):
            raise ValueError(f"{name} = {value!r} is not one of {', '.join(map(repr, allowed))}")
        return value

    return rule


def text() -> Rule:
    """Rule: a string, for instance a path; may be empty. Checked by tests/test_parameters.py."""

    def rule(name: str, value: object) -> object:
        if not isinstance(value, str):
            raise ValueError(f"{name} = {value!r} is not a text")
        return value

    return rule


def numbers(low: float, high: float) -> Rule:
    """Rule: a text of numbers in [low, high] with commas between, rising; :func:`listed` gives them. Checked by
    tests/test_parameters.py.
    """

    def rule(name: str, value: object) -> object:
        try:
            found = listed(value)
        except (OverflowError, ValueError):
            found = []
        inside = all(low <= number <= high for number in found)
        if not found or not inside or any(a >= b for a, b in itertools.pairwise(found)):
            raise ValueError(
                f"{name} = {value!r} is not a text of rising numbers in [{low}, {high}], such as '{low}, {high}'"
            )
        return value

    return rule


def listed(value: object) -> list[float]:
    """The numbers of a text that :func:`numbers` allows; whole ones as int. Checked by tests/test_parameters.py."""
    return [int(number) if number == int(number) else number for number in map(float, str(value).split(","))]


def check(namespace: Mapping[str, object], **rules: Rule) -> dict[str, object]:
    """Check the parameters of a notebook and return them, in the order of the rules.

    Checked by tests/test_parameters.py and, with bad values in every notebook, by tests/notebooks/test_reruns.py.

    Parameters
    ----------
    namespace : mapping
        Where the parameters live; a notebook passes ``globals()``.
    **rules
        One rule a parameter, from :func:`integer`, :func:`real`, :func:`choice`, :func:`text` and :func:`numbers`.

    Returns
    -------
    dict
        Name to checked value: what :mod:`lib.records` stores with a run.

    Raises
    ------
    ValueError
        Lists every parameter that is missing or out of range, with its value and the allowed range.
    """
    checked, complaints = {}, []
    for name, rule in rules.items():
        if name not in namespace:
            complaints.append(f"{name} is missing from the parameters cell")
            continue
        try:
            checked[name] = rule(name, namespace[name])
        except ValueError as error:
            complaints.append(str(error))
    if complaints:
        raise ValueError("; ".join(complaints))
    return checked


def profile(notebook: str, name: str) -> dict[str, object]:
    """Parameters that profile ``name`` sets for ``notebook`` (such as "beyond-collapse/01-phase-transition").

    The laptop profile is the notebook's own cell, so it sets nothing. Raises ValueError for an unknown profile, and
    for a notebook that the profile's file does not list. Checked by tests/test_parameters.py.
    """
    choice(*PROFILES)("profile", name)
    if name == "laptop":
        return {}
    table = yaml.safe_load((ROOT / "book" / "profiles" / f"{name}.yaml").read_text())
    if notebook not in table:
        raise ValueError(f"notebook = {notebook!r} has no {name} profile; there are: {', '.join(sorted(table))}")
    return {"profile": name, **table[notebook]}
