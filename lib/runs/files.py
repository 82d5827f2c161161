"""JSON files that a kill or a full disk cannot halve, that are refused by name if they are not what they should be, and that
stay inside their folder.

A shape is what a file must look like: a type, ``[shape]`` for a list of such, ``{"name": shape}`` for an object with at least
these names (``"name?"``: or without it), ``{...: shape}`` for an object of such under any names, a tuple for one of several
shapes.
"""

import contextlib
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import psutil

from lib import arguments
from lib.paths import ROOT, runs_folder

NUMBER = (int, float)
# what a process writes before it is renamed, or while it runs, with its number in the name
OF_A_PROCESS = re.compile(r"(?:executed-(\d{1,9})\.ipynb|progress-(\d{1,9})\.json|.+\.part(\d{1,9}))", re.ASCII)


class UnwritableError(ValueError):
    """A folder that takes no file. The message says what to do."""


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn what the system or safetensors says of a file that cannot be written into UnwritableError, which names the folder.

    Checked by tests/runs/test_run_files.py and test_full_disk.py.
    """
    try:
        yield
    except UnwritableError:
        raise
    except Exception as error:
        # safetensors has an error of its own for a full disk; it is heavy to import, so it is known by its name
        if not isinstance(error, OSError) and type(error).__name__ != "SafetensorError":
            raise
        why = error.strerror if isinstance(error, OSError) and error.strerror else error
        if runs_folder().is_file():
            why = "it is a file"
        if path.is_relative_to(runs_folder()):
            advice = (
                "free space there, or point BOOK_RUNS at another folder, and give the same command again; "
                "finished parts are kept"
            )
            raise UnwritableError(f"the runs folder {runs_folder()} takes no file ({why}): {advice}") from error
        raise UnwritableError(f"{path.parent} takes no file ({why}); {path.name} is as it was") from error


def write_json(path: Path, content: object) -> None:
    """Write ``content`` as JSON beside ``path`` and rename it into place, so that no reader sees half a file.

    Not-a-number is refused (ValueError): a record must be plain JSON, a gap is written as null. Raises UnwritableError if the
    folder takes no file. Checked by tests/runs/test_run_files.py.
    """
    path = arguments.path("path", path)
    try:
        text = json.dumps(content, indent=1, allow_nan=False) + "\n"
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError(
            f"content of {path.name} is no JSON ({error}); allowed: finite numbers, texts, lists, objects"
        ) from error
    part = path.with_name(f"{path.name}.part{os.getpid()}")
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            part.write_text(text)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)


def remove_leftovers(folder: Path) -> None:
    """Remove what killed processes left half written in a folder; files of a process that is alive stay.

    A number that another process has by now counts as alive. Checked by tests/runs/test_run_files.py.
    """
    for path in arguments.path("folder", folder).glob("*"):
        found = OF_A_PROCESS.fullmatch(path.name)
        if found and not psutil.pid_exists(int(next(filter(None, found.groups())))):
            path.unlink(missing_ok=True)


def read_json(path: Path, shape: object = object) -> object:
    """Read JSON of a shape. Raises ValueError that names the file, and what is wrong in it, if it is corrupt or of another shape.

    Checked by tests/runs/test_run_files.py.
    """
    path = arguments.path("path", path)
    try:
        content = json.loads(path.read_text())
    except OSError as error:
        raise ValueError(f"{path} cannot be read ({error.strerror})") from error
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise corrupt(path, str(error)) from error
    if complaint := wrong(content, shape):
        raise corrupt(path, complaint)
    return content


def corrupt(path: Path, why: str) -> ValueError:
    """The error that names a corrupt file and says how to mend it. Checked by tests/runs/test_run_files.py."""
    kept = path.is_relative_to(ROOT / "data") or path.is_relative_to(ROOT / "book")
    advice = "restore it from git" if kept else "remove it to compute it again"
    return ValueError(f"{path.name} in {path.parent} is corrupt ({why}); {advice}")


def wrong(content: object, shape: object, place: str = "") -> str | None:
    """Where content has another shape, in words, or None. Checked by tests/runs/test_run_files.py."""
    here = place or "the whole"
    if isinstance(shape, tuple):
        found = [wrong(content, each, place) for each in shape]
        return None if None in found else found[0]
    if isinstance(shape, list):
        if not isinstance(content, list):
            return f"{here} is {_kind(content)}, not a list"
        inner = ((f"{place}[{k}]", each, shape[0]) for k, each in enumerate(content))
    elif isinstance(shape, dict):
        if not isinstance(content, dict):
            return f"{here} is {_kind(content)}, not an object"
        named = {name.removesuffix("?"): each for name, each in shape.items() if name is not ...}
        if missing := sorted({name for name in shape if name is not ... and not name.endswith("?")} - content.keys()):
            return f"{here} lacks {', '.join(missing)}"
        shapes = {name: named.get(name, shape.get(..., object)) for name in content}
        inner = ((f"{place}.{name}".lstrip("."), each, shapes[name]) for name, each in content.items())
    else:
        fits = shape is object or (shape is None and content is None)
        fits = fits or (isinstance(shape, type) and isinstance(content, shape) and not _flag(content, shape))
        return None if fits else f"{here} is {_kind(content)}, not {_kind(shape)}"
    return next((complaint for where, each, own in inner if (complaint := wrong(each, own, where))), None)


def _flag(content: object, shape: type) -> bool:
    """Whether content is true or false where a number is wanted: Python counts these as numbers."""
    return isinstance(content, bool) and shape in NUMBER


def _kind(content: object) -> str:
    """A value or a type in the words of JSON."""
    kind = content if isinstance(content, type) else type(content)
    words = {
        dict: "an object",
        list: "a list",
        str: "a text",
        bool: "true or false",
        int: "a number",
        float: "a number",
    }
    return words.get(kind, "null")
