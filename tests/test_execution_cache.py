"""extensions/execution_cache.py: which notebooks a build executes again, on the book itself and in builds of a small one."""

import json
import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import nbformat
import pytest

from lib.paths import ROOT

IGNORED = shutil.ignore_patterns("__pycache__", "*.parquet")


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """The parts of the repository that decide what is executed, in a place where they can be changed."""
    root = tmp_path_factory.mktemp("book")
    for name in ("lib", "book", "data/claims", "data/published", "extensions"):
        shutil.copytree(ROOT / name, root / name, ignore=IGNORED)
    (root / "data" / "reference").symlink_to(ROOT / "data" / "reference")
    for name in ("requirements.txt", "requirements-book.txt", "constraints.txt", "data/roots.yml"):
        shutil.copy(ROOT / name, root / name)
    return root


def python(root, code):
    """What a new process prints that has the library and the extensions of ``root``."""
    paths = os.pathsep.join([str(root), str(root / "extensions")])
    return subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": paths},
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def digests(root):
    code = "import json, execution_cache as e; print(json.dumps({n: e.watched(n) for n in e.notebooks.names()}))"
    return json.loads(python(root, code))


def moved(before, after):
    return {name for name in before if before[name] != after[name]}


def changed(path, before, after):
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))


def test_what_a_change_of_the_book_executes(copy):
    """Words of a claim: nothing. Its tolerance: its notebook. A record: its notebook. A formula: the notebooks that reach it."""
    start = digests(copy)
    assert len(start) == len(list((ROOT / "book").glob("*/*.ipynb")))

    claims = copy / "data" / "claims" / "beyond-collapse.yml"
    original = claims.read_text()
    statement = next(line for line in original.splitlines() if line.strip().startswith("quantity:"))
    changed(claims, statement, statement + " in other words")
    (copy / "lib" / "claims" / "page.py").write_text(
        (copy / "lib" / "claims" / "page.py").read_text() + "\nOTHER = 1\n"
    )
    assert moved(start, digests(copy)) == set()
    tolerance = next(line for line in original.splitlines() if line.strip().startswith("tolerance:"))
    claims.write_text(original.replace(tolerance, tolerance.split(":")[0] + ": 0.123456", 1))
    (one,) = moved(start, digests(copy))
    assert one.startswith("beyond-collapse/")
    claims.write_text(original)

    files = sorted((copy / "lib" / "theory").glob("random_matrices*")) + sorted(
        (copy / "lib" / "theory" / "random_matrices").glob("*")
    )
    (path,) = [path for path in files if path.is_file() and "def marchenko_pastur_density" in path.read_text()]
    changed(path, "(2.0 * math.pi * ratio) / t", "(2.0 * ratio * math.pi) / t")
    reach = moved(start, digests(copy))
    assert "random-matrices/01-spectra" in reach
    assert not any(
        name.startswith(("usable-information", "reverse-bottleneck", "beyond-collapse/02")) for name in reach
    )


def test_a_record_that_another_notebook_reads(copy):
    """It is watched there too: 02-mixing shows a figure beside one of 04-real-features."""
    watched = json.loads(
        python(copy, "import json, execution_cache as e; print(json.dumps(e.watched('random-matrices/02-mixing')))")
    )
    records = {name for name in watched if name.startswith("data/reference/")}
    assert records == {f"data/reference/random-matrices/{name}.json" for name in ("02-mixing", "04-real-features")}


def notebook(path, source):
    path.parent.mkdir(parents=True, exist_ok=True)
    cells = [nbformat.v4.new_markdown_cell("# Title"), nbformat.v4.new_code_cell(textwrap.dedent(source))]
    content = nbformat.v4.new_notebook(cells=cells)
    content.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    for k, cell in enumerate(content.cells):
        cell["id"] = f"cell-{k}"
    nbformat.write(content, path)


CLAIM = """
- id: alpha/one
  notebook: alpha/01-a
  where: Theorem 1
  form: theorem
  statement: A statement.
  tests:
    - name: value
      quantity: a value
      as: stated
      kind: equals
      published: 0.5
      tolerance: 0.1
      machine_tolerance: 0.001
      reason: a reason
      decided: before
"""

LOG = "\nfrom pathlib import Path\nwith Path({log!r}).open('a') as file:\n    file.write({name!r})\n"


@pytest.fixture
def small_book(copy, tmp_path):
    """A book of two notebooks that say when they are executed; the first reaches a formula, the second another."""
    root = tmp_path / "small"
    shutil.copytree(
        copy, root, symlinks=True, ignore=lambda folder, names: {"book"} & set(names) if Path(folder) == copy else set()
    )
    (root / "data" / "reference").unlink()
    for path in (root / "data" / "claims").glob("*.yml"):
        path.unlink()
    (root / "data" / "claims" / "alpha.yml").write_text(CLAIM)
    (root / "_toc.yml").write_text("format: jb-book\nroot: book/index\n")
    log = str(root / "log")
    notebook(
        root / "book/alpha/01-a.ipynb",
        "from lib.theory import lazy_walk\nlazy_walk.positive_probability(5, 0.5, 0.2)" + LOG.format(log=log, name="a"),
    )
    notebook(
        root / "book/beta/01-b.ipynb",
        "from lib.theory import gaussian\ngaussian.cdf(0.3)" + LOG.format(log=log, name="b"),
    )
    (root / "book/index.md").write_text("# Index\n\n```{toctree}\nalpha/01-a\nbeta/01-b\n```\n")
    (root / "conf.py").write_text(
        "extensions = ['myst_nb', 'execution_cache']\nnb_execution_mode = 'cache'\n"
        "nb_execution_raise_on_error = True\nnb_execution_timeout = 120\n"
        "root_doc = 'book/index'\nexclude_patterns = ['lib', 'data', '_build', '.cache']\n"
    )
    return root


def build(root):
    """Build; return what was executed since the last time, in order of names."""
    log = root / "log"
    log.write_text("")
    python(root, "from sphinx.cmd.build import main; import sys; sys.exit(main(['-q', '-b', 'html', '.', '_build']))")
    return "".join(sorted(log.read_text()))


def test_builds(small_book):
    """Executed are: all the first time; nothing without a change; then only what each change reaches, and its page is new."""
    assert build(small_book) == "ab"
    changed(small_book / "data/claims/alpha.yml", "A statement.", "Other words.")
    changed(small_book / "lib/theory/lazy_walk.py", "import math", "import math\n\nUNUSED = 1")
    assert build(small_book) == ""
    changed(small_book / "data/claims/alpha.yml", "tolerance: 0.1", "tolerance: 0.2")
    assert build(small_book) == "a"
    changed(
        small_book / "lib/theory/gaussian.py",
        "def conditional_cdf(",
        "def cdf(x: float) -> float:\n    return 2.0\n\n\ndef conditional_cdf(",
    )
    page = small_book / "_build/book/beta/01-b.html"
    before = page.read_text()
    assert build(small_book) == "b"
    assert page.read_text() != before
    changed(small_book / "book/alpha/01-a.ipynb", "0.5, 0.2", "0.5, 0.3")
    assert build(small_book) == "a"
    changed(small_book / "constraints.txt", "click==", "click==0")
    assert build(small_book) == "ab"


def test_notebooks_are_executed_at_once(small_book):
    """Each waits for the other to have begun, which one after the other would never end: it would note an x.

    A kernel that dies at its start, as on a machine where another takes its port, is executed again and notes its name twice.
    """
    log = str(small_book / "log")
    wait = """
import time
end = time.monotonic() + 60
while {other!r} not in Path({log!r}).read_text():
    if time.monotonic() > end:
        with Path({log!r}).open("a") as file:
            file.write("x")
        raise TimeoutError
    time.sleep(0.05)
"""
    for path, name, other in (("alpha/01-a", "a", "b"), ("beta/01-b", "b", "a")):
        source = LOG.format(log=log, name=name) + wait.format(other=other, log=log)
        notebook(small_book / "book" / f"{path}.ipynb", source)
    assert set(build(small_book)) == {"a", "b"}


def test_the_longest_begin(copy):
    """By the seconds of committed ledgers: a core that is free takes the longest that is left, and waits for none at the end."""
    code = "import json, execution_cache as e; print(json.dumps(e.longest_first()))"
    shutil.copytree(ROOT / "data" / "ledger", copy / "data" / "ledger")
    names = json.loads(python(copy, code))
    seconds = [json.loads((ROOT / f"data/ledger/{name}.json").read_text())["seconds"] for name in names]
    assert len(names) == len(digests(copy))
    assert seconds == sorted(seconds, reverse=True)
    (copy / "data" / "ledger" / f"{names[0]}.json").unlink()
    assert json.loads(python(copy, code)) == [*names[1:], names[0]]
    shutil.rmtree(copy / "data" / "ledger")


def test_a_notebook_that_fails_stops_the_build(small_book):
    notebook(small_book / "book/alpha/01-a.ipynb", "raise ValueError('p = 2 is outside [0, 1]')")
    with pytest.raises(subprocess.CalledProcessError) as raised:
        build(small_book)
    assert "p = 2 is outside [0, 1]" in raised.value.stderr + raised.value.stdout


def test_a_corrupt_list_of_digests_is_named(copy):
    path = copy / ".cache/notebooks/watched.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    contents = ["[]", "3", '{"a/b": []}', "{"]
    said = python(
        copy,
        f"""
import pathlib, execution_cache as e
for content in {contents!r}:
    pathlib.Path({str(path)!r}).write_text(content)
    try:
        e.forget_moved()
    except ValueError as error:
        print(error)
""",
    )
    path.unlink()
    lines = said.splitlines()
    assert len(lines) == len(contents)
    for line in lines:
        assert line.startswith("watched.json in ")
        assert line.endswith("remove it to compute it again")


def test_a_corrupt_cache_is_named_in_one_line_with_the_remedy(small_book):
    build(small_book)
    folder = small_book / ".cache" / "notebooks"
    for path in (folder / "watched.json", next(folder.rglob("base.ipynb")), folder / "outputs" / "global.db"):
        before = path.read_bytes()
        path.write_text("{ no longer what it was")
        (line,) = python(small_book, "import execution_cache; print(execution_cache.complaint())").splitlines()
        assert line.startswith(f"{path.relative_to(small_book)} cannot be read")
        assert line.endswith("remove the folder .cache and build again")
        path.write_bytes(before)
    path.write_text("{ no longer what it was")
    with pytest.raises(subprocess.CalledProcessError) as raised:
        build(small_book)
    assert line in raised.value.stderr
    assert "Traceback" not in raised.value.stderr
    assert len(raised.value.stderr.splitlines()) < 10
    shutil.rmtree(small_book / ".cache")
    assert build(small_book) == "ab"
