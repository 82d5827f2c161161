"""Where things lie: the repository, the runs, the data. What a name or a file's content leads to stays inside its folder."""

import os
from pathlib import Path

from lib import arguments
from lib.theory import checks

ROOT = Path(__file__).resolve().parent.parent


def runs_folder() -> Path:
    """Where runs go: $BOOK_RUNS, else ``runs/`` of the repository (git-ignored). Always absolute: see :func:`chosen`.

    Checked by tests/test_paths.py.
    """
    return chosen(os.environ.get("BOOK_RUNS", ""), "runs")


def data_folder(root: str | Path | None = None) -> Path:
    """Where real data lie: ``root``, else $BOOK_DATA, else ``data/`` of the repository; only ``root`` may be relative.

    An empty text is no root. Raises ValueError for what is no path. Checked by tests/test_paths.py.
    """
    if root is None or (isinstance(root, str) and not root.strip()):
        return chosen(os.environ.get("BOOK_DATA", ""), "data")
    return Path(os.path.expanduser(arguments.path("root", root)))


def chosen(text: str, default: str) -> Path:
    """A folder that an environment variable names, absolute; the repository's ``default`` if it is empty.

    A relative one counts from the repository, whoever asks: a notebook runs in a folder of its own, and a command, its notebook
    and the tests must mean the same place. Raises ValueError for what is no text. Checked by tests/test_paths.py.
    """
    for name, value in (("text", text), ("default", default)):
        arguments.text(name, value, "a path")
    return Path(os.path.normpath(ROOT / os.path.expanduser(text.strip() or default)))


def below(folder: Path, *names: str, ending: str = "", what: str = "name") -> Path:
    """A path below a folder, from names that came from a file or a command line, with an ending such as ".json".
    ``what`` a message calls the names.

    Raises ValueError, with the name, for one that is empty or absolute, or leads out of the folder, and for a folder that is no
    path. Checked by tests/test_paths.py.
    """
    folder = arguments.path("folder", folder)
    arguments.text("ending", ending, "an ending such as .json")
    for name in names:
        parts = name.split("/") if isinstance(name, str) else []
        if not parts or any(part in ("", ".", "..") or "\0" in part or "\\" in part for part in parts):
            raise ValueError(
                f"{what} = {checks.shown(name)} does not stay inside {folder.name}/; allowed: names with single slashes between"
            )
    path = folder.joinpath(*names)
    return path.with_name(path.name + ending)


def shown(path: Path) -> str:
    """A path as the reader would type it: from here if it lies below, else whole. Checked by tests/test_paths.py."""
    path = arguments.path("path", path)
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)
