"""The book's own Sphinx extension: page assets, claims and badges, links from formulas back to equations."""

import json
import os
import re
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

from lib.claims import page as claims_page
from lib.claims import table
from lib.explore import files
from lib.paths import ROOT, below

OLDER_CODE = ROOT / "data" / "reference" / "older-code.yml"
MICROPYTHON = ROOT / "node_modules" / "@micropython" / "micropython-webassembly-pyscript"
MATHJAX = ROOT / "node_modules" / "mathjax" / "es5" / "tex-svg-full.js"


def repository_url() -> str | None:
    """Address of the public repository, for the launch buttons: from the workflow's environment or the git remote."""
    if name := os.environ.get("GITHUB_REPOSITORY"):
        return f"https://github.com/{name}"
    if shutil.which("git") is None:
        return None
    remote = subprocess.run(["git", "remote", "get-url", "origin"], cwd=ROOT, capture_output=True, text=True).stdout
    match = re.search(r"github\.com[:/]([\w.-]+/[\w.-]+?)(\.git)?$", remote.strip())
    return f"https://github.com/{match[1]}" if match else None


def configure(app, config) -> None:
    """Launch buttons, where there is a public repository to launch from."""
    options = config.html_theme_options
    if url := repository_url():
        options |= {"repository_url": url, "repository_branch": "main", "path_to_docs": ""}
        options["launch_buttons"] = {"notebook_interface": "jupyterlab", "binderhub_url": "https://mybinder.org"}
    else:
        options["launch_buttons"] = {}
        options.pop("repository_url", None)


def copy_assets(app, exception) -> None:
    """Put MathJax, MicroPython and the files that it runs where the pages load them from."""
    if exception or app.builder.name != "html":
        return
    static = Path(app.outdir) / "_static"
    for source, target in [
        (MATHJAX, static / "mathjax" / MATHJAX.name),
        (MICROPYTHON / "micropython.mjs", static / "micropython.mjs"),
        (MICROPYTHON / "micropython.wasm", static / "micropython.wasm"),
    ]:
        target.parent.mkdir(exist_ok=True)
        shutil.copyfile(source, target)
    shutil.rmtree(static / "python", ignore_errors=True)
    for path in files.shipped():
        target = static / "python" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / path, target)


def drop_thebe(app) -> None:
    """Disconnect sphinx-thebe: it names a remote script and throws on every page, and the sliders need no kernel."""
    for name, listeners in app.events.listeners.items():
        app.events.listeners[name] = [each for each in listeners if each.handler.__module__ != "sphinx_thebe"]


def start_sliders(app, pagename, templatename, context, doctree) -> None:
    """Load the sliders' module on the pages that have one, and on no other."""
    if 'class="explore"' in context.get("body", ""):
        app.add_js_file("explore.js", type="module")


def mend_roles(app, pagename, templatename, context, doctree) -> None:
    """Give the bibliography's entries the role that their list asks for; docutils writes one that ARIA has dropped."""
    context["body"] = context.get("body", "").replace('role="doc-biblioentry"', 'role="listitem"')


class Claims(SphinxDirective):
    """``{claims}``: all claims; with a chapter or notebook as argument, the summary of its own."""

    optional_arguments = 1

    def run(self) -> list[nodes.Node]:
        for path in [*table.FOLDER.glob("*.yml"), *(ROOT / "data" / "ledger").rglob("*.json"), OLDER_CODE]:
            self.env.note_dependency(str(path))
        return self._nested(claims_page.table, table.claims(), self.arguments[0] if self.arguments else None)

    def _nested(self, text_of: Callable[..., str], *arguments: object) -> list[nodes.Node]:
        """The nodes of a text; a name that is not there, or a corrupt file, is an error of this directive's line."""
        try:
            text = text_of(*arguments)
        except ValueError as error:
            raise self.error(str(error)) from error
        box = nodes.container()
        self.state.nested_parse(StringList(text.splitlines(), source="data/claims"), self.content_offset, box)
        return box.children


class Badges(Claims):
    """``{badges} NOTEBOOK``: seconds, data and verdicts of a notebook, from its committed ledger."""

    required_arguments, optional_arguments = 1, 0

    def run(self) -> list[nodes.Node]:
        shown = self._nested(claims_page.badges, self.arguments[0])
        for path in (below(ROOT / "data" / "ledger", self.arguments[0], ending=".json"), OLDER_CODE):
            self.env.note_dependency(str(path))
        return shown


def equations_of_functions() -> dict[str, list[str]]:
    """Labels of the equations that each function computes: label ``eq-breakdown-point`` belongs to ``breakdown_point``."""
    found = defaultdict(list)
    for notebook in sorted((ROOT / "book").rglob("*.ipynb")):
        for cell in json.loads(notebook.read_text())["cells"]:
            if cell["cell_type"] == "markdown":
                for label in re.findall(r"\$\$ \((eq-[\w-]+)\)", "".join(cell["source"])):
                    found[label.removeprefix("eq-").replace("-", "_")].append(label)
    return dict(found)


def link_back(app, what, name, obj, options, lines) -> None:
    """Append to a formula's docstring the links to its equations in the book."""
    if what == "function" and (labels := app.config.book_equations.get(name.rsplit(".", 1)[-1])):
        lines += ["", "In the book: equation " + ", ".join(f":eq:`{label}`" for label in labels) + ".", ""]


def setup(app) -> dict:
    app.add_config_value("book_equations", equations_of_functions(), "env")
    app.connect("config-inited", configure, priority=100)
    app.connect("builder-inited", drop_thebe)
    app.connect("html-page-context", start_sliders)
    app.connect("html-page-context", mend_roles)
    app.connect("build-finished", copy_assets)
    app.connect("autodoc-process-docstring", link_back)
    app.add_directive("claims", Claims)
    app.add_directive("badges", Badges)
    return {"parallel_read_safe": False, "parallel_write_safe": True}
