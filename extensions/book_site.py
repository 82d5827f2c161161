"""The book's own Sphinx extension: scripts of a page, buttons, links from formulas back to equations."""

import json
import re
from collections import defaultdict
from pathlib import Path

from site_files import repository_url

ROOT = Path(__file__).resolve().parent.parent


def configure(app, config) -> None:
    """A link to the public repository and launch buttons, where there is one."""
    options = config.html_theme_options
    if url := repository_url():
        options |= {
            "repository_url": url,
            "repository_branch": "main",
            "path_to_docs": "",
            "use_repository_button": True,
        }
        options["launch_buttons"] = {"notebook_interface": "jupyterlab", "binderhub_url": "https://mybinder.org"}
    else:
        options["launch_buttons"] = {}
        options.pop("repository_url", None)


def drop_thebe(app) -> None:
    """Disconnect sphinx-thebe: it names a remote script and throws on every page, and the sliders need no kernel."""
    for name, listeners in app.events.listeners.items():
        app.events.listeners[name] = [each for each in listeners if each.handler.__module__ != "sphinx_thebe"]


def start_scripts(app, pagename, templatename, context, doctree) -> None:
    """Load the sliders' module and the filter of claims on the pages that have one, and on no other."""
    if 'class="explore"' in context.get("body", ""):
        app.add_js_file("explore.js", type="module")
    if 'class="claims-filter"' in context.get("body", ""):
        app.add_js_file("claims.js", defer="defer")


def mend_roles(app, pagename, templatename, context, doctree) -> None:
    """Give the bibliography's entries the role that their list asks for; docutils writes one that ARIA has dropped."""
    context["body"] = context.get("body", "").replace('role="doc-biblioentry"', 'role="listitem"')


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
    app.connect("html-page-context", start_scripts)
    app.connect("html-page-context", mend_roles)
    app.connect("autodoc-process-docstring", link_back)
    return {"parallel_read_safe": False, "parallel_write_safe": True}
