"""The book as one PDF, offered on its first page where it is there: `make pdf` writes it beside the pages, after they are built.

The first page has a place for the link, empty as it is built. Every build, and every `make pdf`, looks whether the file is
there and fills the place or leaves it empty, so that no page has a link to a file that was never printed.
"""

import re
from pathlib import Path

from pypdf import PdfReader
from pypdf.errors import PyPdfError

NAME = "when-synthetic-data-helps.pdf"
PLACE = re.compile(r'<div class="book-pdf">.*?</div>', re.DOTALL)


def first_page(site: Path) -> str:
    """Name of the page that the site's index.html leads to. Raises ValueError where there is no built site."""
    index = site / "index.html"
    found = re.search(r'url=([\w./-]+\.html)"', index.read_text(encoding="utf-8")) if index.is_file() else None
    if not found:
        raise ValueError(f"{site} is no built book: run `make book`")
    return found[1]


def offer(site: Path) -> None:
    """Fill, or empty, the place for the link on the first page of the site. Checked by tests/site/test_pdf.py."""
    page = site / first_page(site)
    text = page.read_text(encoding="utf-8")
    up = "../" * (len(page.relative_to(site).parts) - 1)
    linked = PLACE.sub(lambda found: f'<div class="book-pdf">{words(site / NAME, up)}</div>', text)
    if linked != text:
        page.write_text(linked, encoding="utf-8")


def words(path: Path, up: str = "") -> str:
    """The link with what the file says of itself, as HTML; nothing where there is no PDF."""
    try:
        reader = PdfReader(path)
        about, sheets = (reader.metadata or {}).get("/Subject", ""), len(reader.pages)
    except (OSError, PyPdfError):
        return ""
    size = f"{path.stat().st_size / 1e6:.1f} MB"
    link = f'<a href="{up}{NAME}">The whole book as one PDF</a>'
    return f"<p><strong>You want it on paper.</strong> {link}: {sheets} pages, {size}; {about}.</p>"


def add(app, exception) -> None:
    if not exception and app.builder.name == "html":
        offer(Path(app.outdir))


def setup(app) -> dict:
    app.connect("build-finished", add)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
