"""Which files of ``lib`` a page must have, so that MicroPython can run its sliders: what is imported, read from the source.

A page has no ``__init__.py``: MicroPython takes any folder for a package. Checked by tests/explore/test_files.py.
"""

import ast
import re
from collections.abc import Iterable
from pathlib import Path

from lib import arguments
from lib.paths import ROOT

SLIDERS = "lib.explore.sliders"  # what the page itself calls
PATH = re.compile(r"[a-z_]\w*(\.[a-z_]\w*)+")
SHIPPED = (
    "lib/theory/**/*.py",
    *(f"lib/explore/{name}.py" for name in ("axes", "curves", "sliders")),
    *(f"lib/labels/{name}.py" for name in ("cells", "curve", "report", "verdict")),
)


def needed(functions: Iterable[str]) -> list[str]:
    """Paths from the book's root, sorted, of ``sliders.py``, the modules of ``functions``, and all that they import from lib.

    Args: functions by their path below ``lib.theory``, such as "gaussian.cdf". Raises ValueError for a module that is not
    there. Checked by tests/explore/test_files.py.
    """
    functions = arguments.texts("functions", functions, "paths below lib.theory, such as 'gaussian.cdf'")
    for k, name in enumerate(functions):
        if not PATH.fullmatch(name):
            raise ValueError(
                f"functions[{k}] = {name!r} is no path; allowed: one below lib.theory, such as 'gaussian.cdf'"
            )
    return imported([SLIDERS, *(f"lib.theory.{name}".rpartition(".")[0] for name in functions)])


def imported(modules: Iterable[str]) -> list[str]:
    """Paths from the book's root, sorted, of some modules of lib and all that they import from it.

    Raises ValueError for a module that is not there. Checked by tests/explore/test_files.py.
    """
    found, waiting = {}, arguments.texts("modules", modules, "modules of lib")
    for k, module in enumerate(waiting):
        if not PATH.fullmatch(module) or not _path(module).is_file():
            raise ValueError(f"modules[{k}] = {module!r} is no file of this book; allowed: modules of lib")
    while waiting:
        module = waiting.pop()
        if module not in found:
            path = _path(module)
            found[module] = str(path.relative_to(ROOT))
            waiting += _imported(path.read_text())
    return sorted(found.values())


def shipped() -> list[str]:
    """Paths of all files that some page may ask for. Checked by tests/explore/test_files.py."""
    paths = {path for pattern in SHIPPED for path in ROOT.glob(pattern)}
    return sorted(str(path.relative_to(ROOT)) for path in paths if path.name != "__init__.py")


def _path(module: str) -> Path:
    return ROOT / f"{module.replace('.', '/')}.py"


def _imported(source: str) -> list[str]:
    """Modules of lib that a source imports by name, or out of a package."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [each.name for each in node.names]
        elif isinstance(node, ast.ImportFrom):
            folder = ROOT / node.module.replace(".", "/")
            found += [f"{node.module}.{each.name}" for each in node.names] if folder.is_dir() else [node.module]
    return [module for module in found if module.startswith("lib.")]
