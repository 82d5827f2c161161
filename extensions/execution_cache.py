"""Which notebooks a build executes again: those whose cells, imports, records, published data or deciding numbers changed.

The cache itself looks at cells only. So before a build, the entry of every notebook whose digest has moved since the last build
is taken out of it, and its page is read again. What is then missing is executed on all cores before the pages are read.
"""

import ast
import json
import logging
import os
from concurrent.futures import ProcessPoolExecutor
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path

import nbformat
from jupyter_cache import get_cache
from jupyter_cache.executors import load_executor
from sphinx.errors import ExtensionError

from lib.claims import ledger, table
from lib.paths import ROOT, below
from lib.runs import closure, notebooks
from lib.runs.files import read_json, write_json

# other versions of libraries may give other digits
PINS = ("constraints.txt", "requirements.txt", "requirements-book.txt")
CACHE = Path(".cache") / "notebooks"
WATCHED = {...: {...: str}}  # notebook -> name -> digest


def watched(notebook: str, root: Path = ROOT) -> dict[str, str]:
    """Digests, by name, of what the outputs of a notebook depend on besides its own cells.

    The source that its cells reach inside lib; its record, and those of other notebooks that its cells name; the published data
    of its chapter; the pinned versions; the numbers that decide its claims, and no word of them.
    Checked by tests/test_execution_cache.py.
    """
    cells = nbformat.read(below(root / "book", notebook, ending=".ipynb"), as_version=4).cells
    source = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    symbols = closure.of_source(source, root=root)
    found = {f"{symbol.module}.{symbol.name}": digest for symbol, digest in symbols.items()}
    chapter = notebook.split("/")[0]
    texts = {node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)}
    read = [notebook, *(name for name in notebooks.names(root) if name in texts - {notebook})]
    for pattern in (*(f"reference/{name}*" for name in read), f"published/{chapter}*"):
        for path in sorted((root / "data").glob(pattern)):
            found[str(path.relative_to(root))] = sha256(path.read_bytes()).hexdigest()
    for name in PINS:
        found[name] = sha256((root / name).read_bytes()).hexdigest()
    found["claims"] = sha256(json.dumps(table.numbers(notebook), sort_keys=True).encode()).hexdigest()
    return found


def moved(now: dict[str, dict[str, str]], root: Path = ROOT) -> list[str]:
    """Notebooks that must be executed again: those whose digests ``now`` are not those of the last build.

    Checked by tests/test_execution_cache.py.
    """
    path = root / CACHE / "watched.json"
    before = read_json(path, WATCHED) if path.exists() else {}
    return [name for name, digests in now.items() if digests != before.get(name)]


def forget_moved(root: Path = ROOT) -> list[str]:
    """Take the notebooks of :func:`moved` out of the execution cache and return their names.

    Entries go first and the digests are noted last, so that a build that is killed forgets too much and never too little.
    Checked by tests/test_execution_cache.py.
    """
    now = {name: watched(name, root) for name in notebooks.names(root)}
    found = moved(now, root)
    cache = get_cache(root / CACHE / "outputs")
    for name in found:
        notebook = nbformat.read(root / "book" / f"{name}.ipynb", as_version=4)
        try:
            record = cache.match_cache_notebook(notebook)
        except KeyError:  # was never executed as it is now
            continue
        cache.remove_cache(record.pk)
    if found:
        write_json(root / CACHE / "watched.json", now)
    return found


def execute_missing(timeout: int, root: Path = ROOT) -> None:
    """Execute the notebooks that the cache lacks, as many at once as there are cores: each has one thread of its own.

    One that fails is left for the page to execute and to report. ``timeout``: seconds for a cell. The longest begin, so that no
    core waits for one that began last; the cache's own parallel executor deals them out in fixed groups.
    Checked by tests/test_execution_cache.py.
    """
    cache = get_cache(root / CACHE / "outputs")
    paths = [str(root / "book" / f"{name}.ipynb") for name in longest_first(root)]
    for path in paths:
        cache.add_nb_to_project(path)
    missing = {record.uri for record in cache.list_unexecuted(filter_uris=paths)}
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        done = [pool.submit(execute, path, timeout, root) for path in paths if path in missing]
        for each in done:
            each.result()


def longest_first(root: Path = ROOT) -> list[str]:
    """Names of all notebooks, by the seconds that their committed ledgers have, longest first; one without comes last.

    Checked by tests/test_execution_cache.py.
    """
    seconds = {name: (ledger.committed(name) or {"seconds": 0.0})["seconds"] for name in notebooks.names(root)}
    return sorted(seconds, key=lambda name: -seconds[name])


def execute(path: str, timeout: int, root: Path) -> None:
    """Execute a notebook of the cache, in this process, and keep its outputs if it ends."""
    executor = load_executor("local-serial", get_cache(root / CACHE / "outputs"), logging.getLogger(__name__))
    executor.run_and_cache(filter_uris=[path], timeout=timeout)


def complaint(root: Path = ROOT) -> str | None:
    """One line that names what of the execution cache cannot be read, and the remedy; None if all can.

    Checked by tests/test_execution_cache.py.
    """
    path = root / CACHE / "watched.json"
    try:
        if path.exists():
            read_json(path, WATCHED)
        path = root / CACHE / "outputs" / "global.db"
        cache = get_cache(root / CACHE / "outputs")
        for record in cache.list_cache_records():
            path = root / CACHE / "outputs" / "executed" / record.hashkey / "base.ipynb"
            nbformat.read(path, as_version=4)
    except Exception as error:  # a file that something else has written may break its reader in any way
        words = str(error).splitlines() or [type(error).__name__]
        place = path.relative_to(root)
        return f"{place} cannot be read ({words[0][:100]}): remove the folder .cache and build again"
    return None


def configure(app, config) -> None:
    """Point the build at the cache, from which what has moved is gone, and to which what is missing is added."""
    if words := complaint():
        raise ExtensionError(words)
    config.nb_execution_cache_path = str(ROOT / CACHE / "outputs")
    app.book_moved = forget_moved()
    execute_missing(config.nb_execution_timeout)


def outdated(app, env, added, changed, removed) -> list[str]:
    """Pages to read again, though their files are as they were."""
    return [f"book/{name}" for name in app.book_moved if f"book/{name}" in env.found_docs]


def setup(app) -> dict:
    app.connect("config-inited", configure, priority=100)
    app.connect("env-get-outdated", outdated)
    return {"parallel_read_safe": False, "parallel_write_safe": True}
