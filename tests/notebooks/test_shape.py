"""What a notebook may hold: short cells, no helper that another notebook has too, no sizes by profile."""

import ast
from collections import defaultdict

import nbformat
import pytest
from test_reruns import NOTEBOOKS

from lib.runs import notebooks

LONGEST = 42  # lines of a cell: about 40


def sources(notebook):
    content = nbformat.read(notebooks.source(notebook), as_version=4)
    return [cell.source for cell in content.cells if cell.cell_type == "code"]


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_cells_are_short(notebook):
    lengths = [len(source.splitlines()) for source in sources(notebook)]
    assert max(lengths) <= LONGEST


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_no_size_hangs_on_the_profile(notebook):
    """The profile may decide what is written, as ``profile == "paper"`` does before a record; sizes are parameters."""
    for source in sources(notebook):
        assert 'profile != "smoke"' not in source
        assert 'profile == "smoke"' not in source


def test_no_helper_stands_twice():
    """Functions with the same body, whatever their names and docstrings."""
    bodies = defaultdict(set)
    for notebook in NOTEBOOKS:
        for source in sources(notebook):
            for node in ast.walk(ast.parse(source)):
                if isinstance(node, ast.FunctionDef):
                    body = node.body[1:] if isinstance(node.body[0], ast.Expr) else node.body
                    bodies[ast.dump(ast.Module(body, [])), ast.dump(node.args)].add((notebook, node.name))
    assert [sorted(places) for places in bodies.values() if len(places) > 1] == []


def test_notebooks_are_light():
    """Numeric work lives in lib/experiments: what a notebook defines draws, or puts numbers into words."""
    counts = {
        n: sum(isinstance(x, ast.FunctionDef) for s in sources(n) for x in ast.walk(ast.parse(s))) for n in NOTEBOOKS
    }
    assert max(counts.values()) <= 20
    assert sum(counts.values()) <= 5.5 * len(counts)


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_no_cell_shows_the_number_of_threads(notebook):
    """``threads.set_threads`` returns it, and a notebook shows what its last line returns."""
    assert [source for source in sources(notebook) if source.rstrip().endswith("set_threads()")] == []
