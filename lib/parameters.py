"""One table for the parameters of a notebook: what each may be, checked before anything heavy is imported.

A notebook's ``parameters`` cell assigns plain scalars, which papermill may overwrite. The next cell calls :func:`check` with one
rule a parameter and, where parameters limit one another, with :class:`Limit`. The command line gives text: :func:`read` makes of
it a value of the parameter's own type.
"""

import functools
from collections.abc import Mapping, Sequence

import yaml

from lib import arguments
from lib.paths import ROOT
from lib.rules import PROFILES, Profile, decimal

# a notebook's checks cell imports all that it needs from here
from lib.rules import Choice as Choice
from lib.rules import Integer as Integer
from lib.rules import Limit as Limit
from lib.rules import Numbers as Numbers
from lib.rules import Real as Real
from lib.rules import Rule as Rule
from lib.rules import Text as Text
from lib.rules import listed as listed
from lib.theory import checks

FOLDER = ROOT / "book" / "profiles"
NO_DIGITS = ("nan", "inf", "+inf", "-inf")  # numbers that are written in letters: a range decides on them
YES, NO = ("true", "yes", "on", "1"), ("false", "no", "off", "0")


def read(name: str, text: str, own: object) -> object:
    """The value of a parameter from the command line, of the type that the notebook's own value ``own`` has.

    A text is taken as it is: ``010``, ``no``, ``a: b.csv`` and the empty text too. A number is decimal, without spaces or
    underscores: 010 is 10, and 1:30 is none. True and False may be written yes and no, on and off, 1 and 0.
    Raises ValueError with name, text and what is allowed; the notebook checks the range. Checked by tests/test_parameters.py.
    """
    arguments.text("text", text, "what a command line gives")
    if isinstance(own, str):
        return text
    word = text.strip()
    if isinstance(own, bool):
        if word.lower() in (*YES, *NO):
            return word.lower() in YES
        raise ValueError(f"{name} = {text!r} is not True or False; allowed: yes, no, on, off, 1, 0 too")
    kind = "a whole number" if isinstance(own, int) else "a number"
    number = float(word) if word.lower() in NO_DIGITS else decimal(word)
    if number is None:
        raise ValueError(f"{name} = {text!r} is not {kind}; allowed: decimal digits")
    return number


def check(namespace: Mapping[str, object], /, *, limits: Sequence[Limit] = (), **rules: Rule) -> dict[str, object]:
    """Check the parameters of a notebook and return them, in the order of the rules.

    Checked by tests/test_parameters.py and, with bad values in every notebook, by tests/notebooks/test_bad_parameters.py.

    Parameters
    ----------
    namespace : mapping
        Where the parameters live; a notebook passes ``globals()``.
    limits : sequence of Limit
        What several parameters must obey together; tried when every rule has passed.
    **rules
        One rule a parameter: :class:`Integer`, :class:`Real`, :class:`Choice`, :class:`Profile`, :class:`Text`, :class:`Numbers`.

    Returns
    -------
    dict
        Name to checked value: what a run and its ledger store.

    Raises
    ------
    ValueError
        Lists every parameter that is missing or out of range, with its value and the allowed range; else every limit that is
        violated. Also if a limit names a parameter that has no rule.
    """
    arguments.mapping("namespace", namespace, "values by parameter")
    limits = checks.listed("limits", limits, "a list of Limit")
    for k, limit in enumerate(limits):
        arguments.instance(f"limits[{k}]", limit, Limit, "a Limit")
        if unknown := set(limit.names) - set(rules):
            raise ValueError(f"the limit {limit.words!r} names {sorted(unknown)}; allowed: {', '.join(rules)}")
    checked: dict[str, object] = {}
    complaints = []
    for name, rule in rules.items():
        if name not in namespace:
            complaints.append(f"{name} is missing from the parameters cell; allowed: {rule.range}")
            continue
        try:
            checked[name] = rule.check(name, namespace[name])
        except ValueError as error:
            complaints.append(str(error))
    for limit in limits if not complaints else ():
        try:
            limit.check(checked)
        except ValueError as error:
            complaints.append(str(error))
    if complaints:
        raise ValueError("; ".join(complaints))
    return checked


@functools.cache
def _profiles(chapter: str) -> dict[str, dict[str, dict]]:
    """The profiles of a chapter: profile -> notebook's file name -> parameters; empty for a chapter that has none."""
    path = FOLDER / f"{chapter}.yml"
    content = yaml.safe_load(path.read_text()) if path.exists() else {}
    if not isinstance(content, dict) or not set(content) <= set(PROFILES) - {"laptop"}:
        raise ValueError(f"{path.name} is not a table of the profiles smoke, reduced and paper")
    return content


def profiles(notebook: str) -> list[str]:
    """The profiles that a notebook has, from the smallest on. Raises ValueError for what is no text.

    Checked by tests/test_parameters.py.
    """
    arguments.text("notebook", notebook, "the name of a notebook, such as beyond-collapse/01-phase-transition")
    chapter, _, own = notebook.partition("/")
    return [name for name in PROFILES if name == "laptop" or own in _profiles(chapter).get(name, {})]


def profile(notebook: str, name: str) -> dict[str, object]:
    """Parameters that profile ``name`` sets for ``notebook`` (such as "beyond-collapse/01-phase-transition").

    The laptop profile is the notebook's own cell, so it sets nothing. Raises ValueError for an unknown profile, and for a
    notebook that its chapter's file in book/profiles does not list. Checked by tests/test_parameters.py.
    """
    arguments.text("notebook", notebook, "the name of a notebook, such as beyond-collapse/01-phase-transition")
    Profile().check("profile", name)
    if name == "laptop":
        return {}
    chapter, _, own = notebook.partition("/")
    table = _profiles(chapter).get(name, {})
    if own not in table:
        there = ", ".join(f"{chapter}/{each}" for each in sorted(table)) or f"none in book/profiles/{chapter}.yml"
        raise ValueError(f"notebook = {notebook!r} has no {name} profile; allowed: {there}")
    return {"profile": name, **table[own]}
