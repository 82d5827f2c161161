"""Pages of the built site, printed one by one by Chromium: the contents, and what stands on each sheet.

The site's own sheets for paper do most of it; pdf_pages.css and pdf_pages.js beside this file do what only a book of paper needs.
"""

import html
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page
from playwright.sync_api import Error as BrowserError

HERE = Path(__file__).parent
SCALE = 0.8  # the site's letters are for a screen: 16 pixels are 9.6 points on paper
SIDE, BELOW = 18, 20  # mm; margins at the sides and above, and below
WIDTH = round((210 - 2 * SIDE) / 25.4 * 96 / SCALE)  # of A4 between its margins, in the page's own pixels
PATIENCE = 120_000  # ms for the formulas of a page


@dataclass(frozen=True)
class Entry:
    """A line of the contents. ``level`` counts from 0; ``name``: its page, as in "book/intro.html", or a caption's first one."""

    level: int
    title: str
    name: str


@dataclass(frozen=True)
class Printed:
    """A page on paper: its PDF, its headings as (title, id), and what is wider than the sheet, in words."""

    pdf: bytes
    headings: tuple[tuple[str, str], ...] = ()
    cut: tuple[str, ...] = ()


@contextmanager
def opened(browser: Browser, address: str, name: str) -> Iterator[Page]:
    """A page of the site with its formulas set. Raises ValueError, with the name, for one that is not there, does not get
    ready, or asks for anything from another machine."""
    context = browser.new_context(viewport={"width": WIDTH, "height": 1000}, color_scheme="light")
    foreign = []

    def answer(route) -> None:
        own = route.request.url.startswith((f"{address}/", "data:", "blob:"))
        if not own:
            foreign.append(route.request.url)
        route.continue_() if own else route.abort()

    context.route("**/*", answer)
    # figures keep the drawing that stands in the page: book.js leaves alone what has a state, and explore.js is not needed
    context.route("**/_static/explore.js*", lambda route: route.fulfill(body="", content_type="text/javascript"))
    context.add_init_script(
        "addEventListener('DOMContentLoaded', () => { for (const figure of document.querySelectorAll('figure.explore'))"
        " figure.dataset.state = 'printed'; })"
    )
    try:
        page = context.new_page()
        status = page.goto(f"{address}/{name}").status
        if status != 200:
            raise ValueError(f"{name} is not on the site (HTTP {status}): run `make book`")
        ready = "document.documentElement.dataset.tabStops === String(innerWidth)"
        page.wait_for_function(ready, timeout=PATIENCE)
        yield page
        if foreign:
            raise ValueError(f"{name} asks for what lies elsewhere: {', '.join(sorted(set(foreign)))}")
    except BrowserError as error:
        raise ValueError(f"{name} cannot be printed: {error.message.splitlines()[0]}") from error
    finally:
        context.close()


def contents(page: Page) -> list[Entry]:
    """The lines of the site's navigation, in order: the first page, then captions with their pages, and pages below pages."""
    found = page.evaluate(
        """() => [...document.querySelectorAll("nav.bd-links :is(.caption-text, li > a)")].map(node => ({
            title: node.textContent.trim().replace(/\\s+/g, " "), name: node.href ? new URL(node.href).pathname.slice(1) : "",
            depth: Number(node.closest("li")?.className.match(/toctree-l(\\d+)/)[1] ?? 0),
            captioned: Boolean(node.closest("ul.bd-sidenav")?.previousElementSibling?.matches(".caption")),
        }))"""
    )
    following = [*found[1:], {"name": ""}]
    return [
        Entry(
            level=each["depth"] - (0 if each["captioned"] or not each["depth"] else 1),
            title=each["title"],
            name=each["name"] or after["name"],
        )
        for each, after in zip(found, following, strict=True)
    ]


def printed(
    browser: Browser, address: str, name: str, pages: Sequence[str], *, base: str, start: int, foot: str
) -> Printed:
    """One page of the site on paper. ``pages``: the book's pages, among which links stay inside; ``base``: where the site is
    published, with a slash at its end, or ""; ``start``: the number of its first sheet; ``foot``: the words below each sheet."""
    with opened(browser, address, name) as page:
        page.emulate_media(media="print")
        page.add_style_tag(content=sheet(foot, start) + (HERE / "pdf_pages.css").read_text(encoding="utf-8"))
        found = page.evaluate((HERE / "pdf_pages.js").read_text(encoding="utf-8"), {"pages": list(pages), "base": base})
        heads = tuple((head["title"], head["id"]) for head in found["headings"])
        return Printed(on_paper(page), heads, tuple(found["cut"]))


def front_matter(browser: Browser, markup: str) -> Printed:
    """The sheets before the first page, from HTML that loads nothing."""
    context = browser.new_context(viewport={"width": WIDTH, "height": 1000})
    try:
        page = context.new_page()
        page.set_content(markup)
        return Printed(on_paper(page))
    finally:
        context.close()


def on_paper(page: Page) -> bytes:
    return page.pdf(prefer_css_page_size=True, scale=SCALE, print_background=True)


def sheet(foot: str, start: int) -> str:
    """Style of the sheets: A4 with words below at the left and the number, which begins with ``start``, at the right."""
    words = json.dumps(foot, ensure_ascii=False).replace("<", "\\3c ")
    font = "font: 11px sans-serif; color: #444;"
    return (
        f"html {{ counter-reset: page {start - 1}; }}\n"
        f"@page {{ size: A4; margin: {SIDE}mm {SIDE}mm {BELOW}mm;\n @bottom-left {{ content: {words}; {font} }}\n"
        f" @bottom-right {{ content: counter(page); {font} }} }}\n"
    )


def title_and_contents(
    title: str, lines: Sequence[str], entries: Sequence[Entry], numbers: Sequence[int], *, address: str, foot: str
) -> str:
    """HTML of the title page and the contents. ``lines``: HTML below the title; ``numbers``: the sheet of each entry."""
    listed = "".join(
        f'<p class="level-{entry.level}"><a href="{address}/{html.escape(entry.name)}">{html.escape(entry.title)}</a>'
        f"<span></span><b>{number}</b></p>"
        for entry, number in zip(entries, numbers, strict=True)
    )
    below = "".join(f"<p>{line}</p>" for line in lines)
    style = sheet(foot, 1) + (HERE / "pdf_front.css").read_text(encoding="utf-8")
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><style>{style}</style>'
        f"<title>{html.escape(title)}</title></head>"
        f'<body><div class="title"><h1>{html.escape(title)}</h1>{below}</div>'
        f'<div class="contents"><h2>Contents</h2>{listed}</div></body></html>'
    )
