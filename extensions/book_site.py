"""The book's own Sphinx extension: scripts of a page, buttons, links from formulas back to equations."""

import html
import json
import re
from collections import defaultdict

from site_files import plain, repository_url

from lib.paths import ROOT

WORDY = 30  # characters in a cell from which a table is read as text, not as numbers


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
    """Load the sliders' module, the filter of claims and the judge on the pages that have one, and on no other."""
    if 'class="explore"' in context.get("body", ""):
        app.add_js_file("explore.js", type="module")
    if 'class="claims-filter"' in context.get("body", ""):
        app.add_js_file("claims.js", defer="defer")
    if 'class="judge"' in context.get("body", ""):
        app.add_js_file("judge.js", type="module")
        app.add_css_file("judge.css")


def mend_roles(app, pagename, templatename, context, doctree) -> None:
    """Give the bibliography's entries the role that their list asks for; docutils writes one that ARIA has dropped."""
    context["body"] = context.get("body", "").replace('role="doc-biblioentry"', 'role="listitem"')


def stack_tables(app, pagename, templatename, context, doctree) -> None:
    """Let the cells of wordy tables stand below one another on a phone, each with its column's head; book.css does the rest."""
    context["body"] = re.sub(
        r"<table\b.*?</table>", lambda found: stacked(found[0]), context.get("body", ""), flags=re.DOTALL
    )


def stacked(table: str) -> str:
    """A table whose cells name their columns, if one of them is wordy; a table of numbers is left to scroll.

    Checked by tests/site/test_site_files.py.
    """
    head, _, rows = table.partition("</thead>")
    labels = [plain(cell) for cell in re.findall(r"<th\b[^>]*>(.*?)</th>", head, re.DOTALL)]
    cells = [plain(cell) for cell in re.findall(r"<td\b[^>]*>(.*?)</td>", rows, re.DOTALL)]
    if not labels or "<th" in rows or "span=" in rows or max(map(len, cells), default=0) < WORDY:
        return table
    for row in re.findall(r"<tr\b.*?</tr>", rows, re.DOTALL):
        first, *columns = row.split("<td")
        named = [f' data-label="{html.escape(label)}"{cell}' for label, cell in zip(labels, columns, strict=True)]
        rows = rows.replace(row, "<td".join([first, *named]), 1)
    return (head + "</thead>" + rows).replace('<table class="', '<table class="stacked ', 1)


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
    app.connect("html-page-context", stack_tables)
    app.connect("autodoc-process-docstring", link_back)
    return {"parallel_read_safe": False, "parallel_write_safe": True}
