"""CONTRIBUTING.md: its steps, followed one after the other on a small copy of the book, give a chapter with a verdict."""

import json
import os
import re
import shutil
import subprocess
import sys
import textwrap

import nbformat
import pytest

from lib.paths import ROOT

BLOCK = re.compile(
    r"^(?P<indent> *)(?P<fence>`{3,4})(?P<kind>\w+) (?P<head>\S+)\n(?P<body>.*?)^ *(?P=fence)$", re.S | re.M
)
CELLS = {"title": None, "opening": None, "parameters": "parameters", "checks": "checks", "closing": None}
NOTEBOOK = "example/01-a-coin"
TESTED = """
import json
from lib import parameters
from lib.claims import answers, page, state, table
from lib.runs import notebooks
claim = table.claims()["example/fair-coin"]
print(json.dumps({
    "names": notebooks.names(), "papers": state.papers(), "verdict": state.state(claim)[0],
    "answer": answers.answer("example/01-a-coin"), "badges": page.badges("example/01-a-coin"),
    "table": page.answers(table.claims(), "example"), "smoke": parameters.profile("example/01-a-coin", "smoke"),
}))
"""


def blocks():
    """What the page tells to write, in its order: head (a file, a cell, or "run") and text without the page's indent."""
    text = (ROOT / "CONTRIBUTING.md").read_text()
    return [(found["head"], textwrap.dedent(found["body"])) for found in BLOCK.finditer(text)]


def append(root, head, body):
    path = root / head
    path.parent.mkdir(parents=True, exist_ok=True)
    before = path.read_text() if path.exists() else ""
    if head == "_toc.yml":  # "before Reference", below parts
        body = textwrap.indent(body, "  ")
        path.write_text(before.replace("  - caption: Reference\n", body + "  - caption: Reference\n"))
    else:
        path.write_text(before + body)


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """The library and the data's frame, without the book's own claims, notebooks and answers; then each step."""
    root = tmp_path_factory.mktemp("book")
    shutil.copytree(ROOT / "lib", root / "lib", ignore=shutil.ignore_patterns("__pycache__"))
    for name in (
        "Makefile",
        "_toc.yml",
        "CITATION.cff",
        "pyproject.toml",
        "data/roots.yml",
        "data/reference/older-code.yml",
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, root / name)
    for pins in ROOT.glob("*.txt"):
        shutil.copyfile(pins, root / pins.name)
    (root / ".venv").symlink_to(sys.prefix)
    cells = {}
    for head, body in blocks():
        if head in CELLS:
            cells[head] = body.strip()
            write_notebook(root, cells)
        elif head == "run":
            for line in body.splitlines():
                done = run(root, ["make", "-o", ".venv/.done", *line.split()[1:]])
                assert done.returncode == 0, done.stdout + done.stderr
        else:
            append(root, head, body)
    assert list(cells) == list(CELLS)
    return root


def write_notebook(root, cells):
    made = []
    for head, text in cells.items():
        kind = nbformat.v4.new_markdown_cell if head in ("title", "opening") else nbformat.v4.new_code_cell
        made.append(kind(text, metadata={"tags": [CELLS[head]]} if CELLS[head] else {}))
    content = nbformat.v4.new_notebook(cells=made)
    content.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    path = root / "book" / f"{NOTEBOOK}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(content, path)


def run(root, command):
    dropped = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")
    own = {name: value for name, value in os.environ.items() if name not in dropped}
    own |= {"PYTHONPATH": str(root), "BOOK_RUNS": str(root / "runs")}
    return subprocess.run(command, cwd=root, env=own, capture_output=True, text=True)


def test_the_steps_give_a_chapter_with_a_verdict(book):
    done = run(book, [sys.executable, "-c", TESTED])
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["names"] == [NOTEBOOK]
    assert found["papers"]["example"] == "Example"
    assert found["verdict"] == "reproduced"
    assert "In short." in found["answer"]
    assert "1 reproduced" in found["badges"]
    assert "[fair-coin](#claim-example-fair-coin)" in found["table"]
    assert found["smoke"]["tosses"] == 100


def test_a_bad_parameter_stops_at_the_checks(book):
    done = run(book, ["make", "-o", ".venv/.done", "run", f"NOTEBOOK={NOTEBOOK}", "SET=-p tosses 1"])
    assert done.returncode != 0
    assert "tosses = 1 is" in done.stdout + done.stderr


def test_the_page_names_what_there_is():
    text = (ROOT / "CONTRIBUTING.md").read_text()
    for path in re.findall(r"`([\w./-]+/)`", text):
        assert path.startswith(("book/example/", "lib/experiments/example/")) or (ROOT / path).is_dir(), path
    forms = "".join(path.read_text() for path in (ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))
    assert "name: This verdict is wrong" in forms
