"""The book's notebooks: names, files, own parameters; and where a run of one keeps its files.

``runs/<profile>/<notebook>/`` belongs to the profile's own parameters. A run with changed ones has a folder of its own in there,
so that it hides no other run and no other hides it. Parts, which have keys, lie together in ``runs/<profile>/<notebook>/parts``.
"""

import ast
import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

from lib import arguments, parameters
from lib.paths import ROOT, below, runs_folder
from lib.runs.files import corrupt, read_json
from lib.theory import checks

PLACES = ("root", "model", "model_verifier")  # where files lie changes no number, and a record names no place
OF_A_MODEL = (
    "model_"  # so begin the settings of a reader's language models, used only where ``model`` names their folder
)
SHAPE = {"cells": [{"cell_type": str, "source": (str, [str]), "metadata": {"tags?": [str]}}]}


def names(root: Path | None = None) -> list[str]:
    """All notebooks of the book, such as "beyond-collapse/01-phase-transition"; or of a book below another root."""
    book = (ROOT if root is None else arguments.path("root", root)) / "book"
    return sorted(str(path.relative_to(book).with_suffix("")) for path in book.glob("*/*.ipynb"))


def name_of(text: str) -> str:
    """Name of a notebook given by its name, or by its path from here or from the repository, with or without ``.ipynb``.

    Raises ValueError that lists the notebooks there are; nothing outside ``book/`` is one.
    Checked by tests/runs/test_notebooks.py.
    """
    there = names()
    if not isinstance(text, str):
        raise ValueError(f"notebook = {checks.shown(text)} is not one of {', '.join(there)}")
    for place in (ROOT / "book", ROOT, Path.cwd()):
        path = os.path.realpath(os.path.join(place, text.strip())) if "\0" not in text else ""
        name = os.path.relpath(path or "/", os.path.realpath(ROOT / "book")).removesuffix(".ipynb")
        if name in there:
            return name
    raise ValueError(f"notebook = {checks.shown(text)} is not one of {', '.join(there)}")


def source(notebook: str) -> Path:
    """Path of a notebook, given as :func:`name_of` takes it; raises ValueError as that does."""
    return ROOT / "book" / f"{name_of(notebook)}.ipynb"


def defaults(notebook: str) -> dict[str, object]:
    """The notebook's own parameters, read from its cell tagged ``parameters``: its laptop profile.

    Raises ValueError, naming the notebook, if it is corrupt or has no such cell of plain values.
    Checked by tests/runs/test_notebooks.py.
    """
    path = source(notebook)
    cells = read_json(path, SHAPE)["cells"]
    own = [cell for cell in cells if "parameters" in cell["metadata"].get("tags", [])]
    try:
        tree = ast.parse("".join(own[0]["source"]))
        return {node.targets[0].id: ast.literal_eval(node.value) for node in tree.body if isinstance(node, ast.Assign)}
    except (IndexError, AttributeError, SyntaxError, ValueError) as error:
        raise corrupt(path, "it has no cell tagged `parameters` with one plain value a name") from error


def own(notebook: str, profile: str) -> dict[str, object]:
    """All parameters of a notebook as a profile sets them. Checked by tests/runs/test_notebooks.py."""
    return {**defaults(notebook), **parameters.profile(name_of(notebook), profile)}


def folder(notebook: str, chosen: Mapping[str, object]) -> Path:
    """Where a run keeps its executed copy, its record and its ledger.

    ``chosen``: all its parameters, with ``profile`` among them. ``runs/<profile>/<notebook>``, if they are the profile's own or
    the book has no notebook of this name; else a folder in there, the same for the same parameters. 20 and 20.0 are the same.
    Raises ValueError for a name that leads out of the runs folder. Checked by tests/runs/test_notebooks.py.
    """
    place = below(below(runs_folder(), _profile(chosen), what="profile"), notebook, what="notebook")
    if notebook not in names() or differing(notebook, chosen) == []:
        return place
    text = json.dumps({name: _plain(value) for name, value in recorded(chosen).items()}, sort_keys=True, default=repr)
    return place / f"changed-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def recorded(chosen: Mapping[str, object]) -> dict[str, object]:
    """The parameters of a run that its record and its ledger have.

    All but the places of files, and without a language model (``model`` is empty) no setting of one either: such a run is the
    same as one of a notebook that has no such settings. Raises ValueError for parameters without a profile. Checked by
    tests/runs/test_notebooks.py.
    """
    _profile(chosen)
    without = not chosen.get("model", True)
    return {
        name: value
        for name, value in chosen.items()
        if name not in PLACES and not (without and name.startswith(OF_A_MODEL))
    }


def differing(notebook: str, chosen: Mapping[str, object]) -> list[str]:
    """Names of the parameters that are not as their profile sets them, or that only one side has; of those of :func:`recorded`.

    Checked by tests/runs/test_notebooks.py.
    """
    wanted, there = recorded(own(notebook, _profile(chosen))), recorded(chosen)
    return sorted(
        name
        for name in wanted.keys() | there.keys()
        if name not in wanted or name not in there or _plain(wanted[name]) != _plain(there[name])
    )


def _profile(chosen: Mapping[str, object]) -> str:
    """The profile among all parameters of a run."""
    allowed = "all parameters of a run, with its profile"
    if "profile" not in arguments.mapping("chosen", chosen, allowed):
        raise ValueError(f"chosen = {checks.shown(chosen)} lacks profile; allowed: {allowed}")
    return arguments.text("profile", chosen["profile"], "smoke, laptop or paper")


def _plain(value: object) -> object:
    """A parameter such that equal ones look equal: 20.0 as 20; and true, which Python takes for 1, does not."""
    if isinstance(value, bool):
        return {"flag": value}
    return int(value) if isinstance(value, float) and value.is_integer() else value
