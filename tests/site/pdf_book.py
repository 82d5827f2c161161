"""A small book for the tests of its PDF, built by Sphinx with the book's theme: five pages of what makes paper hard."""

import base64
import shutil
import subprocess
import sys

import nbformat
from conftest import ROOT, leaflet_figures

PICTURE = (  # 2 x 2 pixels, which no other picture of a page has
    "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAFklEQVR4nGP8z8DAwMDAxMDAwMDAAAANHQEDasKb6QAAAABJRU5ErkJggg=="
)
CONF = f"""
import sys
sys.path.insert(0, {str(ROOT / "extensions")!r})
extensions = ["myst_nb", "sphinx_togglebutton", "pdf_link"]
project, root_doc, nb_execution_mode, html_theme = "A small book", "book/intro", "off", "sphinx_book_theme"
html_theme_options = {{"home_page_in_toc": True}}
html_static_path, html_css_files = [{str(ROOT / "assets")!r}], ["book.css", "explore.css"]
html_js_files = [["book.js", {{"defer": "defer"}}]]
mathjax_path, mathjax3_config = "mathjax/tex-svg-full.js", {{"options": {{"enableMenu": False}}}}
myst_enable_extensions, myst_heading_anchors = ["amsmath", "colon_fence", "dollarmath"], 3
exclude_patterns, html_context = ["_build"], {{"default_mode": "auto"}}
"""
INTRO = """# A small book

[The heading further down](part/one.ipynb#further-down)

[What lies elsewhere](https://elsewhere.example/page)

<a href="../genindex.html">File beside the pages</a>

[The same page](#on-the-same-page)

<div class="book-pdf"></div>

## On the same page

```{toctree}
:caption: Part one
part/one
part/two
```

```{toctree}
:caption: Part two
part/three
```
"""
TABLE = "\n".join(["| " + " | ".join(f"{k}.0123 ± 0.0045" for k in range(14)) + " |"] * 3)
ONE = [  # the second and the last are code
    f"# Page one\n\nWords before.\n\n```{{raw}} html\n{leaflet_figures()[0]._repr_mimebundle_()['text/html']}\n```\n",
    'long_code = "goes"',
    "$$\\frac{\\alpha}{\\sqrt{1 + \\beta^2}} = \\int_0^1 \\gamma(t) \\, dt$$ (eq-one)\n\nEquation {eq}`eq-one`.",
    "| " + " | ".join(f"head {k}" for k in range(14)) + " |\n|" + "---|" * 14 + "\n" + TABLE,
    "Filler.\n\n" * 60 + "## Further down\n\nThe place that the first page links to.\n\n### A heading below\n\nEnd.",
    'solution = "typed in"',
]
OTHERS = {
    "two": "# Page two\n\n:::{admonition} Hint\n:class: dropdown\nHidden till opened.\n:::\n\n[Back to one](one.ipynb)\n",
    "three": "# Page three\n\n```{toctree}\nfour\n```\n",
    "four": "# Page four\n\n## Further down\n\nThe same name as on page one.\n\n[Here](#further-down)\n\n"
    "[A form](#the-form)\n\n<form id='the-form'><button>Press me</button></form>\n",
}


def notebook() -> nbformat.NotebookNode:
    """Page one: a cell with a figure, and one whose answer is folded away."""
    new_code, new_markdown = nbformat.v4.new_code_cell, nbformat.v4.new_markdown_cell
    picture = f'<img src="data:image/png;base64,{PICTURE}" alt="Two by two">'
    data = '<a download="one.csv" href="data:text/csv;base64,YQ==">Data as CSV</a>'
    caption = f"<figcaption>A caption. {data}</figcaption>"
    figure = f'<figure class="book-figure" id="figure-one">{picture}{caption}</figure>'
    cells = [new_code(text) if k in (1, len(ONE) - 1) else new_markdown(text) for k, text in enumerate(ONE)]
    cells[1].outputs = [nbformat.v4.new_output("display_data", {"text/html": figure})]
    cells[-1].outputs = [nbformat.v4.new_output("display_data", {"text/markdown": "The answer is seventeen."})]
    cells[-1].metadata["tags"] = ["hide-cell"]
    for k, cell in enumerate(cells):
        cell["id"] = f"cell-{k}"
    return nbformat.v4.new_notebook(
        cells=cells, metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    )


def build(folder):
    """Write the book into ``folder`` and build it; gives the folder of its site."""
    part = folder / "book" / "part"
    part.mkdir(parents=True)
    (folder / "conf.py").write_text(CONF)
    (folder / "book" / "intro.md").write_text(INTRO)
    nbformat.write(notebook(), part / "one.ipynb")
    for name, text in OTHERS.items():
        (part / f"{name}.md").write_text(text)
    assert base64.b64decode(PICTURE)[:4] == b"\x89PNG"
    site = folder / "_build"
    command = "from sphinx.cmd.build import main; import sys; sys.exit(main(['-q', '-b', 'html', '.', '_build']))"
    (site).mkdir()
    (site / "index.html").write_text('<meta http-equiv="Refresh" content="0; url=book/intro.html" />')
    done = subprocess.run([sys.executable, "-c", command], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    mathjax = site / "_static" / "mathjax"
    mathjax.mkdir()
    shutil.copy(ROOT / "node_modules" / "mathjax" / "es5" / "tex-svg-full.js", mathjax)
    return site
