"""Files beside the pages: assets, claims as data, sitemap, 404.html, a preview picture, notebooks that say where they belong."""

import functools
import html
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from lib.claims import export, table
from lib.explore import files
from lib.paths import ROOT
from lib.theory.beyond_collapse import breakdown

MICROPYTHON = ROOT / "node_modules" / "@micropython" / "micropython-webassembly-pyscript"
MATHJAX = ROOT / "node_modules" / "mathjax" / "es5" / "tex-svg-full.js"
PREVIEW = "_static/preview.png"  # what a link to the book shows elsewhere, 1200 x 630 pixels
DESCRIPTION_LENGTH = 200  # characters; search engines show about that many


def repository_url() -> str | None:
    """Address of the public repository: from the workflow's environment or the git remote."""
    if name := os.environ.get("GITHUB_REPOSITORY"):
        return f"https://github.com/{name}"
    match = re.search(r"github\.com[:/]([\w.-]+/[\w.-]+?)(\.git)?$", _remote())
    return f"https://github.com/{match[1]}" if match else None


@functools.cache
def _remote() -> str:
    if shutil.which("git") is None:
        return ""
    ask = ["git", "remote", "get-url", "origin"]
    return subprocess.run(ask, cwd=ROOT, capture_output=True, text=True).stdout.strip()


def address() -> str:
    """Where the book is published, with a slash at its end: $BOOK_URL, else GitHub's pages of the repository; else "".

    Checked by tests/site/test_site_files.py.
    """
    if url := os.environ.get("BOOK_URL"):
        return url.rstrip("/") + "/"
    if not (repository := repository_url()):
        return ""
    owner, name = repository.removeprefix("https://github.com/").split("/")
    host = f"https://{owner.lower()}.github.io/"
    return host if f"{name.lower()}/" == host.removeprefix("https://") else f"{host}{name}/"


def add(app, exception) -> None:
    """Put everything beside the pages that they load, offer or are found by."""
    if exception or app.builder.name != "html":
        return
    out = Path(app.outdir)
    copy_assets(out / "_static")
    (out / "book" / "claims.json").write_text(export.as_json(table.claims(), address()), encoding="utf-8")
    (out / "book" / "claims.csv").write_text(export.as_csv(table.claims(), address()), encoding="utf-8")
    (out / "404.html").write_text(not_found(urlsplit(address()).path or "/"), encoding="utf-8")
    preview(out / PREVIEW)
    if address():
        pages = sorted(name for name in app.env.found_docs if name.startswith("book/"))
        (out / "sitemap.xml").write_text(sitemap(address(), pages), encoding="utf-8")
    for path in sorted((out / "_sources" / "book").glob("*/*.ipynb")):
        path.write_text(
            json.dumps(with_origin(json.loads(path.read_text(encoding="utf-8"))), indent=1), encoding="utf-8"
        )


def copy_assets(static: Path) -> None:
    """Put MathJax, MicroPython and the files that it runs where the pages load them from."""
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


def sitemap(base: str, pages: list[str]) -> str:
    """The sitemap of the pages, by name without suffix. Checked by tests/site/test_site_files.py."""
    urls = "".join(f"<url><loc>{html.escape(f'{base}{page}.html')}</loc></url>\n" for page in pages)
    return f'<?xml version="1.0" encoding="utf-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{urls}</urlset>\n'


def not_found(base: str) -> str:
    """404.html. It is served under any address below the book's path ``base``, so its links start there and it loads nothing.

    Checked by tests/site/test_site_files.py.
    """
    links = {"The book": "book/intro.html", "All claims": "book/claims.html", "Notation": "book/notation.html"}
    listed = "".join(f'<li><a href="{base}{path}">{words}</a></li>' for words, path in links.items())
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="robots" content="noindex">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><title>No such page</title>'
        '<link rel="icon" href="data:,">'
        "<style>:root { color-scheme: light dark; } body { max-width: 34rem; margin: 4rem auto; padding: 0 1rem; "
        "font: 1.1rem/1.6 sans-serif; } li { margin: .5rem 0; } input, button { font: inherit; }</style></head><body><main>"
        "<h1>No such page</h1><p>This book has no page at that address. It may have moved; these have not:</p>"
        f'<ul>{listed}</ul><form action="{base}search.html" role="search"><label>Search the book '
        '<input type="search" name="q"></label> <button>Search</button></form></main></body></html>\n'
    )


def with_origin(notebook: dict) -> dict:
    """A notebook for download: its first cell says where its library is. Checked by tests/site/test_site_files.py."""
    place = f"Get it: `git clone {repository_url()}`" if repository_url() else "Get the book's repository"
    words = (
        "This notebook is a page of *When Synthetic Data Helps*. It imports the book's own library, `lib`, so that alone it says "
        f"“No module named 'lib'”. {place}, then give `make lab` there and open this page from its folder `book`."
    )
    cell = {"cell_type": "markdown", "id": "where-this-belongs", "metadata": {}, "source": [words]}
    others = [each for each in notebook["cells"] if each.get("id") != cell["id"]]
    return notebook | {"cells": [cell, *others]}


def preview(path: Path) -> None:
    """The picture that a link to the book shows: the first figure's curve at three numbers of examples, and the title."""
    with matplotlib.rc_context({"font.family": "DejaVu Sans", "font.size": 22}):
        figure = Figure(figsize=(12, 6.3), dpi=100, facecolor="#ffffff")
        FigureCanvasAgg(figure)
        axes = figure.add_axes((0.08, 0.16, 0.88, 0.56))
        errors = [step / 200 for step in range(201)]
        for n, colour in ((30, "#a8497f"), (300, "#007f5c"), (30_000, "#0072b2")):
            values = [breakdown.perfect_accuracy_probability(p=p, phi=0.9, psi=0.5, n=n) for p in errors]
            axes.plot(errors, values, color=colour, linewidth=5, label=f"{n:,} examples")
        axes.legend(frameon=False, loc="lower left")
        axes.set(
            xlim=(0, 1), ylim=(-0.02, 1.02), xlabel="share of wrong labels p", ylabel="perfect accuracy", yticks=(0, 1)
        )
        axes.spines[["top", "right"]].set_visible(False)
        figure.text(0.08, 0.87, "When Synthetic Data Helps", fontsize=44, weight="bold")
        figure.text(0.08, 0.785, "Four papers, run again: which of their claims hold?", fontsize=26, color="#444444")
        figure.savefig(path, metadata={"Software": None})


def describe(app, pagename, templatename, context, doctree) -> None:
    """Description and social preview of a page: its first sentence, its title, the book's picture."""
    first = re.search(r"<p>(.*?)</p>", context.get("body") or "", re.DOTALL)
    words = plain(first[1]) if first else str(context.get("project", ""))
    up = "../" * pagename.count("/")
    found = {
        "description": words,
        "og:title": f"{plain(context.get('title', ''))} – When Synthetic Data Helps",
        "og:description": words,
        "og:type": "article",
        "og:image": f"{address() or up}{PREVIEW}",
        "og:image:alt": "Three curves that fall from one to zero as the share of wrong labels grows",
        "twitter:card": "summary_large_image",
    }
    if address():
        found["og:url"] = f"{address()}{pagename}.html"
    tags = [
        f'<meta {"property" if name.startswith("og:") else "name"}="{name}" content="{html.escape(content)}">'
        for name, content in found.items()
    ]
    context["metatags"] = context.get("metatags", "") + "\n".join(tags)


def plain(markup: str) -> str:
    """The words of a piece of HTML, cut at a word's end. Checked by tests/site/test_site_files.py."""
    text = " ".join(html.unescape(re.sub(r"<[^>]+>|\\[()\[\]]", "", markup)).split())
    return text if len(text) <= DESCRIPTION_LENGTH else text[:DESCRIPTION_LENGTH].rsplit(" ", 1)[0] + " …"


def setup(app) -> dict:
    app.connect("html-page-context", describe)
    app.connect("build-finished", add)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
