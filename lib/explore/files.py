"""Which files of ``lib`` a page must have, so that MicroPython can run its sliders: what is imported, read from the source.

A page has no ``__init__.py``: MicroPython takes any folder for a package. Checked by tests/explore/test_files.py.
"""

import ast
import re
from collections.abc import Iterable

from lib import arguments
from lib.paths import ROOT

SLIDERS = "lib.explore.sliders"  # what the page itself calls
PATH = re.compile(r"[a-z_]\w*(\.[a-z_]\w*)+")
SHIPPED = ("lib/theory/**/*.py", "lib/explore/axes.py", "lib/explore/curves.py", "lib/explore/sliders.py")


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
    found, waiting = {}, [SLIDERS, *(f"lib.theory.{name}".rpartition(".")[0] for name in functions)]
    while waiting:
        module = waiting.pop()
        if module not in found:
            path = ROOT / f"{module.replace('.', '/')}.py"
            if not path.is_file():
                raise ValueError(f"module = {module!r} is no file of this book; allowed: those of lib.theory")
            found[module] = str(path.relative_to(ROOT))
            waiting += _imported(path.read_text())
    return sorted(found.values())


def shipped() -> list[str]:
    """Paths of all files that some page may ask for. Checked by tests/explore/test_files.py."""
    paths = {path for pattern in SHIPPED for path in ROOT.glob(pattern)}
    return sorted(str(path.relative_to(ROOT)) for path in paths if path.name != "__init__.py")


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
