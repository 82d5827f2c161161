"""The whole book as one PDF beside its pages, through the Chromium of the tests: ``make pdf``.

The file is written beside its place and renamed when it is whole; what fails on the way leaves the one that was there.
"""

import io
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pdf_link
import pdf_pages
from browser import launch, serve
from pdf_join import join, sheets
from playwright.sync_api import Browser
from pypdf import PdfWriter
from pypdf.generic import NameObject, TextStringObject
from site_files import address as published

from lib.claims import export
from lib.paths import ROOT
from lib.runs import provenance

LARGEST = 30e6  # bytes: what a mail takes and a phone opens


@dataclass(frozen=True)
class About:
    """What the title page says of the book."""

    title: str
    authors: str
    version: str
    revision: str  # with its date


def about() -> About:
    """Title, authors and version from CITATION.cff; revision and its date from git."""
    book, revision = export.book(), provenance.revision()
    ask = ["git", "log", "-1", "--format=%cs"]
    date = "" if revision == "unknown" else subprocess.run(ask, cwd=ROOT, capture_output=True, text=True).stdout.strip()
    short = revision[:7] + (" with changes" if revision.endswith("+changes") else "")
    words = f"revision {short} of {date}" if date else f"printed on {time.strftime('%Y-%m-%d')}"
    return About(
        "When Synthetic Data Helps", ", ".join(author["name"] for author in book["authors"]), book["version"], words
    )


def front_lines(book: About, base: str) -> list[str]:
    """What stands below the title, as HTML."""
    web = f'<a href="{base}">{base}</a>' if base else "its web pages"
    return [
        "Four papers on training with generated data, run again: which of their claims hold?",
        book.authors,
        f"Version {book.version}, {book.revision}",
        "This is the book on paper: prose, formulas, figures and verdicts. The code of its cells, the data of its figures and "
        f"the live sliders stand in {web} and in its notebooks.",
        'Text and figures: <a href="https://creativecommons.org/licenses/by/4.0/">CC BY 4.0</a>. Code: MIT.',
    ]


def make(browser: Browser, site: Path, book: About, base: str = "", say=print) -> Path:
    """Print the built book in the folder ``site`` and offer it on its first page; gives the file's path.

    Raises ValueError where there is no built book, for a page that cannot be printed or asks for anything from another machine,
    and for a file of more than LARGEST bytes; the file that was there stays. Checked by tests/site/test_pdf.py.
    """
    first, begun = pdf_link.first_page(site), time.monotonic()
    with serve(site) as address:
        with pdf_pages.opened(browser, address, first) as page:
            entries = pdf_pages.contents(page)
        names, done, numbers = list(dict.fromkeys(entry.name for entry in entries)), {}, {}
        words = {entry.name: entry.title for entry in entries}

        def front() -> pdf_pages.Printed:
            listed = [numbers.get(entry.name, 0) for entry in entries]
            lines = front_lines(book, base)
            markup = pdf_pages.title_and_contents(book.title, lines, entries, listed, address=address, foot=book.title)
            return pdf_pages.front_matter(browser, markup)

        start = sheets(front().pdf) + 1
        for name in names:
            numbers[name] = start
            foot = f"{book.title} · {words[name]}" if name != first else book.title
            done[name] = pdf_pages.printed(browser, address, name, names, base=base, start=start, foot=foot)
            start += sheets(done[name].pdf)
            say(f"{name}: sheets {numbers[name]} to {start - 1}")
            for what in done[name].cut:
                say(f"  wider than the sheet: {what}")
        writer, lost = join(front(), done, entries, address=address)
        for place in lost:
            say(f"  not on paper, so links to it lead to the head of its page: {place}")
    described(writer, book)
    path = written(writer, site / pdf_link.NAME)
    pdf_link.offer(site)
    say(f"{path}: {start - 1} sheets, {path.stat().st_size / 1e6:.1f} MB, {time.monotonic() - begun:.0f} s")
    return path


def described(writer: PdfWriter, book: About) -> None:
    """Title, authors and revision in the file, and a reader that opens it with its bookmarks beside."""
    writer.add_metadata(
        {"/Title": book.title, "/Author": book.authors, "/Subject": f"version {book.version}, {book.revision}"}
    )
    writer.page_mode = "/UseOutlines"
    writer.create_viewer_preferences().display_doctitle = True
    writer.root_object[NameObject("/Lang")] = TextStringObject("en")


def written(writer: PdfWriter, path: Path) -> Path:
    """Write beside ``path`` and rename. Raises ValueError for a file that is too large."""
    writer.compress_identical_objects()
    content = io.BytesIO()
    writer.write(content)
    if (size := content.getbuffer().nbytes) > LARGEST:
        raise ValueError(
            f"the PDF has {size / 1e6:.1f} MB; allowed: up to {LARGEST / 1e6:.0f}. {path.name} is as it was"
        )
    part = path.with_name(f"{path.name}.part{os.getpid()}")
    try:
        part.write_bytes(content.getbuffer())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return path


def main(site: Path = ROOT / "_build" / "html") -> None:
    try:
        with launch() as browser:
            make(browser, site, about(), published())
    except ValueError as error:
        sys.exit(f"no PDF: {error}")


if __name__ == "__main__":
    main()
